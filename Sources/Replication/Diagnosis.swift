/// What can be wrong with a cluster, or worth knowing: each with its evidence.
public enum Diagnosis: Sendable, Equatable {
    // Who is there.
    /// The node configured as primary gives no answer and no other node is primary. `stillStreaming` are the standbys
    /// whose walreceivers are connected to it all the same; empty when none is known.
    case primaryUnreachable(NodeSilence, stillStreaming: [Receiver])
    /// All nodes that answered are in recovery, and the one configured as primary is none of the silent ones. `silent`
    /// names those that gave no answer; empty when all answered.
    case noPrimary(silent: [String])
    /// Several nodes take writes: their names, in the order of the configuration.
    case twoPrimaries([String])
    /// A node that isn't the missing primary gives no answer, and why.
    case nodeUnreachable(NodeSilence)
    /// The node is primary though it is configured for something else.
    case roleDiffersFromKind
    /// The node and `other` are one server under two names.
    case sameServer(other: String)
    /// The node was not made from the primary's data: its system identifier and the primary's.
    case systemIdentifierDiffers(own: SystemIdentifier, primarys: SystemIdentifier)
    /// The node runs another version than the primary: both as the servers print them, such as 15.4.
    case versionMismatch(own: String, primarys: String)

    // Who follows whom.
    /// The node has WAL that the primary lacks: it is at `position` on `timeline`, which the primary left at `fork`;
    /// nil when that timeline is none of the primary's ancestors.
    case divergedTimeline(timeline: Timeline, position: LSN, fork: LSN?)
    /// The node is on a later timeline than the primary: both timelines.
    case timelineAhead(own: Timeline, primarys: Timeline)
    /// Whether the node is behind or has diverged is unknown, and for what reason, in words.
    case timelinesNotComparable(reason: String)
    /// The standby receives nothing. `position` is the greater of received and replayed, nil when it has none; `behind`
    /// is the WAL in bytes it has not received, nil when unknown; `receiver` is the state of its walreceiver, nil when
    /// none runs.
    case notStreaming(position: LSN?, behind: UInt64?, receiver: String?)
    /// The standby receives from `actual` instead of `expected`, its configured upstream. Where critical, both are
    /// primaries: the one it follows, directly or through others, and the one that lag is measured against.
    case wrongUpstream(expected: String, actual: String)
    /// The standby receives from a server that isn't configured; `port` is nil when its walreceiver doesn't tell.
    case unknownUpstream(host: String, port: Int?)
    /// Standbys receive from each other: the names along the circle, the first repeated at the end.
    case upstreamCycle([String])

    // Replay.
    /// Somebody paused replay. `behind` is the WAL in bytes that is not replayed, nil when unknown.
    case replayPaused(behind: UInt64?)
    /// Replay has stopped at a recovery target: the setting that says so.
    case replayPausedByTarget(RecoveryTargetSetting)
    /// Replay has stopped because these settings are lower than the primary's.
    case replayPausedByParameters([ParameterDifference])
    /// Replay waits for a query on the standby to end: the startup process's wait event.
    case replayWaitsForQuery(waitEvent: String)
    /// The standby replays that many seconds late on purpose (`recovery_min_apply_delay`).
    case delayedStandby(seconds: Double)
    /// The standby is that many bytes of WAL behind, more than the limit.
    case lagBytes(UInt64, limit: UInt64)
    /// The standby is that many seconds behind, more than the limit in seconds, by what `source` measured; an upper
    /// bound if that is the replay timestamp.
    case lagSeconds(Double, limit: Double, source: LagSource)

