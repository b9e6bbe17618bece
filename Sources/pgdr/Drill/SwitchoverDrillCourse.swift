import Audit
import Configuration
import Drills
import Essentials
import Observation
import Replication
import RunbookEngine

/// A switchover drill as it goes: there, a stay, and back whatever came of it.
struct SwitchoverDrillCourse: Sendable {
    var desk: RunDesk
    var survey: Survey
    var running: RunningOptions
    /// The cluster before.
    var before: ClusterReport
    /// The way of the client that commits meanwhile; nil: there is none.
    var path: ClientPath?
    /// How long the role stays there.
    var stay: Duration

    /// Carries it out.
    /// - Parameters:
    ///   - there: the first switchover's plan.
    ///   - wantsStop: whether a person wants it to end: the role goes back at once then.
    /// - Throws: when nothing was begun; all else is told by the drill.
    func run(
        _ drill: SwitchoverDrill, _ there: RunDesk.Proposal, wantsStop: @escaping @Sendable () -> Bool
    ) async throws -> SwitchoverDrill {
        var drill = drill
        try desk.note(drill.beginning)
        do {
            drill.legs.append(try await leg(there, of: &drill, probe(.committing)))
        } catch let failure as Failure {
            drill.legs.append(.init(run: nil, end: .unmoved(failure.text)))
            await end(&drill)
            throw failure
        }
        if drill.legs.last?.hasMoved == true {
            drill.looks.append(await look(.between, primary: drill.target))
            if stay > .zero, !wantsStop() {
                await holdOn(wantsStop)
                drill.looks.append(await look(.between, primary: drill.target))
            }
            await goBack(&drill)
        }
        await end(&drill)
        return drill
    }

    private func goBack(_ drill: inout SwitchoverDrill) async {
        let back = await move("switchover", ["target": drill.home], of: &drill, probe(.asItIs))
        drill.legs.append(back)
        guard back.hasMoved else { return }
        // A switchover has whoever followed the old primary follow the new one: here also what was a cascade.
        for node in before.nodes where node.upstream == drill.target && node.name != drill.home {
            drill.repoints.append(
                await move(
                    "repoint", ["node_to_repoint": node.name, "upstream": drill.target], of: &drill, nil))
        }
        drill.looks.append(await look(.after, primary: drill.home))
    }

    private func probe(_ start: ClientProbe.Start) -> RunProbe? {
        path.map { RunProbe(desk.cluster, $0, start) }
    }

    /// One run that has to be, on the way back: that it isn't begun is one of its ends.
    private func move(
        _ runbook: String, _ values: [String: String], of drill: inout SwitchoverDrill, _ probe: RunProbe?
    ) async -> SwitchoverDrill.Leg {
        do {
            let proposal = try await proposal(runbook, values)
            do {
                return try await leg(proposal, of: &drill, probe, isWayBack: true)
            } catch let failure as Failure {
                guard probe != nil else { throw failure }
                // Clients that can't be measured are no reason to leave the role there.
                drill.troubles.append("the way back was not measured: \(failure.text)")
                return try await leg(try await self.proposal(runbook, values), of: &drill, nil, isWayBack: true)
            }
        } catch {
            return .init(run: nil, end: .unmoved((error as? Failure)?.text ?? "\(error)"))
        }
    }

    /// A plan that may run, or may soon: who came back a moment ago needs one to catch up.
    private func proposal(_ runbook: String, _ values: [String: String]) async throws -> RunDesk.Proposal {
        let end = Deadline.after(.seconds(30))
        while true {
            let proposal = try await desk.propose(runbook, values)
            if proposal.plan.mayRun { return proposal }
            guard !end.hasPassed else { throw try desk.refusal(of: proposal) }
            _ = await ReadinessLoop.shared.sleep(until: .after(.seconds(1)))
        }
    }

    private func leg(
        _ proposal: RunDesk.Proposal, of drill: inout SwitchoverDrill, _ probe: RunProbe?, isWayBack: Bool = false
    ) async throws -> SwitchoverDrill.Leg {
        note(drill.beginning(ofRun: proposal.id), of: &drill)
        let desk = desk
        let ending = try await running.ending(
            of: proposal.id, proposal.plan, at: desk, probe, heedsHangup: !isWayBack
        ) { attendant throws(Failure) in try await desk.run(proposal, attendant) }
        let end: SwitchoverDrill.Leg.End =
            switch ending.outcome {
            case .done(let failed):
                ending.probe?.doubt.map { .notProven($0.text) } ?? .moved(failed: failed)
            case .undone(let failure): .unmoved(failure.text)
            case .partWay(let failure): .partWay(failure.text)
            case .stopped(let changed): changed ? .partWay("it was stopped") : .unmoved("it was stopped")
            }
        return .init(run: proposal.id, end: end, measurement: ending.probe?.measurement)
    }

    /// Asks who is the primary now, and keeps what came of it.
    private func end(_ drill: inout SwitchoverDrill) async {
        drill.roles = await desk.roles()
        note(drill.ending, of: &drill)
        let attendant = RunAttendant(
            told: { if case .note(_, let text) = $0 { Terminal.note(text) } }, confirms: { _ in false },
            wantsStop: { false })
        await desk.keepDrill(drill.id, .switchover, on: drill.target, passed: drill.passed, attendant)
    }

    /// That the audit log doesn't take this is no reason to leave the role there; a run that it doesn't take isn't begun.
    private func note(_ entry: AuditEntry, of drill: inout SwitchoverDrill) {
        do throws(Failure) { try desk.note(entry) } catch {
            drill.troubles.append("the audit log doesn't tell all of the drill: \(error.text)")
        }
    }

    private func holdOn(_ wantsStop: @Sendable () -> Bool) async {
        Terminal.note("The role stays there for \(Quantity.seconds(stay.seconds)).")
        let end = Deadline.after(stay)
        while !end.hasPassed {
            if wantsStop() { return Terminal.note("Going back.") }
            _ = await ReadinessLoop.shared.sleep(until: min(end, .after(.milliseconds(100))))
        }
    }

    /// Looks at the cluster, for a while until all is as it has to be: what came back a moment ago may lag.
    private func look(_ moment: DrillLook.Moment, primary: String) async -> DrillLook {
        let end = Deadline.after(.seconds(15))
        while true {
            let report = await survey.reports(sample: nil)[0]
            let look = DrillLook(moment, report, primary: primary, before: before)
            if look.problems.isEmpty || end.hasPassed { return look }
            _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(250)))
        }
    }
}
