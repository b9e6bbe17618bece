/// What can be wrong with a cluster, or worth knowing: each with its evidence.
public enum Diagnosis: Sendable, Equatable {
    // Who is there.
    /// `stillStreaming` are the standbys that receive WAL all the same: the primary lives, only we can't reach it.
    case primaryUnreachable(NodeSilence, stillStreaming: [Receiver])
    case noPrimary(silent: [String])
    case twoPrimaries([String])
    case nodeUnreachable(NodeSilence)
    case roleDiffersFromKind
    case sameServer(other: String)
    case systemIdentifierDiffers(own: SystemIdentifier, primarys: SystemIdentifier)
    case versionMismatch(own: String, primarys: String)

    // Who follows whom.
    case divergedTimeline(timeline: Timeline, position: LSN, fork: LSN?)
    case timelineAhead(own: Timeline, primarys: Timeline)
    case timelinesNotComparable(reason: String)
    case notStreaming(position: LSN?, behind: UInt64?, receiver: String?)
    case wrongUpstream(expected: String, actual: String)
    case unknownUpstream(host: String, port: Int?)
    case upstreamCycle([String])

    // Replay.
    case replayPaused(behind: UInt64?)
    case replayPausedByTarget(RecoveryTargetSetting)
    case replayPausedByParameters([ParameterDifference])
    case replayWaitsForQuery(waitEvent: String)
    case delayedStandby(seconds: Double)
    case lagBytes(UInt64, limit: UInt64)
    case lagSeconds(Double, limit: Double, source: LagSource)

    // Slots and archive.
    case slotInactive(slot: String, retained: Int64?)
    case slotUnreserved(slot: String, safeWALSize: Int64?)
    case slotLost(slot: String)
    case slotMissing(slot: String, upstream: String)
    case retainedWAL(slot: String, bytes: UInt64, limit: UInt64)
    case slotHoldsVacuum(slot: String, xminAge: Int64)
    case logicalSlotLostOnFailover(slot: String)
    case archiverFailing(file: String?, count: Int64)
    case archiverStuck(segments: UInt64, seconds: Double)

    // Commits.
    case synchronousCommitWaits(needed: Int, present: Int, waiting: Int64)

    // Fitness.
    case walLevelUnfit(String)
    case tooFewWALSenders(setting: Int64, needed: Int)
    case hotStandbyOff
    case rewindImpossible(reason: String)
    case parametersLower([ParameterDifference])
    case connectionsNearLimit(used: Int64, limit: Int64, percent: Double)

    // What we see with.
    case notMonitor
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
