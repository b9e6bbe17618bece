/// A history of where a primary stood when: it tells how long ago a position was the primary's own.
///
/// The only measure of time lag that needs neither the standby's clock nor a transaction to be replayed: "it stands
/// where the primary stood 3.2 s ago". Its resolution is the distance of the samples, its reach their number.
public struct LSNClock: Sendable, Equatable {
    /// Where the primary stood at a moment on the observer's clock.
    public struct Sample: Sendable, Equatable {
        /// When the primary answered.
        public var at: Moment
        /// What it had written.
        public var lsn: LSN
    }

    /// The samples, the oldest first; both moments and positions ascend.
    public private(set) var samples: [Sample] = []
    /// The timeline all samples are on.
    public private(set) var timeline: Timeline?
    private var system: SystemIdentifier?
    private let capacity: Int

    /// An empty history that keeps up to `capacity` samples, at least three.
    public init(capacity: Int = 4096) { self.capacity = max(3, capacity) }

    /// Adds a sample.
    ///
    /// Another system or timeline, or a position that goes back, starts the history anew.
    public mutating func record(
        _ lsn: LSN, on timeline: Timeline?, of system: SystemIdentifier? = nil, at moment: Moment
    ) {
        if timeline != self.timeline || system != self.system
            || (samples.last.map { $0.lsn > lsn || $0.at > moment } ?? false)
        {
            samples = []
            self.timeline = timeline
            self.system = system
        }
        samples.append(Sample(at: moment, lsn: lsn))
        if samples.count > capacity { thin() }
    }

    /// Adds the position of the only primary of a round, if there is one.
    public mutating func record(_ snapshot: ClusterSnapshot) {
        let primaries = snapshot.primaries
        guard primaries.count == 1, case .answered(let primary, let timing)? = primaries.first?.answer,
            let lsn = primary.currentLSN
        else { return }
        record(lsn, on: primary.timeline, of: primary.systemIdentifier, at: timing.answered)
    }

    /// How many seconds before `now` the primary last stood at `lsn`: zero for where it stands now, nil for a position
    /// before the first sample or beyond the last.
    public func age(of lsn: LSN, asOf now: Moment) -> Double? {
        guard let last = samples.last, let first = samples.first else { return nil }
        if lsn == last.lsn { return max(0, now - last.at) }
        guard lsn >= first.lsn else { return nil }
        // The last sample at or before the position: while the primary was idle, the position was its own all along.
        guard let index = samples.lastIndex(where: { $0.lsn <= lsn }), index + 1 < samples.count else { return nil }
        let (before, after) = (samples[index], samples[index + 1])
        let share = Double(lsn.bytesAhead(of: before.lsn)) / Double(max(1, after.lsn.bytesAhead(of: before.lsn)))
        return max(0, now - (before.at + share * (after.at - before.at)))
    }

    /// Drops every second sample of the older half: the further back, the coarser.
    private mutating func thin() {
        let half = samples.count / 2
        samples = samples[..<half].enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element) + samples[half...]
    }
}
