/// What one server said of itself in one answer; the columns of `sql/observe.sql`.
///
/// Moments are on the server's own clock. A value is nil where PostgreSQL says NULL, where it makes no sense in the
/// server's role, or where the role that asked may not see it.
public struct NodeSnapshot: Sendable, Equatable, Codable {
    /// The server's clock when it answered (`clock_timestamp()`).
    public var now: Moment
    /// `server_version_num`, such as 150018.
    public var serverVersionNum: Int
    /// `server_version`, with the distributor's addition.
    public var serverVersion: String
    /// What initdb gave the cluster; nil if the role may not see it.
    public var systemIdentifier: SystemIdentifier?
    /// When the postmaster started.
    public var postmasterStart: Moment?
    /// `pg_is_in_recovery()`: true for a standby, false for a primary.
    public var inRecovery: Bool
    /// Whether the role that asked is a member of pg_monitor; if not, columns are hidden from it.
    public var monitor: Bool
    /// Whether the role may read the timeline history files.
    public var canReadHistory: Bool
    /// The timeline a primary writes on; nil on a standby.
    public var timeline: Timeline?
    /// `pg_current_wal_lsn()`: what the primary has written; nil on a standby.
    public var currentLSN: LSN?
    /// `pg_current_wal_flush_lsn()`: what the primary has made durable; nil on a standby.
    public var flushLSN: LSN?
    /// `pg_last_wal_replay_lsn()`; nil on a primary.
    public var replayLSN: LSN?
    /// `pg_last_wal_receive_lsn()`: what was received by streaming and made durable; nil on a primary and on a
    /// standby that never streamed since it started.
    public var receiveLSN: LSN?
    /// `pg_last_xact_replay_timestamp()`: when the last transaction replayed was committed, on the *primary's* clock.
    public var replayTimestamp: Moment?
    /// `pg_get_wal_replay_pause_state()`: `not paused`, `pause requested` or `paused`; nil on a primary.
    public var replayPauseState: String?
    /// Settings that stop recovery before the end of WAL; nil when there are none.
    public var recoveryTarget: [RecoveryTargetSetting]?
    /// `pg_stat_replication`, ordered by application name: who receives WAL from here.
    public var standbys: [WALSenderRow]
    /// `pg_replication_slots`, ordered by name.
    public var slots: [SlotRow]
    /// `pg_stat_wal_receiver`; nil when no walreceiver runs.
    public var receiver: WALReceiverRow?
    /// The greatest timeline that WAL in `pg_wal` is of; nil on a primary and while a walreceiver runs.
    public var walTimeline: Timeline?
    /// The control file; its timeline is stale on a standby until the next restartpoint.
    public var control: ControlFile?
    /// Settings in the server's base units (see `pg_settings`); those hidden from the role are absent.
    public var settings: [String: String?]
    /// What `primary_conninfo` says of the upstream.
    public var primaryConninfo: PrimaryConninfo?
    /// `pg_stat_archiver`.
    public var archiver: ArchiverRow?
    /// Who is connected.
    public var connections: ConnectionCounts?
    /// What the startup process waits for (`wait_event`); nil when it works, or on a primary.
    public var startupWait: String?
    /// Whether no walreceiver ran and the startup process waited for WAL, before the positions were read; nil on a
    /// primary and where the role may not see it.
    public var waitsForWAL: Bool?

    enum CodingKeys: String, CodingKey {
        case now, monitor, timeline, standbys, slots, receiver, control, settings, archiver, connections
        case serverVersionNum = "server_version_num"
        case serverVersion = "server_version"
        case systemIdentifier = "system_identifier"
        case postmasterStart = "postmaster_start"
        case inRecovery = "in_recovery"
        case canReadHistory = "can_read_history"
        case walTimeline = "wal_timeline"
        case currentLSN = "current_lsn"
        case flushLSN = "flush_lsn"
        case replayLSN = "replay_lsn"
        case receiveLSN = "receive_lsn"
        case replayTimestamp = "replay_timestamp"
        case replayPauseState = "replay_pause_state"
        case recoveryTarget = "recovery_target"
        case primaryConninfo = "primary_conninfo"
        case startupWait = "startup_wait"
        case waitsForWAL = "waits_for_wal"
    }

    /// A server of which nothing is known but its role.
    public init(inRecovery: Bool, now: Moment, serverVersionNum: Int = 150_018) {
        self.now = now
        self.serverVersionNum = serverVersionNum
        self.serverVersion = "\(serverVersionNum / 10_000).\(serverVersionNum % 10_000)"
        self.inRecovery = inRecovery
        self.monitor = true
        self.canReadHistory = false
        self.standbys = []
        self.slots = []
        self.settings = [:]
    }
}

extension NodeSnapshot {
    /// A setting's value, nil when it is hidden or this version doesn't have it.
    public func setting(_ name: String) -> String? { settings[name] ?? nil }

    /// A setting's value as a whole number in its base unit, nil when it is hidden or no number.
    public func integerSetting(_ name: String) -> Int64? { setting(name).flatMap { Int64($0) } }

    /// The major version, such as 15.
    public var majorVersion: Int { serverVersionNum / 10_000 }

    /// Whether two answers came from one and the same server.
    public func isSameServer(as other: NodeSnapshot) -> Bool {
        guard let systemIdentifier, let postmasterStart else { return false }
        return systemIdentifier == other.systemIdentifier && postmasterStart == other.postmasterStart
    }

    /// Where the server stands: what a primary has written, of a standby the greater of received and replayed.
    ///
    /// Replay is ahead of receive after a restart and when WAL comes from the archive.
    public var position: LSN? {
        guard inRecovery else { return currentLSN }
        return [receiveLSN, replayLSN].compactMap(\.self).max()
    }

    /// Where the WAL ends that the server has and can make use of.
    ///
    /// What a standby received may end within a record, which is worth nothing without the rest. Where nothing comes in
    /// any more and the startup process waits for WAL, it has replayed all that is whole; else this is the position.
    public var endOfWAL: LSN? {
        inRecovery && waitsForWAL == true ? replayLSN ?? position : position
    }

    /// The timeline the server is on.
    ///
    /// A standby's is the one its walreceiver gets; without a walreceiver the greatest that its WAL is of or the control
    /// file knows of. That may be too low, for a role outside pg_monitor, but never too high.
    public var currentTimeline: Timeline? {
        guard inRecovery else { return timeline }
        if let received = receiver?.receivedTimeline, received.rawValue > 0 { return received }
        return [walTimeline, control?.checkpointTimeline, control?.minRecoveryEndTimeline].compactMap(\.self).max()
    }

    /// Whether replay stands still because someone paused it (or a recovery target or parameter did).
    public var isReplayPaused: Bool { replayPauseState == "paused" }

    /// `recovery_min_apply_delay` in seconds; zero when there is none.
    public var applyDelay: Double { Double(integerSetting("recovery_min_apply_delay") ?? 0) / 1000 }

    /// Whether WAL is coming in by streaming now.
    public var isStreaming: Bool { receiver?.status == "streaming" }

    /// Whether the standby isn't even told to stream, and lives from the archive alone.
    public var isLogShippingOnly: Bool { inRecovery && primaryConninfo?.configured == false && receiver == nil }
}
