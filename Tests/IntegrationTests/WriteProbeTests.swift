import Drills
import Essentials
import Lab
import Postgres
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct WriteProbeTests {
        private func with(_ body: (Lab, WriteProbe) async throws -> Void) async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 1)) { lab in
                let connections = try lab.nodes.map { try ConnectionString($0.connectionString(as: .superuser)) }
                try await body(lab, WriteProbe(connections: connections))
            }
        }

        private func lost(_ record: WriteRecord, on node: LabNode) async throws -> [Int] {
            let connection = try ConnectionString(node.connectionString(as: .monitoring))
            try await node.psql("GRANT SELECT ON pgdr_probe TO pgdr;")
            return try await record.lost(on: connection, until: .after(.seconds(5)))
        }

        private func pause(_ duration: Duration) async { _ = await ReadinessLoop.shared.sleep(until: .after(duration)) }

        @Test func aProbeFollowsThePrimaryAndLosesNothing() async throws {
            try await with { lab, probe in
                let dr = try lab.node("dr")
                let (_, record) = try await probe.during {
                    await pause(.milliseconds(200))
                    try await lab.primary.stop()
                    try await dr.promote()
                }
                #expect(record.servers == lab.nodes.map { "\($0.address):\($0.port)" })
                #expect(record.commits.first?.server == 0)
                #expect(record.commits.last?.server == 1)
                let change = try #require(record.commits.firstIndex { $0.server == 1 })
                #expect(change > 10 && record.commits[change...].allSatisfy { $0.server == 1 })
                let gap = try #require(record.longestGap)
                #expect(gap.began == record.commits[change - 1].acknowledged)
                #expect(gap.length < .seconds(5), "\(gap)")
                #expect(record.gaps().contains(gap))
                #expect(record.refusals.allSatisfy { $0.server == 0 }, "\(record.refusals)")
                #expect(try await lost(record, on: dr) == [])
                // One that was under way at the end may have been committed too.
                let rows = try #require(Int(try await dr.psql("SELECT count(*) FROM pgdr_probe")))
                #expect((record.commits.count...record.commits.count + 1).contains(rows))
            }
        }

        @Test func aProbeKnowsWhatAFailoverLost() async throws {
            try await with { lab, probe in
                let dr = try lab.node("dr")
                let (_, record) = try await probe.during {
                    try await dr.setParameter("primary_conninfo", "")
                    await pause(.milliseconds(500))
                    try await lab.primary.kill()
                    try await dr.promote()
                }
                let lost = try await lost(record, on: dr)
                let old = record.commits.filter { $0.server == 0 }.map(\.number)
                #expect(lost.count > 5 && lost == Array(old.suffix(lost.count)), "\(lost.count) of \(old.count)")
            }
        }

        @Test func aFrozenPrimaryDoesNotHoldTheProbe() async throws {
            try await with { lab, probe in
                let dr = try lab.node("dr")
                let (_, record) = try await probe.during {
                    try lab.primary.freeze()
                    try await dr.promote()
                }
                try lab.primary.thaw()
                let gap = try #require(record.longestGap)
                #expect(gap.length > .milliseconds(900) && gap.length < .seconds(3), "\(gap)")
                #expect(record.refusals.count == 1)
                #expect(record.commits.last?.server == 1)
            }
        }

        @Test func aProbeWaitsForASynchronousStandbyAsClientsDo() async throws {
            try await with { lab, probe in
                let dr = try lab.node("dr")
                try await lab.primary.setParameter("synchronous_standby_names", "dr")
                try await awaitSynchronous(lab.primary)
                let (_, record) = try await probe.during {
                    try dr.freeze()
                    await pause(.milliseconds(400))
                    try dr.thaw()
                }
                #expect(record.longestGap?.length ?? .zero > .milliseconds(350), "\(record.gaps())")
                #expect(record.refusals == [])
            }
        }

        private func awaitSynchronous(_ node: LabNode) async throws {
            let deadline = Deadline.after(.seconds(10))
            while try await node.psql("SELECT sync_state FROM pg_stat_replication") != "sync" {
                try #require(!deadline.hasPassed)
                await pause(.milliseconds(20))
            }
        }

        @Test func aProbeWithoutAPrimaryOrATableSaysSo() async throws {
            try await with { lab, probe in
                var standbyOnly = probe
                standbyOnly.connections.removeFirst()
                await #expect(
                    throws: Failure(
                        .timeout, "no server took the probe's writes",
                        detail: "127.0.86.115:\(lab.primary.port): it is a standby")
                ) {
                    try await standbyOnly.during(patience: .milliseconds(300)) { Issue.record("it was run") }
                }
                let weak = try ConnectionString(lab.primary.connectionString(as: .monitoring))
                do {
                    _ = try await WriteProbe(connections: [weak]).run()
                    Issue.record("it ran")
                } catch let error as Failure {
                    #expect(error.code == .server && error.message.contains("permission denied"), "\(error)")
                }
            }
        }
    }
}
