import Replication

extension LagTests {
    static let megabyte: UInt64 = 1 << 20
    static let gigabyte: UInt64 = 1 << 30

    /// Moves dr back by whole megabytes, replay alone or with what it received.
    static func delay(_ cluster: inout Cluster, received: UInt64 = 0, replayed: UInt64, stamp: Double? = 0.5) {
        cluster.place("dr", received: Cluster.behind(received), replayed: Cluster.behind(replayed))
        cluster.change("dr") { $0.replayTimestamp = stamp.map(Cluster.ago) }
    }

    static let level: [Row] = Lag.Stage.allCases.map { stage in
        Row("idle primary for hours: \(stage)", "dr", stage, bytes: 0, seconds: 0, .caughtUp) {
            $0.change("dr") { $0.replayTimestamp = Cluster.ago(4 * 3600) }
        }
    }

    static let positions: [Row] = [
        Row("field case 25: replay_lag left over after catching up", bytes: 0, seconds: 0, .caughtUp) {
            $0.changeRow(of: "dr") { $0.replayLag = 4 }
        },
        Row("positions over 0/FFFFFFFF", bytes: 32, seconds: nil, .primaryPosition) {
            $0.change("primary") { $0.currentLSN = LSN(rawValue: 0x1_0000_0010) }
            $0.place("dr", received: LSN(rawValue: 0xFFFF_FFF0), replayed: LSN(rawValue: 0xFFFF_FFF0))
            $0.change("dr") { $0.replayTimestamp = nil }
        },
        Row("positions near 2^64", bytes: 15, seconds: nil, .primaryPosition) {
            $0.change("primary") { $0.currentLSN = LSN(rawValue: .max) }
            $0.place("dr", received: LSN(rawValue: .max - 15), replayed: LSN(rawValue: .max - 15))
            $0.change("dr") { $0.replayTimestamp = nil }
        },
        Row("the primary sampled before the standby", bytes: 0, seconds: 0, .caughtUp) {
            $0.place("dr", received: LSN(rawValue: 0x2_0000_0100), replayed: LSN(rawValue: 0x2_0000_0100))
        },
        Row("NULL receive LSN", "dr", .receive, bytes: 3 * megabyte, seconds: nil, .primaryPosition) {
            delay(&$0, replayed: 3 * megabyte)
            $0.change("dr") { $0.receiveLSN = nil }
        },
        Row("field case 16: replay ahead of receive", "dr", .receive, bytes: 0, seconds: 0, .caughtUp) {
            $0.change("primary") { $0.currentLSN = LSN(rawValue: 0x1D_1100_0000) }
            $0.disconnect("dr")
            $0.place("dr", received: LSN(rawValue: 0x1C_EB00_01C0), replayed: LSN(rawValue: 0x1D_1100_0000))
        },
        Row("field case 17: receive read before replay", "dr", .receive, bytes: 0, seconds: 0, .caughtUp) {
            $0.change("dr") { $0.receiveLSN = Cluster.behind(32) }
        },
        Row("no position at all", "dr", .replay, bytes: nil, seconds: nil, nil) {
            $0.disconnect("dr")
            $0.change("dr") { ($0.receiveLSN, $0.replayLSN) = (nil, nil) }
        },
        Row("field case 20: flush unknown", "dr", .flush, bytes: nil, seconds: nil, nil) {
            $0.changeRow(of: "dr") { $0.flushLSN = nil }
            $0.change("dr") { $0.receiver?.flushedLSN = nil }
        },
        Row("field case 20: replay shown all the same", bytes: megabyte, seconds: 0.5, .primaryLag) {
            delay(&$0, replayed: megabyte)
            $0.changeRow(of: "dr") { ($0.flushLSN, $0.replayLag) = (nil, 0.5) }
        },
        Row("replay is as far as the newer of two reports", bytes: megabyte, seconds: 0.3, .primaryLag) {
            delay(&$0, replayed: megabyte)
            $0.changeRow(of: "dr") { ($0.replayLSN, $0.replayLag) = (Cluster.behind(9 * megabyte), 0.3) }
        },
        Row(
            "a silent standby: its walsender knows how far it is, not since when", "dr", .flush, bytes: megabyte,
            seconds: nil, .primaryPosition
        ) {
            delay(&$0, received: megabyte, replayed: 2 * megabyte)
            $0.changeRow(of: "dr") { $0.flushLag = 0.2 }
            $0.silence("dr")
        },
        Row("a silent standby's replay without an LSN clock", bytes: megabyte, seconds: nil, .primaryPosition) {
            delay(&$0, replayed: megabyte)
            $0.changeRow(of: "dr") { $0.replayLag = 0.2 }
            $0.silence("dr")
        },
        Row(
            "a silent standby with an LSN clock", "dr", .flush, bytes: 16 * megabyte, seconds: 3.21, .lsnClock
        ) {
            delay(&$0, received: 16 * megabyte, replayed: 16 * megabyte)
            $0.changeRow(of: "dr") { $0.flushLag = 0.2 }
            $0.clock = clock
            $0.silence("dr")
        },
        Row("a silent standby's replay with an LSN clock", bytes: 16 * megabyte, seconds: 3.21, .lsnClock) {
            delay(&$0, replayed: 16 * megabyte)
            $0.changeRow(of: "dr") { $0.replayLag = 0.2 }
            $0.clock = clock
            $0.silence("dr")
        },
        Row("a silent standby: what only it knows", "dr", .receive, bytes: nil, seconds: nil, nil) {
            $0.silence("dr")
        },
    ]

