import Replication

/// A cluster's answers, fixed down to the microsecond, and the report on them.
struct Scene {
    /// The cluster's name.
    var name = "shop"
    /// The nodes and what they answered.
    var nodes: [ObservedNode]

    /// When the first node was asked.
    static let start = Moment(rawValue: 1_700_000_000)
    /// What initdb gave the cluster.
    static let systemIdentifier = SystemIdentifier(rawValue: "7298471023847561029")

    /// The round's answers, as they were that many seconds after the first ones.
    func snapshot(later: Double = 0) -> ClusterSnapshot {
        ClusterSnapshot(name: name, at: Self.start + 0.0125 + later, took: 0.0125, nodes: nodes)
    }

    /// What the answers mean.
    func report(_ thresholds: Thresholds = Thresholds(), clock: LSNClock = LSNClock()) -> ClusterReport {
        assess(snapshot(), thresholds, clock: clock)
    }

    /// The scene as of so many seconds later by all clocks.
    func delayed(by seconds: Double) -> Scene {
        var scene = self
        for index in nodes.indices {
            guard case .answered(var snapshot, var timing) = nodes[index].answer else { continue }
            snapshot.now = snapshot.now + seconds
            snapshot.replayTimestamp = snapshot.replayTimestamp.map { $0 + seconds }
            timing = Timing(asked: timing.asked + seconds, answered: timing.answered + seconds)
            scene.nodes[index].answer = .answered(snapshot, timing)
        }
        return scene
    }

    /// The scene with what `change` makes of one node's answer.
    func changing(_ node: String, _ change: (inout NodeSnapshot) -> Void) -> Scene {
        var scene = self
        for index in nodes.indices where nodes[index].name == node {
            guard case .answered(var snapshot, let timing) = nodes[index].answer else { continue }
            change(&snapshot)
            scene.nodes[index].answer = .answered(snapshot, timing)
        }
        return scene
    }

    /// The scene with one node silent.
    func silencing(_ node: String, _ silence: NodeSilence) -> Scene {
        var scene = self
        for index in nodes.indices where nodes[index].name == node { scene.nodes[index].answer = .silent(silence) }
        return scene
    }
}

extension Scene {
    /// A primary at 1/50000000 with two standbys that have everything.
    static let healthy = Scene(nodes: [
        node("nas-1", .primary, at: 0.004, primary(0x1_5000_0000, [sender("nas-2"), sender("nas-3")])),
        node("nas-2", .dr, at: 0.0061, standby(of: "nas-1")),
        node("nas-3", .replica, at: 0.0055, standby(of: "nas-1")),
    ])

    /// The same with a DR standby whose replay is half a gigabyte behind and a replica a little behind.
    static let lagging = Scene(nodes: [
        node(
            "nas-1", .primary, at: 0.004,
            primary(
                0x1_7000_0000,
                [
                    sender("nas-2", sent: 0x1_7000_0000, flushed: 0x1_6FF0_0000, replayed: 0x1_5000_0000, lag: 0.02),
                    sender("nas-3", sent: 0x1_7000_0000, flushed: 0x1_7000_0000, replayed: 0x1_6FFF_F000, lag: 0.0031),
                ])),
        node(
            "nas-2", .dr, at: 0.0061,
            standby(of: "nas-1", received: 0x1_6FF0_0000, replayed: 0x1_5000_0000, age: 754.2)),
        node(
            "nas-3", .replica, at: 0.0055,
            standby(of: "nas-1", received: 0x1_7000_0000, replayed: 0x1_6FFF_F000, age: 0.0042)),
    ])

    /// The same, since replay is paused there.
    static let paused = lagging.changing("nas-2") { $0.replayPauseState = "paused" }

    /// A standby that follows a standby that follows the primary, and another beside the first.
    static let cascade = Scene(nodes: [
        node("nas-1", .primary, at: 0.004, primary(0x1_5000_0000, [sender("nas-2"), sender("nas-4")])),
        node(
            "nas-2", .dr, at: 0.0061,
            standby(of: "nas-1") { $0.standbys = [sender("nas-3", flushed: 0x1_4FF0_0000, replayed: 0x1_4FF0_0000)] }),
        node(
            "nas-3", .replica, at: 0.0055, standby(of: "nas-2", received: 0x1_4FF0_0000, replayed: 0x1_4FF0_0000)),
        node("nas-4", .backup, at: 0.0052, standby(of: "nas-1")),
    ])

    /// The primary doesn't answer, and neither standby hears from it.
    static let primaryLost = Scene(nodes: [
        ObservedNode(
            name: "nas-1", kind: .primary,
            answer: .silent(
                NodeSilence(
                    reason: "connect_timeout", detail: "no connection to nas-1, port 5432 within 3 s",
                    postmasterAlive: false)), addresses: ["nas-1"]),
        node("nas-2", .dr, at: 0.0061, standby(of: nil, received: 0x1_5000_0000, replayed: 0x1_5000_0000)),
        node("nas-3", .replica, at: 0.0055, standby(of: nil, received: 0x1_4FFF_0000, replayed: 0x1_4FFF_0000)),
    ])

    /// The DR standby was promoted while the primary went on.
    static let twoPrimaries = Scene(nodes: [
        node("nas-1", .primary, at: 0.004, primary(0x1_5000_0000, [sender("nas-3")])),
        node("nas-2", .dr, at: 0.0061, primary(0x1_5000_2000, [], timeline: 2)),
        node("nas-3", .replica, at: 0.0055, standby(of: "nas-1")),
    ])

