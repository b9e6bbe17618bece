import Essentials
import Lab
import Replication
import Testing

extension RealServers.Outages {
    /// Without synchronous replication a failover may lose commits: pgdr says how many, exactly.
    @Suite struct CountedLossTests {
        /// How the primary is lost, again and again.
        enum Way: String, CaseIterable, Sendable {
            /// Killed, with its standbys at its heels.
            case killed
            /// Killed a moment after its standbys were cut off from it, but one.
            case cutFromOneAndKilled
            /// Killed a moment after all its standbys were cut off from it.
            case cutFromAllAndKilled
            /// Its cable is pulled, and it comes back as a primary with what it wrote alone.
            case returned

            static func random(using chance: inout Chance) -> Way {
                [.killed, .cutFromOneAndKilled, .cutFromAllAndKilled, .cutFromAllAndKilled, .returned]
                    .randomElement(using: &chance) ?? .killed
            }
        }

        /// How many failovers there are in all.
        private static let count = 12

        @Test func whatIsToldIsWhatIsLost() async {
            print("counted losses of seed \(Chance.seed)")
            let began = ContinuousClock.now
            let quota = Quota(Self.count)
            await Outage.withEach(of: [11, 12]) { outage, number in
                var course = try CountedCourse(outage, Chance(number))
                try await course.run(quota)
            }
            print("\(Self.count) losses counted in \(Int(began.duration(to: .now).seconds)) s")
            #expect(!quota.take())
        }
    }
}

/// A lab in which one primary after the other is lost.
private struct CountedCourse {
    private let outage: Outage
    private let observer: Outage.Observer
    private var chance: Chance
    private var primary = "primary"
    private var runs = 0
    /// All commits that were lost, though their writers had been told of them.
    private var lost: Set<Int> = []

    init(_ outage: Outage, _ chance: Chance) throws {
        self.outage = outage
        self.chance = chance
        observer = try outage.observer(failover: [
            "confirm_for": "0s", "interval": "200ms", "fencing": "best_effort",
        ])
    }

    mutating func run(_ quota: Quota) async throws {
        // Its transactions would be counted too.
        for node in outage.lab.nodes { try await node.setParameter("autovacuum", "off") }
        var failovers = 0
        var failures: [[String: String]] = []
        _ = try await Clients(outage.lab).during { log in
            try await observer.watching { monitor in
                while quota.take() {
                    failovers += 1
                    try await lose(log, monitor)
                }
                failures = monitor.events.filter { $0["event"] == "failure" }
            }
        }
        try await outage.expectPrimary(primary, standbys: others)
        let decisions = try await observer.decisions()
        #expect(decisions.map(\.event) == Array(repeating: "failover.decided", count: failovers), "\(failures)")
    }

    private var others: [String] { outage.lab.nodes.map(\.name).filter { $0 != primary } }

    private mutating func lose(_ log: Clients.Log, _ monitor: Outage.Monitor) async throws {
        let (old, others) = (primary, others)
        let way = RealServers.Outages.CountedLossTests.Way.random(using: &chance)
        try await outage.awaitStreaming(from: old, to: others)
        await outage.awaitThat("\(old) is seen as the primary") {
            let last = monitor.events.last { $0["event"] == "condition" }
            return last?["condition"] == "alive" && last?["primary"] == old
        }
        try await log.awaitCommit(on: old)
        let delay = Duration.milliseconds(Int.random(in: 100...900, using: &chance))
        switch way {
        case .killed: break
        case .cutFromOneAndKilled: try await outage.network.cut(old, from: others.randomElement(using: &chance) ?? "")
        case .cutFromAllAndKilled: for other in others { try await outage.network.cut(old, from: other) }
        case .returned: try await outage.network.cut(old)
        }
        await pause(delay)
        if way != .returned {
            try await outage.node(old).kill()
            try await outage.network.heal()
        }
        runs += 1
        try await monitor.awaitRuns(runs)
        let alone = way == .returned ? try await comeBack(old, monitor) : []
        let primaries = try await outage.primaries()
        #expect(primaries.count == 1 && primaries != [old], "\(outage.title): \(old) was \(way)")
        primary = try #require(primaries.first { others.contains($0) })
        try await log.awaitCommit(on: primary)
        let record = log.record
        let loss = try await outage.countLoss(
            of: old, to: primary, alone.union(record.commits.map(\.number)).subtracting(lost),
            unanswered: record.unanswered[old] ?? [], by: observer)
        lost.formUnion(loss.acknowledged)
        print("\(way) for \(delay): \(loss.acknowledged.count) + \(loss.unanswered.count) lost, \(loss.told) told")
        #expect(way == .cutFromAllAndKilled || way == .returned || loss.acknowledged.count < 20, "\(way)")
        #expect(alone.isSubset(of: loss.acknowledged), "\(way)")
    }

    /// The old primary writes on, out of everybody's reach, and is back then.
    /// - Returns: what it wrote then.
    private mutating func comeBack(_ old: String, _ monitor: Outage.Monitor) async throws -> Set<Int> {
        let node = try outage.node(old)
        let count = monitor.events.count { $0["event"] == "primary_returned" }
        var alone: Set<Int> = []
        for _ in 0..<Int.random(in: 1...5, using: &chance) {
            // Smaller than any of the clients'.
            let number = Int.random(in: 1..<1_000_000, using: &chance)
            guard alone.insert(number).inserted else { continue }
            try await node.psql("INSERT INTO public.client VALUES (\(number))")
        }
        let end = try LSN(parsing: await node.psql("SELECT pg_current_wal_lsn()"))
        try await outage.network.plug(old)
        await outage.awaitThat("\(old) is seen again") {
            monitor.events.count { $0["event"] == "primary_returned" } > count
        }
        runs += 1
        try await monitor.awaitRuns(runs)
        let seen = try #require(monitor.events.last { $0["event"] == "primary_returned" && $0["node"] == old })
        let fork = try LSN(parsing: #require(seen["fork"]))
        // Clients may have written more by then.
        #expect(try UInt64(#require(seen["lost_bytes"])) ?? 0 >= end.bytesAhead(of: fork), "\(seen)")
        return alone
    }
}
