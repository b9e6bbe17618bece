/// How the WAL of a standby relates to that of the primary: whether their positions can be compared at all.
public enum Ancestry: Sendable, Equatable {
    /// All the standby has is part of the primary's history: it is behind or level.
    case descends
    /// The standby has WAL that the primary's timeline doesn't: `position` on `timeline`, which the primary left at
    /// `fork` (nil when it never was on it).
    case diverged(timeline: Timeline, position: LSN, fork: LSN?)
    /// The standby is on a timeline that the primary hasn't reached: it, or what it follows, was promoted later.
    case ahead(timeline: Timeline)
    /// Another cluster altogether.
    case otherSystem
    /// It could not be told; the reason is for people.
    case unknown(String)

    /// Relates a standby to the primary, or to the standby that stands in for a primary that is silent.
    ///
    /// A standby that streams on the primary's timeline descends from it: its walreceiver has followed each switch.
    /// One without a walreceiver may be on a later timeline than its control file knows, so it counts as diverged
    /// only if its own history files know of no later timeline.
    public static func of(_ standby: ObservedNode, comparedTo primary: ObservedNode) -> Ancestry {
        guard let snapshot = standby.snapshot, let other = primary.snapshot else { return .unknown("no answer") }
        if let mine = snapshot.systemIdentifier, let theirs = other.systemIdentifier, mine != theirs {
            return .otherSystem
        }
        guard let timeline = snapshot.currentTimeline, let current = other.currentTimeline else {
            return .unknown("the timeline is hidden from the role")
        }
        if timeline > current { return .ahead(timeline: timeline) }
        let line = primary.histories.first { $0.timeline == current }
        if let own = standby.histories.first(where: { $0.timeline == timeline }), let line,
            case .elsewhere(let fork) = line.ancestry(of: own)
        {
            // Two promotions gave two timelines the same number.
            return snapshot.endOfWAL.map { .diverged(timeline: timeline, position: $0, fork: fork) }
                ?? .unknown("the standby has no position yet")
        }
        if timeline == current {
            // A standby that isn't fed can't be beyond its primary, unless that lost what it once had.
            guard let position = snapshot.endOfWAL, let written = other.currentLSN, position > written,
                snapshot.monitor, snapshot.receiver == nil
            else { return .descends }
            return .unknown("at \(position) it is beyond the primary's \(written), which may have lost WAL")
        }
        guard let position = snapshot.endOfWAL else { return .unknown("the standby has no position yet") }
        guard let line else { return .unknown("the history of timeline \(current) could not be read") }
        if line.contains(position, on: timeline) { return .descends }
        let isCertain =
            snapshot.receiver?.receivedTimeline == timeline
            || (snapshot.canReadHistory && !standby.histories.contains { $0.timeline > timeline })
        guard isCertain else {
            return .unknown(
                "its last known timeline is \(timeline), and at \(position) it is beyond the point where timeline"
                    + " \(current) left that one; it may have followed since or have diverged")
        }
        return .diverged(timeline: timeline, position: position, fork: line.forkPoint(from: timeline))
    }
}
