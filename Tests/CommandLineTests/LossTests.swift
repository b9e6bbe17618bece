import Essentials
import Lab
import Replication
import Testing

extension RealServers.Outages {
    /// What the standbys don't have when the primary dies.
    @Suite struct LossTests {
        /// Writes so much WAL, in rows of a kilobyte.
        private func write(kilobytes: Int, to node: LabNode) async throws {
            try await node.psql(
                "CREATE TABLE bulk AS SELECT repeat('x', 1000) AS text FROM generate_series(1, \(kilobytes))")
        }

        private func position(_ node: LabNode) async throws -> UInt64 {
            try #require(
                UInt64(
                    try await node.psql(
                        """
                        SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END
                            - '0/0'::pg_lsn
                        """)))
        }

        /// A loss above the limit is a person's to take; what it was told to be is what clients then miss.
        @Test func aLossAboveTheLimitIsForAPersonToTake() async throws {
            try await Outage.with { outage in
                let observer = try outage.observer(failover: ["max_lag": "{bytes: 1MB}"])
                let primary = outage.lab.primary
                var written: ClosedRange<UInt64> = 0...0
                var kept: UInt64 = 0
                let (_, record) = try await Clients(outage.lab).during(until: "dr") { log in
                    try await observer.watching { monitor in
                        try await outage.network.cut("primary", from: "dr", "replica")
                        let already = log.record.commits.count
                        try await write(kilobytes: 4000, to: primary)
                        await outage.awaitThat("clients have written more") { log.record.commits.count > already + 60 }
                        // The observer looks at least once in between.
                        let before = try await position(primary)
                        await pause(.seconds(4))
                        // The clients may write a little more before it is dead.
                        written = before...(try await position(primary) + 65536)
                        try await primary.kill()
                        try await outage.network.heal()
                        let decision = try await monitor.next("decision", ["verdict": "refuse"])
                        #expect(decision["reasons"]?.hasPrefix("loss_above_limit: ") == true, "\(decision)")
                        #expect(decision["reasons"]?.contains("the limit is 1.00 MB") == true, "\(decision)")
                    }
                    #expect(await outage.writable() == [])
                    // What the killed one's kernel still had to send came after all.
                    kept = try await max(position(outage.node("dr")), position(outage.node("replica")))
                    let taken = try await observer.run("failover", "--accept-data-loss", "1GB", "--yes")
                    #expect(taken.status == 0, "\(taken.output)\(taken.errors)")
                }
                #expect(record.primaries == ["primary", "dr"])
                try await outage.expectPrimary("dr", standbys: ["replica"])
                let decisions = try await observer.decisions()
                #expect(decisions.map(\.event) == ["failover.refused", "failover.decided"])
                #expect(decisions.first?.decision.refusals.map(\.rule) == ["loss_above_limit"])
                let told = try #require(decisions.first?.decision.loss?.bytes ?? decisions.last?.decision.loss?.bytes)
                #expect(written.contains(kept + told), "\(written) \(kept) \(told)")
                // What the clients miss is what the old primary is told to have had alone, and the other writer's commit.
                let back = try await observer.run("run", "rejoin", "primary", "--yes")
                let (lost, listed) = (try await record.lost(on: outage.node("dr")).count, back.commitsKept)
                #expect(lost > 50 && [lost + 1, lost + 2].contains(listed), "\(lost) \(back.output)\(back.errors)")
                try await outage.expectPrimary("dr", standbys: ["primary", "replica"])
            }
        }

        /// The preferred one fetches from another what only that has, and is promoted with all of it.
        @Test func thePreferredOneFetchesWhatItLacks() async throws {
            try await Outage.with { outage in
                let observer = try outage.observer(nodes: ["dr": ["priority: 200"]])
                let (dr, replica, primary) = (try outage.node("dr"), try outage.node("replica"), outage.lab.primary)
                let (_, record) = try await Clients(outage.lab).during(until: "dr") { log in
                    try await observer.watching { monitor in
                        try await outage.network.cut("primary", from: "dr")
                        try await write(kilobytes: 2000, to: primary)
                        try await primary.kill()
                        try await outage.network.heal()
                        try await monitor.awaitRuns()
                    }
                }
                #expect(record.primaries == ["primary", "dr"])
                #expect(try await dr.psql("SELECT count(*) FROM bulk") == "2000")
                #expect(try await replica.psql("SELECT count(*) FROM pg_replication_slots") == "0")
                #expect(try await record.lost(on: dr).count < 20)
                try await outage.expectPrimary("dr", standbys: ["replica"])
                let decisions = try await observer.decisions()
                #expect(decisions.map(\.event) == ["failover.decided"])
                #expect(decisions.first?.decision.nominee == "dr" && decisions.first?.decision.source == "replica")
            }
        }
    }
}
