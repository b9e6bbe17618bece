import Essentials
import Glibc
import Lab
import Testing

extension RealServers.Outages {
    /// With synchronous replication no commit that a client was told of is ever lost.
    @Suite(.timeLimit(.minutes(15))) struct SynchronousFailoverTests {
        /// How long it goes on: PGDR_TEST_FAILOVERS in seconds.
        private static let length = Duration.seconds(
            getenv("PGDR_TEST_FAILOVERS").flatMap { Int(String(cString: $0)) } ?? 60)

        /// The primary is killed at a random moment under load, replaced, and brought back, again and again.
        @Test func noAcknowledgedCommitIsEverLost() async throws {
            try await Outage.with { outage in
                let observer = try outage.observer()
                let names = outage.lab.nodes.map(\.name)
                var primary = "primary"
                var failovers = 0
                let began = ContinuousClock.now
                let (_, record) = try await Clients(outage.lab).during { log in
                    try await observer.watching { monitor in
                        repeat {
                            let others = names.filter { $0 != primary }
                            let setting = "ANY 1 (\(others.joined(separator: ", ")))"
                            try await outage.node(primary).setParameter("synchronous_standby_names", setting)
                            // The observer has to see it, or it can't prove anything.
                            await pause(.milliseconds(Int.random(in: 1500...2500)))
                            try await outage.node(primary).kill()
                            failovers += 1
                            try await monitor.awaitRuns(failovers)
                            let roles = try await outage.primaries()
                            primary = try #require(roles.first { others.contains($0) })
                            #expect(roles == [primary])
                            try await log.awaitCommit(on: primary)
                            let old = try #require(names.first { $0 != primary && !others.contains($0) })
                            let back = try await observer.run("run", "rejoin", old, "--yes")
                            try #require(back.status == 0, "\(back.output)\(back.errors)")
                        } while began.duration(to: .now) < Self.length
                    }
                }
                let took = began.duration(to: .now).seconds
                print("\(failovers) failovers in \(Int(took)) s, \(record.commits.count) commits, none lost")
                let lost = try await record.lost(on: outage.node(primary))
                #expect(lost.isEmpty, "\(lost.prefix(20))")
                #expect(record.primaries.count == failovers + 1)
                try await outage.expectPrimary(primary, standbys: names.filter { $0 != primary })
                let decisions = try await observer.decisions()
                #expect(decisions.map(\.event) == Array(repeating: "failover.decided", count: failovers))
                #expect(decisions.allSatisfy { $0.decision.loss?.acknowledged_commits_safe == true })
            }
        }
    }
}
