import Configuration
import Essentials
import Failover
import Foundation
import Lab
import Replication
import RunbookEngine
import Synchronization
import Testing

extension RealServers {
    /// What follows a promotion besides the cluster itself: clients are led, people told, and the cluster remembers.
    @Suite(.timeLimit(.minutes(5)))
    struct AfterPromotionTests {
        private let toDR = ["target": "dr", "old": "primary"]

        private static let recordStatement = """
            SELECT primary_node, old_primary, timeline, trigger_id, automatic, loss, observer <> ''
            FROM pgdr.failover ORDER BY at
            """

        @Test func clientsAreLedAndPeopleTold() async throws {
            try await Stage.with { stage in
                let heard = HookFiles(stage)
                var stage = stage
                stage.cluster.nodes[1].site = "attic"
                stage.cluster.failover.routes = [
                    heard.append("first"), ["/bin/sh", "-c", "echo no way >&2; exit 3"],
                    ["/bin/sh", "-c", "sleep 86.75"], heard.append("last"),
                ]
                stage.cluster.failover.notify = [heard.append("news")]
                stage.cluster.failover.hookTimeout = .milliseconds(300)
                try await stage.lab.primary.kill()
                let given = ["trigger": "alert \"7\"", "automatic": "true", "loss": #"{"commits": 0}"#]
                let ending = try await stage.run("failover", toDR.merging(given) { $1 })
                #expect(ending.outcome == .done(failed: ["routes"]))
                #expect(ending.notes.contains { $0.contains("no way") })
                #expect(ending.notes.contains { $0 == "/bin/sh did not end in time" }, "\(ending.notes)")
                let event = try #require(try heard.events("first").first)
                #expect(try heard.events("first").count == 1)
                #expect(try heard.events("last") == heard.events("first"))
                let (dr, old) = (try stage.lab.node("dr"), stage.lab.primary)
                #expect(event.schema == 1 && event.event == "primary_changed" && event.cluster == "lab")
                #expect(event.primary == .init(node: "dr", host: dr.address, port: dr.port, site: "attic"))
                #expect(event.former == .init(node: "primary", host: old.address, port: old.port))
                #expect(event.timeline == 2 && event.runbook == "failover" && event.trigger == "alert \"7\"")
                #expect(event.run?.count == "20261125-031502-abcd".count && event.at?.hasSuffix("Z") == true)
                let news = try heard.events("news")
                #expect(news.map(\.event) == ["failover_done"] && news.map(\.run) == [event.run])

                let kept = "dr|primary|1|alert \"7\"|t|{\"commits\": 0}|t"
                let back = try await stage.run("rejoin", ["node_to_rejoin": "primary"])
                #expect(back.outcome == .done(failed: []), "\(back.notes)")
                for node in stage.lab.nodes {
                    try await stage.awaitThat("\(node.name) has the row") {
                        try await node.psql(Self.recordStatement) == kept
                    }
                }

                stage.cluster.failover.routes = [heard.append("first")]
                let home = try await stage.run("switchover", ["target": "primary"])
                #expect(home.outcome == .done(failed: []), "\(home.notes)")
                let second = try heard.events("first").dropFirst()
                #expect(second.map(\.primary.node) == ["primary"] && second.map(\.former?.node) == ["dr"])
                #expect(second.map(\.timeline) == [3] && second.map(\.trigger) == [nil])
                #expect(try heard.events("news").map(\.event) == ["failover_done", "switchover_done"])
                // A switchover is no failover.
                #expect(try await stage.lab.primary.psql(Self.recordStatement) == kept)
            }
        }

        /// A cluster without room for it, and a role that may not use it.
        @Test(arguments: ["DROP SCHEMA pgdr CASCADE", "REVOKE USAGE ON SCHEMA pgdr FROM pgdr, pgdr_admin"])
        func aClusterNeedNotRemember(statement: String) async throws {
            try await Stage.with(standbys: 1) { stage in
                try await stage.lab.primary.psql(statement)
                _ = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                try await stage.lab.primary.kill()
                let ending = try await stage.run("failover", toDR)
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.notes.contains { $0.contains("pgdr") && $0.contains("dr:") }, "\(ending.notes)")
                #expect(!ending.plan.steps.contains { ["routes", "announce"].contains($0.action) })
            }
        }

