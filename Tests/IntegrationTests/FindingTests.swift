import Essentials
import Lab
import Observation
import Replication
import Testing

extension RealServers {
    /// Diagnoses whose evidence is PostgreSQL's own words: that those words are what real servers say.
    @Suite(.timeLimit(.minutes(5)))
    struct FindingTests {
        @Test(arguments: installations)
        func replayThatWaitsForAQueryIsSeen(postgresBin: String?) async throws {
            try await Stage.with(standbys: 1, postgresBin: postgresBin) { stage in
                let dr = try stage.lab.node("dr")
                try await dr.setParameter("max_standby_streaming_delay", "-1")
                try await stage.write()
                _ = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                let reader = Task {
                    try await dr.psql(
                        """
                        BEGIN ISOLATION LEVEL REPEATABLE READ;
                        SELECT count(*) FROM filler;
                        SELECT pg_sleep(8);
                        COMMIT;
                        """)
                }
                _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(500)))
                try await stage.lab.primary.psql("DELETE FROM filler;")
                try await stage.lab.primary.psql("VACUUM filler;")
                let stuck = try await stage.look { $0.codes("dr").contains("replay_waits_for_query") }
                #expect(stuck.codes("dr").contains("replay_waits_for_query"))
                _ = try await reader.value
                let free = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                #expect(free.codes("dr") == [])
            }
        }

        @Test(arguments: installations)
        func aSlotThatLostItsWALIsCritical(postgresBin: String?) async throws {
            try await Stage.with(standbys: 1, postgresBin: postgresBin) { stage in
                let primary = stage.lab.primary
                try await primary.psql("SELECT pg_create_physical_replication_slot('idle', true)")
                let idle = try await stage.look { $0.codes("primary").contains("slot_inactive") }
                #expect(idle.codes("primary") == ["slot_inactive"])
                #expect(idle.verdict.severity == .warning)
                try await primary.setParameter("max_slot_wal_keep_size", "1MB")
                for _ in 0..<8 {
                    try await primary.psql("SELECT pg_switch_wal();")
                    try await stage.write(rows: 10)
                }
                try await primary.psql("CHECKPOINT")
                let lost = try await stage.look { $0.codes("primary").contains("slot_lost") }
                #expect(lost.codes("primary").contains("slot_lost"))
                #expect(lost.verdict.severity == .critical)
            }
        }

        @Test func commitsThatWaitForNobodyAreCritical() async throws {
            try await Stage.with(standbys: 1) { stage in
                let primary = stage.lab.primary
                try await primary.setParameter("synchronous_standby_names", "ANY 1 (nobody)")
                let waits = try await stage.look { $0.codes("primary").contains("synchronous_commit_waits") }
                #expect(waits.codes("primary") == ["synchronous_commit_waits"])
                // Asking goes on: pgdr's own sessions wait for no standby.
                try await primary.setParameter("synchronous_standby_names", "ANY 1 (dr)")
                let well = try await stage.look { !$0.codes("primary").contains("synchronous_commit_waits") }
                #expect(well.findings == [])
                #expect(well.node("dr")?.syncState == "quorum")
            }
        }

        @Test func anArchiverThatFailsIsNamedAndAnIdleOneIsNot() async throws {
            try await Stage.with(standbys: 1) { stage in
                let primary = stage.lab.primary
                try await primary.setParameter("archive_mode", "on")
                try await primary.setParameter("archive_command", "true")
                try await primary.stop()
                try await primary.start()
                try await primary.psql("SELECT pg_switch_wal()")
                let well = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                #expect(well.codes("primary") == [])
                try await primary.setParameter("archive_command", "false")
                try await stage.write(rows: 10)
                try await primary.psql("SELECT pg_switch_wal()")
                let failing = try await stage.look { $0.codes("primary").contains("archiver_failing") }
                #expect(failing.codes("primary") == ["archiver_failing"])
            }
        }

        @Test(arguments: installations)
        func replayPausedByLowerSettingsNamesBothValues(postgresBin: String?) async throws {
            try await Stage.with(standbys: 1, postgresBin: postgresBin) { stage in
                try await stage.lab.primary.setParameter("max_connections", "150")
                try await stage.lab.primary.stop()
                try await stage.lab.primary.start()
                let report = try await stage.look { $0.codes("dr").contains("replay_paused_by_parameters") }
                let finding = try #require(report.findings.first { $0.code == "replay_paused_by_parameters" })
                #expect(finding.detail == "max_connections 100 against the primary's 150.")
                #expect(finding.severity == .critical)
            }
        }

        @Test(arguments: installations)
        func aStandbyThatTheOthersCouldNotFollowIsNoCandidate(postgresBin: String?) async throws {
            try await Stage.with(postgresBin: postgresBin) { stage in
                let dr = try stage.lab.node("dr")
                func logins() async throws -> PromotionCheck.Condition {
                    let check = await checkPromotions(in: stage.cluster, of: "dr", timeout: .seconds(5)).first
                    return try #require(check?.conditions.first { $0.code == "logins" })
                }
                try await dr.prependHBA("host replication all localhost scram-sha-256")
                #expect(try await logins().severity == .unknown)
                try await dr.prependHBA("host replication replicator 127.0.0.0/8 reject")
                let rejected = try await logins()
                #expect(rejected.severity == .critical)
                try await stage.lab.primary.psql("DROP FUNCTION pgdr.replication_access(name, inet)")
                _ = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                let unknown = try await logins()
                #expect(unknown.severity == .unknown)
                #expect(unknown.evidence.contains("SQLSTATE 42883"), "\(unknown.evidence)")
                #expect(rejected.evidence.hasPrefix("line 1 of pg_hba.conf rejects primary (role \"replicator\""))
            }
        }

        @Test func aDelayedStandbyIsNamedAndNoFault() async throws {
            try await Stage.with(standbys: 1) { stage in
                let dr = try stage.lab.node("dr")
                try await dr.setParameter("recovery_min_apply_delay", "1h")
                try await stage.write()
                let report = try await stage.look { ($0.node("dr")?.lag?.replay.bytes ?? 0) > 0 }
                #expect(report.codes("dr") == ["delayed_standby"])
                #expect(report.verdict.severity == .ok)
                #expect(report.node("dr")?.lag?.receive.bytes == 0)
            }
        }
    }
}
