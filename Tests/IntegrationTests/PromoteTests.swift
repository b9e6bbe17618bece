import Configuration
import Drills
import Essentials
import Lab
import Replication
import RunbookEngine
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct PromoteTests {
        private let toDR = ["target": "dr"]

        /// Commits that a standby had streamed are there after a promotion; those acknowledged later than it received
        /// are what was lost, and only the last ones.
        private func expectOnlyTheLastLost(_ stage: Stage, _ record: WriteRecord) async throws {
            let lost = try await stage.lost(record, on: "dr")
            let old = record.commits.filter { $0.server == 0 }.map(\.number)
            #expect(lost == Array(old.suffix(lost.count)) && lost.count < 20, "\(lost) of \(old.count)")
            let gap = try #require(record.longestGap)
            print("promotion: write gap \(gap.length), lost \(lost.count)")
            #expect(gap.length < .seconds(5))
        }

        @Test(arguments: [fewInstallations.first, fewInstallations.last].map { $0 ?? nil })
        func aKilledPrimaryIsReplaced(postgresBin: String?) async throws {
            try await Stage.with(postgresBin: postgresBin) { stage in
                try await stage.markNodes()
                let primary = stage.lab.primary
                let (ending, record) = try await stage.underLoad {
                    try await primary.kill()
                    return try await stage.run("promote", toDR)
                }
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                try await expectOnlyTheLastLost(stage, record)
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: ["replica": "dr"])
                // Whoever starts it by hand gets a standby.
                try await primary.start()
                #expect(try await primary.psql("SELECT pg_is_in_recovery()") == "t")
                // Doing what is done says so and changes nothing.
                let again = try await stage.run("rejoin", ["node_to_rejoin": "primary"])
                #expect(again.outcome == .done(failed: []), "\(again.notes)")
                try await stage.expectShape(
                    primary: "dr", timeline: 2, upstreams: ["primary": "dr", "replica": "dr"])
                try await stage.expectMarks()
            }
        }

        @Test func anImmediatelyStoppedPrimaryIsReplaced() async throws {
            try await Stage.with(standbys: 1) { stage in
                let (ending, record) = try await stage.underLoad {
                    try await stage.lab.primary.stop(.immediate)
                    return try await stage.run("promote", toDR)
                }
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                try await expectOnlyTheLastLost(stage, record)
            }
        }

        /// It lives and takes writes: it is stopped before the other one takes any.
        @Test func aLivingPrimaryIsFencedFirst() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                for node in stage.lab.nodes { try await node.setParameter("synchronous_standby_names", "FIRST 1 (dr)") }
                let (ending, record) = try await stage.underLoad { try await stage.run("promote", toDR) }
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                let first = try #require(record.commits.firstIndex { $0.server == 1 })
                #expect(record.commits[first...].allSatisfy { $0.server == 1 })
                #expect(try await stage.lost(record, on: "dr") == [])
                // Nobody is left whom commits could wait for.
                #expect(try await dr.psql("SHOW synchronous_standby_names") == "")
                #expect(!stage.lab.primary.isRunning)
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: ["replica": "dr"])
                let twice = try await stage.run("promote", toDR)
                #expect(twice.outcome == .done(failed: []), "\(twice.notes)")
            }
        }

        /// Its host is gone with it: nobody can prove that it takes no writes, and a person must take that risk.
        @Test func anUnreachableHostNeedsConsent() async throws {
            try await Stage.with { stage in
                try await stage.lab.primary.kill()
                try await stage.lab.primary.killSSH()
                let reasons = try await stage.refusal("promote", toDR)
                #expect(reasons.contains("primary can be kept from taking writes"), "\(reasons)")
                let ending = try await stage.run("promote", ["target": "dr", "accept_unfenced": "true"])
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: ["replica": "dr"])
            }
        }

        /// A primary that answers nobody but whose host does: stopped by force, step by step.
        @Test func aHungPrimaryIsFenced() async throws {
            try await Stage.with(standbys: 1) { stage in
                try stage.lab.primary.freeze()
                let ending = try await stage.impatient.run("promote", ["target": "dr", "stop_timeout": "1s"])
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(!stage.lab.primary.isRunning)
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: [:])
            }
        }

        /// Another standby has more: it must be promoted instead, unless what would be lost is accepted.
        @Test func aStandbyThatIsAheadIsNotPassedOver() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                try await dr.setParameter("primary_conninfo", "")
                try await stage.awaitThat("dr has let go") {
                    try await dr.psql("SELECT count(*) FROM pg_stat_wal_receiver") == "0"
                }
                try await stage.write(rows: 500)
                _ = try await stage.look { $0.node("replica")?.lag?.replay.bytes == 0 }
                try await stage.lab.primary.kill()
                let reasons = try await stage.refusal("promote", toDR)
                #expect(reasons.contains("replica has") && reasons.contains("which would be lost"), "\(reasons)")
                let ending = try await stage.run("promote", ["target": "dr", "accept_loss": "1MB"])
                // It can't follow one that lacks what it has; the run says so, and doesn't wait for it.
                #expect(ending.outcome == .done(failed: ["repoint[replica]"]), "\(ending.notes)")
                #expect(ending.notes.contains { $0.contains("repoint[replica] refused") && $0.contains("rejoin") })
                let back = try await stage.run("rejoin", ["node_to_rejoin": "replica"])
                #expect(back.outcome == .done(failed: []), "\(back.notes)")
                #expect(back.plan.answers["method"] == "rewind")
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: ["replica": "dr"])
            }
        }
    }
}
