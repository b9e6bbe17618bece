import Essentials
import Lab
import Observation
import Replication
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct LostServerTests {
        @Test func aKilledPrimaryLeavesTheStandbysComparedWithEachOther() async throws {
            try await Stage.with { stage in
                try await stage.lab.primary.kill()
                let report = try await stage.look { $0.node("dr")?.state == "not streaming" }
                #expect(report.primary == nil)
                #expect(report.codes("primary") == ["primary_unreachable"])
                #expect(report.node("primary")?.silence?.reason == "refused")
                #expect(report.verdict.severity == .critical)
                // That no other standby has more says nothing of what the primary had.
                #expect(report.rpo.node == "dr" || report.rpo.node == "replica")
                #expect(report.rpo.bytes == nil)
                #expect(report.node("dr")?.lag?.replay.source == .mostAdvancedStandby)
            }
        }

        @Test func theLastKnownPositionOfALostPrimaryIsRemembered() async throws {
            try await Stage.with { stage in
                let survey = Survey([stage.cluster])
                let dr = try stage.lab.node("dr")
                let replica = try stage.lab.node("replica")
                for standby in [dr, replica] { try await standby.setParameter("primary_conninfo", "") }
                try await stage.write()
                let before = try #require(await survey.reports(sample: nil).first)
                let position = try #require(before.node("primary")?.lsn)
                try await stage.lab.primary.kill()
                let report = try #require(await survey.reports(sample: nil).first)
                #expect(report.rpo.source == .lastKnownPrimary)
                let best = try #require(report.node(report.rpo.node ?? "")?.lsn)
                #expect(report.rpo.bytes == position.bytesAhead(of: best))
                #expect(report.rpo.bytes ?? 0 > 200_000)
            }
        }

        /// Whoever hangs, the others are shown, and the round ends at its deadline.
        @Test(arguments: [["replica"], ["dr", "replica"], ["primary", "dr", "replica"]])
        func hungServersCostTheDeadlineOnce(names: [String]) async throws {
            try await Stage.with { stage in
                for name in names { try stage.lab.node(name).freeze() }
                defer { for name in names { try? stage.lab.node(name).thaw() } }
                let began = ContinuousClock.now
                let report = try await stage.look(timeout: .seconds(1))
                let took = began.duration(to: .now)
                #expect(took >= .milliseconds(900))
                #expect(took < .milliseconds(2000))
                for node in report.nodes {
                    let hangs = names.contains(node.name)
                    #expect(node.silence?.reason == (hangs ? "connect_timeout" : nil), "\(node.name)")
                }
            }
        }

        /// What the primary last measured of a standby that stands still is old, and gets no older.
        @Test(arguments: [false, true])
        func aFrozenStandbyDoesNotLookFresh(isKnown: Bool) async throws {
            try await Stage.with { stage in
                _ = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                let survey = Survey([stage.cluster], timeout: .milliseconds(500))
                if isKnown { _ = await survey.reports(sample: nil) }
                let dr = try stage.lab.node("dr")
                try dr.freeze()
                defer { try? dr.thaw() }
                try await LabLoad(node: stage.lab.primary, rowsPerSecond: 400, duration: .seconds(2)).run()
                let report = try #require(await survey.reports(sample: nil).first)
                let node = try #require(report.node("dr"))
                #expect(node.silence?.reason == (isKnown ? "query_timeout" : "connect_timeout"))
                let replay = try #require(node.lag?.replay)
                #expect(replay.bytes ?? 0 > 0)
                #expect(replay.seconds.map { $0 > 1 } ?? true, "\(replay)")
            }
        }

        @Test func aServerThatHangsInMidQueryIsItsOwnKindOfSilence() async throws {
            try await Stage.with { stage in
                let observer = ClusterObserver(stage.cluster)
                _ = await observer.round(until: .after(.seconds(5)))
                try stage.lab.node("dr").freeze()
                defer { try? stage.lab.node("dr").thaw() }
                let hung = await observer.round(until: .after(.milliseconds(500)))
                #expect(hung.node("dr")?.silence?.reason == "query_timeout")
                #expect(hung.node("replica")?.snapshot != nil)
                try stage.lab.node("dr").thaw()
                let back = await observer.round(until: .after(.seconds(5)))
                #expect(back.node("dr")?.snapshot != nil)
            }
        }

        @Test func aSessionThatWasEndedBetweenRoundsIsNoSilence() async throws {
            try await Stage.with(standbys: 1) { stage in
                let observer = ClusterObserver(stage.cluster)
                for _ in 1...3 {
                    let round = await observer.round(until: .after(.seconds(5)))
                    #expect(round.nodes.allSatisfy { $0.snapshot != nil })
                    for node in stage.lab.nodes {
                        try await node.psql(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgdr'")
                    }
                }
            }
        }

        @Test func aServerKilledBetweenRoundsIsConnectedToAnew() async throws {
            try await Stage.with { stage in
                let observer = ClusterObserver(stage.cluster)
                _ = await observer.round(until: .after(.seconds(5)))
                let dr = try stage.lab.node("dr")
                try await dr.stop(.immediate)
                let down = await observer.round(until: .after(.seconds(5)))
                #expect(down.node("dr")?.silence != nil)
                try await dr.start()
                let up = await observer.round(until: .after(.seconds(5)))
                #expect(up.node("dr")?.snapshot?.inRecovery == true)
            }
        }

        @Test func aStandbyThatNoLongerStreamsIsCriticalThoughItReplayedAllItHas() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                try await dr.setParameter("primary_conninfo", "")
                try await dr.setParameter("restore_command", "false")
                try await stage.write()
                let report = try await stage.look { ($0.node("dr")?.lag?.replay.bytes ?? 0) > 200_000 }
                let node = try #require(report.node("dr"))
                #expect(node.lag?.receive.bytes == node.lag?.replay.bytes)
                #expect(node.state == "archive recovery")
                #expect(report.rpo.node == "replica")

                try await dr.setParameter("primary_conninfo", "host=127.0.0.1 port=1 application_name=dr")
                let broken = try await stage.look { $0.node("dr")?.state == "not streaming" }
                #expect(broken.codes("dr").contains("not_streaming"))
                #expect(broken.verdict.severity == .critical)
                #expect(broken.verdict.text.hasPrefix("DR NOT READY: standby \"dr\" is not streaming"))
            }
        }
    }
}
