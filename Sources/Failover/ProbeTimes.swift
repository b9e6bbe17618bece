/// How long one kind of probe took at one place, again and again.
package struct ProbeTimes: Sendable, Equatable {
    /// What is measured.
    package enum Kind: String, Sendable, CaseIterable {
        /// A statement over a connection that is held: what a look of `pgdr monitor` asks each node.
        case look
        /// A connection, the login and the first answer: what a look does where none is held any more.
        case connection
        /// Having a host connect to the primary, over an SSH session that is held, until its postmaster's first byte.
        case view
        /// How old the last message was that a walreceiver had from the primary, when it was looked at.
        case message

        /// Into how many parts `Lookout.look` and `LookoutHosts.view` split the timeout of a look, of which a probe has
        /// one: the servers half of it, the hosts half of what the servers leave; nil: the age of a message has no
        /// limit.
        package var shares: Double? {
            switch self {
            case .look, .connection: 2
            case .view: 4
            case .message: nil
            }
        }
    }

    /// What was measured.
    package var kind: Kind
    /// The node or witness: that was asked, or from whose host the primary was looked at.
    package var place: String
    /// The times of those that were answered, in seconds, in the order of the probes.
    package var seconds: [Double]
    /// How many were not answered in time.
    package var timeouts: Int
    /// How many ended otherwise without what was asked for.
    package var failures: Int
    /// How long each was waited for, in seconds.
    package var limit: Double
    /// Why the last one of those failed; nil: none did.
    package var reason: String?

    /// Times by their parts.
    package init(
        _ kind: Kind, _ place: String, seconds: [Double] = [], timeouts: Int = 0, failures: Int = 0, limit: Double,
        reason: String? = nil
    ) {
        self.kind = kind
        self.place = place
        self.seconds = seconds
        self.timeouts = timeouts
        self.failures = failures
        self.limit = limit
        self.reason = reason
    }

    /// How many probes there were.
    package var count: Int { seconds.count + timeouts + failures }

    /// The time that so large a part of the answers took at most, in seconds (nearest rank: of fewer than 100 the 99th
    /// percentile is the maximum); nil: nothing was answered.
    package func quantile(_ share: Double) -> Double? {
        guard !seconds.isEmpty else { return nil }
        let rank = Int((share * Double(seconds.count)).rounded(.up))
        return seconds.sorted()[min(max(rank, 1), seconds.count) - 1]
    }

    /// The longest time that was seen, in seconds: of one that was not answered as long as it was waited for, which is
    /// the least that it would have taken; nil: nothing was answered, so that nothing was merely slow.
    package var slowest: Double? {
        seconds.max().map { timeouts > 0 ? max($0, limit) : $0 }
    }

    /// How far, in seconds, the slowest was from the usual one: the longest pause that was seen.
    package var spread: Double { max(0, (slowest ?? 0) - (quantile(0.5) ?? 0)) }

    /// The upper bounds, in seconds, of the histogram's buckets; one more bucket has none.
    package static let bucketBounds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]

    /// How many answers fall into each bucket: above the bound before, up to its own.
    package var bucketCounts: [Int] {
        var counts = [Int](repeating: 0, count: Self.bucketBounds.count + 1)
        for value in seconds {
            counts[Self.bucketBounds.firstIndex { value <= $0 } ?? Self.bucketBounds.count] += 1
        }
        return counts
    }
}

/// What a sample of probes found.
package struct ThresholdSample: Sendable, Equatable {
    /// How long it lasted, in seconds.
    package var span: Double
    /// The node that took writes when it began; nil: none or several did.
    package var primary: String?
    /// The times, by kind and in the configuration's order.
    package var probes: [ProbeTimes]

    /// A sample by its parts.
    package init(span: Double, primary: String?, probes: [ProbeTimes]) {
        self.span = span
        self.primary = primary
        self.probes = probes
    }

    /// How many looks it rests on, at each node.
    package var looks: Int { probes.filter { $0.kind == .look }.map(\.count).max() ?? 0 }

    /// The longest time of any probe, in seconds; nil: nothing was answered.
    package var slowest: Double? { probes.filter { $0.kind != .message }.compactMap(\.slowest).max() }

    /// Where the longest pause was seen; nil: nothing was answered.
    package var unsteadiest: ProbeTimes? {
        probes.filter { $0.kind != .message && $0.slowest != nil }.max { $0.spread < $1.spread }
    }
}
