import Essentials
import Lab
import Replication
import RunbookEngine
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct FenceAndRepointTests {
        @Test func aFencedNodeComesBackAsAStandbyOnly() async throws {
            try await Stage.with { stage in
                let primary = stage.lab.primary
                let values = ["node_to_fence": "primary"]
                let (ending, record) = try await stage.underLoad { [stage] in
                    let ending = try await stage.run("fence", values)
                    #expect(!primary.isRunning)
                    // Whoever starts it gets a server that takes no writes.
                    try await primary.start()
                    #expect(try await primary.psql("SELECT pg_is_in_recovery()") == "t")
                    let again = try await stage.run("fence", values)
                    #expect(again.outcome == .done(failed: []), "\(again.notes)")
                    #expect(!primary.isRunning)
                    let unfenced = try await stage.run("unfence", ["node_to_unfence": "primary"])
                    #expect(unfenced.outcome == .done(failed: []), "\(unfenced.notes)")
                    return ending
                }
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                // It is what it was, and lost nothing.
                #expect(try await stage.lost(record, on: "primary") == [])
                try await stage.expectShape(
                    primary: "primary", timeline: 1, upstreams: ["dr": "primary", "replica": "primary"])

                // A standby stays one.
                _ = try await stage.run("fence", ["node_to_fence": "replica"])
                let standby = try await stage.refusal("unfence", ["node_to_unfence": "replica"])
                #expect(standby.contains("primary is a primary"), "\(standby)")

                // While another node is the primary, it stays fenced.
                let silent = try await stage.refusal("promote", ["target": "dr"])
                #expect(silent.contains("replica gives no answer and may have WAL that dr lacks"), "\(silent)")
                let promoted = try await stage.run("promote", ["target": "dr", "accept_silent": "true"])
                #expect(promoted.outcome == .done(failed: []), "\(promoted.notes)")
                let refused = try await stage.refusal("unfence", ["node_to_unfence": "primary"])
                #expect(refused.contains("dr is a primary"), "\(refused)")
                for name in ["primary", "replica"] {
                    let back = try await stage.run("rejoin", ["node_to_rejoin": name])
                    #expect(back.outcome == .done(failed: []), "\(back.notes)")
                }
                try await stage.expectShape(
                    primary: "dr", timeline: 2, upstreams: ["primary": "dr", "replica": "dr"])
            }
        }

        @Test func repointingMakesNoCircleAndLeavesNoSlot() async throws {
            try await Stage.with(standbys: 3) { stage in
                func repoint(_ node: String, _ upstream: String) -> [String: String] {
                    ["node_to_repoint": node, "upstream": upstream]
                }
                let starts = await stage.traits().mapValues { $0.prefix { $0 != "|" } }
                for (node, upstream) in [("replica", "dr"), ("replica2", "replica")] {
                    let (ending, _) = try await stage.underLoad {
                        try await stage.run("repoint", repoint(node, upstream))
                    }
                    #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                }
                var upstreams = ["dr": "primary", "replica": "dr", "replica2": "replica"]
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: upstreams)
                for (node, upstream) in [("dr", "replica2"), ("dr", "dr"), ("replica", "replica2")] {
                    let reasons = try await stage.refusal("repoint", repoint(node, upstream))
                    #expect(reasons.contains("circle"), "\(reasons)")
                }
                let primary = try await stage.refusal("repoint", repoint("primary", "dr"))
                #expect(primary.contains("is_standby"), "\(primary)")
                try await stage.lab.node("replica").prependHBA(
                    "host replication replicator all reject")
                await pause(.milliseconds(200))
                let login = try await stage.refusal("repoint", repoint("dr", "replica"))
                #expect(login.contains("pg_hba.conf"), "\(login)")
                let back = try await stage.run("repoint", repoint("replica2", "primary"))
                #expect(back.outcome == .done(failed: []), "\(back.notes)")
                upstreams["replica2"] = "primary"
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: upstreams)

                // A password in what it follows by is written nowhere.
                let dr = try stage.lab.node("dr")
                let conninfo = try await dr.psql("SHOW primary_conninfo")
                #expect(conninfo.contains("passfile="))
                let uri = "postgresql://replicator:secret@\(stage.lab.primary.address):\(stage.lab.primary.port)/"
                let withPassword = [
                    "\(conninfo) password=secret", "PASSWORD = 'secret' \(conninfo)", uri,
                    "\(uri.replacing(":secret", with: ""))?application_name=dr&password=secret",
                ]
                for text in withPassword {
                    try await dr.setParameter("primary_conninfo", text)
                    try await stage.awaitThat("dr has read it") { try await dr.psql("SHOW primary_conninfo") == text }
                    let plan = try await stage.desk.propose("repoint", repoint("dr", "replica2")).plan
                    #expect(plan.mayRun && !"\(plan)".contains("secret"), "\(plan)")
                }
                try await dr.setParameter("primary_conninfo", conninfo)
                try await stage.expectStreaming(primary: "primary", timeline: 1, upstreams: upstreams)
                let kept = try await stage.run("repoint", repoint("dr", "replica2"))
                #expect(kept.outcome == .done(failed: []), "\(kept.notes)")
                upstreams["dr"] = "replica2"
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: upstreams)
                // Nobody was restarted for it.
                #expect(await stage.traits().mapValues { $0.prefix { $0 != "|" } } == starts)
            }
        }
    }
}
