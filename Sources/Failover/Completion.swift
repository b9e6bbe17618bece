internal import Configuration
internal import Essentials
internal import Replication
internal import RunbookEngine

/// Failovers whose node was promoted, and that were not done to their end.
///
/// Where the pgdr that carried one out is gone for good with its log, the voters' decision still tells every other
/// observer that the promotion was meant, and that the cluster doesn't keep it that something was left.
extension FailoverDesk {
    /// The decision that made the primary one, where the cluster doesn't keep that it was carried out to the end; nil:
    /// nothing is left, or it came to be by no failover that the voters know of.
    /// - Parameter look: one that found exactly one primary.
    func unfinishedFailover(
        of look: Lookout.Look, until deadline: Deadline
    ) async throws(Failure) -> DecisionRecord? {
        guard let primary = look.primaries.first, let own = look.snapshot.node(primary)?.snapshot,
            let timeline = own.currentTimeline, timeline.rawValue > 1, let system = own.systemIdentifier
        else { return nil }
        let replaced = Timeline(rawValue: timeline.rawValue - 1)
        let control = await control.read(until: deadline).state
        guard control.isKnown,
            !control.failovers.contains(where: { $0.timeline == replaced && $0.primary == primary })
        else { return nil }
        return await decision(
            for: primary, DecisionKey(system: system, timeline: replaced), of: cluster.nodes.map(\.name),
            until: deadline)
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
                "automatic": "true",
            ])
        return (proposal.id, try await runs.run(proposal, attendant))
    }
}
