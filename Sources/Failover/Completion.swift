internal import Audit
internal import Configuration
internal import Essentials
internal import Replication
internal import RunbookEngine

/// Failovers whose node was promoted, and that were not done to their end.
///
/// Where the pgdr that carried one out is gone for good with its log, the voters' decision still tells every other
/// observer that the promotion was meant, and that the cluster doesn't keep it that something was left.
extension FailoverDesk {
    /// How old a decision is at most, in microseconds, that another observer completes: later, people have seen to it.
    private static let recency: Int64 = 3_600_000_000

    /// The decision that made the primary one, where the cluster doesn't keep that it was carried out to the end; nil:
    /// nothing is left, it came to be by no failover that the voters know of, or it isn't for pgdr to go on.
    /// - Parameter look: one that found exactly one primary.
    /// - Throws: `timeout` when it can't be told now.
    func unfinishedFailover(of look: Lookout.Look) async throws(Failure) -> DecisionRecord? {
        guard let primary = look.primaries.first, let own = look.snapshot.node(primary)?.snapshot,
            let timeline = own.currentTimeline, timeline.rawValue > 1, let system = own.systemIdentifier
        else { return nil }
        let replaced = Timeline(rawValue: timeline.rawValue - 1)
        let silent = Set(look.snapshot.nodes.filter { $0.snapshot == nil }.map(\.name))
        let reading = await control.read(except: silent, until: .after(cluster.timeout))
        switch reading.source {
        // What a standby doesn't know yet may be there.
        case .node(primary): break
        case .node, .nobody: throw Self.untold(primary)
        case .noSchema, .severalClusters: return nil
        }
        guard reading.pauseInForce == nil,
            !reading.state.failovers.contains(where: { $0.timeline == replaced && $0.primary == primary })
        else { return nil }
        let voters = cluster.nodes.map(\.name).filter { !silent.contains($0) }
        guard
            let decision = await decision(
                for: primary, DecisionKey(system: system, timeline: replaced), of: voters,
                until: .after(cluster.timeout))
        else { return nil }
        let oldest = AuditTime(microseconds: AuditTime.now.microseconds - Self.recency).text
        // One that is a standby again has been brought back by somebody.
        guard decision.at > oldest, look.snapshot.node(decision.replaces)?.snapshot?.inRecovery != true else {
            return nil
        }
        return decision
    }

    private static func untold(_ primary: String) -> Failure {
        Failure(
            .timeout, "whether the failover to node \"\(primary)\" was done to its end can't be told now",
            node: primary)
    }

    /// Does what is left of the failover that was decided on.
    /// - Returns: the run, and how it ended.
    /// - Throws: `busy` when another process is at it.
    func complete(
        _ decision: DecisionRecord, _ attendant: RunAttendant
    ) async throws(Failure) -> (String, RunOutcome) {
        let proposal = try await runs.propose(
            "complete-failover",
            [
                "target": decision.nominee, "old": decision.replaces, "trigger": decision.trigger ?? "",
                "automatic": "\(decision.automatic ?? true)",
            ])
        try leaveRuns(of: Self.repeatable, to: proposal.id)
        return (proposal.id, try await runs.run(proposal, attendant))
    }
}