    /// dr has received 40 bytes more than it has replayed; replica follows dr and has replayed as much.
    static let cascade = Change("field case 18: a cascade") {
        $0.change("primary") { $0.currentLSN = LSN(rawValue: 0x2_0000_1000) }
        $0.place("dr", received: LSN(rawValue: 0x2_0000_0064), replayed: LSN(rawValue: 0x2_0000_003C))
        $0.disconnect("replica")
        $0.change("primary") { $0.slots.removeAll { $0.slotName == "replica" } }
        $0.change("dr") { own in
            var row = Cluster.row("replica", number: 3)
            row.sentLSN = LSN(rawValue: 0x2_0000_0064)
            row.flushLSN = LSN(rawValue: 0x2_0000_0050)
            row.replayLSN = LSN(rawValue: 0x2_0000_003C)
            row.replayLag = 0.1
            own.standbys = [row]
            own.slots = [Cluster.slot("replica", number: 3)]
        }
        $0.change("replica") { own in
            own.receiver = Cluster.standby("replica", number: 3).receiver
            own.receiver?.senderHost = "10.0.0.2"
            own.receiver?.flushedLSN = LSN(rawValue: 0x2_0000_0050)
            own.receiver?.writtenLSN = LSN(rawValue: 0x2_0000_0050)
            own.receiveLSN = LSN(rawValue: 0x2_0000_0050)
            own.replayLSN = LSN(rawValue: 0x2_0000_003C)
            own.replayTimestamp = nil
        }
    }

    static let cascades: [Row] = [
        Row(
            "field case 18: behind the primary, and behind what its upstream can send; a hop's lag is not the whole",
            "replica", bytes: 0x1000 - 0x3C, seconds: nil, .primaryPosition, upstream: 40, cascade.apply),
        Row(
            "a cascade's received WAL", "replica", .receive, bytes: 0x1000 - 0x50, seconds: nil, .primaryPosition,
            upstream: 20, cascade.apply),
        Row(
            "below the primary there is no other distance", "dr", .sent, bytes: 0x1000 - 0x64, seconds: nil,
            .primaryPosition, cascade.apply),
    ]

