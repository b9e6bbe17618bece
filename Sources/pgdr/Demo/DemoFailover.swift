#if os(Linux)
    import Configuration
    import Drills
    import Essentials
    import Failover
    import Lab
    import Postgres
    import RunbookEngine
    import Synchronization

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    extension Demonstration {
        /// Loses the primary while a client commits, and brings it back once another one has taken its place.
        ///
        /// What replaces it is the watch of `pgdr monitor`, in this process.
        func loseThePrimary() async throws {
            try Task.checkCancellation()
            say("failover: {mode: automatic, confirm_for: 0s} is put into pgdr.yaml.")
            try allowFailover()
            let file = try ConfigurationFile.load(path: lab.configurationFile)
            let desk = try FailoverDesk(file.cluster(named: nil), of: file, trigger: "monitor")
            say("pgdr monitor, and kill -9 to the primary, while a client commits every 10 ms …")
            let (replacement, record) = try await probe().during { try await awaitReplacement(at: desk) }
            try tell(replacement, at: desk)
            let lost = try await tell(record, on: replacement.promoted)
            try await bringBack(desk, lost: lost)
            guard let decision = try RecordedDecision.all(in: file.auditDirectory, cluster: desk.cluster.name).last
            else { throw Failure(.lab, "the audit log has no decision") }
            say("pgdr explain \(decision.id): why it was done, from what was recorded.")
            Terminal.print("\n" + Explanation.text(decision) + "\n")
        }

        /// The lab's file ends within its only cluster's nodes.
        private func allowFailover() throws {
            let text = try String(contentsOfFile: lab.configurationFile, encoding: .utf8)
            try (text + "    failover: {mode: automatic, confirm_for: 0s, interval: 100ms}\n").write(
                toFile: lab.configurationFile, atomically: false, encoding: .utf8)
        }

        /// A failover that happened by itself.
        private struct Replacement {
            var run: String
            var promoted: String
            var decision: DecisionOutput
            var updates: [RunUpdate]
        }

        /// Watches until the primary is seen, kills it, and waits until another one has taken its place.
        private func awaitReplacement(at desk: FailoverDesk) async throws -> Replacement {
            let (events, told) = AsyncStream.makeStream(of: Watch.Event.self)
            let updates = Mutex<[RunUpdate]>([])
            let watch = Watch(
                desk, told: { told.yield($0) }, ran: { update in updates.withLock { $0.append(update) } })
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await watch.run() }
                group.addTask {
                    _ = await ReadinessLoop.shared.sleep(until: .after(.seconds(30)))
                    told.finish()
                }
                defer { group.cancelAll() }
                var decision: DecisionOutput?
                for await event in events {
                    switch event {
                    case .condition(_, let diagnosis) where diagnosis.condition == .alive:
                        // Sessions with the hosts are there a moment after a monitor has begun.
                        _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(500)))
                        try await lab.primary.kill()
                    case .decided(let situation, let verdict, _): decision = DecisionOutput(situation, verdict)
                    case .ended(let run, .done):
                        guard let decision, case .failOver(let promotion) = decision.verdict else { continue }
                        return Replacement(
                            run: run, promoted: promotion.election.nominee, decision: decision,
                            updates: updates.withLock { $0 })
                    default: continue
                    }
                }
                try Task.checkCancellation()
                throw Failure(.lab, "no failover happened within 30 s")
            }
        }

        /// Shows what was decided and done.
        private func tell(_ replacement: Replacement, at desk: FailoverDesk) throws {
            Terminal.print("\n" + replacement.decision.text + "\n")
            let view = RunView(plan: try desk.runs.run(replacement.run).plan)
            for update in replacement.updates { view.tell(update) }
        }

        /// The old primary is started by hand, and then brought back as it should be.
        private func bringBack(_ desk: FailoverDesk, lost: Int) async throws {
            try Task.checkCancellation()
            say("Somebody starts the old primary with pg_ctl, and writes to it …")
            let old = lab.primary
            try await old.start()
            do throws(Failure) { try await old.psql("CREATE TABLE on_my_own (n int)") } catch {
                Terminal.print("\n" + (error.detail ?? error.message) + "\n")
                say("It was fenced: all it can be is a standby. pgdr run rejoin \(old.name) --yes …")
                let proposal = try await desk.runs.propose("rejoin", ["node_to_rejoin": old.name])
                guard case .done = try await conduct(proposal, at: desk.runs) else {
                    throw Failure(.lab, "the old primary did not come back")
                }
                return say("\(old.name) is a standby of the new primary; the client misses \(lost) of its commits.")
            }
            throw Failure(.lab, "the old primary takes writes", node: old.name)
        }
    }
#endif
