import Configuration
import Drills
import Essentials
import Glibc
import Lab
import Replication
import RunbookEngine
import Testing

extension RealServers {
    /// The runbook "failover", with voters that keep the decision.
    @Suite(.timeLimit(.minutes(5)))
    struct FailoverRunbookTests {
        private let toDR = ["target": "dr", "old": "primary"]

        @Test func aKilledPrimaryIsReplaced() async throws {
            try await Stage.with { stage in
                let primary = stage.lab.primary
                let (ending, record) = try await stage.underLoad {
                    try await primary.kill()
                    return try await stage.run("failover", toDR.merging(["trigger": "alert-7"]) { $1 })
                }
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: ["replica": "dr"])
                let answers = try await stage.sessions.decisions(
                    stage.key(), of: ["dr", "replica"], until: .after(.seconds(10)))
                for voter in ["dr", "replica"] {
                    guard case .record(let kept) = answers[voter] else {
                        Issue.record("\(voter): \(String(describing: answers[voter]))")
                        continue
                    }
                    #expect(kept.nominee == "dr" && kept.replaces == "primary" && kept.trigger == "alert-7")
                    #expect(
                        kept.run.count == "20261125-031502-abcd".count && !kept.by.isEmpty && kept.at.hasSuffix("Z"))
                }
                let gap = try #require(record.longestGap)
                print("failover: write gap \(gap.length)")
                let lost = try await stage.lost(record, on: "dr")
                let old = record.commits.filter { $0.server == 0 }.map(\.number)
                #expect(lost == Array(old.suffix(lost.count)) && lost.count < 20, "\(lost) of \(old.count)")
                // The next timeline is another decision, and the old primary may become the primary again.
                let back = try await stage.run("rejoin", ["node_to_rejoin": "primary"])
                #expect(back.outcome == .done(failed: []), "\(back.notes)")
                let home = try await stage.run("switchover", ["target": "primary"])
                #expect(home.outcome == .done(failed: []), "\(home.notes)")
            }
        }

        /// Whatever was decided is completed, or nothing is done.
        @Test func whatWasDecidedOtherwiseStands() async throws {
            try await Stage.with { stage in
                try await stage.record("replica", on: ["replica"])
                let words = "replica has \"replica\" (run another-run)"
                let switchover = try await stage.refusal("switchover", ["target": "dr"])
                #expect(switchover.contains(words), "\(switchover)")
                try await stage.lab.primary.kill()
                for runbook in ["failover", "promote"] {
                    let reasons = try await stage.refusal(runbook, toDR)
                    #expect(reasons.contains(words), "\(runbook): \(reasons)")
                }
                #expect(try await stage.nominees(["dr", "replica"]) == ["dr": "none", "replica": "replica"])
                let ending = try await stage.run("failover", ["target": "replica", "old": "primary"])
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(try await stage.nominees(["dr", "replica"]) == ["dr": "replica", "replica": "replica"])
                try await stage.expectStreaming(primary: "replica", timeline: 2, upstreams: ["dr": "replica"])
            }
        }

        /// A person may go on against it by hand, and says so.
        @Test func aPersonMayDecideAgainstIt() async throws {
            try await Stage.with { stage in
                try await stage.record("replica", on: ["replica"])
                try await stage.lab.primary.kill()
                let ending = try await stage.run("promote", ["target": "dr", "accept_decision": "true"])
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.plan.parameters["accept_decision"] == "true")
            }
        }

        /// Another observer was first, after this one had looked: nothing is done, and nothing contradicts it.
        @Test func aDecisionThatComesInBetweenStops() async throws {
            try await Stage.with { stage in
                try await stage.lab.primary.kill()
                let ending = try await stage.run(
                    "failover", toDR,
                    onStart: [
                        "decide": holding {
                            try await stage.record("replica", on: ["replica"])
                            // What it saw is good for 300 ms.
                            try await Task.sleep(for: .milliseconds(400))
                        }
                    ])
                #expect(ending.undoneFor?.message.contains("decided otherwise") == true, "\(ending)")
                #expect(try await stage.nominees(["dr", "replica"]) == ["dr": "none", "replica": "replica"])
                let dr = try stage.lab.node("dr")
                #expect(try await dr.psql("SELECT pg_is_in_recovery()") == "t")
            }
        }

        /// Half of the voters are no majority; that it goes on all the same is for a person to say.
        @Test func withoutAMajorityNothingIsPromoted() async throws {
            try await Stage.with { stage in
                try await stage.lab.node("replica").killSSH()
                try await stage.lab.primary.kill()
                let ending = try await stage.run("failover", toDR)
                #expect(ending.undoneFor?.message.contains("of 2 voters 2 must hold") == true, "\(ending)")
                #expect(try await stage.lab.node("dr").psql("SELECT pg_is_in_recovery()") == "t")
                let anyway = try await stage.run("failover", toDR.merging(["accept_no_quorum": "true"]) { $1 })
                #expect(anyway.outcome == .done(failed: []), "\(anyway.notes)")
            }
        }

        /// With a witness one standby may be lost together with the primary.
        @Test func aWitnessMakesTheMajority() async throws {
            try await Stage.with { stage in
                try await stage.withWitness { stage, _ in
                    try await stage.lab.primary.kill()
                    try await stage.lab.node("replica").killSSH()
                    try await stage.lab.node("replica").kill()
                    let ending = try await stage.impatient.run("failover", toDR)
                    #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                    #expect(try await stage.nominees(["dr", "third"]) == ["dr": "dr", "third": "dr"])
                }
            }
        }

        /// What only another survivor has is fetched from it first, and nobody has left the new history then.
        @Test func theTargetFetchesWhatItLacks() async throws {
            try await Stage.with { stage in
                try await holdBack(stage)
                let reasons = try await stage.refusal("failover", toDR)
                #expect(reasons.contains("replica has") && reasons.contains("which would be lost"), "\(reasons)")
                let ending = try await stage.run("failover", toDR.merging(["source": "replica"]) { $1 })
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: ["replica": "dr"])
                #expect(try await stage.lab.node("dr").psql("SELECT count(*) FROM filler") == "500")
                #expect(try await stage.lab.node("replica").psql("SELECT count(*) FROM pg_replication_slots") == "0")
            }
        }

        /// It dies meanwhile: nothing is promoted, and the decision stands.
        @Test func whoIsFetchedFromMayDie() async throws {
            try await Stage.with { stage in
                try await holdBack(stage)
                let replica = try stage.lab.node("replica")
                let ending = try await stage.run(
                    "failover", toDR.merging(["source": "replica", "fetch_timeout": "2s"]) { $1 },
                    onStart: ["fetch": holding { try await replica.kill() }])
                #expect(ending.undoneFor != nil, "\(ending)")
                #expect(try await stage.lab.node("dr").psql("SELECT pg_is_in_recovery()") == "t")
                #expect(try await stage.nominees(["dr"]) == ["dr": "dr"])
            }
        }

        /// Has `dr` miss what `replica` gets, and loses the primary.
        private func holdBack(_ stage: Stage) async throws {
            let dr = try stage.lab.node("dr")
            try await dr.setParameter("primary_conninfo", "")
            try await stage.awaitThat("dr has let go") {
                try await dr.psql("SELECT count(*) FROM pg_stat_wal_receiver") == "0"
            }
            try await stage.write(rows: 500)
            _ = try await stage.look { $0.node("replica")?.lag?.replay.bytes == 0 }
            try await stage.lab.primary.kill()
        }

        /// A primary that hangs, and whose host takes no commands, is cut off by the configured command.
        @Test func theFenceCommandIsAWay() async throws {
            try await Stage.with { stage in
                let (primary, event) = (stage.lab.primary, "\(stage.lab.directory)/event")
                let pid = try await primary.psql("SELECT pg_read_file('postmaster.pid')").prefix { $0 != "\n" }
                try await primary.killSSH()
                // So that what was sent last ends with a whole record.
                try await stage.write(rows: 10)
                try primary.freeze()
                var stage = stage.impatient
                stage.cluster.failover.fenceCommand = [
                    "/bin/sh", "-c", "cat >\"$1\"; kill -KILL $2", "sh", event, "\(pid)",
                ]
                let ending = try await stage.run("failover", toDR)
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.plan.answers["fencing"] == "command")
                #expect(!primary.isRunning)
                let text = String(decoding: try read(event), as: UTF8.self)
                #expect(
                    text.hasPrefix(
                        "{\"cluster\":\"lab\",\"event\":\"fence\",\"host\":\"\(primary.address)\",\"node\":\"primary\","
                            + "\"port\":\(primary.port),\"run\":\""), "\(text)")
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: ["replica": "dr"])
            }
        }

        /// Where it fails nothing is promoted; and nothing is done to a primary that lives, whatever is accepted.
        @Test func aFenceCommandThatFailsProvesNothing() async throws {
            try await Stage.with { stage in
                let primary = stage.lab.primary
                try await primary.killSSH()
                var stage = stage.impatient
                stage.cluster.failover.fenceCommand = ["/bin/sh", "-c", "echo no power switch here >&2; exit 3"]
                try primary.freeze()
                let ending = try await stage.run("failover", toDR)
                #expect(ending.undoneFor?.detail?.contains("no power switch here") == true, "\(ending)")
                try primary.thaw()
                let again = try await stage.run("failover", toDR.merging(["accept_unfenced": "true"]) { $1 })
                #expect(again.undoneFor?.detail?.contains("primary is a primary") == true, "\(again)")
                #expect(again.plan.steps.contains { $0.id == "detach[replica]" })
                try await stage.expectStreaming(
                    primary: "primary", timeline: 1, upstreams: ["dr": "primary", "replica": "primary"])
            }
        }
    }
}
