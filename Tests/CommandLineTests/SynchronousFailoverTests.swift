import Essentials
import Lab
import Testing

extension RealServers.Outages {
    /// With synchronous replication no commit that a client was told of is ever lost.
    @Suite struct SynchronousFailoverTests {
        /// How many failovers there are in all: PGDR_TEST_FAILOVERS.
        private static let count = Variables.number("PGDR_TEST_FAILOVERS") ?? 100

        /// In several labs at once the primary dies at random moments under load, is replaced, and brought back, again
        /// and again.
        @Test func noAcknowledgedCommitIsEverLost() async {
            print("random failovers of seed \(Chance.seed)")
            let began = ContinuousClock.now
            let quota = Quota(Self.count)
            let tally = Tally()
            await Outage.withEach(of: [1, 2, 3]) { outage, number in
                var course = try SynchronousCourse(outage, Chance(number))
                try await course.run(quota, tally)
            }
            let took = began.duration(to: .now).seconds
            print("\(tally.text), in \(Int(took)) s, \(tally.commits) commits, none lost")
            #expect(tally.failovers == Self.count)
        }
    }
}

/// A lab in which one primary after the other dies.
private struct SynchronousCourse {
    private let outage: Outage
    private let observer: Outage.Observer
    private var chance: Chance
    private var primary = "primary"
    /// How many acknowledged commits were looked for already.
    private var checked = 0

    init(_ outage: Outage, _ chance: Chance) throws {
        self.outage = outage
        self.chance = chance
        observer = try outage.observer(failover: [
            "confirm_for": "0s", "interval": "200ms", "at_most": "{failovers: 100, within: 1min}",
            "fence_command": outage.fenceCommand,
        ])
    }

    private func others(than name: String) -> [String] { outage.lab.nodes.map(\.name).filter { $0 != name } }

    mutating func run(_ quota: Quota, _ tally: Tally) async throws {
        var deaths: [Death] = []
        let (_, record) = try await Clients(outage.lab).during { log in
            try await observer.watching { monitor in
                while quota.take() {
                    let death = Death.random(using: &chance)
                    deaths.append(death)
                    try await replace(after: death, log, monitor, number: deaths.count)
                    tally.note(death)
                }
            }
        }
        try await check(record, failovers: deaths.count)
        tally.note(commits: record.commits.count)
    }

    /// Has the primary die, and brings it back once another one has taken its place.
    private mutating func replace(
        after death: Death, _ log: Clients.Log, _ monitor: Outage.Monitor, number: Int
    ) async throws {
        let (old, others) = (primary, others(than: primary))
        try await outage.replicateSynchronously(from: old, to: others, seenBy: observer)
        // What was acknowledged before waited for others, or for nobody.
        try await log.awaitCommit(on: old)
        await pause(.milliseconds(Int.random(in: 0...400, using: &chance)))
        try await death.happen(to: old, in: outage)
        try await monitor.awaitRuns(number)
        let primaries = try await outage.primaries()
        #expect(primaries.count == 1 && primaries != [old], "\(outage.title), \(number): \(old) was \(death)")
        primary = try #require(primaries.first { others.contains($0) })
        try await log.awaitCommit(on: primary)
        let commits = log.record.commits.count
        let lost = try await log.record.lost(on: outage.node(primary), after: checked)
        #expect(lost.isEmpty, "\(outage.title), \(number): \(old) was \(death): \(lost.prefix(20))")
        checked = commits
        try await death.isOver(for: old, in: outage)
        let back = try await observer.run("run", "rejoin", old, "--yes")
        try #require(back.status == 0, "\(outage.title), \(number): \(back.output)\(back.errors)")
    }

    private func check(_ record: Clients.Record, failovers: Int) async throws {
        let lost = try await record.lost(on: outage.node(primary))
        #expect(lost.isEmpty, "\(lost.prefix(20))")
        #expect(record.primaries.count == failovers + 1, "\(record.primaries)")
        try await outage.expectPrimary(primary, standbys: others(than: primary))
        let decisions = try await observer.decisions()
        #expect(decisions.map(\.event) == Array(repeating: "failover.decided", count: failovers))
        #expect(decisions.allSatisfy { $0.decision.loss?.acknowledged_commits_safe == true })
    }
}
