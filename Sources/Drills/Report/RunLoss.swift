import Configuration
import Audit
import Essentials
import Failover
import RunbookEngine

// What was lost, and how that and the outage stand to the objectives.

extension RunReport {
    /// How the outage stands to the objective; nil: there is none.
    package var rtoVerdict: ClientVerdict? {
        guard let target = objectives.rto?.seconds else { return nil }
        guard let probe, let outage = probe.outage else { return .notMeasured }
        if outage > target { return .exceeded }
        return probe.isAtLeast ? .notMeasured : .within
    }

    /// How the loss stands to the objective; nil: there is none.
    ///
    /// The probe's own commits stand for all others, unless the old primary's WAL tells more.
    package var rpoVerdict: ClientVerdict? {
        guard let target = objectives.rpo else { return nil }
        let lost = probe?.lost
        if let lost, lost > target { return .exceeded }
        if let most = mostLost { return most <= target ? .within : .notMeasured }
        return lost == nil ? .notMeasured : .within
    }

    /// How many acknowledged commits were lost at most; nil: no proof tells.
    package var mostLost: Int? { bounds.map(\.commits).min() }

    /// What was lost, a sentence each.
    package var losses: [String] {
        var lines: [String] = []
        if let probe {
            lines.append(
                probe.lost.map { "Of \(probe.acknowledged) commits that the probe was told of, \($0) are gone." }
                    ?? "Which of the probe's commits are gone is not known.")
        }
        guard isPromoted, let from, let to else {
            if let back = returns.first, let kept = back.kept { return lines + Self.lines(kept, of: back.node) }
            return lines + [
                isBetween
                    ? "Whether another primary was made, and what was lost, only the nodes can tell."
                    : "No other primary was made, so that nothing was lost by it."
            ]
        }
        if case .failOver(let promotion)? = decision?.verdict {
            lines.append("When it was decided: \(promotion.loss.text)")
        }
        for back in returns where back.node == from {
            if let kept = back.kept { lines += Self.lines(kept, of: from) }
        }
        lines += bounds.map(\.text)
        if bounds.isEmpty, isBehind(from) {
            lines.append("What \(from)'s own WAL holds that \(to) lacks is told when it is brought back.")
        }
        return lines
    }

    private static func lines(_ kept: KeptWAL, of node: String) -> [String] {
        ["\(node)'s own WAL held \(kept.commits) commits that nobody else had, acknowledged or not: \(kept.list)."]
            + (kept.gap.map { ["Not all could be listed: \($0)."] } ?? [])
    }

    /// Whether a promotion was begun, and the log doesn't tell whether it was done.
    private var isBetween: Bool {
        steps.contains { $0.action == "promote" && ![.pending, .refused, .done, .skipped].contains($0.state) }
    }

    /// The proofs that no more was lost.
    func bounds(_ record: RunRecord?) -> [LossBound] {
        guard isPromoted, let from, let to else { return [] }
        var bounds: [LossBound] = []
        if let record, let promotion = record.promotion,
            let wait = record.plan.steps.prefix(promotion).lastIndex(where: { $0.action == "await_wal" }),
            record.steps[wait] == .done
        {
            let text = "\(to) had replayed the last byte that \(from) wrote before it was promoted (step \(wait + 1))."
            bounds.append(LossBound(commits: 0, text: text))
        }
        if case .failOver(let promotion)? = decision?.verdict, case .noCommit = promotion.loss {
            bounds.append(LossBound(commits: 0, text: "That was proved when it was decided."))
        }
        let own = returns.filter { $0.node == from }
        if let back = own.first(where: { $0.hadNothingAlone }) {
            let text = "\(from) had nothing that \(to) lacks: run \(back.run) only had to start it."
            bounds.append(LossBound(commits: 0, text: text))
        }
        if let back = own.first(where: { $0.kept != nil }), let kept = back.kept {
            if kept.gap == nil {
                let text =
                    "More than these \(kept.commits) can't be lost: run \(back.run) has listed all that \(from) had alone."
                bounds.append(LossBound(commits: kept.commits, text: text))
            }
        }
        return bounds
    }

    /// The runs that were to bring nodes back, until another run made them the primary again.
    static func returns(of nodes: [String], in events: [AuditEvent]) -> [Return] {
        var open = Set(nodes)
        var returns: [Return] = []
        for record in RunLedger(events).records {
            if let promotion = record.promotion, record.hasDone(promotion), let node = record.plan.steps[promotion].node
            {
                open.remove(node)
            }
            guard let node = record.returning, open.contains(node) else { continue }
            let said = events.last {
                $0.run == record.id && $0.event == RunEvent.stepDone.rawValue && $0.details["step"]?.text == "save-wal"
            }
            returns.append(
                Return(
                    run: record.id, runbook: record.plan.runbook, node: node, phase: record.phase,
                    hadNothingAlone: record.phase == .done && record.plan.answers["method"] == "follow",
                    kept: said?.details["said"]?.text.flatMap { KeptWAL(said: $0) }))
        }
        return returns
    }

    /// Whether a node is not back yet, as far as the log tells.
    func isBehind(_ node: String) -> Bool {
        !steps.contains { $0.node == node && $0.action == "start" && $0.state == .done }
            && !returns.contains { $0.node == node && $0.phase == .done }
    }
}