        /// The second one within the cooldown is refused, and an alert has one failover at most; what failed counts for
        /// neither.
        @Test func aClusterRests() async throws {
            try await Stage.with { stage in
                var stage = stage
                stage.cluster.failover.mode = .automatic
                stage.cluster.failover.confirmFor = .zero
                try await stage.lab.primary.kill()
                try await stage.lab.node("replica").killSSH()
                let failed = try await stage.run("failover", toDR.merging(["automatic": "true"]) { $1 })
                #expect(failed.undoneFor?.message.contains("of 2 voters 2 must hold") == true, "\(failed)")
                try await stage.lab.node("replica").startSSH()
                try await stage.lab.primary.start()
                try await stage.expectStreaming(
                    primary: "primary", timeline: 1, upstreams: ["dr": "primary", "replica": "primary"])

                let (first, ending) = try await stage.failOver(losing: stage.lab.primary, trigger: "alert-1")
                #expect(ending?.outcome == .done(failed: []), "\(String(describing: ending?.notes))")
                let promoted = try #require(first.promotion?.election.nominee)
                let run = try #require(ending?.run)
                let again = try await stage.consider("alert-1")
                #expect(again.verdict == .alreadyDone(run: run))

                let back = try await stage.run("rejoin", ["node_to_rejoin": "primary"])
                #expect(back.outcome == .done(failed: []), "\(back.notes)")
                let (second, none) = try await stage.failOver(losing: stage.lab.node(promoted), trigger: "alert-2")
                guard case .refuse(let refusals) = second else { Issue.record("\(second)"); return }
                #expect(refusals.map(\.rule) == [.cooldown] && none == nil, "\(refusals)")
                #expect(try await stage.consider("alert-1").verdict == .alreadyDone(run: run))
                // A person may.
                let asked = try await stage.consider(nil, isAutomatic: false)
                #expect(asked.situation.control.failovers.map(\.run) == [run])
                guard case .refuse(let others) = asked.verdict else { return }
                #expect(!others.map(\.rule).contains(.cooldown), "\(others)")
            }
        }
    }
}

extension Ruling {
    /// The promotion that was decided on; nil where none was.
    fileprivate var promotion: Promotion? { if case .failOver(let promotion) = self { promotion } else { nil } }
}

extension Stage {
    /// What is decided about an alert.
    fileprivate func consider(
        _ trigger: String?, isAutomatic: Bool = true
    ) async throws -> (situation: Situation, verdict: Ruling) {
        let desk = try FailoverDesk(cluster, of: ConfigurationFile.load(path: lab.configurationFile))
        let decided = try await desk.consider(.init(isAutomatic: isAutomatic, triggerID: trigger))
        return (decided.situation, decided.verdict)
    }

    /// Loses a primary that an observer has seen, and does what is decided about it.
    fileprivate func failOver(
        losing primary: LabNode, trigger: String
    ) async throws -> (verdict: Ruling, ending: (run: String, outcome: RunOutcome, notes: [String])?) {
        let desk = try FailoverDesk(cluster, of: ConfigurationFile.load(path: lab.configurationFile))
        _ = await desk.lookout.look(until: .after(.seconds(5)))
        try await primary.kill()
        let decided = try await desk.consider(.init(isAutomatic: true, triggerID: trigger))
        guard let proposal = try await desk.propose(decided) else { return (decided.verdict, nil) }
        let notes = Mutex<[String]>([])
        let attendant = RunAttendant(
            told: { update in
                guard case .ended(let step, let state, _, let note) = update, state != .done else { return }
                notes.withLock { $0.append("\(step) \(state) \(note ?? "")") }
            }, confirms: { _ in false }, wantsStop: { false })
        let outcome = try await desk.carryOut(decided, proposal, attendant)
        return (decided.verdict, (proposal.id, outcome, notes.withLock { $0 }))
    }
}
