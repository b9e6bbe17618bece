import Essentials
import Lab
import Replication
import RunbookEngine
import Testing

extension RealServers {
    /// What a node that gives no answer keeps from being done, until a person takes that risk or its host disproves it.
    @Suite(.timeLimit(.minutes(5)))
    struct SilentNodeTests {
        @Test func aSilentStandbyIsLeftOutOnlyByConsent() async throws {
            try await Stage.with { stage in
                let replica = try stage.lab.node("replica")
                try await replica.stop()
                let refused = try await stage.refusal("switchover", ["target": "dr"])
                #expect(refused.contains("replica (no answer from the server: "), "\(refused)")
                #expect(refused.contains("gives no answer: whether it could follow"), "\(refused)")
                #expect(refused.contains("accept_silent=true"), "\(refused)")
                let given = try await stage.refusal("promote", ["target": "dr"])
                #expect(given.contains("replica gives no answer and may have WAL that dr lacks"), "\(given)")

                let ending = try await stage.run("switchover", ["target": "dr", "accept_silent": "true"])
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(!ending.plan.steps.contains { $0.node == "replica" || $0.id.contains("[replica]") })
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: ["primary": "dr"])
                let back = try await stage.run("rejoin", ["node_to_rejoin": "replica"])
                #expect(back.outcome == .done(failed: []), "\(back.notes)")
                try await stage.expectShape(
                    primary: "dr", timeline: 2, upstreams: ["primary": "dr", "replica": "dr"])
            }
        }

        @Test func aFenceIsTakenBackOnlyWhereNobodyCanBeThePrimary() async throws {
            try await Stage.with { given in
                let stage = given.impatient
                let primary = stage.lab.primary
                let replica = try stage.lab.node("replica")
                let unfence = ["node_to_unfence": "primary"]
                func fence() async throws {
                    let fenced = try await stage.run("fence", ["node_to_fence": "primary"])
                    #expect(fenced.outcome == .done(failed: []), "\(fenced.notes)")
                    #expect(!primary.isRunning)
                }
                try await fence()
                // It may be the primary and stand still, or be out of reach.
                try replica.freeze()
                let frozen = try await stage.refusal("unfence", unfence)
                #expect(frozen.contains("replica gives no answer and may be a primary"), "\(frozen)")
                try replica.thaw()
                try await replica.stop()
                try await replica.killSSH()
                let silent = try await stage.refusal("unfence", unfence)
                #expect(silent.contains("replica gives no answer and may be a primary"), "\(silent)")
                #expect(silent.contains("accept_silent"), "\(silent)")
                let accepted = try await stage.run("unfence", ["node_to_unfence": "primary", "accept_silent": "true"])
                #expect(accepted.outcome == .done(failed: []), "\(accepted.notes)")
                #expect(try await primary.psql("SELECT pg_is_in_recovery()") == "f")

                // Its host proves that it is none.
                try await fence()
                try await replica.startSSH()
                let proved = try await stage.run("unfence", unfence)
                #expect(proved.outcome == .done(failed: []), "\(proved.notes)")
                #expect(try await primary.psql("SELECT pg_is_in_recovery()") == "f")

                // What answers as a primary is one, whoever is silent.
                try await fence()
                try await stage.lab.node("dr").promote()
                try await stage.lab.node("dr").psql("CHECKPOINT")
                let second = try await stage.refusal(
                    "unfence", ["node_to_unfence": "primary", "accept_silent": "true"])
                #expect(second.contains("dr is a primary"), "\(second)")
            }
        }
    }
}
