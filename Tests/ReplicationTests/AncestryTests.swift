import Replication
import Testing

@Suite struct AncestryTests {
    /// A history from pairs of an ancestor and the position at which it was left.
    static func history(_ timeline: UInt32, _ ancestors: (UInt32, UInt64)...) -> TimelineHistory {
        TimelineHistory(
            timeline: Timeline(rawValue: timeline),
            ancestors: ancestors.map {
                .init(timeline: Timeline(rawValue: $0.0), switchPoint: LSN(rawValue: $0.1))
            })
    }

    static let fork: UInt64 = 0x1_F000_0000

    /// The primary on timeline 10, which left timeline 1 at `fork` and was on 2 for a while.
    static func onTen(_ cluster: inout Cluster) {
        cluster.change("primary") { $0.timeline = Timeline(rawValue: 10) }
        cluster.observe("primary") {
            $0.histories = [history(2, (1, fork)), history(10, (1, fork), (2, fork + 0x1000))]
        }
    }

    /// Sets what a standby says of its timeline.
    static func place(
        _ cluster: inout Cluster, control: UInt32, received: UInt32?, at lsn: UInt64, histories: [TimelineHistory] = []
    ) {
        cluster.change("dr") { own in
            own.control = ControlFile(checkpointTimeline: Timeline(rawValue: control))
            own.receiver?.receivedTimeline = received.map(Timeline.init)
            if received == nil { own.receiver = nil }
            own.receiveLSN = LSN(rawValue: lsn)
            own.replayLSN = LSN(rawValue: lsn)
        }
        cluster.observe("dr") { $0.histories = histories }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var change: Change
        var expected: Ancestry
        var testDescription: String { change.testDescription }

        init(_ name: String, _ expected: Ancestry, _ apply: @escaping @Sendable (inout Cluster) -> Void) {
            change = Change(name, apply)
            self.expected = expected
        }
    }

    static func diverged(_ timeline: UInt32, _ position: UInt64, fork: UInt64?) -> Ancestry {
        .diverged(
            timeline: Timeline(rawValue: timeline), position: LSN(rawValue: position), fork: fork.map(LSN.init))
    }

