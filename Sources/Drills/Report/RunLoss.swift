import Audit
import Configuration
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
        return lost == nil || hasUnknownLoss ? .notMeasured : .within
    }

    /// Whether WAL of the old primary was given up of which it isn't told what it held.
    private var hasUnknownLoss: Bool {
        returns.contains { $0.node == from && $0.hasGivenUp && !$0.tellsAll }
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
            if isPromoted, let to {
                return lines + ["Whom \(to) replaced, and what was lost by that, the log doesn't tell."]
            }
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
        let held =
            kept.fork == nil
            ? "\(kept.commits) commits in all; from where on nobody else had them is not known"
            : "\(kept.commits) commits that nobody else had, acknowledged or not"
        return ["\(node)'s own WAL held \(held): \(kept.list)."]
            + (kept.gap.map { ["Not all could be listed: \($0)."] } ?? [])
    }

    /// Whether a promotion was begun, or may have been, and the log doesn't tell whether it was done.
    private var isBetween: Bool {
        // Without a plan that this version understands nothing is known of a run.
        (outcome == .open && steps.isEmpty)
            || steps.contains { $0.action == "promote" && ![.pending, .refused, .done, .skipped].contains($0.state) }
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
        return bounds + [returnBound(from, to)].compactMap(\.self)
    }

    /// What the old primary's returns prove together; nil: nothing.
    private func returnBound(_ from: String, _ to: String) -> LossBound? {
        let own = returns.filter { $0.node == from }
        let givenUp = own.filter(\.hasGivenUp)
        if givenUp.isEmpty {
            return own.first { $0.hadNothingAlone && !$0.isAfterAnother }.map {
                LossBound(
                    commits: 0, text: "\(from) had nothing that \(to) lacks: run \($0.run) only had to start it.")
            }
        }
        // What an earlier one has given up a later one finds no more.
        guard givenUp.allSatisfy(\.tellsAll),
            let most = givenUp.max(by: { $0.kept?.commits ?? 0 < $1.kept?.commits ?? 0 }), let kept = most.kept
        else { return nil }
        return LossBound(
            commits: kept.commits,
            text:
                "More than these \(kept.commits) can't be lost: run \(most.run) has listed all that \(from) had alone.")
    }

    /// The runs that were to bring nodes back, until one has, or another run made them the primary again.
    static func returns(of nodes: [String], by records: [RunRecord], _ events: [AuditEvent]) -> [Return] {
        var open = Set(nodes)
        var isAfterAnother = false
        var returns: [Return] = []
        for record in records {
            if let promoted = record.promoted {
                isAfterAnother = true
                open.remove(promoted)
            }
            open.subtract(record.followers)
            guard let node = record.returning, open.contains(node) else { continue }
            if record.phase == .done { open.remove(node) }
            returns.append(
                Return(
                    run: record.id, runbook: record.plan.runbook, node: node, phase: record.phase,
                    hadNothingAlone: record.phase == .done && record.plan.answers["method"] == "follow",
                    hasGivenUp: record.hasGivenUpWAL, isAfterAnother: isAfterAnother,
                    kept: record.wordsOnWAL(events).flatMap { KeptWAL(said: $0) }))
        }
        return returns
    }

    /// The nodes that runs made the primary, or have follow it.
    static func settled(by records: [RunRecord]) -> Set<String> {
        records.reduce(into: []) { nodes, record in
            let back = record.phase == .done ? record.returning : nil
            nodes.formUnion(record.followers + [record.promoted, back].compactMap(\.self))
        }
    }
}

extension RunRecord {
    /// The node that it made the primary; nil: none.
    fileprivate var promoted: String? { promotion.flatMap { hasDone($0) ? plan.steps[$0].node : nil } }

    /// The nodes that a role change or a repoint has follow the primary.
    fileprivate var followers: [String] {
        zip(plan.steps, steps).compactMap { step, state in
            let follows = step.action == "repoint" || (step.action == "start" && promotion != nil)
            return follows && state == .done ? step.node : nil
        }
    }

    private var saving: Int? {
        plan.steps.firstIndex { $0.action == "save_wal" }.flatMap { hasDone($0) ? $0 : nil }
    }

    /// Whether WAL of the node was given up, or is about to be.
    fileprivate var hasGivenUpWAL: Bool {
        saving != nil
            || zip(plan.steps, steps).contains { step, state in
                ["rewind", "swap_in"].contains(step.action) && state.wasBegun && state != .undone
            }
    }

    /// What was said of the WAL that was kept; nil: nothing.
    fileprivate func wordsOnWAL(_ events: [AuditEvent]) -> String? {
        guard let saving else { return nil }
        let done = events.last {
            $0.run == id && $0.event == RunEvent.stepDone.rawValue && $0.details["step"]?.text == plan.steps[saving].id
        }
        return done?.details["said"]?.text
    }
}