    /// The healthy one with a slot that nobody uses.
    static let warned = healthy.changing("nas-1") { primary in
        var slot = SlotRow(slotName: "old_standby", active: false)
        slot.restartLSN = LSN(rawValue: 0x1_4000_0000)
        slot.walStatus = "reserved"
        slot.retainedBytes = 0x1000_0000
        primary.slots = [slot]
    }

    /// A network so slow that the standby lacks at each stage.
    static let slowNetwork = Scene(nodes: [
        node(
            "nas-1", .primary, at: 0.004,
            primary(
                0x1_7000_0000,
                [sender("nas-2", sent: 0x1_6F80_0000, flushed: 0x1_6F70_0000, replayed: 0x1_6F6F_0000, lag: 12.34)])),
        node(
            "nas-2", .dr, at: 0.0061,
            standby(of: "nas-1", received: 0x1_6F70_0000, replayed: 0x1_6F6F_0000, age: 12.4)),
    ])

    /// A primary and one standby that has all but 64 kB.
    static let pair = Scene(nodes: [
        node(
            "nas-1", .primary, at: 0.004,
            primary(
                0x1_5000_0000,
                [sender("nas-2", sent: 0x1_5000_0000, flushed: 0x1_5000_0000, replayed: 0x1_4FFF_0000, lag: 0.125)])),
        node(
            "nas-2", .dr, at: 0.0061,
            standby(of: "nas-1", received: 0x1_5000_0000, replayed: 0x1_4FFF_0000, age: 0.2) {
                $0.settings["hot_standby"] = "off"
            }),
    ])

    /// Two standbys that receive from each other beside a primary that serves none.
    static let circle = Scene(nodes: [
        node("nas-1", .primary, at: 0.004, primary(0x1_5000_0000, [])),
        node("nas-2", .dr, at: 0.0061, standby(of: "nas-3") { $0.standbys = [sender("nas-3")] }),
        node("nas-3", .replica, at: 0.0055, standby(of: "nas-2") { $0.standbys = [sender("nas-2")] }),
    ])

    /// Where the lost primary stood when it was last seen.
    static let lastSeen: LSNClock = {
        var clock = LSNClock()
        let timeline = Timeline(rawValue: 1)
        clock.record(LSN(rawValue: 0x1_4FF0_0000), on: timeline, at: start + -14)
        clock.record(LSN(rawValue: 0x1_5000_1000), on: timeline, at: start + -4)
        return clock
    }()

    /// All scenes, for what holds of each.
    static let all: [(String, Scene)] = [
        ("healthy", healthy), ("lagging", lagging), ("paused", paused), ("cascade", cascade),
        ("primary lost", primaryLost),
        ("two primaries", twoPrimaries), ("warned", warned), ("slow network", slowNetwork), ("pair", pair),
        ("circle", circle), ("alone", alone),
    ]

    /// A cluster without standbys.
    static let alone = Scene(name: "till", nodes: [node("till-1", .primary, at: 0.002, primary(0x2A_0000_0028, []))])
}

/// A node that answered so many seconds after the round began.
func node(_ name: String, _ kind: NodeKind, at seconds: Double, _ snapshot: NodeSnapshot) -> ObservedNode {
    let answered = Scene.start + seconds
    return ObservedNode(
        name: name, kind: kind, answer: .answered(snapshot, Timing(asked: Scene.start, answered: answered)),
        addresses: [name])
}

/// A primary that has written up to `position`.
func primary(_ position: UInt64, _ standbys: [WALSenderRow], timeline: UInt32 = 1) -> NodeSnapshot {
    var snapshot = NodeSnapshot(inRecovery: false, now: Scene.start + 0.002)
    snapshot.systemIdentifier = Scene.systemIdentifier
    snapshot.timeline = Timeline(rawValue: timeline)
    snapshot.currentLSN = LSN(rawValue: position)
    snapshot.flushLSN = snapshot.currentLSN
    snapshot.standbys = standbys
    return snapshot
}

/// A standby that streams from `upstream`, or has lost its walreceiver.
func standby(
    of upstream: String?, received: UInt64 = 0x1_5000_0000, replayed: UInt64 = 0x1_5000_0000, age: Double = 40,
    _ change: (inout NodeSnapshot) -> Void = { _ in }
) -> NodeSnapshot {
    var snapshot = NodeSnapshot(inRecovery: true, now: Scene.start + 0.002)
    snapshot.systemIdentifier = Scene.systemIdentifier
    snapshot.receiveLSN = LSN(rawValue: received)
    snapshot.replayLSN = LSN(rawValue: replayed)
    snapshot.replayTimestamp = Scene.start + 0.002 + -age
    snapshot.replayPauseState = "not paused"
    snapshot.primaryConninfo = PrimaryConninfo(configured: true, host: upstream ?? "nas-1")
    snapshot.control = ControlFile(checkpointTimeline: Timeline(rawValue: 1))
    if let upstream {
        var receiver = WALReceiverRow(status: "streaming")
        receiver.receivedTimeline = Timeline(rawValue: 1)
        receiver.senderHost = upstream
        snapshot.receiver = receiver
    }
    change(&snapshot)
    return snapshot
}

/// The walsender that serves a standby.
func sender(
    _ name: String, sent: UInt64 = 0x1_5000_0000, flushed: UInt64 = 0x1_5000_0000, replayed: UInt64 = 0x1_5000_0000,
    lag: Double? = nil
) -> WALSenderRow {
    var row = WALSenderRow(pid: 4711, applicationName: name, state: "streaming")
    row.sentLSN = LSN(rawValue: sent)
    row.writeLSN = LSN(rawValue: flushed)
    row.flushLSN = LSN(rawValue: flushed)
    row.replayLSN = LSN(rawValue: replayed)
    row.writeLag = lag
    row.flushLag = lag
    row.replayLag = lag
    row.syncState = "async"
    return row
}
