import Essentials
import Lab
import Testing

extension RealServers.Outages {
    /// An observer dies in the middle of a failover, and another one, which can't read its log, completes it.
    @Suite struct ObserverKilledTests {
        /// How the primary is lost, and what pgdr may do about it: which steps there are follows from it.
        enum Loss: Sendable {
            /// Its server, with commits that wait for a standby.
            case server
            /// Its host, which a fence command switches off.
            case host
            /// Its server, and that it can't be fenced would be accepted.
            case serverUnfenced
            /// Its host likewise.
            case hostUnfenced
            /// Its server, when the standby that takes its place lacks what another one has.
            case serverAheadOfTarget

            fileprivate func policy(in outage: Outage) -> [String: String] {
                switch self {
                case .server, .serverAheadOfTarget: [:]
                case .host: ["fence_command": outage.fenceCommand]
                case .serverUnfenced: ["fencing": "best_effort"]
                case .hostUnfenced: ["fencing": "best_effort", "fence_command": outage.fenceCommand]
                }
            }

            fileprivate func prepare(_ outage: Outage) async throws {
                guard self == .server else { return }
                for name in ["dr", "primary"] {
                    try await outage.node(name).setParameter("synchronous_standby_names", "ANY 1 (dr, replica)")
                }
            }

            fileprivate func happen(in outage: Outage) async throws {
                let primary = outage.lab.primary
                switch self {
                case .server, .serverUnfenced: try await primary.kill()
                case .host, .hostUnfenced: try await outage.network.cut("primary")
                case .serverAheadOfTarget:
                    try await outage.network.cut("primary", from: "dr")
                    try await primary.psql(
                        "CREATE TABLE bulk AS SELECT repeat('x', 1000) AS text FROM generate_series(1, 2000)")
                    try await primary.kill()
                    try await outage.network.heal()
                }
            }
        }

        /// A death of the first observer.
        struct Death: Sendable, CustomStringConvertible {
            var loss: Loss
            var step: String
            var instant: CrashMatrix.Instant

            var description: String { "\(loss), \(step) \(instant)" }

            /// Whether another node is the primary then.
            var isAfterPromotion: Bool {
                let later = ["routes", "repoint[replica]", "record-failover", "only-one-primary"]
                return later.contains(step) || step == "promote" && instant == .acted
            }

            /// Before a step does anything, and once it has done all and nothing tells so yet.
            static func inEach(of steps: String..., after loss: Loss) -> [Death] {
                steps.flatMap { step in
                    CrashMatrix.Instant.allCases.map { Death(loss: loss, step: step, instant: $0) }
                }
            }
        }

        @Test func whatOneLeavesBeforeThePromotionAnotherCompletes() async throws {
            let deaths =
                Death.inEach(of: "decide", "fence", "slots[replica]", "synchronous-names", "positions", after: .server)
                + [Death(loss: .server, step: "promote", instant: .announced)]
                + Death.inEach(of: "fence-command", after: .host)
                + Death.inEach(of: "detach[replica]", "try-fence", after: .serverUnfenced)
                + Death.inEach(of: "try-fence-command", after: .hostUnfenced)
                + Death.inEach(of: "fetch-slot", "fetch", after: .serverAheadOfTarget)
            await Outage.withEach(of: deaths) { outage, death in
                let second = try await outlive(death, in: outage)
                #expect(try await second.decisions().last?.event == "failover.decided", "\(death)")
            }
        }

        @Test func whatOneLeavesAfterThePromotionAnotherCompletes() async throws {
            let deaths =
                [Death(loss: .server, step: "promote", instant: .acted)]
                + Death.inEach(
                    of: "routes", "repoint[replica]", "record-failover", "only-one-primary", after: .server)
            await Outage.withEach(of: deaths) { outage, death in
                _ = try await outlive(death, in: outage)
                #expect(exists("\(outage.lab.directory)/routes"), "\(death)")
            }
        }

        /// Waits until all is as the decision says; an issue when it doesn't come about.
        private func awaitCompletion(_ death: Death, in outage: Outage) async throws {
            let dr = try outage.node("dr")
            await outage.awaitThat("it is completed \(death)", within: .seconds(30)) {
                let done = """
                    SELECT (SELECT count(*) FROM pgdr.failover),
                        (SELECT string_agg(application_name, ',') FROM pg_stat_replication WHERE state = 'streaming')
                    """
                return try await dr.psql(done) == "1|replica" && exists("\(outage.lab.directory)/routes")
            }
        }

        /// Loses the primary and the first observer, and proves that the second one leaves all as it should be.
        private func outlive(_ death: Death, in outage: Outage) async throws -> Outage.Observer {
            var policy = death.loss.policy(in: outage)
            policy["routes"] = "[[/bin/sh, -c, 'cat >>\"$1\"', sh, \"\(outage.lab.directory)/routes\"]]"
            let first = try outage.observer(1, failover: policy.merging(["confirm_for": "0s"]) { $1 })
            // By then the first one is dead.
            let second = try outage.observer(2, failover: policy.merging(["confirm_for": "3s"]) { $1 })
            let tool = try await CrashingTool(outage.lab, in: outage.lab.directory)
            let fatal = tool.environment(killedIn: death.step, death.instant, log: first.auditDirectory)
            try await death.loss.prepare(outage)
            let (_, record) = try await Clients(outage.lab).during(until: "dr") { _ in
                try await second.watching { heir in
                    try await first.watching(environment: fatal) { _ in
                        try await death.loss.happen(in: outage)
                        await outage.awaitThat("the first one dies \(death)", within: .seconds(40)) {
                            try await CrashingTool.lastEntry(of: first.auditDirectory) == "step.started \(death.step)"
                        }
                        if death.isAfterPromotion {
                            try await awaitCompletion(death, in: outage)
                        } else {
                            try await heir.awaitRuns()
                        }
                    }
                }
            }
            let entry = try await CrashingTool.lastEntry(of: first.auditDirectory)
            #expect(entry == "step.started \(death.step)", "\(death)")
            #expect(record.primaries == ["primary", "dr"], "\(death)")
            let lost = try await record.lost(on: outage.node("dr"))
            #expect(death.loss != .server || lost.isEmpty, "\(death): \(lost.prefix(20))")
            try await outage.expectPrimary("dr", standbys: ["replica"])
            #expect(try await outage.isPrimary("primary") != true, "\(death)")
            #expect(try await outage.timeline(of: "dr") == "00000002", "\(death)")
            let dr = try outage.node("dr")
            #expect(try await dr.psql("SELECT count(*), min(primary_node) FROM pgdr.failover") == "1|dr", "\(death)")
            let idle = "SELECT count(*) FROM pg_replication_slots WHERE NOT active"
            for name in ["dr", "replica"] { #expect(try await outage.node(name).psql(idle) == "0", "\(death) \(name)") }
            #expect(try await first.decisions().map(\.event) == ["failover.decided"], "\(death)")
            return second
        }
    }
}
