/// What a round of answers means: the one value that table, JSON, Nagios and OpenMetrics output are renderings of.
public struct ClusterReport: Sendable, Equatable {
    /// The cluster's name.
    public var name: String
    /// When the round ended, on the observer's clock.
    public var at: Moment
    /// How long the round took, in seconds.
    public var took: Double
    /// The cluster in one line.
    public var verdict: Verdict
    /// What losing the primary now would lose.
    public var rpo: RecoveryPoint
    /// Between the first and the last answer of the round, in seconds.
    public var skew: Double
    /// The primary that lag is measured against; nil when there is none.
    public var primary: String?
    /// One report a configured node, in the order of the configuration.
    public var nodes: [NodeReport]
    /// What was found, the worst first.
    public var findings: [Finding]

    /// The report on the node of that name.
    public func node(_ name: String) -> NodeReport? { nodes.first { $0.name == name } }
}

/// A cluster in one line.
public struct Verdict: Sendable, Equatable {
    /// The worst of all findings.
    public var severity: Severity
    /// One sentence.
    public var text: String
}

/// What losing the primary now would lose: the lag of the standby that would be promoted.
public struct RecoveryPoint: Sendable, Equatable {
    /// WAL in bytes that no candidate has; nil when unknown.
    public var bytes: UInt64?
    /// The age in seconds of the oldest of it; nil when unknown.
    public var seconds: Double?
    /// What the bytes are measured against; nil when unknown.
    public var source: LagSource?
    /// The standby that has most; nil when there is no candidate.
    public var node: String?
}

/// What a node is at the moment, as it says itself.
public enum RecoveryState: String, Sendable, Codable {
    /// Not in recovery.
    case primary
    /// In recovery.
    case standby
}

/// One node of a report.
public struct NodeReport: Sendable, Equatable {
    /// The node's name in the configuration.
    public var name: String
    /// What it is for.
    public var kind: NodeKind
    /// What it is; nil when it was silent.
    public var role: RecoveryState?
    /// A primary's `in production`; of a standby `pg_stat_replication.state` (`startup`, `catchup`, `streaming`, …),
    /// `archive recovery` when it lives from the archive alone, or `not streaming`; nil when it was silent.
    public var state: String?
    /// Why it was silent.
    public var silence: NodeSilence?
    /// `server_version`.
    public var serverVersion: String?
    /// The cluster it belongs to.
    public var systemIdentifier: SystemIdentifier?
    /// The timeline it is on.
    public var timeline: Timeline?
    /// A primary's written position, a standby's greater of received and replayed.
    public var lsn: LSN?
    /// The node it receives from; nil for a primary, or when no known one.
    public var upstream: String?
    /// By what its walsender was recognised.
    public var matchedBy: Topology.Match?
    /// `pg_stat_replication.sync_state`.
    public var syncState: String?
    /// How far it is behind; nil for a primary, and where positions can't be compared.
    public var lag: Lag?
    /// How its WAL relates to the primary's; nil for a primary or without one.
    public var ancestry: Ancestry?
    /// How much later than the primary's its answer came, in seconds; nil without a primary.
    public var sampledAfterPrimary: Double?
    /// How fast things move; nil unless two looks were taken.
    public var rates: Rates?
}

/// How fast a node's WAL moves between two looks.
public struct Rates: Sendable, Equatable {
    /// WAL in bytes a second: written by a primary, received by a standby.
    public var walBytesPerSecond: Double?
    /// WAL in bytes a second that a standby replays; nil for a primary.
    public var replayBytesPerSecond: Double?
    /// Seconds until a standby has replayed everything at these rates; nil when it doesn't gain on the primary, zero
    /// when it has.
    public var catchUpSeconds: Double?
}
