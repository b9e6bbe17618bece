import Essentials
import Lab
import Observation
import Replication
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct PromotionTests {
        /// A promotion beside a living primary: two primaries; then the standby that stayed with the old one, and has
        /// WAL beyond the fork, is told from one that is only behind.
        @Test(arguments: installations)
        func twoPrimariesAndADivergedStandby(postgresBin: String?) async throws {
            try await Stage.with(postgresBin: postgresBin) { stage in
                let dr = try stage.lab.node("dr")
                try await dr.promote()
                let two = try await stage.look { $0.node("dr")?.role == .primary }
                #expect(two.codes(nil) == ["two_primaries"])
                #expect(two.primary == "dr")
                #expect(two.node("dr")?.timeline == Timeline(rawValue: 2))
                #expect(two.node("dr")?.lag == nil)
                #expect(two.verdict.severity == .critical)

                try await stage.write(to: stage.lab.primary)
                let diverged = try await stage.look { report in
                    if case .diverged = report.node("replica")?.ancestry { true } else { false }
                }
                guard case .diverged(let timeline, let position, let fork) = diverged.node("replica")?.ancestry else {
                    return #expect(Bool(false), "\(diverged)")
                }
                #expect(timeline == Timeline(rawValue: 1))
                #expect(position > fork ?? position)
                #expect(diverged.codes("replica").contains("diverged_timeline"))
                #expect(diverged.node("replica")?.lag == nil)
                // It follows the old primary, which is not the one that counts.
                let stray = Finding(.critical, "replica", .wrongUpstream(expected: "dr", actual: "primary"))
                #expect(diverged.findings.contains(stray), "\(diverged.findings)")

                // Gone, the old primary is one silent node more; the standby is still diverged.
                try await stage.lab.primary.stop(.immediate)
                let after = try await stage.look { $0.node("primary")?.silence != nil }
                #expect(after.codes(nil) == [])
                #expect(after.primary == "dr")
                #expect(after.codes("dr").contains("role_differs_from_kind"))
                let check = await checkPromotions(in: stage.cluster, of: "replica", timeout: .seconds(5)).first
                #expect(check?.severity == .critical)
            }
        }

        @Test func aPromotedNodeHasNoLagWhateverItReceivedBefore() async throws {
            try await Stage.with(standbys: 1) { stage in
                try await stage.write()
                _ = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                try await stage.lab.primary.stop()
                let dr = try stage.lab.node("dr")
                try await dr.promote()
                let report = try await stage.look { $0.primary == "dr" }
                #expect(report.node("dr")?.lag == nil)
                #expect(report.node("dr")?.role == .primary)
                let snapshot = await ClusterObserver(stage.cluster).round(until: .after(.seconds(5)))
                #expect(snapshot.node("dr")?.snapshot?.replayLSN == nil)
            }
        }

        @Test func aStandbyThatFollowsAPromotedOneDescendsFromIt() async throws {
            try await Stage.with { stage in
                try await stage.lab.primary.stop()
                let dr = try stage.lab.node("dr")
                let replica = try stage.lab.node("replica")
                try await dr.promote()
                try await dr.psql("SELECT pg_create_physical_replication_slot('replica')")
                try await stage.write(to: dr)
                let behind = try await stage.look { $0.primary == "dr" }
                // On the old timeline and not beyond the fork: behind, not diverged.
                #expect(behind.node("replica")?.ancestry == .descends)
                #expect(behind.node("replica")?.lag?.replay.bytes ?? 0 > 200_000)
                #expect(behind.codes("replica").contains("not_streaming"))

                let conninfo = try await replica.psql("SHOW primary_conninfo")
                let moved = conninfo.split(separator: " ").map { $0.hasPrefix("host=") ? "host=\(dr.address)" : $0 }
                try await replica.setParameter("primary_conninfo", moved.joined(separator: " "))
                let level = try await stage.look { $0.node("replica")?.lag?.replay.bytes == 0 }
                #expect(level.node("replica")?.timeline == Timeline(rawValue: 2))
                #expect(level.node("replica")?.upstream == "dr")
            }
        }
    }
}