    static let rows: [Row] = [
        Row("level", .descends) { _ in },
        Row("the control file says 1, the walreceiver 10", .descends) {
            onTen(&$0)
            place(&$0, control: 1, received: 10, at: Cluster.position.rawValue)
        },
        Row("beyond the fork it has but the beginning of a record", .descends) {
            onTen(&$0)
            place(&$0, control: 2, received: nil, at: fork + 0x1000, histories: [history(2, (1, fork))])
            $0.change("dr") {
                $0.receiveLSN = LSN(rawValue: fork + 0x2000)
                $0.waitsForWAL = true
            }
        },
        Row("beyond the fork it has what it doesn't replay yet", diverged(2, fork + 0x2000, fork: fork + 0x1000)) {
            onTen(&$0)
            place(&$0, control: 2, received: nil, at: fork + 0x1000, histories: [history(2, (1, fork))])
            $0.change("dr") {
                $0.receiveLSN = LSN(rawValue: fork + 0x2000)
                $0.waitsForWAL = false
                $0.canReadHistory = true
            }
        },
        Row("its WAL says 10, the control file 1, no walreceiver", .descends) {
            onTen(&$0)
            place(&$0, control: 1, received: nil, at: Cluster.position.rawValue)
            $0.change("dr") { $0.walTimeline = Timeline(rawValue: 10) }
        },
        Row("the minimum recovery point says 10, the checkpoint 1, no walreceiver", .descends) {
            onTen(&$0)
            place(&$0, control: 1, received: nil, at: Cluster.position.rawValue)
            $0.change("dr") { $0.control?.minRecoveryEndTimeline = Timeline(rawValue: 10) }
        },
        Row("timeline 1 up to the fork, no walreceiver", .descends) {
            onTen(&$0)
            place(&$0, control: 1, received: nil, at: fork)
        },
        Row("timeline 1 one byte beyond the fork, receiving", diverged(1, fork + 1, fork: fork)) {
            onTen(&$0)
            place(&$0, control: 1, received: 1, at: fork + 1)
        },
        Row("timeline 1 beyond the fork, no walreceiver, no later history", diverged(1, fork + 1, fork: fork)) {
            onTen(&$0)
            place(&$0, control: 1, received: nil, at: fork + 1)
        },
        Row("timeline 2 beyond where 10 left it", diverged(2, fork + 0x1001, fork: fork + 0x1000)) {
            onTen(&$0)
            place(&$0, control: 2, received: 2, at: fork + 0x1001)
        },
        Row("timeline 3, which 10 never was on", diverged(3, fork, fork: nil)) {
            onTen(&$0)
            place(&$0, control: 3, received: 3, at: fork)
        },
        Row("timeline 11", .ahead(timeline: Timeline(rawValue: 11))) {
            onTen(&$0)
            place(&$0, control: 11, received: 11, at: Cluster.position.rawValue)
        },
        Row("another system", .otherSystem) {
            $0.change("dr") { $0.systemIdentifier = SystemIdentifier(rawValue: "1") }
        },
        Row("two timelines 2, ours left 1 earlier", diverged(2, Cluster.position.rawValue, fork: 0x1000)) {
            $0.change("primary") { $0.timeline = Timeline(rawValue: 2) }
            $0.observe("primary") { $0.histories = [history(2, (1, 0x2000))] }
            place(&$0, control: 2, received: 2, at: Cluster.position.rawValue, histories: [history(2, (1, 0x1000))])
        },
        Row("two timelines 2, theirs left 1 earlier", diverged(2, Cluster.position.rawValue, fork: 0x2000)) {
            $0.change("primary") { $0.timeline = Timeline(rawValue: 2) }
            $0.observe("primary") { $0.histories = [history(2, (1, 0x2000))] }
            place(&$0, control: 2, received: 2, at: Cluster.position.rawValue, histories: [history(2, (1, 0x3000))])
        },
        Row("two timelines 3, one by way of 2", diverged(3, Cluster.position.rawValue, fork: 0x1000)) {
            $0.change("primary") { $0.timeline = Timeline(rawValue: 3) }
            $0.observe("primary") { $0.histories = [history(3, (1, 0x1000), (2, 0x2000))] }
            place(&$0, control: 3, received: 3, at: Cluster.position.rawValue, histories: [history(3, (1, 0x1000))])
        },
        Row("another timeline 2 than the one that 10 came from, before the fork", diverged(2, fork, fork: 0x1000)) {
            onTen(&$0)
            place(&$0, control: 2, received: 2, at: fork, histories: [history(2, (1, 0x1000))])
        },
        Row("the same timeline 2 that 10 came from", .descends) {
            onTen(&$0)
            place(&$0, control: 2, received: 2, at: fork, histories: [history(2, (1, fork))])
        },
    ]

    @Test("How a standby relates to the primary", arguments: rows)
    func relates(row: Row) throws {
        let cluster = row.change.cluster
        let report = try #require(cluster.report.node("dr"))
        #expect(report.ancestry == row.expected)
        // Positions are compared only along one line of history.
        #expect((report.lag != nil) == (row.expected == .descends))
    }

    static let open: [Change] = [
        Change("stale control file, no walreceiver, a later history at hand") {
            onTen(&$0)
            place(
                &$0, control: 1, received: nil, at: fork + 1,
                histories: [history(10, (1, fork), (2, fork + 0x1000))])
        },
        Change("stale control file, no walreceiver, its histories can't be read") {
            onTen(&$0)
            place(&$0, control: 1, received: nil, at: fork + 1)
            $0.change("dr") { $0.canReadHistory = false }
        },
        Change("the primary's history can't be read") {
            onTen(&$0)
            $0.observe("primary") { $0.histories = [] }
            place(&$0, control: 1, received: 1, at: fork + 1)
        },
        Change("no position yet") {
            onTen(&$0)
            place(&$0, control: 1, received: 1, at: fork)
            $0.change("dr") { ($0.receiveLSN, $0.replayLSN) = (nil, nil) }
        },
        Change("the timeline is hidden") {
            $0.change("dr") { ($0.control, $0.receiver) = (nil, nil) }
        },
    ]

    @Test("What can't be told is unknown, with a reason", arguments: open)
    func undetermined(change: Change) throws {
        let report = try #require(change.cluster.report.node("dr"))
        guard case .unknown(let reason)? = report.ancestry else {
            Issue.record("\(String(describing: report.ancestry))")
            return
        }
        #expect(!reason.isEmpty)
        #expect(report.lag == nil)
    }

    @Test("A primary relates to nothing, and without a primary nothing does")
    func none() {
        #expect(Cluster.healthy.report.node("primary")?.ancestry == nil)
        var cluster = Cluster.healthy
        cluster.silence("primary")
        #expect(cluster.report.node("dr")?.ancestry == nil)
    }
}
