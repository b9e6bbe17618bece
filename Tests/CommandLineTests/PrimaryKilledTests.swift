import Essentials
import Lab
import Testing

extension RealServers.Outages {
    /// The primary's server dies, its host is there.
    @Suite struct PrimaryKilledTests {
        @Test func anotherTakesItsPlaceAndTheOthersFollow() async throws {
            try await Outage.with { outage in
                let (observer, primary) = (try outage.observer(), outage.lab.primary)
                let (_, record) = try await Clients(outage.lab).during(until: "dr") { _ in
                    try await observer.watching { monitor in
                        try await primary.kill()
                        try await monitor.awaitRuns()
                    }
                }
                print("primary killed: no commit for \(record.longestGap)")
                #expect(record.primaries == ["primary", "dr"])
                // Nothing is acknowledged twice, and what is missing is the end of what the old primary took.
                let lost = try await record.lost(on: outage.node("dr"))
                let old = record.commits.filter { $0.node == "primary" }.map(\.number)
                #expect(lost.map(\.number) == Array(old.suffix(lost.count)) && lost.count < 20)
                try await outage.expectPrimary("dr", standbys: ["replica"])
                let decisions = try await observer.decisions()
                #expect(decisions.map(\.event) == ["failover.decided"])
                #expect(decisions.first?.decision.condition == "postgres_down")
                #expect(decisions.first?.decision.nominee == "dr")
                #expect(try read("\(primary.dataDirectory)/pgdr.fence").hasPrefix("primary"))
            }
        }

        /// Whatever starts it again once it is fenced gets no primary.
        @Test func whatStartsItAgainGetsNoPrimary() async throws {
            try await Outage.with { outage in
                let (observer, primary) = (try outage.observer(), outage.lab.primary)
                let (_, record) = try await Clients(outage.lab).during(until: "dr") { _ in
                    try await observer.watching { monitor in
                        try await primary.kill()
                        try await monitor.next("step", ["step": "2", "state": "done"])
                        let starter = Task {
                            while !Task.isCancelled {
                                if !primary.isRunning { try? await primary.start() }
                                await pause(.milliseconds(200))
                            }
                        }
                        defer { starter.cancel() }
                        try await monitor.awaitRuns()
                        // It is started a few times more.
                        await pause(.seconds(2))
                    }
                }
                #expect(record.primaries == ["primary", "dr"])
                #expect(try await outage.isPrimary("primary") != true)
                #expect(await outage.writable() == ["dr"])
                #expect(try await observer.decisions().map(\.event) == ["failover.decided"])
            }
        }

        /// One that is back before the loss is confirmed stays the primary.
        @Test func oneThatComesBackAtOnceStays() async throws {
            try await Outage.with { outage in
                let (observer, primary) = (try outage.observer(failover: ["confirm_for": "5s"]), outage.lab.primary)
                try await observer.watching { monitor in
                    try await primary.kill()
                    try await monitor.next("condition", ["condition": "postgres_down"])
                    try await primary.start()
                    await outage.awaitThat("it is seen again") { monitor.lastCondition == "alive" }
                }
                try await outage.expectPrimary("primary", standbys: ["dr", "replica"])
                #expect(try await observer.decisions().isEmpty)
            }
        }

        /// A disk without room ends it, and holds up neither the fence nor the promotion.
        @Test func aFullDiskEndsIt() async throws {
            try await Outage.with(smallDisks: ["primary": 250 << 20]) { outage in
                let (observer, primary) = (try outage.observer(), outage.lab.primary)
                let (_, record) = try await Clients(outage.lab).during(until: "dr") { _ in
                    try await observer.watching { monitor in
                        try primary.fillDisk()
                        // Until it needs another segment of WAL.
                        let writer = Task { try? await primary.psql("SELECT pg_switch_wal(); SELECT pg_switch_wal();") }
                        defer { writer.cancel() }
                        try await monitor.awaitRuns()
                    }
                }
                #expect(record.primaries == ["primary", "dr"])
                #expect(!primary.isRunning)
                try await outage.expectPrimary("dr", standbys: ["replica"])
                #expect(try await observer.decisions().map(\.event) == ["failover.decided"])
            }
        }

        /// It takes connections and answers nobody; its host still takes commands.
        @Test func aFrozenOneIsEndedFirst() async throws {
            try await Outage.with { outage in
                let (observer, primary) = (try outage.observer(), outage.lab.primary)
                let (_, record) = try await Clients(outage.lab).during(until: "dr") { _ in
                    try await observer.watching { monitor in
                        try primary.freeze(.all)
                        try await monitor.awaitRuns()
                    }
                }
                print("primary frozen: no commit for \(record.longestGap)")
                #expect(record.primaries == ["primary", "dr"])
                #expect(!primary.isRunning)
                try await outage.expectPrimary("dr", standbys: ["replica"])
                let decisions = try await observer.decisions()
                #expect(decisions.map(\.event) == ["failover.decided"])
                #expect(decisions.first?.decision.condition == "hung")
            }
        }
    }
}
