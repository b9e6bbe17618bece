/// How far a standby is behind at each stage of replication; PostgreSQL's own names.
public struct Lag: Sendable, Equatable {
    /// A stage on the way of WAL from the primary to the standby's data.
    public enum Stage: String, Sendable, CaseIterable {
        /// Sent by the upstream.
        case sent
        /// Written by the standby, not yet durable.
        case write
        /// Made durable by the standby, as its upstream knows.
        case flush
        /// What the standby itself says it has: the greater of received and replayed.
        case receive
        /// Replayed, so that queries see it.
        case replay
    }

    /// Sent by the upstream.
    public var sent = StageLag()
    /// Written by the standby.
    public var write = StageLag()
    /// Made durable by the standby, as its upstream knows.
    public var flush = StageLag()
    /// What the standby itself says it has.
    public var receive = StageLag()
    /// Replayed.
    public var replay = StageLag()

    /// A lag of which nothing is known.
    public init() {}

    /// The lag of one stage.
    public subscript(stage: Stage) -> StageLag {
        get {
            switch stage {
            case .sent: sent
            case .write: write
            case .flush: flush
            case .receive: receive
            case .replay: replay
            }
        }
        set {
            switch stage {
            case .sent: sent = newValue
            case .write: write = newValue
            case .flush: flush = newValue
            case .receive: receive = newValue
            case .replay: replay = newValue
            }
        }
    }
}

/// How far one stage is behind.
public struct StageLag: Sendable, Equatable {
    /// WAL in bytes between the reference and the stage; nil when unknown, never zero instead.
    public var bytes: UInt64?
    /// The age in seconds of the oldest WAL missing at the stage; nil when unknown.
    public var seconds: Double?
    /// Where the figures come from; nil when both are unknown.
    public var source: LagSource?
    /// WAL in bytes between what a cascading upstream can send and the stage; nil when the upstream is the primary.
    public var upstreamBytes: UInt64?

    /// Nothing known.
    public init() {}

    /// Figures and where they come from.
    public init(bytes: UInt64?, seconds: Double?, source: LagSource?) {
        self.bytes = bytes
        self.seconds = seconds
        self.source = source
    }
}

/// Where a lag comes from: for seconds the clock that measured them, for bytes without seconds the reference.
public enum LagSource: String, Sendable, Codable {
    /// The stage has all that the primary had written: zero, whatever any clock says.
    case caughtUp = "caught_up"
    /// `write_lag`, `flush_lag` or `replay_lag` of `pg_stat_replication`.
    case primaryLag = "pg_stat_replication"
    /// The history of the primary's positions.
    case lsnClock = "lsn_clock"
    /// The age of the last transaction replayed, corrected by the offset of the two clocks. An upper bound: what is
    /// missing may be younger.
    case replayTimestamp = "replay_timestamp"
    /// Bytes only, against what the primary has written.
    case primaryPosition = "primary_position"
    /// Against the most advanced standby that answered, for want of the primary.
    case mostAdvancedStandby = "most_advanced_standby"
    /// Against the last position of the primary that this observer saw.
    case lastKnownPrimary = "last_known_primary"
}