    static let seconds: [Row] = [
        Row("the primary's own measurement", bytes: megabyte, seconds: 0.7, .primaryLag) {
            delay(&$0, replayed: megabyte)
            $0.changeRow(of: "dr") { $0.replayLag = 0.7 }
        },
        Row("flush and receive by flush_lag", "dr", .receive, bytes: megabyte, seconds: 0.2, .primaryLag) {
            delay(&$0, received: megabyte, replayed: megabyte)
            $0.changeRow(of: "dr") { $0.flushLag = 0.2 }
        },
        Row("write by write_lag", "dr", .write, bytes: megabyte, seconds: 0.1, .primaryLag) {
            delay(&$0, received: megabyte, replayed: megabyte)
            $0.changeRow(of: "dr") { ($0.writeLag, $0.flushLag, $0.replayLag) = (0.1, 0.2, 0.3) }
        },
        Row(
            "a small flush_lag of a standby that no longer replies", "dr", .flush, bytes: megabyte, seconds: nil,
            .primaryPosition
        ) {
            delay(&$0, received: megabyte, replayed: megabyte)
            $0.changeRow(of: "dr") { ($0.flushLag, $0.replyTime) = (0.002, Cluster.ago(40)) }
        },
        Row(
            "replay is paused and the small replay_lag is old", bytes: 100 * megabyte, seconds: 600.01, .replayTimestamp
        ) {
            delay(&$0, replayed: 100 * megabyte, stamp: 600)
            $0.changeRow(of: "dr") { $0.replayLag = 0.002 }
            $0.change("dr") { $0.replayPauseState = "paused" }
        },
        Row(
            "replay waits for a query and the small replay_lag is old", bytes: 100 * megabyte, seconds: 600.01,
            .replayTimestamp
        ) {
            delay(&$0, replayed: 100 * megabyte, stamp: 600)
            $0.changeRow(of: "dr") { $0.replayLag = 0.002 }
            $0.change("dr") { $0.startupWait = "RecoveryConflictSnapshot" }
        },
        Row(
            "a long transaction on an idle primary: replay moves, so replay_lag counts", bytes: megabyte, seconds: 0.4,
            .primaryLag
        ) {
            delay(&$0, replayed: megabyte, stamp: 1200)
            $0.changeRow(of: "dr") { ($0.replayLSN, $0.replayLag) = (Cluster.behind(2 * megabyte), 0.4) }
        },
        Row("paused, and nothing else tells the age", bytes: megabyte, seconds: nil, .primaryPosition) {
            delay(&$0, replayed: megabyte, stamp: nil)
            $0.changeRow(of: "dr") { $0.replayLag = 0.002 }
            $0.change("dr") { $0.replayPauseState = "paused" }
        },
        Row("paused since the last reply", bytes: megabyte, seconds: 600.01, .replayTimestamp) {
            delay(&$0, replayed: megabyte, stamp: 600)
            $0.changeRow(of: "dr") { ($0.replayLSN, $0.replayLag) = (Cluster.behind(2 * megabyte), 0.002) }
            $0.change("dr") { $0.replayPauseState = "paused" }
        },
        Row("delayed, and nothing else tells the age", bytes: megabyte, seconds: nil, .primaryPosition) {
            delay(&$0, replayed: megabyte, stamp: nil)
            $0.set("recovery_min_apply_delay", "3600000", on: "dr")
            $0.changeRow(of: "dr") { $0.replayLag = 0.1 }
        },
        Row("a delay set on purpose", bytes: megabyte, seconds: 3600.01, .replayTimestamp) {
            delay(&$0, replayed: megabyte, stamp: 3600)
            $0.set("recovery_min_apply_delay", "3600000", on: "dr")
            $0.changeRow(of: "dr") { $0.replayLag = 0.1 }
        },
        Row("NULL lag with a gap: the last transaction's age", bytes: megabyte, seconds: 5.01, .replayTimestamp) {
            delay(&$0, replayed: megabyte, stamp: 5)
        },
        Row("field case 13: no transaction replayed since start", bytes: megabyte, seconds: nil, .primaryPosition) {
            delay(&$0, replayed: megabyte, stamp: nil)
        },
        Row(
            "field case 12: stopped days ago, receive = replay", bytes: 3 * gigabyte, seconds: 259_200.01,
            .replayTimestamp
        ) {
            $0.disconnect("dr")
            delay(&$0, received: 3 * gigabyte, replayed: 3 * gigabyte, stamp: 259_200)
        },
        Row("the LSN clock before the timestamp", bytes: 16 * megabyte, seconds: 3.21, .lsnClock) {
            delay(&$0, replayed: 16 * megabyte, stamp: 900)
            $0.clock = clock
        },
        Row(
            "the LSN clock for a stage that PostgreSQL doesn't time", "dr", .sent, bytes: 16 * megabyte, seconds: 3.21,
            .lsnClock
        ) {
            delay(&$0, received: 16 * megabyte, replayed: 16 * megabyte)
            $0.clock = clock
        },
        Row("older than the LSN clock", bytes: gigabyte, seconds: 900.01, .replayTimestamp) {
            delay(&$0, replayed: gigabyte, stamp: 900)
            $0.clock = clock
        },
        Row("the LSN clock of another timeline", bytes: 16 * megabyte, seconds: nil, .primaryPosition) {
            delay(&$0, replayed: 16 * megabyte, stamp: nil)
            for sample in clock.samples { $0.clock.record(sample.lsn, on: Timeline(rawValue: 7), at: sample.at) }
        },
    ]

    /// The primary stood 32 MB back 10 s ago, 16 MB back 3.2 s ago, and now where it stands.
    static var clock: LSNClock {
        var clock = LSNClock()
        let one = Timeline(rawValue: 1)
        clock.record(Cluster.behind(32 * megabyte), on: one, at: Cluster.ago(10))
        clock.record(Cluster.behind(16 * megabyte), on: one, at: Cluster.ago(3.2))
        clock.record(Cluster.position, on: one, at: Cluster.answered)
        return clock
    }

