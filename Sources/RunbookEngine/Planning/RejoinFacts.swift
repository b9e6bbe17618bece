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
    /// Whether a person wants a new copy whatever would do.
    package var isCopyWanted = false
    /// The node's own history; nil on timeline 1, or when it could not be read.
    package var history: TimelineHistory?
    /// Whether the primary still has the WAL from the node's end on; nil when that isn't known.
    package var isWALThere: Bool?
    /// The primary's timeline.
    package var primaryTimeline: Timeline
    /// What the primary had written once all else had been asked; nil: not known.
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

    /// Where the node's own line of history and the primary's part; nil when they don't, or when that isn't known.
    package var fork: LSN? {
        if let history, let primaryHistory, case .elsewhere(let fork) = primaryHistory.ancestry(of: history) {
            return fork
        }
        guard timeline != primaryTimeline else { return nil }
        return primaryHistory?.forkPoint(from: timeline)
    }

    /// Whether the node's timeline only bears the number of one of the primary's history.
    var isOtherLine: Bool {
        guard let history, let primaryHistory else { return false }
        return primaryHistory.ancestry(of: history) != .same
    }

    /// The segment of the node's own WAL that holds the fork.
    package var forkSegment: String? {
        guard let fork else { return nil }
        // On whichever timeline the node was when it wrote that position.
        let timeline = history?.ancestors.first { $0.switchPoint > fork }?.timeline ?? timeline
        return WALSegment(containing: fork, on: timeline, size: segmentSize)?.name
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
        guard facts.timeline <= facts.primaryTimeline || (facts.isGivenUp && facts.isCopyWanted) else {
            return .refused(
                reason:
                    "it is on timeline \(facts.timeline), the primary on \(facts.primaryTimeline): it was promoted later"
            )
        }
        if facts.isCopyWanted { return .rebuild(reason: "a new copy is wanted") }
        if facts.timeline == facts.primaryTimeline { return decideOnSameTimeline(facts) }
        guard let fork = facts.fork else {
            return .rebuild(
                reason: facts.primaryHistory == nil
                    ? "the primary's timeline history could not be read"
                    : "its timeline \(facts.timeline) is not in the primary's history")
        }
        if !facts.isOtherLine, let end = facts.endOfWAL, end <= fork {
            return follow(
                facts, "its WAL ends at \(end), the primary left timeline \(facts.timeline) at \(fork)")
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
        let timeline = "timeline \(facts.timeline)"
        if facts.isOtherLine {
            return .rebuild(reason: "its \(timeline) is another one than the primary's: both were promoted")
        }
        if facts.wasPrimary || facts.runsAsPrimary {
            return .rebuild(reason: "it was a primary on \(timeline) beside the primary, without having been promoted")
        }
        if let end = facts.endOfWAL, let position = facts.primaryPosition, end > position {
            return .rebuild(
                reason: "its WAL ends at \(end), the primary is on the same timeline and only at \(position)")
        }
        return follow(facts, "it is on the primary's \(timeline)")
    }

    /// Following needs all WAL since the node's end; without it the server would wait for ever.
    private static func follow(_ facts: RejoinFacts, _ reason: String) -> RejoinMethod {
        guard facts.isWALThere == false, !facts.hasRestoreCommand else { return .follow(reason: reason) }
        return .rebuild(reason: "\(reason), and the primary no longer has the WAL from there on")
    }
}
