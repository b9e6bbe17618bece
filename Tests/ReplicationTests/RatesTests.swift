import Replication
import Testing

@Suite struct RatesTests {
    /// Two looks ten seconds apart: the primary writes 10 MB, dr receives 30 MB and replays 20 MB, and lacks 50 MB of
    /// replay at the end.
    static func looks(_ change: (inout Cluster, inout Cluster) -> Void = { _, _ in }) -> ClusterReport {
        var before = Cluster.healthy
        before.change("primary") { $0.currentLSN = Cluster.behind(10 << 20) }
        before.place("dr", received: Cluster.behind(40 << 20), replayed: Cluster.behind(70 << 20))
        before.place("replica", received: Cluster.behind(10 << 20), replayed: Cluster.behind(10 << 20))
        var after = Cluster.healthy
        after.place("dr", received: Cluster.behind(10 << 20), replayed: Cluster.behind(50 << 20))
        for index in before.snapshot.nodes.indices {
            guard case .answered(let own, _) = before.snapshot.nodes[index].answer else { continue }
            before.snapshot.nodes[index].answer = .answered(
                own, Timing(asked: Cluster.ago(10), answered: Cluster.answered + -10))
        }
        change(&before, &after)
        return assess(after.snapshot, after: before.snapshot)
    }

    static let megabyte = 1_048_576.0

    @Test("Two looks tell how fast WAL is written, received and replayed, and when all is replayed")
    func rates() throws {
        let report = Self.looks()
        let primary = try #require(report.node("primary")?.rates)
        #expect(abs(try #require(primary.walBytesPerSecond) - Self.megabyte) < 1)
        #expect(primary.replayBytesPerSecond == nil)
        #expect(primary.catchUpSeconds == nil)
        let dr = try #require(report.node("dr")?.rates)
        #expect(abs(try #require(dr.walBytesPerSecond) - 3 * Self.megabyte) < 1)
        #expect(abs(try #require(dr.replayBytesPerSecond) - 2 * Self.megabyte) < 1)
        // It gains 1 MB/s on the primary and lacks 50 MB.
        #expect(abs(try #require(dr.catchUpSeconds) - 50) < 1e-3)
        #expect(report.node("replica")?.rates?.catchUpSeconds == 0)
    }

    @Test("One that doesn't gain on the primary has no time of catching up")
    func loses() {
        let report = Self.looks { before, _ in
            before.place("dr", received: Cluster.behind(40 << 20), replayed: Cluster.behind(55 << 20))
        }
        #expect(report.node("dr")?.rates?.replayBytesPerSecond != nil)
        #expect(report.node("dr")?.rates?.catchUpSeconds == nil)
    }

    @Test("What was not seen twice, or went back, has no rate")
    func unknown() {
        let report = Self.looks { before, _ in
            before.silence("primary")
            before.place("replica", received: LSN(rawValue: .max), replayed: LSN(rawValue: .max))
        }
        #expect(report.node("primary")?.rates?.walBytesPerSecond == nil)
        #expect(report.node("replica")?.rates?.walBytesPerSecond == nil)
        #expect(report.node("dr")?.rates?.replayBytesPerSecond != nil)
        #expect(report.node("dr")?.rates?.catchUpSeconds == nil, "how fast the primary writes is unknown, not zero")
    }

    @Test("One look has no rates, nor has a silent node")
    func one() {
        #expect(Cluster.healthy.report.node("dr")?.rates == nil)
        #expect(Self.looks { _, after in after.silence("dr") }.node("dr")?.rates == nil)
    }

    @Test(
        "A second look is needed where the first leaves open since when WAL is missing",
        arguments: [
            (Change("nothing is missing") { _ in }, false),
            (Change("only the last transaction's age") { LagTests.delay(&$0, replayed: 1 << 20) }, true),
            (Change("no time at all") { LagTests.delay(&$0, replayed: 1 << 20, stamp: nil) }, true),
            (
                Change("PostgreSQL's own measurement") {
                    LagTests.delay(&$0, replayed: 1 << 20)
                    $0.changeRow(of: "dr") { $0.replayLag = 0.5 }
                }, false
            ),
            (
                Change("the LSN clock") {
                    LagTests.delay(&$0, replayed: 16 << 20)
                    $0.clock = LagTests.clock
                }, false
            ),
            (
                Change("paused: it won't move") {
                    LagTests.delay(&$0, replayed: 1 << 20)
                    $0.change("dr") { $0.replayPauseState = "paused" }
                }, false
            ),
            (
                Change("delayed on purpose") {
                    LagTests.delay(&$0, replayed: 1 << 20)
                    $0.set("recovery_min_apply_delay", "60000", on: "dr")
                }, false
            ),
            (
                Change("not streaming") {
                    LagTests.delay(&$0, replayed: 1 << 20)
                    $0.change("dr") { $0.receiver = nil }
                }, false
            ),
        ])
    func secondLook(change: Change, expected: Bool) {
        #expect(needsSecondLook(change.cluster.report) == expected)
    }

    @Test("The second look answers: the standby has passed where the primary stood at the first")
    func secondLookDecides() throws {
        var cluster = Cluster.healthy
        LagTests.delay(&cluster, replayed: 1 << 20, stamp: 7200)
        let one = Timeline(rawValue: 1)
        cluster.clock.record(Cluster.behind(2 << 20), on: one, at: Cluster.answered + -0.15)
        cluster.clock.record(Cluster.position, on: one, at: Cluster.answered)
        let replay = try #require(cluster.report.node("dr")?.lag?.replay)
        #expect(replay.source == .lsnClock)
        #expect(abs(try #require(replay.seconds) - 0.075) < 1e-5)
        #expect(!needsSecondLook(cluster.report))
    }
}
