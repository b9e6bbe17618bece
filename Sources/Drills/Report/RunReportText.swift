import RunbookEngine
import Configuration
import Audit
import Essentials
import Failover
import Replication

// The parts of a report in words, which Markdown and HTML have in common.

extension RunReport {
    /// How a thing is marked: by a sign and a style, never by colour alone.
    struct Mark {
        let sign: String
        let style: String

        static let good = Mark(sign: "✓", style: "pass")
        static let bad = Mark(sign: "✗", style: "fail")
        static let open = Mark(sign: "!", style: "warn")
        static let none = Mark(sign: "–", style: "skip")
    }

    /// A figure that was measured, beside the one that was wanted.
    struct Figure {
        var name: String
        var measured: String
        var target: String
        var verdict: String
        var mark: Mark

        static let rto = "RTO: longest time without a commit"
        static let rpo = "RPO: acknowledged commits that are gone"

        /// A figure by its name, what was measured and wanted (nil: nothing), and how they stand to each other.
        init(_ name: String, _ measured: String?, _ target: String?, _ verdict: ClientVerdict?) {
            self.name = name
            self.measured = measured ?? "not measured"
            self.target = target ?? "no objective"
            (self.verdict, mark) =
                switch verdict {
                case .within: ("met", .good)
                case .exceeded: ("MISSED", .bad)
                case .notMeasured: ("not proven", .open)
                case nil: ("", .none)
                }
        }
    }

    /// The whole in one line.
    package var headline: String { "\(title): \(ending)" }

    private var ending: String {
        switch outcome {
        case .done:
            let failed = steps.count { $0.state == .failed }
            let but = failed == 0 ? "" : ", but for \(failed == 1 ? "one step that" : "\(failed) steps that") failed"
            guard let probe, isPromoted else { return "done\(but)" }
            guard let isProven = probe.isProven else { return "done\(but)" }
            return isProven
                ? "done\(but), proven by a client's write" : "done\(but), NOT PROVEN by a client's write"
        case .undone: return "failed, and taken back"
        case .partWay: return "failed part-way, UNFINISHED"
        case .stopped: return "stopped, UNFINISHED"
        case .open: return "UNFINISHED: it goes on, or its process is gone"
        case .left: return "ended as it stood"
        case .refused: return "refused, nothing was changed"
        case .decided: return decision.map(Self.decided) ?? "nothing was run"
        }
    }

    private static func decided(_ decision: RecordedDecision) -> String {
        switch decision.verdict {
        case .failOver(let promotion): "\(promotion.election.nominee) was to be promoted, and nothing was run"
        case .restart: "its server was to be started again first, and nothing was run"
        case .refuse: decision.event == .observed ? "only observed, nothing was run" : "refused, nothing was run"
        case .stay, .wait, .alreadyDone: "nothing was to be done"
        }
    }

    var mark: Mark {
        if log.problem != nil || [rtoVerdict, rpoVerdict].contains(.exceeded) { return .bad }
        switch outcome {
        case .done:
            return isPromoted && probe?.isProven == false
                ? .bad : steps.contains { $0.state == .failed } ? .open : .good
        case .partWay, .stopped, .open: return .bad
        case .undone, .left, .refused: return .open
        case .decided: return .none
        }
    }

    var figures: [Figure] {
        [
            Figure(
                Figure.rto,
                probe?.outage.map { "\(SpanText.measured($0))\(probe?.isAtLeast == true ? " at least" : "")" },
                objectives.rto.map { SpanText.configured($0.seconds) }, rtoVerdict),
            Figure(
                Figure.rpo, lostText, objectives.rpo.map { "\($0)" }, rpoVerdict),
        ]
    }

    private var lostText: String? {
        let counted = probe.flatMap { probe in probe.lost.map { "\($0) of the probe's \(probe.acknowledged)" } }
        let most = mostLost.map { $0 == 0 ? "proved to be none" : "\($0) at most" }
        return counted == nil && most == nil ? nil : [counted, most].compactMap(\.self).joined(separator: "; ")
    }

    /// A fact with its name.
    struct Row {
        var name: String
        var text: String

        init(_ name: String, _ text: String) {
            self.name = name
            self.text = text
        }
    }

    /// When, who and why.
    var who: [Row] {
        var rows = [
            Row("Run", id + (runbook.map { ", runbook \($0)" } ?? ", nothing was run")), Row("Cluster", cluster),
            Row("Began", beganAt), Row("Last event", "\(endedAt), \(SpanText.measured(seconds)) later"),
        ]
        if let from, let to {
            rows.append(Row("Primary", isPromoted ? "from \(from) to \(to)" : "\(from); \(to) was to be"))
        }
        rows += people.enumerated().map { index, person in
            Row(index == 0 ? "Begun by" : "And by", "\(person.actor), on \(person.host)")
        }
        guard let request = decision?.situation.request, let policy = decision?.situation.policy else { return rows }
        rows.append(Row("Wanted by", request.isAutomatic ? "the policy, mode \(policy.mode.rawValue)" : "a person"))
        if let trigger = request.triggerID { rows.append(Row("Trigger", trigger)) }
        if let reason = request.reason { rows.append(Row("Reason", reason)) }
        let risks = [
            request.acceptedLoss.map { "a loss of \(Quantity.bytes($0))" },
            request.acceptsNoQuorum ? "no majority of the voters" : nil,
            request.acceptsUnfenced ? "an old primary that is not fenced" : nil,
        ].compactMap(\.self)
        if !risks.isEmpty { rows.append(Row("Risks taken", risks.joined(separator: ", "))) }
        return rows
    }

    /// What the decision rests on.
    var grounds: [Row] {
        guard let decision else { return [] }
        let sights = decision.situation.sights
        let conclusion = decision.verdict.conclusion(on: decision.situation.evidence.primary)
        var rows = [Row("condition", sights[0])]
        rows += sights.dropFirst().map { Row("seen by", $0) }
        rows += conclusion.map { Row("decided", $0) }
        rows += decision.situation.circumstances.map { Row($0.name, $0.text) }
        let again = decision.isReproduced ? "the same" : "ANOTHER decision"
        rows.append(Row("decided again", "from this evidence: \(again)"))
        return rows
    }

    /// What became of a whole log, in a line.
    static func logText(_ log: AuditVerification) -> String {
        guard let problem = log.problem else {
            return "The audit log is intact: \(log.count) events, head \(log.head)."
        }
        return "\(problem.kind == .torn ? "The audit log is INCOMPLETE" : "The audit log was TAMPERED WITH")"
            + " (\(problem.kind.rawValue)): \(problem.file), line \(problem.line): \(problem.text)"
            + " What this report tells from there on is not proven."
    }

    /// A moment in seconds from the start, such as `+1.234 s`.
    static func relative(_ offset: Double) -> String { "\(offset < 0 ? "–" : "+")\(Quantity.fixed(abs(offset), 3)) s" }
}
