import Essentials
import RunbookEngine

/// How a run ended, for people and scripts.
struct RunEnding {
    var id: String
    var plan: Plan
    var outcome: RunOutcome
    /// The steps that could not be taken back, by their identifiers.
    var leftBehind: [String] = []
    /// Who is the primary now; nil where nobody was asked.
    var roles: RoleSurvey?
    /// What a probe says of it; nil: there was none.
    var probe: ProbedRun?

    /// The exit status that says so.
    var status: Int32 {
        switch outcome {
        case .done(let failed): failed.isEmpty && probe?.doubt == nil ? 0 : ExitStatus.partWay
        case .undone: ExitStatus.undone
        case .partWay: ExitStatus.partWay
        case .stopped(let changed): changed ? ExitStatus.partWay : ExitStatus.refused
        }
    }

    /// The stable word for it.
    var word: String { Self.word(outcome) }

    /// The stable word for an outcome.
    static func word(_ outcome: RunOutcome) -> String {
        switch outcome {
        case .done: "done"
        case .undone: "undone"
        case .partWay: "part_way"
        case .stopped: "stopped"
        }
    }

    /// What stopped it, nil when nothing did.
    var failure: Failure? {
        switch outcome {
        case .undone(let failure), .partWay(let failure): failure
        case .done: probe?.doubt
        case .stopped: nil
        }
    }

    /// The ending in words, and what the probe has measured.
    var text: String {
        guard let probe else { return summary }
        return summary + "\n" + ClientText(style: Style(hasColours: Terminal.hasColours)).text(probe.measurement)
    }

    private var summary: String {
        switch outcome {
        case .done(let failed):
            let left =
                failed.isEmpty ? "" : "; these steps failed and were passed over: \(failed.joined(separator: ", "))"
            let done = "Done: \(plan.title) (run \(id))\(left)."
            return probe?.doubt.map { lines(done, $0) + now } ?? done
        case .undone(let failure):
            let taken =
                leftBehind.isEmpty
                ? "everything was taken back" : "all was taken back but: \(leftBehind.joined(separator: ", "))"
            // A person said so, and needs no error.
            guard failure.code != .cancelled else { return "Aborted, and \(taken) (run \(id)).\(now)" }
            return lines("Failed, and \(taken) (run \(id)).", failure) + now
        case .partWay(let failure):
            return lines("Failed part-way (run \(id)).", failure) + now + "\n\(Self.ways(id))"
        case .stopped(let changed):
            return changed
                ? "Stopped between two steps (run \(id)).\(now)\n\(Self.ways(id))"
                : "Stopped before anything was changed (run \(id))."
        }
    }

    private var now: String { roles.map { "\nNow: \($0.text)." } ?? "" }

    /// How a person goes on; until then the cluster is as the steps that were done have left it.
    private static func ways(_ id: String) -> String {
        """
        To go on: pgdr resume \(id)
        To take it back, where that is still possible: pgdr abort \(id)
        """
    }

    private func lines(_ first: String, _ failure: Failure) -> String {
        "\(first)\n" + FailureText(failure: failure).text.replacing("pgdr: ", with: "ERROR: ", maxReplacements: 1)
    }
}

/// The ending as JSON.
struct RunDocument: Encodable {
    private let ending: RunEnding

    init(_ ending: RunEnding) { self.ending = ending }

    enum CodingKeys: String, CodingKey {
        case schema, run, runbook, cluster, outcome, failure, failed_steps, left_behind, primaries, probe
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(ending.id, forKey: .run)
        try container.encode(ending.plan.runbook, forKey: .runbook)
        try container.encode(ending.plan.cluster, forKey: .cluster)
        try container.encode(ending.word, forKey: .outcome)
        try container.encode(ending.failure.map(FailureDocument.init), forKey: .failure)
        var failed: [String] = []
        if case .done(let passedOver) = ending.outcome { failed = passedOver }
        try container.encode(failed, forKey: .failed_steps)
        try container.encode(ending.leftBehind, forKey: .left_behind)
        try container.encode(ending.roles?.primaries, forKey: .primaries)
        try container.encode(ending.probe.map { MeasurementDocument($0) }, forKey: .probe)
    }
}
