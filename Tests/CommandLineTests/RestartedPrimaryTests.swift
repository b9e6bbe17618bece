import Essentials
import Lab
import Testing

extension RealServers.Outages {
    /// Something starts a dead primary again and again, from the moment it died.
    @Suite struct RestartedPrimaryTests {
        /// How long it waits before each start, and how long pgdr does before it acts.
        struct Race: Sendable, CustomStringConvertible {
            var start: Duration
            var confirmation: String

            var description: String { "started after \(start), confirmed for \(confirmation)" }
        }

        /// Either it is back in time, and stays; or it is fenced, and another one takes its place.
        @Test func oneOfTheTwoIsThePrimary() async throws {
            let starts: [Duration] = [.zero, .milliseconds(200), .seconds(2)]
            let races = starts.flatMap { start in ["0s", "1s"].map { Race(start: start, confirmation: $0) } }
            await Outage.withEach(of: races) { try await run($1, in: $0) }
        }

        private func run(_ race: Race, in outage: Outage) async throws {
            try await outage.node("primary").setParameter("autovacuum", "off")
            let observer = try outage.observer(failover: ["confirm_for": race.confirmation])
            let old = outage.lab.primary
            let (winner, record) = try await Clients(outage.lab).during { log in
                try await observer.watching { monitor in
                    try await old.kill()
                    return try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            while !Task.isCancelled {
                                if !old.isRunning {
                                    await pause(race.start)
                                    try? await old.start()
                                }
                                await pause(.milliseconds(5))
                            }
                        }
                        let winner = try await settle(log, monitor, in: outage)
                        // It is started a few times more.
                        await pause(.seconds(2))
                        group.cancelAll()
                        return winner
                    }
                }
            }
            print("\(race): \(winner) is the primary, no commit for \(record.longestGap)")
            #expect(record.primaries == (winner == "primary" ? ["primary"] : ["primary", "dr"]), "\(race)")
            #expect(await outage.writable() == [winner], "\(race)")
            let events = try await observer.decisions().map(\.event)
            #expect(Set(events).isSubset(of: ["failover.decided"]), "\(race) \(events)")
            if winner == "primary" {
                #expect(try await record.lost(on: old).isEmpty, "\(race)")
                try await outage.expectPrimary("primary", standbys: ["dr", "replica"])
            } else {
                #expect(events.last == "failover.decided", "\(race)")
                #expect(try await outage.isPrimary("primary") != true, "\(race)")
                if old.isRunning { try await old.stop() }
                _ = try await outage.countLoss(
                    of: "primary", to: "dr", Set(record.commits.map(\.number)),
                    unanswered: record.unanswered["primary"] ?? [], by: observer)
                try await outage.expectPrimary("dr", standbys: ["primary", "replica"])
            }
        }

        /// Waits until it is clear which one is the primary.
        private func settle(
            _ log: Clients.Log, _ monitor: Outage.Monitor, in outage: Outage
        ) async throws -> String {
            let deadline = Deadline.after(.seconds(40))
            while true {
                let events = monitor.events
                let latest = events.last { $0["event"] == "condition" }
                let decided = monitor.decisions.count { $0["verdict"] != "refuse" }
                let isUnderWay = decided > events.count { $0["event"] == "run_ended" }
                if latest?["condition"] == "alive", !isUnderWay, let name = latest?["primary"] {
                    try await log.awaitCommit(on: name)
                    await pause(.seconds(1))
                    if monitor.events.last(where: { $0["event"] == "condition" }) == latest { return name }
                }
                try #require(!deadline.hasPassed, "\(outage.title): \(events)")
                await pause(.milliseconds(20))
            }
        }
    }
}
