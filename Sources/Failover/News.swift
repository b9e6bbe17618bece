internal import Configuration
package import Essentials
package import RunbookEngine
internal import Replication

/// What people are told, by the configured commands, of a failover that nobody asked for and that isn't done. Of one that
/// is done its run tells them.
extension FailoverDesk {
    /// That rules forbid it; nil when none does.
    package func news(of decided: Case, as id: String) -> HookEvent? {
        guard case .refuse(let refusals) = decided.verdict else { return nil }
        let reasons = refusals.map { HookEvent.Reason($0.rule.rawValue, node: $0.node, $0.evidence) }
        return news(.failoverRefused, decided, as: id, reasons)
    }

    /// That it was tried and is not done.
    package func news(of failure: Failure, in decided: Case, as id: String?) -> HookEvent {
        news(
            .failoverFailed, decided, as: id,
            [HookEvent.Reason(failure.code.rawValue, node: failure.node, failure.text)])
    }

    private func news(
        _ kind: HookEvent.Kind, _ decided: Case, as id: String?, _ reasons: [HookEvent.Reason]
    ) -> HookEvent {
        let situation = decided.situation
        var event = HookEvent(kind, cluster: cluster.name, primary: cluster.hookNode(situation.evidence.primary))
        event.timeline = situation.evidence.timeline?.rawValue
        event.run = id
        event.trigger = situation.request.triggerID
        event.reasons = reasons
        return event
    }

    /// Whether the audit log tells already that this alert was refused for the same reasons; a monitor that asks again
    /// and again is not to have people told each time.
    package func wasRefusedBefore(_ decided: Case) -> Bool {
        guard let trigger = decided.situation.request.triggerID, case .refuse(let refusals) = decided.verdict,
            let before = try? RecordedDecision.all(in: journal.directory, cluster: cluster.name).last(where: {
                $0.situation.request.triggerID == trigger
            }),
            case .refuse(let others) = before.verdict
        else { return false }
        return others.map(\.rule) == refusals.map(\.rule)
    }

    /// Runs the commands that tell people.
    /// - Parameter told: called with what failed.
    package func tell(_ event: HookEvent, told: (Failure) -> Void) async {
        let policy = cluster.failover
        let act = HookAct(policy.notify, event, timeout: policy.hookTimeout.seconds)
        // What failed was told.
        try? await act.run(told: told)
    }
}
