/// A row of `pg_stat_replication`: a walsender and what its receiver has confirmed.
public struct WALSenderRow: Sendable, Equatable, Codable {
    /// The walsender's process.
    public var pid: Int32
    /// The role it logged in as.
    public var userName: String?
    /// What the receiver calls itself; PostgreSQL's own default is `walreceiver`.
    public var applicationName: String?
    /// The receiver's numeric address; nil over a Unix socket.
    public var clientAddress: String?
    /// `startup`, `catchup`, `streaming`, `backup` or `stopping`; nil when hidden.
    public var state: String?
    /// How far WAL was sent.
    public var sentLSN: LSN?
    /// How far the receiver has written it.
    public var writeLSN: LSN?
    /// How far the receiver has made it durable.
    public var flushLSN: LSN?
    /// How far the receiver has replayed it, as of its last reply; nil for backups and pg_receivewal.
    public var replayLSN: LSN?
    /// Seconds between a commit's local flush and the notice of its write there, as last measured.
    public var writeLag: Double?
    /// The same for its flush.
    public var flushLag: Double?
    /// The same for its replay; not renewed while replay makes no progress.
    public var replayLag: Double?
    /// `async`, `potential`, `sync` or `quorum`.
    public var syncState: String?
    /// When the receiver sent its last reply, on the *receiver's* clock.
    public var replyTime: Moment?
    /// When the walsender started.
    public var backendStart: Moment?

    enum CodingKeys: String, CodingKey {
        case pid, state
        case userName = "usename"
        case applicationName = "application_name"
        case clientAddress = "client_addr"
        case sentLSN = "sent_lsn"
        case writeLSN = "write_lsn"
        case flushLSN = "flush_lsn"
        case replayLSN = "replay_lsn"
        case writeLag = "write_lag"
        case flushLag = "flush_lag"
        case replayLag = "replay_lag"
        case syncState = "sync_state"
        case replyTime = "reply_time"
        case backendStart = "backend_start"
    }

    /// A row of which nothing but the process, name and state is known.
    public init(pid: Int32, applicationName: String?, state: String?) {
        self.pid = pid
        self.applicationName = applicationName
        self.state = state
    }

    /// Whether a base backup or an archiving client (pg_receivewal, barman) receives here rather than a standby:
    /// neither replays anything.
    ///
    /// A standby reports where it stands in replay with its first reply; before that all its positions are nil.
    public var isBackupStream: Bool {
        state == "backup" || (replayLSN == nil && (writeLSN != nil || flushLSN != nil))
    }
}

/// A row of `pg_replication_slots`.
public struct SlotRow: Sendable, Equatable, Codable {
    /// The slot's name.
    public var slotName: String
    /// `physical` or `logical`.
    public var slotType: String
    /// Whether somebody receives through it now.
    public var active: Bool
    /// The walsender that serves it.
    public var activePID: Int32?
    /// The oldest WAL it keeps; nil when it never reserved any, or lost it.
    public var restartLSN: LSN?
    /// `reserved`, `extended`, `unreserved` or `lost`; nil without a restart LSN.
    public var walStatus: String?
    /// Bytes that can still be written before it may be lost; nil without a limit, or when lost.
    public var safeWALSize: Int64?
    /// Whether it vanishes with its connection.
    public var temporary: Bool
    /// Whether it is synchronised to standbys (17 and later; nil before).
    public var failover: Bool?
    /// Whether it is itself such a copy (17 and later; nil before).
    public var synced: Bool?
    /// WAL in bytes from its restart LSN to the server's position; nil without a restart LSN.
    public var retainedBytes: Int64?
    /// The age in transactions of the row versions it keeps from being vacuumed; nil when it keeps none.
    public var xminAge: Int64?
    /// The same for the system catalogs, which a logical slot keeps; nil when it keeps none.
    public var catalogXminAge: Int64?

    enum CodingKeys: String, CodingKey {
        case active, temporary, failover, synced
        case slotName = "slot_name"
        case slotType = "slot_type"
        case activePID = "active_pid"
        case restartLSN = "restart_lsn"
        case walStatus = "wal_status"
        case safeWALSize = "safe_wal_size"
        case retainedBytes = "retained_bytes"
        case xminAge = "xmin_age"
        case catalogXminAge = "catalog_xmin_age"
    }

    /// A slot of which nothing but the name, type and use is known.
    public init(slotName: String, slotType: String = "physical", active: Bool) {
        self.slotName = slotName
        self.slotType = slotType
        self.active = active
        self.temporary = false
    }
}

