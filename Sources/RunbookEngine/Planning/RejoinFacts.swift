package import Replication

/// What tells how a stopped node could come back under a primary.
package struct RejoinFacts: Sendable, Equatable {
    /// The primary's system identifier.
    package var primarySystem: SystemIdentifier?
    /// The node's system identifier, from its control file.
    package var system: SystemIdentifier?
    /// The timeline the node was on last.
    package var timeline: Timeline
    /// The end of the node's own WAL, at least; nil when it could not be found.
    package var endOfWAL: LSN?
    /// Whether it was shut down cleanly.
    package var wasShutDown: Bool
    /// Whether it streams from the primary's history already, as a running standby.
    package var streams: Bool
    /// Whether it runs as a primary now.
    package var runsAsPrimary = false
    /// Whether it was a primary when it ran last.
    package var wasPrimary = false
    /// Whether a person said that it is to be stopped although it does.
    package var isGivenUp = false
    /// The primary's timeline.
    package var primaryTimeline: Timeline
    /// What the primary had written when it was asked, to be compared with a node that was stopped before; nil: not
    /// known, or the node runs.
    package var primaryPosition: LSN?
    /// The primary's history; nil when it could not be read, which only matters on another timeline.
    package var primaryHistory: TimelineHistory?
    /// Whether pages that the node changed alone can be told: data checksums or wal_log_hints.
    package var canTellPages: Bool
    /// Whether pg_rewind is on the host.
    package var hasRewind: Bool
    /// Whether the node has a restore_command, for WAL that it doesn't have any more.
    package var hasRestoreCommand: Bool
    /// `wal_segment_size` in bytes.
    package var segmentSize: UInt64

    /// Facts by their parts.
    package init(
        primarySystem: SystemIdentifier?, system: SystemIdentifier?, timeline: Timeline, endOfWAL: LSN?,
        wasShutDown: Bool, streams: Bool, primaryTimeline: Timeline, primaryHistory: TimelineHistory?,
        canTellPages: Bool, hasRewind: Bool, hasRestoreCommand: Bool, segmentSize: UInt64
    ) {
        self.primarySystem = primarySystem
        self.system = system
        self.timeline = timeline
        self.endOfWAL = endOfWAL
        self.wasShutDown = wasShutDown
        self.streams = streams
        self.primaryTimeline = primaryTimeline
        self.primaryHistory = primaryHistory
        self.canTellPages = canTellPages
        self.hasRewind = hasRewind
        self.hasRestoreCommand = hasRestoreCommand
        self.segmentSize = segmentSize
    }

    /// Where the primary's history left the node's timeline; nil on the same timeline, or when that isn't known.
    package var fork: LSN? {
        guard timeline != primaryTimeline else { return nil }
        return primaryHistory?.forkPoint(from: timeline)
    }

    /// The segment of the node's timeline that holds the fork.
    package var forkSegment: String? {
        fork.flatMap { WALSegment(containing: $0, on: timeline, size: segmentSize)?.name }
    }
}

/// The cheapest way to bring a node back that is provably right.
package enum RejoinMethod: Sendable, Equatable {
    /// It follows already.
    case nothing
    /// Nothing diverged: it only has to be started as a standby.
    case follow(reason: String)
    /// It has WAL that the primary's history doesn't: that is saved and thrown away by pg_rewind.
    case rewind(reason: String)
    /// pg_rewind can't do it, or could not be proved to be able to: a new copy.
    case rebuild(reason: String)
    /// It must not come back under this primary.
    case refused(reason: String)

    /// Its keyword in runbooks.
    package var keyword: String {
        switch self {
        case .nothing: "nothing"
        case .follow: "follow"
        case .rewind: "rewind"
        case .rebuild: "rebuild"
        case .refused: "refused"
        }
    }

    /// Why.
    package var reason: String {
        switch self {
        case .nothing: "it streams on the primary's timeline already"
        case .follow(let reason), .rewind(let reason), .rebuild(let reason), .refused(let reason): reason
        }
    }

    /// Decides from facts alone.
    ///
    /// A position that can't be found counts as beyond the fork: following with a position beyond it would let a
    /// standby replay what the primary never had, or stop with "requested timeline is not a child".
    package static func decide(_ facts: RejoinFacts) -> RejoinMethod {
        guard let system = facts.system, let primarySystem = facts.primarySystem else {
            return .refused(reason: "the system identifiers could not be compared")
        }
        guard system == primarySystem else {
            return .refused(
                reason: "it belongs to another cluster: system identifier \(system), the primary's is \(primarySystem)")
        }
        if facts.streams { return .nothing }
        guard !facts.runsAsPrimary || facts.isGivenUp else {
            return .refused(
                reason:
                    "it runs as a primary and may take writes; with give_up it is stopped, and what it wrote alone kept"
            )
        }
        guard facts.timeline <= facts.primaryTimeline else {
            return .refused(
                reason:
                    "it is on timeline \(facts.timeline), the primary on \(facts.primaryTimeline): it was promoted later"
            )
        }
        if facts.timeline == facts.primaryTimeline { return decideOnSameTimeline(facts) }
        guard let fork = facts.fork else {
            return .rebuild(
                reason: facts.primaryHistory == nil
                    ? "the primary's timeline history could not be read"
                    : "its timeline \(facts.timeline) is not in the primary's history")
        }
        if let end = facts.endOfWAL, end <= fork {
            return .follow(reason: "its WAL ends at \(end), the primary left timeline \(facts.timeline) at \(fork)")
        }
        let diverged =
            facts.endOfWAL.map { "its WAL ends at \($0), beyond the fork at \(fork)" }
            ?? "where its WAL ends could not be found; the fork is at \(fork)"
        guard facts.canTellPages else {
            return .rebuild(reason: "\(diverged), and it has neither data checksums nor wal_log_hints")
        }
        guard facts.hasRewind else { return .rebuild(reason: "\(diverged), and pg_rewind is not on its host") }
        return .rewind(reason: diverged)
    }

    /// pg_rewind takes two servers on one timeline for one history and does nothing.
    private static func decideOnSameTimeline(_ facts: RejoinFacts) -> RejoinMethod {
        if facts.wasPrimary || facts.runsAsPrimary {
            return .rebuild(
                reason:
                    "it was a primary on timeline \(facts.timeline) beside the primary, without having been promoted")
        }
        if let end = facts.endOfWAL, let position = facts.primaryPosition, end > position {
            return .rebuild(
                reason: "its WAL ends at \(end), the primary is on the same timeline and only at \(position)")
        }
        return .follow(reason: "it is on the primary's timeline \(facts.timeline)")
    }
}
