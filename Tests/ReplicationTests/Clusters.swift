import Replication
import Testing

/// A cluster in the middle of being looked at; rows of the tests start from a healthy one and change it.
struct Cluster: Sendable {
    var snapshot: ClusterSnapshot
    var clock = LSNClock()
    var thresholds = Thresholds()

    var report: ClusterReport { assess(snapshot, thresholds, clock: clock) }
    var findings: [Finding] { report.findings }
    var topology: Topology { Topology(snapshot) }

    /// Changes what a node answered; a silent node stays as it is.
    mutating func change(_ name: String, _ body: (inout NodeSnapshot) -> Void) {
        observe(name) { node in
            guard case .answered(var snapshot, let timing) = node.answer else { return }
            body(&snapshot)
            node.answer = .answered(snapshot, timing)
        }
    }

    /// Changes a node as it was observed.
    mutating func observe(_ name: String, _ body: (inout ObservedNode) -> Void) {
        for index in snapshot.nodes.indices where snapshot.nodes[index].name == name { body(&snapshot.nodes[index]) }
    }

    /// Changes the walsender that serves a standby.
    mutating func changeRow(of standby: String, on upstream: String = "primary", _ body: (inout WALSenderRow) -> Void) {
        change(upstream) { own in
            for index in own.standbys.indices where own.standbys[index].applicationName == standby {
                body(&own.standbys[index])
            }
        }
    }

    /// Changes a replication slot.
    mutating func changeSlot(_ slot: String, on server: String = "primary", _ body: (inout SlotRow) -> Void) {
        change(server) { own in
            for index in own.slots.indices where own.slots[index].slotName == slot { body(&own.slots[index]) }
        }
    }

    mutating func set(_ setting: String, _ value: String?, on node: String) {
        change(node) { $0.settings[setting] = value }
    }

    mutating func silence(_ name: String, _ reason: String = "connect_timeout", postmasterAlive: Bool = false) {
        observe(name) { node in
            node.answer = .silent(NodeSilence(reason: reason, detail: "no luck", postmasterAlive: postmasterAlive))
        }
    }

    /// Moves a standby in what it and its walsender say.
    mutating func place(_ standby: String, received: LSN, replayed: LSN) {
        change(standby) { own in
            own.receiveLSN = received
            own.replayLSN = replayed
            own.receiver?.writtenLSN = received
            own.receiver?.flushedLSN = received
        }
        changeRow(of: standby) { row in
            row.sentLSN = received
            row.writeLSN = received
            row.flushLSN = received
            row.replayLSN = replayed
        }
    }

    /// Takes the walreceiver and the walsender of a standby away; its slot stays, unused.
    mutating func disconnect(_ standby: String) {
        change(standby) { $0.receiver = nil }
        change("primary") { own in own.standbys.removeAll { $0.applicationName == standby } }
        changeSlot(standby) { slot in
            slot.active = false
            slot.activePID = nil
        }
    }

    /// Makes a standby a primary on the timeline that its promotion starts.
    mutating func promote(_ name: String, to timeline: UInt32, at lsn: LSN = Cluster.position) {
        change(name) { own in
            own.inRecovery = false
            own.timeline = Timeline(rawValue: timeline)
            own.currentLSN = lsn
            own.flushLSN = lsn
            own.receiver = nil
            own.replayPauseState = nil
        }
    }
}

extension Cluster {
    /// When the nodes were asked, on the observer's clock; they answer 10 ms later, and their clocks are right.
    static let asked = Moment(rawValue: 1_790_000_000)
    static let answered = Moment(rawValue: 1_790_000_000.01)
    /// Where the primary and both standbys stand: the start of segment 512.
    static let position = LSN(rawValue: 0x2_0000_0000)
    static let system = SystemIdentifier(rawValue: "7412345678901234567")

    /// `position` less that many bytes.
    static func behind(_ bytes: UInt64) -> LSN { LSN(rawValue: position.rawValue - bytes) }

    /// That many seconds before the nodes were asked.
    static func ago(_ seconds: Double) -> Moment { asked + -seconds }

    /// A primary, a standby for disaster recovery and one for reading, both streaming from the primary through a slot
    /// of their own, level with it.
    static var healthy: Cluster {
        let nodes = [
            node("primary", .primary, number: 1, primary()), node("dr", .dr, number: 2, standby("dr", number: 2)),
            node("replica", .replica, number: 3, standby("replica", number: 3)),
        ]
        return Cluster(snapshot: ClusterSnapshot(name: "main", at: answered, took: 0.01, nodes: nodes))
    }

