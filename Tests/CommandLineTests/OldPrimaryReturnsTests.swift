import Lab
import Testing

extension RealServers.Outages {
    /// A primary that could not be fenced comes back, and is one still.
    @Suite struct OldPrimaryReturnsTests {
        /// How it comes back.
        private enum Return: Sendable {
            /// It ran on, out of everybody's reach.
            case cable
            /// It was off, and somebody starts it by hand.
            case power
        }

        @Test func itIsFencedTheMomentItIsSeen() async throws {
            async let cable: Void = comeBack(by: .cable)
            try await comeBack(by: .power)
            try await cable
        }

        private func comeBack(by way: Return) async throws {
            try await Outage.with { outage in
                let observer = try outage.observer(failover: ["fencing": "best_effort"])
                let (primary, network) = (outage.lab.primary, outage.network)
                let (_, record) = try await Clients(outage.lab).during(until: "dr") { _ in
                    try await observer.watching { monitor in
                        switch way {
                        case .cable: try await network.cut("primary")
                        case .power: try await network.switchOff("primary")
                        }
                        try await monitor.awaitRuns()
                        // What nobody else gets: it believes that it is the primary.
                        if way == .power { try await primary.start() }
                        try await primary.psql("CREATE TABLE alone AS SELECT generate_series(1, 100) AS n")
                        if way == .power { try await primary.startSSH() }
                        try await network.plug("primary")
                        let seen = try await monitor.next("primary_returned", ["node": "primary"])
                        #expect(seen["primary"] == "dr" && (seen["lost_bytes"].flatMap(Int.init) ?? 0) > 1000)
                        await outage.awaitThat("it is fenced") { !primary.isRunning }
                        await outage.awaitThat("the fence has ended") {
                            monitor.events.count { $0["event"] == "run_ended" && $0["outcome"] == "done" } > 1
                        }
                    }
                }
                // Until it was fenced clients could write to it: that is what best effort means.
                #expect(record.primaries.first == "primary" && record.primaries.last == "dr")
                let back = try await observer.run("run", "rejoin", "primary", "--yes")
                #expect(back.status == 0, "\(back.output)\(back.errors)")
                // Of what clients wrote there all that the new primary lacks is told, and the table besides.
                let lost = try await record.lost(on: outage.node("dr")).count
                let kept = try #require(back.commitsKept, "\(back.output)\(back.errors)")
                #expect((lost + 1...lost + 2).contains(kept), "\(lost) \(back.output)\(back.errors)")
                try await outage.expectPrimary("dr", standbys: ["primary", "replica"])
                #expect(try await primary.psql("SELECT to_regclass('alone') IS NULL") == "t")
                #expect(try await observer.decisions().map(\.event) == ["failover.decided"])
            }
        }
    }
}