/// The row of `pg_stat_wal_receiver`.
public struct WALReceiverRow: Sendable, Equatable, Codable {
    /// `streaming`, `waiting`, `starting`, `restarting` or `stopping`.
    public var status: String
    /// How far WAL was written.
    public var writtenLSN: LSN?
    /// How far it was made durable.
    public var flushedLSN: LSN?
    /// The timeline being received; right where the control file is stale.
    public var receivedTimeline: Timeline?
    /// The end of the sender's WAL as it last reported it.
    public var latestEndLSN: LSN?
    /// When the last message arrived.
    public var lastMessageReceiptTime: Moment?
    /// The slot it uses; nil when none.
    public var slotName: String?
    /// The host it receives from, as `primary_conninfo` gives it.
    public var senderHost: String?
    /// The port it receives from.
    public var senderPort: Int?

    enum CodingKeys: String, CodingKey {
        case status
        case writtenLSN = "written_lsn"
        case flushedLSN = "flushed_lsn"
        case receivedTimeline = "received_tli"
        case latestEndLSN = "latest_end_lsn"
        case lastMessageReceiptTime = "last_msg_receipt_time"
        case slotName = "slot_name"
        case senderHost = "sender_host"
        case senderPort = "sender_port"
    }

    /// A walreceiver of which nothing but the status is known.
    public init(status: String) { self.status = status }
}

/// What the control file says (`pg_control_checkpoint()`, `pg_control_recovery()`).
public struct ControlFile: Sendable, Equatable, Codable {
    /// The timeline of the last checkpoint or restartpoint.
    public var checkpointTimeline: Timeline
    /// The timeline up to which a standby must replay to be consistent; 0 on a primary.
    public var minRecoveryEndTimeline: Timeline?

    enum CodingKeys: String, CodingKey {
        case checkpointTimeline = "checkpoint_timeline"
        case minRecoveryEndTimeline = "min_recovery_end_timeline"
    }

    /// A control file with that timeline.
    public init(checkpointTimeline: Timeline) { self.checkpointTimeline = checkpointTimeline }
}

/// A setting that stops recovery before the end of WAL.
public struct RecoveryTargetSetting: Sendable, Equatable, Codable {
    /// The setting, such as `recovery_target_time`.
    public var name: String
    /// Its value.
    public var setting: String
    /// The file it stands in; nil when the role may not see it.
    public var file: String?

    /// A setting, its value and its file.
    public init(name: String, setting: String, file: String?) {
        self.name = name
        self.setting = setting
        self.file = file
    }
}

/// What `primary_conninfo` says of the upstream; never more than this, for it may hold a password.
public struct PrimaryConninfo: Sendable, Equatable, Codable {
    /// Whether it is set.
    public var configured: Bool
    /// The upstream's host, nil when it is not in keyword form.
    public var host: String?
    /// The upstream's port.
    public var port: Int?
    /// What the standby calls itself there.
    public var applicationName: String?

    enum CodingKeys: String, CodingKey {
        case configured, host, port
        case applicationName = "application_name"
    }

    /// The upstream that is written down.
    public init(configured: Bool, host: String? = nil, port: Int? = nil, applicationName: String? = nil) {
        self.configured = configured
        self.host = host
        self.port = port
        self.applicationName = applicationName
    }
}

/// The row of `pg_stat_archiver`.
public struct ArchiverRow: Sendable, Equatable, Codable {
    /// The last file archived; nil when none was since the statistics were reset.
    public var lastArchivedWAL: String?
    /// When that was.
    public var lastArchivedTime: Moment?
    /// The last file that could not be archived.
    public var lastFailedWAL: String?
    /// When that was.
    public var lastFailedTime: Moment?
    /// How often archiving failed.
    public var failedCount: Int64

    enum CodingKeys: String, CodingKey {
        case lastArchivedWAL = "last_archived_wal"
        case lastArchivedTime = "last_archived_time"
        case lastFailedWAL = "last_failed_wal"
        case lastFailedTime = "last_failed_time"
        case failedCount = "failed_count"
    }

    /// An archiver that did nothing yet.
    public init() { failedCount = 0 }
}

/// Counts from `pg_stat_activity`.
public struct ConnectionCounts: Sendable, Equatable, Codable {
    /// Client backends, this one included.
    public var used: Int64
    /// Backends that wait for a synchronous standby to confirm their commit.
    public var waitingForSync: Int64

    enum CodingKeys: String, CodingKey {
        case used
        case waitingForSync = "waiting_for_sync"
    }

    /// Those counts.
    public init(used: Int64, waitingForSync: Int64) {
        self.used = used
        self.waitingForSync = waitingForSync
    }
}
