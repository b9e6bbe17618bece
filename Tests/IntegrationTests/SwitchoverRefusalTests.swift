import Configuration
import Essentials
import Lab
import Postgres
import Replication
import RunbookEngine
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct SwitchoverRefusalTests {
        private let toDR = ["target": "dr"]

        /// All that a healthy cluster's configuration can lack; each leaves the cluster untouched and says what is wrong.
        @Test func whatTheConfigurationForbids() async throws {
            try await Stage.with { stage in
                func refusal(
                    _ name: String, _ change: (inout NodeConfiguration) throws -> Void
                ) async throws -> String {
                    var changed = stage
                    let index = try #require(stage.cluster.nodes.firstIndex { $0.name == name })
                    try change(&changed.cluster.nodes[index])
                    return try await changed.refusal("switchover", toDR)
                }
                #expect(try await refusal("dr") { $0.kind = .backup }.contains("kind backup"))
                #expect(try await refusal("dr") { $0.priority = 0 }.contains("priority 0"))
                let unserved = try await refusal("primary") { $0.service = nil }
                #expect(unserved.contains("does not say how node \"primary\" is started and stopped"), "\(unserved)")
                let unreached = try await refusal("primary") { $0.ssh = nil }
                #expect(unreached.contains("node \"primary\" has no \"ssh\""), "\(unreached)")

                // What is asked of pgdr's role itself: it may not promote.
                let dr = try stage.lab.node("dr")
                let signature = "pg_catalog.pg_promote(boolean, integer)"
                try await stage.lab.primary.psql("REVOKE EXECUTE ON FUNCTION \(signature) FROM pgdr_admin")
                try await stage.awaitThat("the grant is gone on dr") {
                    try await dr.psql("SELECT has_function_privilege('pgdr_admin', '\(signature)', 'EXECUTE')") == "f"
                }
                let weak = try await stage.refusal("switchover", toDR)
                #expect(weak.contains("dr: may_promote is \"f\""), "\(weak)")
                try await stage.lab.primary.psql("GRANT EXECUTE ON FUNCTION \(signature) TO pgdr_admin")

                let unknown = await #expect(throws: Failure.self) {
                    try await stage.run("switchover", ["target": "dx"])
                }
                #expect(unknown?.code == .configuration)
                // What is so already is not refused, and nothing is done.
                let itself = try await stage.run("switchover", ["target": "primary"])
                #expect(itself.outcome == .done(failed: []) && itself.plan.steps.isEmpty, "\(itself)")
            }
        }

        /// A target that is behind, delayed, paused or not streaming.
        @Test func aTargetThatIsNotLevel() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                let primary = stage.lab.primary

                try await dr.psql("SELECT pg_wal_replay_pause()")
                try await stage.write(rows: 5000)
                try await stage.awaitThat("dr has received it") {
                    try await dr.psql("SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()") == "t"
                }
                let paused = try await stage.refusal("switchover", ["target": "dr", "max_lag": "64kB"])
                #expect(paused.contains("the limit is 65536"), "\(paused)")
                let within = try await stage.refusal("switchover", toDR)
                #expect(within.lowercased().contains("paused"), "\(within)")
                try await dr.psql("SELECT pg_wal_replay_resume()")

                try await dr.setParameter("recovery_min_apply_delay", "1h")
                let delayed = try await stage.refusal("switchover", toDR)
                #expect(delayed.contains("delayed by"), "\(delayed)")
                try await dr.setParameter("recovery_min_apply_delay", nil)

                // Replay that a recovery target ended: it streams and never gets on.
                let target = try await primary.psql("SELECT pg_current_wal_lsn() + 100000")
                try await dr.stop()
                try dr.appendDataFile("postgresql.auto.conf", "recovery_target_lsn = '\(target)'\n")
                try await dr.start()
                try await stage.write(rows: 5000)
                try await stage.awaitThat("dr has paused") {
                    try await dr.psql("SELECT pg_is_wal_replay_paused()") == "t"
                }
                let ended = try await stage.refusal("switchover", toDR)
                #expect(ended.contains("recovery_target_lsn"), "\(ended)")
                try await dr.setParameter("recovery_target_lsn", nil)
                try await dr.stop()
                try await dr.start()
                _ = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }

                // A setting lower than the primary's ends replay.
                try await primary.setParameter("max_connections", "150")
                try await primary.stop()
                try await primary.start()
                try await stage.awaitThat("dr has paused") {
                    try await dr.psql("SELECT pg_is_wal_replay_paused()") == "t"
                }
                let lower = try await stage.refusal("switchover", toDR)
                #expect(lower.contains("settings lower than the primary's"), "\(lower)")
                try await dr.setParameter("max_connections", "150")
                try await dr.stop()
                try await dr.start()
                _ = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }

                let conninfo = try await dr.psql("SHOW primary_conninfo")
                try await dr.setParameter("primary_conninfo", "")
                try await stage.awaitThat("dr has let go") {
                    try await dr.psql("SELECT count(*) FROM pg_stat_wal_receiver") == "0"
                }
                let detached = try await stage.refusal("switchover", toDR)
                #expect(detached.contains("Streams from the primary"), "\(detached)")
                try await dr.setParameter("primary_conninfo", conninfo)

                try dr.freeze()
                let frozen = try await stage.impatient.refusal("switchover", toDR)
                try dr.thaw()
                #expect(frozen.contains("dr"), "\(frozen)")
                try await dr.stop()
                let stopped = try await stage.refusal("switchover", toDR)
                #expect(stopped.contains("dr"), "\(stopped)")
            }
        }

        /// What could not be undone once the primary is stopped: who follows, and how the old primary comes back.
        @Test func whatTheWayBackNeeds() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                let primary = stage.lab.primary

                try await primary.stopSSH()
                let unreachable = try await stage.refusal("switchover", toDR)
                #expect(unreachable.contains("primary"), "\(unreachable)")
                try await primary.startSSH()

                let rules = try dr.dataFile("pg_hba.conf")
                try await dr.prependHBA("host replication replicator all reject")
                await pause(.milliseconds(200))
                let rejected = try await stage.refusal("switchover", toDR)
                #expect(rejected.contains("pg_hba.conf rejects") && rejected.contains("replica:"), "\(rejected)")
                try dr.replaceDataFile("pg_hba.conf", rules)
                try await dr.reload()

                // A copy is being made: who makes it is named.
                try await stage.write(rows: 20000)
                try await stage.whileCopied(primary) {
                    try await stage.awaitThat("the copy has begun") {
                        try await primary.psql("SELECT count(*) FROM pg_stat_replication WHERE state = 'backup'") == "1"
                    }
                    let busy = try await stage.refusal("switchover", toDR)
                    #expect(busy.contains("pg_basebackup from 127."), "\(busy)")
                }
            }
        }

        /// Whoever copies the files himself in the mode that version 15 did away with would be left with half a copy.
        @Test(.enabled(if: installations.contains { $0?.contains("/14/") == true }, "version 14 is not there"))
        func anExclusiveBackup() async throws {
            let old = installations.first { $0?.contains("/14/") == true } ?? nil
            try await Stage.with(standbys: 1, postgresBin: old) { stage in
                try await stage.lab.primary.psql("SELECT pg_start_backup('by hand', true, true)")
                let busy = try await stage.refusal("switchover", toDR)
                #expect(busy.contains("an exclusive one"), "\(busy)")
                try await stage.lab.primary.psql("SELECT pg_stop_backup()")
                let ending = try await stage.run("switchover", toDR)
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
            }
        }

        /// Servers that aren't this cluster's, or no longer.
        @Test func aTargetOfAnotherHistory() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                // Another cluster's standby where the configuration means dr.
                try await Stage.with(standbys: 1) { other in
                    let stranger = try other.lab.node("dr").connectionString(as: .monitoring)
                    let strange = try stage.replacing("dr", connection: stranger)
                    var mixed = strange
                    mixed.cluster.admin = nil
                    let reasons = try await mixed.refusal("switchover", toDR)
                    #expect(reasons.contains("system identifier"), "\(reasons)")
                }
                try await dr.promote()
                // The one after the promotion would change the control file meanwhile.
                try await dr.psql("CHECKPOINT")
                let two = try await stage.refusal("switchover", ["target": "replica"])
                #expect(two.contains("more than one primary"), "\(two)")
                // The same primary again, and a standby that has left its history.
                try await stage.write(to: dr)
                try await dr.stop()
                try await dr.follow(stage.lab.primary)
                try await dr.start()
                let diverged = try await stage.refusal("switchover", toDR)
                #expect(diverged.contains("timeline"), "\(diverged)")
            }
        }
    }
}