    static func node(_ name: String, _ kind: NodeKind, number: Int, _ snapshot: NodeSnapshot) -> ObservedNode {
        var node = ObservedNode(
            name: name, kind: kind,
            answer: .answered(snapshot, Timing(asked: asked, answered: answered)), addresses: ["10.0.0.\(number)"])
        node.serverAddress = "10.0.0.\(number)"
        return node
    }

    private static func server(inRecovery: Bool, number: Int) -> NodeSnapshot {
        var own = NodeSnapshot(inRecovery: inRecovery, now: asked + 0.005)
        own.systemIdentifier = system
        own.postmasterStart = ago(100_000 + Double(number))
        own.canReadHistory = true
        own.connections = ConnectionCounts(used: 10, waitingForSync: 0)
        own.archiver = ArchiverRow()
        own.control = ControlFile(checkpointTimeline: Timeline(rawValue: 1))
        own.settings = [
            "archive_command": "true", "archive_mode": "on", "cluster_name": "", "data_checksums": "off",
            "full_page_writes": "on", "hot_standby": "on", "max_connections": "100",
            "max_locks_per_transaction": "64", "max_prepared_transactions": "0", "max_replication_slots": "10",
            "max_wal_senders": "10", "max_worker_processes": "8", "port": "5432", "primary_slot_name": "",
            "recovery_min_apply_delay": "0", "shared_preload_libraries": "",
            "superuser_reserved_connections": "3", "synchronous_standby_names": "", "wal_level": "replica",
            "wal_log_hints": "on", "wal_receiver_status_interval": "10", "wal_segment_size": "16777216",
        ]
        return own
    }

    static func primary() -> NodeSnapshot {
        var own = server(inRecovery: false, number: 1)
        own.timeline = Timeline(rawValue: 1)
        own.currentLSN = position
        own.flushLSN = position
        own.standbys = [row("dr", number: 2), row("replica", number: 3)]
        own.slots = [slot("dr", number: 2), slot("replica", number: 3)]
        own.archiver?.lastArchivedWAL = "0000000100000001000000FF"
        own.archiver?.lastArchivedTime = ago(60)
        return own
    }

    static func standby(_ name: String, number: Int) -> NodeSnapshot {
        var own = server(inRecovery: true, number: number)
        own.receiveLSN = position
        own.replayLSN = position
        own.replayTimestamp = ago(0.5)
        own.replayPauseState = "not paused"
        own.control?.minRecoveryEndTimeline = Timeline(rawValue: 1)
        own.settings["primary_slot_name"] = name
        own.primaryConninfo = PrimaryConninfo(configured: true, host: "10.0.0.1", port: 5432, applicationName: name)
        var receiver = WALReceiverRow(status: "streaming")
        receiver.writtenLSN = position
        receiver.flushedLSN = position
        receiver.receivedTimeline = Timeline(rawValue: 1)
        receiver.slotName = name
        receiver.senderHost = "10.0.0.1"
        receiver.senderPort = 5432
        own.receiver = receiver
        return own
    }

    /// A walsender; its pid is a hundred times the number of the node it serves.
    static func row(_ name: String?, number: Int, state: String = "streaming") -> WALSenderRow {
        var row = WALSenderRow(pid: Int32(number * 100), applicationName: name, state: state)
        row.userName = "replicator"
        row.clientAddress = "10.0.0.\(number)"
        row.sentLSN = position
        row.writeLSN = position
        row.flushLSN = position
        row.replayLSN = position
        row.syncState = "async"
        row.replyTime = ago(1)
        row.backendStart = ago(5000)
        return row
    }

    static func slot(_ name: String, number: Int) -> SlotRow {
        var slot = SlotRow(slotName: name, active: true)
        slot.activePID = Int32(number * 100)
        slot.restartLSN = position
        slot.walStatus = "reserved"
        slot.retainedBytes = 0
        return slot
    }
}

/// A change of the healthy cluster with a name for the test's output.
struct Change: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var apply: @Sendable (inout Cluster) -> Void

    init(_ name: String, _ apply: @escaping @Sendable (inout Cluster) -> Void) {
        testDescription = name
        self.apply = apply
    }

    var cluster: Cluster {
        var cluster = Cluster.healthy
        apply(&cluster)
        return cluster
    }
}
