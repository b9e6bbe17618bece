import Essentials
import Lab
import Replication
import RunbookEngine
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct StalePlanTests {
        /// A person may think for long about a plan: it is carried out only where the same would be done now.
        @Test func aPlanThatWasShownLongAgoIsMadeAnew() async throws {
            try await Stage.with(standbys: 1) { stage in
                let dr = try stage.lab.node("dr")
                let desk = try stage.desk
                func shownLongAgo() async throws -> RunDesk.Proposal {
                    let shown = try await desk.propose("rejoin", ["node_to_rejoin": "dr"])
                    return RunDesk.Proposal(id: shown.id, plan: shown.plan, at: .now - .seconds(60))
                }
                try await dr.stop()
                let stale = try await shownLongAgo()
                #expect(stale.plan.answers["method"] == "follow")
                try await dr.start()
                try await stage.expectStreaming(primary: "primary", timeline: 1, upstreams: ["dr": "primary"])
                let before = await stage.traits()
                let failure = await #expect(throws: Failure.self) { try await stage.run(stale) }
                #expect(failure?.code == .refused, "\(failure as Any)")
                #expect(failure?.message == "the cluster has changed since the plan was made")
                #expect(await stage.traits() == before)
                #expect(try desk.runs().isEmpty)

                try await dr.stop()
                let ending = try await stage.run(shownLongAgo())
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                try await stage.expectShape(primary: "primary", timeline: 1, upstreams: ["dr": "primary"])
            }
        }
    }
}
