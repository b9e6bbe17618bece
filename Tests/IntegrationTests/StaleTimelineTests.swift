import Essentials
import Lab
import Replication
import RunbookEngine
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct StaleTimelineTests {
        private static let hasReceiver = "SELECT count(*) FROM pg_stat_get_wal_receiver() WHERE status IS NOT NULL"

        private func detach(_ node: LabNode, _ stage: Stage) async throws {
            try await node.setParameter("primary_conninfo", "")
            try await stage.awaitThat("\(node.name) follows nobody") {
                (try? await node.psql(Self.hasReceiver)) == "0"
            }
        }

        /// A standby whose control file is of the timeline before still has the WAL it has.
        @Test func aStandbyWithoutARestartpointSinceTheLastPromotionCounts() async throws {
            try await Stage.with { stage in
                _ = try await stage.run("switchover", ["target": "dr"])
                let dr = try stage.lab.node("dr")
                let primary = stage.lab.primary
                let replica = try stage.lab.node("replica")
                try await stage.expectStreaming(
                    primary: "dr", timeline: 2, upstreams: ["primary": "dr", "replica": "dr"])
                try await dr.psql("CHECKPOINT")
                try await stage.awaitThat("the old primary has replayed the checkpoint") {
                    _ = try? await primary.psql("CHECKPOINT")
                    return (try? await primary.psql("SELECT timeline_id FROM pg_control_checkpoint()")) == "2"
                }
                try #require(try await replica.psql("SELECT timeline_id FROM pg_control_checkpoint()") == "1")
                try await detach(primary, stage)
                try await dr.psql("CREATE TABLE only_on_replica ()")
                try await stage.awaitThat("replica has the table") {
                    (try? await replica.psql("SELECT count(*) FROM only_on_replica")) == "0"
                }
                try await detach(replica, stage)
                let report = try await stage.look { $0.node("replica")?.state != "streaming" }
                #expect(report.node("replica")?.timeline == Timeline(rawValue: 2))
                #expect(report.node("replica")?.ancestry == .descends)
                try await dr.kill()
                let reasons = try await stage.refusal("promote", ["target": "primary"])
                #expect(reasons.contains("replica has ") && reasons.contains("which would be lost"), "\(reasons)")
            }
        }
    }
}