    static let clocks: [Row] = [-90.0, 90].flatMap { offset in
        [
            Row("field case 24: the standby's clock \(offset) s", bytes: megabyte, seconds: 5.01, .replayTimestamp) {
                delay(&$0, replayed: megabyte, stamp: 5)
                $0.change("dr") { $0.now = Cluster.asked + (0.005 + offset) }
                $0.changeRow(of: "dr") { $0.replyTime = Cluster.asked + offset }
            },
            Row("field case 24: the primary's clock \(offset) s", bytes: megabyte, seconds: 5.01, .replayTimestamp) {
                delay(&$0, replayed: megabyte, stamp: 5 - offset)
                $0.change("primary") { $0.now = Cluster.asked + (0.005 + offset) }
            },
            Row("a reply on a standby's clock \(offset) s", "dr", .flush, bytes: megabyte, seconds: 0.2, .primaryLag) {
                delay(&$0, received: megabyte, replayed: megabyte)
                $0.change("dr") { $0.now = Cluster.asked + (0.005 + offset) }
                $0.changeRow(of: "dr") { ($0.replyTime, $0.flushLag) = (Cluster.asked + offset, 0.2) }
            },
        ]
    }

    /// The primary is silent; it was seen 32 MB back 30 s ago and last at `Cluster.position` 20 s ago.
    static func lose(_ cluster: inout Cluster) {
        cluster.silence("primary")
        cluster.clock.record(Cluster.behind(32 * megabyte), on: Timeline(rawValue: 1), at: Cluster.ago(30))
        cluster.clock.record(Cluster.position, on: Timeline(rawValue: 1), at: Cluster.ago(20))
    }

    static let withoutPrimary: [Row] = [
        Row(
            "field case 28: behind the last known position", "dr", .receive, bytes: 32 * megabyte, seconds: 30.01,
            .lastKnownPrimary
        ) {
            delay(&$0, received: 32 * megabyte, replayed: 32 * megabyte)
            lose(&$0)
        },
        Row(
            "field case 29: received and not replayed is not lost", "dr", .receive, bytes: 0, seconds: nil,
            .lastKnownPrimary
        ) {
            delay(&$0, replayed: 32 * megabyte)
            lose(&$0)
        },
        Row(
            "field case 29: received and not replayed is shown", bytes: 32 * megabyte, seconds: 30.01, .lastKnownPrimary
        ) {
            delay(&$0, replayed: 32 * megabyte)
            lose(&$0)
        },
        Row(
            "nothing known of the primary: against the most advanced", bytes: megabyte, seconds: nil,
            .mostAdvancedStandby
        ) {
            delay(&$0, received: megabyte, replayed: megabyte)
            $0.silence("primary")
        },
        Row("the most advanced itself", "replica", bytes: 0, seconds: nil, .mostAdvancedStandby) {
            delay(&$0, received: megabyte, replayed: megabyte)
            $0.silence("primary")
        },
        Row(
            "a standby beyond the last known position counts more", bytes: megabyte + 0x100, seconds: nil,
            .mostAdvancedStandby
        ) {
            lose(&$0)
            delay(&$0, received: megabyte, replayed: megabyte)
            $0.change("replica") { $0.receiveLSN = LSN(rawValue: 0x2_0000_0100) }
            $0.clock = LSNClock()
            $0.clock.record(Cluster.position, on: Timeline(rawValue: 1), at: Cluster.ago(20))
        },
        Row(
            "what a walreceiver last heard of the primary", "dr", .receive, bytes: megabyte, seconds: nil,
            .lastKnownPrimary
        ) {
            delay(&$0, received: megabyte, replayed: megabyte)
            $0.change("replica") { own in
                own.receiveLSN = Cluster.behind(4096)
                own.replayLSN = Cluster.behind(4096)
                own.receiver?.latestEndLSN = Cluster.position
            }
            $0.silence("primary")
        },
        Row("the last known position of another timeline", bytes: megabyte, seconds: nil, .mostAdvancedStandby) {
            delay(&$0, received: megabyte, replayed: megabyte)
            $0.silence("primary")
            $0.clock.record(LSN(rawValue: .max), on: Timeline(rawValue: 7), at: Cluster.ago(20))
        },
        Row("a standby of another system is no measure", bytes: 0, seconds: nil, .mostAdvancedStandby) {
            $0.silence("primary")
            $0.snapshot.nodes.append(Cluster.node("third", .replica, number: 4, Cluster.standby("third", number: 4)))
            $0.change("replica") { own in
                own.systemIdentifier = SystemIdentifier(rawValue: "1")
                own.receiveLSN = LSN(rawValue: .max)
            }
        },
    ]
}