    // Slots and archive.
    /// Nobody uses the slot, which keeps WAL: `retained` bytes of it, nil when unknown.
    case slotInactive(slot: String, retained: Int64?)
    /// The slot's WAL is beyond `max_slot_wal_keep_size` and may go with the next checkpoint. `safeWALSize` is how many
    /// bytes may still be written before that, negative when none; nil when unknown.
    case slotUnreserved(slot: String, safeWALSize: Int64?)
    /// WAL that the slot needs is gone.
    case slotLost(slot: String)
    /// The slot that the standby is set to use doesn't exist on `upstream`.
    case slotMissing(slot: String, upstream: String)
    /// The slot keeps that many bytes of WAL, more than the limit.
    case retainedWAL(slot: String, bytes: UInt64, limit: UInt64)
    /// An unused slot keeps vacuum from removing dead rows; `xminAge` is the age of what it holds, in transactions.
    case slotHoldsVacuum(slot: String, xminAge: Int64)
    /// No standby would have this logical slot after a failover.
    case logicalSlotLostOnFailover(slot: String)
    /// The last attempt to archive failed: `file` is the WAL file, nil when unknown; `count` is the number of failures
    /// since the statistics were reset.
    case archiverFailing(file: String?, count: Int64)
    /// That many complete segments wait to be archived though nothing failed; the last was archived `seconds` ago.
    case archiverStuck(segments: UInt64, seconds: Double)

    // Commits.
    /// Commits wait for ever: `needed` standbys must confirm, `present` of those named stream; `waiting` sessions wait
    /// now.
    case synchronousCommitWaits(needed: Int, present: Int, waiting: Int64)

    // Fitness.
    /// No standby can live from WAL of this `wal_level`.
    case walLevelUnfit(String)
    /// As a primary the node could not serve all others: the value of `max_wal_senders`, and the one needed.
    case tooFewWALSenders(setting: Int64, needed: Int)
    /// As a standby the node would take no queries, and could not be asked.
    case hotStandbyOff
    /// pg_rewind could not bring the node back after a failover, and for what reason, as a sentence.
    case rewindImpossible(reason: String)
    /// These settings are lower than the primary's; replay would stop when the primary makes use of its own.
    case parametersLower([ParameterDifference])
    /// `used` of the `limit` connections that ordinary roles can have are taken, which is `percent`.
    case connectionsNearLimit(used: Int64, limit: Int64, percent: Double)

    // What was proved.
    /// The last successful drill of that kind ended `age` seconds ago, more than the limit in seconds; nil: there was
    /// none.
    case drillOverdue(DrillKind, age: Double?, limit: Double)
    /// When the last drills were can't be told, and for what reason, in words.
    case drillsUnknown(reason: String)

    // What we see with.
    /// The role is no member of `pg_monitor`, so that much is hidden from it.
    case notMonitor
    /// The node's clock is that many seconds ahead of the primary's, negative when behind, give or take `uncertainty`
    /// seconds; the limit is in seconds too.
    case clockOffset(seconds: Double, uncertainty: Double, limit: Double)
}

/// A standby whose walreceiver is connected, and how many seconds ago the last message came in; nil when unknown.
///
/// A walsender with nothing to send says so about every 30 s (`wal_sender_timeout` / 2). Until its own
/// `wal_receiver_timeout`, a walreceiver doesn't notice that the sender's host is gone.
public struct Receiver: Sendable, Equatable {
    /// The standby.
    public var standby: String
    /// The age of the last message, by the standby's own clock.
    public var silentFor: Double?

    /// A connected walreceiver.
    public init(standby: String, silentFor: Double?) {
        self.standby = standby
        self.silentFor = silentFor
    }
}

/// A setting whose value on a standby is lower than on the primary.
public struct ParameterDifference: Sendable, Equatable {
    /// The setting.
    public var name: String
    /// The standby's value.
    public var standby: Int64
    /// The primary's value.
    public var primary: Int64

    /// A setting and its two values.
    public init(name: String, standby: Int64, primary: Int64) {
        self.name = name
        self.standby = standby
        self.primary = primary
    }
}

/// A diagnosis about a node, or about the cluster as a whole, and how bad it is.
public struct Finding: Sendable, Equatable {
    /// How bad it is; `.ok` for what is only worth knowing.
    public var severity: Severity
    /// The node it is about, nil for the cluster.
    public var node: String?
    /// What was found.
    public var diagnosis: Diagnosis

    /// A finding.
    public init(_ severity: Severity, _ node: String?, _ diagnosis: Diagnosis) {
        self.severity = severity
        self.node = node
        self.diagnosis = diagnosis
    }
}
