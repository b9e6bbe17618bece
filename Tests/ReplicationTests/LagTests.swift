import Replication
import Testing

@Suite struct LagTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var change: Change
        var node: String
        var stage: Lag.Stage
        var expected: StageLag
        var testDescription: String { change.testDescription }

        init(
            _ name: String, _ node: String = "dr", _ stage: Lag.Stage = .replay, bytes: UInt64?, seconds: Double?,
            _ source: LagSource?, upstream: UInt64? = nil, _ apply: @escaping @Sendable (inout Cluster) -> Void
        ) {
            change = Change(name, apply)
            self.node = node
            self.stage = stage
            expected = StageLag(bytes: bytes, seconds: seconds, source: source)
            expected.upstreamBytes = upstream
        }
    }

    @Test(
        "Bytes, seconds and their source",
        arguments: level + positions + cascades + seconds + clocks + withoutPrimary)
    func measures(row: Row) throws {
        let node = try #require(row.change.cluster.report.node(row.node))
        let lag = try #require(node.lag)[row.stage]
        #expect(lag.bytes == row.expected.bytes)
        #expect(lag.source == row.expected.source)
        #expect(lag.upstreamBytes == row.expected.upstreamBytes)
        #expect((lag.seconds == nil) == (row.expected.seconds == nil), "\(String(describing: lag.seconds))")
        if let expected = row.expected.seconds, let seconds = lag.seconds {
            #expect(abs(seconds - expected) < 1e-5, "\(seconds)")
        }
    }

    @Test(
        "No lag where positions can't be compared",
        arguments: [
            (Change("a primary") { _ in }, "primary"),
            (
                Change("field case 14: a promoted node with an old receive LSN and timestamp") {
                    $0.silence("primary")
                    $0.promote("dr", to: 2)
                    $0.change("dr") { ($0.receiveLSN, $0.replayTimestamp) = (LSN(rawValue: 1), Cluster.ago(9e5)) }
                }, "dr"
            ),
            (
                Change("two primaries and nothing to choose by") {
                    $0.promote("replica", to: 1)
                    $0.disconnect("dr")
                }, "dr"
            ),
            (stray, "dr"), (strayCascade, "dr"), (strayCascade, "replica"),
            (
                Change("silent, and served by another primary") {
                    stray.apply(&$0)
                    $0.silence("dr")
                }, "dr"
            ),
            (
                Change("another system") { $0.change("dr") { $0.systemIdentifier = SystemIdentifier(rawValue: "1") } },
                "dr"
            ),
            (
                Change("everything silent") {
                    for name in ["primary", "dr", "replica"] { $0.silence(name) }
                    $0.clock = clock
                }, "dr"
            ),
            (
                Change("silent primary, standbys on two timelines and no history to compare by") {
                    $0.silence("primary")
                    $0.change("replica") { own in
                        own.receiver?.receivedTimeline = Timeline(rawValue: 2)
                        own.receiveLSN = Cluster.behind(megabyte)
                    }
                }, "dr"
            ),
            (
                Change("silent primary, a standby of another system") {
                    $0.silence("primary")
                    $0.snapshot.nodes.append(
                        Cluster.node("third", .replica, number: 4, Cluster.standby("third", number: 4)))
                    $0.change("dr") { $0.systemIdentifier = SystemIdentifier(rawValue: "1") }
                }, "dr"
            ),
        ])
    func incomparable(change: Change, node: String) throws {
        #expect(try #require(change.cluster.report.node(node)).lag == nil)
    }

    /// replica was promoted beside a living primary that dr still follows.
    static let stray = Change("it follows another primary than the one that counts") {
        $0.promote("replica", to: 2)
        $0.observe("replica") { $0.histories = [AncestryTests.history(2, (1, Cluster.position.rawValue))] }
    }

    /// The same, but dr follows replica.
    static let faithful = Change("it follows the primary that counts") {
        stray.apply(&$0)
        $0.disconnect("dr")
        $0.change("dr") { own in
            own.receiver = Cluster.standby("dr", number: 2).receiver
            own.receiver?.senderHost = "10.0.0.3"
            own.receiver?.receivedTimeline = Timeline(rawValue: 2)
        }
        $0.change("replica") { own in
            own.standbys = [Cluster.row("dr", number: 2)]
            own.slots = [Cluster.slot("dr", number: 2)]
        }
    }

    /// A third standby was promoted; dr, and through it replica, follow the old primary.
    static let strayCascade = Change("it follows another primary than the one that counts, through a cascade") {
        cascade.apply(&$0)
        let fork = LSN(rawValue: 0x2_0000_1000)
        $0.snapshot.nodes.append(Cluster.node("third", .replica, number: 4, Cluster.standby("third", number: 4)))
        $0.promote("third", to: 2, at: fork)
        $0.observe("third") { $0.histories = [AncestryTests.history(2, (1, fork.rawValue))] }
    }

    @Test("A standby of the primary that counts has a lag, whoever else takes writes")
    func faithfulStandby() throws {
        let node = try #require(Self.faithful.cluster.report.node("dr"))
        #expect(node.upstream == "replica")
        #expect(node.lag?.replay == StageLag(bytes: 0, seconds: 0, source: .caughtUp))
    }

    @Test("How much later than the primary a standby was asked is part of the report")
    func skew() throws {
        var cluster = Cluster.healthy
        cluster.observe("dr") { node in
            guard case .answered(let own, _) = node.answer else { return }
            node.answer = .answered(own, Timing(asked: Cluster.asked + 0.5, answered: Cluster.answered + 0.5))
        }
        let report = cluster.report
        #expect(abs(report.skew - 0.5) < 1e-6)
        #expect(abs(try #require(report.node("dr")?.sampledAfterPrimary) - 0.5) < 1e-6)
        #expect(report.node("replica")?.sampledAfterPrimary == 0)
    }

    @Test(
        "What a standby says of itself outweighs a walsender that hasn't noticed",
        arguments: [
            (Change("streams") { _ in }, "streaming"),
            (Change("catches up") { $0.changeRow(of: "dr") { $0.state = "catchup" } }, "catchup"),
            (Change("no walreceiver, a walsender still") { $0.change("dr") { $0.receiver = nil } }, "not streaming"),
            (
                Change("waits at the end of a timeline") { $0.change("dr") { $0.receiver?.status = "waiting" } },
                "not streaming"
            ),
            (Change("no walsender seen") { $0.change("primary") { $0.standbys = [] } }, "streaming"),
            (
                Change("field case 16: archive only") {
                    $0.disconnect("dr")
                    $0.change("dr") { $0.primaryConninfo = PrimaryConninfo(configured: false) }
                }, "archive recovery"
            ),
            (
                Change("the walreceiver is hidden, the walsender isn't") {
                    $0.change("dr") { ($0.monitor, $0.receiver) = (false, nil) }
                }, "streaming"
            ),
            (
                Change("both are hidden") {
                    $0.change("dr") { ($0.monitor, $0.receiver) = (false, nil) }
                    $0.changeRow(of: "dr") { $0.state = nil }
                }, nil
            ),
            (Change("silent") { $0.silence("dr") }, nil),
        ] as [(Change, String?)])
    func states(change: Change, state: String?) throws {
        #expect(try #require(change.cluster.report.node("dr")).state == state)
    }
}
