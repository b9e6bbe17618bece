import Lab
import Testing

extension RealServers.Outages {
    /// Nothing answers from the primary's host any more, which may be on fire or only cut off.
    @Suite struct HostGoneTests {
        /// How the host is lost to everybody.
        enum Cut: String, CaseIterable, Sendable {
            case cable, filters, itsAnswers, whatItIsSent

            func happen(to name: String, in network: LabNetwork) async throws {
                let others = ["dr", "replica", "witness", "observer1", LabNetwork.clients]
                for other in others {
                    switch self {
                    case .cable: return try await network.cut(name)
                    case .filters: try await network.cut(name, from: other)
                    case .itsAnswers: try await network.lose(from: name, to: other)
                    case .whatItIsSent: try await network.lose(from: other, to: name)
                    }
                }
            }
        }

        /// That it is dead can't be told, and so nobody is promoted.
        @Test func withoutAFenceNobodyIsPromoted() async throws {
            try await Outage.with { outage in
                let observer = try outage.observer()
                let (_, record) = try await Clients(outage.lab).during(until: "primary") { _ in
                    try await observer.watching { monitor in
                        for (index, cut) in Cut.allCases.enumerated() {
                            try await cut.happen(to: "primary", in: outage.network)
                            await outage.awaitThat("\(cut) is noticed") { monitor.decisions.count > index }
                            let decision = try #require(monitor.decisions.last)
                            #expect(decision["verdict"] == "refuse", "\(cut)")
                            #expect(decision["reasons"]?.hasPrefix("unfenced: ") == true, "\(cut) \(decision)")
                            try await outage.network.heal()
                            await outage.awaitThat("it is seen again") { monitor.lastCondition == "alive" }
                        }
                    }
                }
                #expect(record.primaries == ["primary"])
                #expect(try await record.lost(on: outage.node("primary")).isEmpty)
                try await outage.expectPrimary("primary", standbys: ["dr", "replica"])
                let decisions = try await observer.decisions()
                #expect(decisions.map(\.event) == Cut.allCases.map { _ in "failover.refused" })
                #expect(decisions.allSatisfy { $0.decision.condition == "host_unreachable" })
                #expect(decisions.allSatisfy { $0.decision.refusals.map(\.rule) == ["unfenced"] })
                #expect(decisions.first?.decision.refusals.first?.node == "primary")
            }
        }

        /// A fence command proves that it is dead.
        @Test func aFenceCommandIsEnough() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for cut in [Cut.cable, .itsAnswers] { group.addTask { try await replace(after: cut) } }
                try await group.waitForAll()
            }
        }

        private func replace(after cut: Cut) async throws {
            try await Outage.with { outage in
                let observer = try outage.observer(failover: ["fence_command": outage.fenceCommand])
                let (_, record) = try await Clients(outage.lab).during(until: "dr") { _ in
                    try await observer.watching { monitor in
                        try await cut.happen(to: "primary", in: outage.network)
                        try await monitor.awaitRuns()
                    }
                }
                print("host gone, \(cut): no commit for \(record.longestGap)")
                // interval, timeout and confirm_for are 3.5 s; the rest is what machines with much to do may take.
                #expect(record.longestGap < .seconds(8))
                #expect(record.primaries == ["primary", "dr"])
                #expect(!outage.lab.primary.isRunning)
                try await outage.expectPrimary("dr", standbys: ["replica"])
                let decisions = try await observer.decisions()
                #expect(decisions.map(\.event) == ["failover.decided"])
                #expect(decisions.first?.decision.condition == "host_unreachable")
            }
        }

        /// The primary and the standby beside it are lost: the votes of the other site and the witness are enough, and
        /// nothing less is.
        @Test func aSiteIsLost() async throws {
            async let unwitnessed: Void = loseSiteWithoutWitness()
            try await loseSite()
            try await unwitnessed
        }

        private func loseSite() async throws {
            try await Outage.with { outage in
                let observer = try outage.observer(failover: ["fence_command": outage.fenceCommand])
                let (_, record) = try await Clients(outage.lab).during(until: "dr") { _ in
                    try await observer.watching { monitor in
                        try await outage.network.switchOff("primary")
                        try await outage.network.switchOff("replica")
                        try await monitor.awaitRuns()
                    }
                }
                print("site lost: no commit for \(record.longestGap)")
                #expect(record.primaries == ["primary", "dr"])
                #expect(await outage.writable() == ["dr"])
                #expect(try await observer.decisions().map(\.event) == ["failover.decided"])
            }
        }

        /// Without a witness one of two voters is no majority, whatever a monitor may do; a person may know better.
        private func loseSiteWithoutWitness() async throws {
            try await Outage.with { outage in
                let observer = try outage.observer(
                    failover: ["fence_command": outage.fenceCommand], isWitnessed: false)
                try await observer.watching { monitor in
                    try await outage.network.switchOff("primary")
                    try await outage.network.switchOff("replica")
                    let decision = try await monitor.next("decision", ["verdict": "refuse"])
                    #expect(decision["reasons"]?.contains("no_quorum: ") == true)
                }
                #expect(await outage.writable() == [])
                let anyway = try await observer.run(
                    "failover", "--primary", "primary", "--accept-no-quorum", "--accept-data-loss", "1GB", "--yes")
                #expect(anyway.status == 0, "\(anyway.output)\(anyway.errors)")
                #expect(await outage.writable() == ["dr"])
                let decisions = try await observer.decisions()
                #expect(decisions.map(\.event) == ["failover.refused", "failover.decided"])
                #expect(decisions.first?.decision.refusals.map(\.rule) == ["no_quorum"])
            }
        }
    }
}
