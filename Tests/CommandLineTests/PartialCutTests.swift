import Lab
import Testing

extension RealServers.Outages {
    /// Some don't reach the primary, and others do: it is left alone.
    @Suite struct PartialCutTests {
        private func expectNothing(
            _ condition: String?, _ cut: (LabNetwork) async throws -> Void
        ) async throws {
            try await Outage.with { outage in
                let observer = try outage.observer(failover: ["fence_command": outage.fenceCommand])
                let (_, record) = try await Clients(outage.lab).during(until: "primary") { _ in
                    try await observer.watching { monitor in
                        try await cut(outage.network)
                        if let condition { try await monitor.next("condition", ["condition": condition]) }
                        // Longer than a loss must last.
                        await pause(.seconds(4))
                        try await outage.network.heal()
                        await outage.awaitThat("it is seen again") { monitor.lastCondition == "alive" }
                        #expect(monitor.decisions.isEmpty)
                    }
                }
                #expect(record.primaries == ["primary"])
                #expect(record.longestGap < .seconds(2))
                try await outage.expectPrimary("primary", standbys: ["dr", "replica"])
                #expect(try await observer.decisions().isEmpty)
            }
        }

        @Test func fromTheObserver() async throws {
            try await expectNothing("unreachable_from_us") { try await $0.cut("primary", from: "observer1") }
        }

        @Test func fromTheObserverInOneDirection() async throws {
            try await expectNothing("unreachable_from_us") { try await $0.lose(from: "primary", to: "observer1") }
        }

        @Test func fromTheStandbys() async throws {
            // Their connections look whole until a timeout of the server's.
            try await expectNothing(nil) { try await $0.cut("primary", from: "dr", "replica") }
        }

        /// Who sees nothing does nothing; another one acts, and only that one.
        @Test func anObserverThatIsCutOffLeavesItToAnother() async throws {
            try await Outage.with { outage in
                let (first, second) = (try outage.observer(1), try outage.observer(2))
                let (_, record) = try await Clients(outage.lab).during(until: "dr") { _ in
                    try await first.watching { lonely in
                        try await outage.network.cut("observer1")
                        try await lonely.next("condition", ["condition": "not_told"])
                        try await second.watching { monitor in
                            try await outage.lab.primary.kill()
                            try await monitor.awaitRuns()
                        }
                        try await outage.network.heal()
                        await outage.awaitThat("it sees the new primary") {
                            let last = lonely.events.last { $0["event"] == "condition" }
                            return last?["condition"] == "alive" && last?["primary"] == "dr"
                        }
                        #expect(lonely.decisions.isEmpty)
                    }
                }
                #expect(record.primaries == ["primary", "dr"])
                try await outage.expectPrimary("dr", standbys: ["replica"])
                #expect(try await first.decisions().isEmpty)
                #expect(try await second.decisions().map(\.event) == ["failover.decided"])
            }
        }
    }
}
