import Lab
import Testing

extension RealServers.Outages {
    /// Several processes see the same loss: one of them acts.
    @Suite struct TwoObserversTests {
        @Test func oneOfTwoMonitorsActs() async throws {
            try await Outage.with { outage in
                let (first, second) = (try outage.observer(1), try outage.observer(2))
                let (_, record) = try await Clients(outage.lab).during(until: "dr") { _ in
                    try await first.watching { one in
                        try await second.watching { other in
                            try await outage.lab.primary.kill()
                            for monitor in [one, other] {
                                try await monitor.next("condition", ["condition": "alive", "primary": "dr"])
                            }
                        }
                    }
                }
                #expect(record.primaries == ["primary", "dr"])
                try await outage.expectPrimary("dr", standbys: ["replica"])
                #expect(try await outage.timeline(of: "dr") == "00000002")
                let decided = try await [first.decisions(), second.decisions()].joined().filter {
                    $0.event == "failover.decided"
                }
                #expect(decided.count == 1)
            }
        }

        /// An alert that comes ten times causes one failover.
        @Test func oneOfTenAlertsActs() async throws {
            try await Outage.with { outage in
                let observers = [try outage.observer(1), try outage.observer(2)]
                let (outcomes, record) = try await Clients(outage.lab).during(until: "dr") { _ in
                    try await outage.lab.primary.kill()
                    return try await withThrowingTaskGroup(of: Outcome.self) { group in
                        for index in 0..<10 {
                            group.addTask {
                                try await observers[index % 2].run("failover", "--auto", "--trigger-id", "alert-1")
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                }
                let said = outcomes.map { "\($0.status): \($0.output)\($0.errors)" }.joined(separator: "\n")
                let statuses = outcomes.map(\.status)
                #expect(statuses.filter { $0 == 0 }.count == 1, "\(said)")
                #expect(statuses.allSatisfy { [0, 4, 5].contains($0) }, "\(said)")
                #expect(record.primaries == ["primary", "dr"])
                try await outage.expectPrimary("dr", standbys: ["replica"])
                #expect(try await outage.timeline(of: "dr") == "00000002")
                let decided = try await [observers[0].decisions(), observers[1].decisions()].joined().filter {
                    $0.event == "failover.decided"
                }
                #expect(decided.count == 1)
                // The same alert once more, and another one.
                for id in ["alert-1", "alert-2"] {
                    let late = try await observers[0].run("failover", "--auto", "--trigger-id", id)
                    #expect(late.status == 4, "\(late.output)\(late.errors)")
                }
            }
        }
    }
}
