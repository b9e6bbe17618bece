import Essentials
import Lab
import Observation
import Replication
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct StatusTests {
        /// The whole life of a lag on each version: level, behind, level again, and what a check says of it.
        @Test(arguments: installations)
        func lagAppearsAndVanishes(postgresBin: String?) async throws {
            try await Stage.with(postgresBin: postgresBin) { stage in
                let level = try await stage.look { report in
                    ["dr", "replica"].allSatisfy { report.node($0)?.lag?.replay.bytes == 0 }
                }
                #expect(level.findings == [])
                #expect(level.verdict.severity == .ok)
                #expect(
                    level.verdict.text
                        == "DR ready: dr is 0 B, 0.0 s behind; losing the primary now would lose 0 B")
                #expect(level.primary == "primary")
                #expect(level.rpo.bytes == 0)
                #expect(level.rpo.seconds == 0)
                #expect(level.rpo.source == .primaryPosition)
                #expect(level.rpo.node == "dr")
                for name in ["dr", "replica"] {
                    let node = try #require(level.node(name))
                    #expect(node.state == "streaming")
                    #expect(node.upstream == "primary")
                    #expect(node.matchedBy == .applicationName)
                    #expect(node.timeline == Timeline(rawValue: 1))
                    #expect(node.syncState == "async")
                    for stage in Lag.Stage.allCases { #expect(node.lag?[stage].bytes == 0, "\(stage)") }
                }

                // A transaction to be replayed before the pause: its age is what tells the lag in seconds.
                let dr = try stage.lab.node("dr")
                try await stage.write(rows: 1)
                _ = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                try await dr.psql("SELECT pg_wal_replay_pause()")
                try await stage.write()
                let behind = try await stage.look { ($0.node("dr")?.lag?.replay.bytes ?? 0) > 200_000 }
                let lag = try #require(behind.node("dr")?.lag)
                #expect(lag.receive.bytes == 0)
                #expect(lag.replay.bytes ?? 0 > 200_000)
                #expect(lag.replay.seconds ?? 0 > 0)
                #expect(behind.codes("dr") == ["replay_paused"])
                #expect(behind.rpo.bytes == 0)
                #expect(behind.node("replica")?.lag?.replay.bytes == 0)

                let paused = await checkPromotions(in: stage.cluster, of: "dr", timeout: .seconds(5))
                let open = try #require(paused.first).conditions.filter { $0.severity > .ok }
                #expect(open.map(\.code) == ["replay_runs"])
                #expect(open.map(\.severity) == [.warning])

                try await dr.psql("SELECT pg_wal_replay_resume()")
                let again = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                #expect(again.findings == [])

                let checks = await checkPromotions(in: stage.cluster, of: nil, timeout: .seconds(5))
                #expect(checks.map(\.node) == ["dr", "replica"])
                for check in checks {
                    #expect(check.conditions.filter { $0.severity > .ok } == [])
                    #expect(check.conditions.first { $0.code == "lossless" }?.severity == .ok)
                    #expect(check.conditions.contains { $0.code == "extensions" && $0.severity == .ok })
                }
            }
        }

        @Test func anIdlePrimaryShowsNoLagInSeconds() async throws {
            try await Stage.with { stage in
                _ = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                // Longer than any reply of the standbys; the last transaction grows older all the while.
                _ = await ReadinessLoop.shared.sleep(until: .after(.seconds(4)))
                let report = try await stage.look()
                for name in ["dr", "replica"] {
                    #expect(report.node(name)?.lag?.replay == StageLag(bytes: 0, seconds: 0, source: .caughtUp))
                }
            }
        }

        @Test func twoLooksSayHowFastThingsMove() async throws {
            try await Stage.with { stage in
                let survey = Survey([stage.cluster])
                async let load: LabLoad.Progress = LabLoad(
                    node: stage.lab.primary, rowsPerSecond: 400, duration: .seconds(3)
                ).run()
                _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(500)))
                let report = try #require(await survey.reports(sample: .seconds(1)).first)
                _ = try await load
                #expect(report.node("primary")?.rates?.walBytesPerSecond ?? 0 > 10_000)
                #expect(report.node("dr")?.rates?.replayBytesPerSecond ?? 0 > 10_000)
            }
        }

        @Test func aCascadedStandbyIsMeasuredAgainstThePrimaryAndItsUpstream() async throws {
            try await Stage.with { stage in
                let replica = try stage.lab.node("replica")
                let dr = try stage.lab.node("dr")
                try await dr.psql("SELECT pg_create_physical_replication_slot('replica')")
                let upstream = "host=\(dr.address) port=\(dr.port) user=replicator passfile="
                let conninfo = try await replica.psql("SHOW primary_conninfo")
                let passfile = try #require(
                    conninfo.split(separator: " ").first { $0.hasPrefix("passfile=") }?.dropFirst(9))
                try await replica.setParameter(
                    "primary_conninfo", upstream + passfile + " application_name=replica")
                let report = try await stage.look { report in
                    report.node("replica")?.upstream == "dr" && report.node("replica")?.state == "streaming"
                        && report.node("replica")?.lag?.replay.upstreamBytes == 0
                }
                #expect(report.node("replica")?.upstream == "dr")
                #expect(report.node("replica")?.lag?.replay.upstreamBytes == 0)
                #expect(report.node("dr")?.upstream == "primary")
                // Its slot on the primary now keeps WAL for nobody.
                #expect(report.codes("primary") == ["slot_inactive"])

                try await dr.psql("SELECT pg_wal_replay_pause()")
                try await stage.write()
                let paused = try await stage.look { $0.node("replica")?.lag?.replay.bytes == 0 }
                // Cascading passes on what was received, replayed or not.
                #expect(paused.node("replica")?.lag?.replay.bytes == 0)
                #expect(paused.node("dr")?.lag?.replay.bytes ?? 0 > 0)
            }
        }
    }
}
