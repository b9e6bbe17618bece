/// The answers of all nodes of a cluster in one round.
public struct ClusterSnapshot: Sendable, Equatable {
    /// The cluster's name in the configuration.
    public var name: String
    /// When the round ended, on the observer's clock.
    public var at: Moment
    /// How long the round took, in seconds.
    public var took: Double
    /// One entry a configured node, in the order of the configuration.
    public var nodes: [ObservedNode]
    /// What the cluster tells of its drills; nil: not asked.
    public var drills: DrillReading?

    /// A round's answers.
    public init(name: String, at: Moment, took: Double = 0, nodes: [ObservedNode]) {
        self.name = name
        self.at = at
        self.took = took
        self.nodes = nodes
    }

    /// The node of that name.
    public func node(_ name: String) -> ObservedNode? { nodes.first { $0.name == name } }

    /// The nodes that are not in recovery, in the order of the configuration; a server that is configured twice
    /// counts once.
    public var primaries: [ObservedNode] {
        var found: [ObservedNode] = []
        for node in nodes {
            guard let own = node.snapshot, !own.inRecovery,
                !found.contains(where: { $0.snapshot?.isSameServer(as: own) ?? false })
            else { continue }
            found.append(node)
        }
        return found
    }

    /// Between the first and the last answer of the round, in seconds; zero with fewer than two answers.
    ///
    /// Positions of different nodes may be apart by what was written in that time.
    public var skew: Double {
        let moments = nodes.compactMap { $0.answer.timing?.answered }
        guard let first = moments.min(), let last = moments.max() else { return 0 }
        return last - first
    }
}

/// A configured node and what it answered.
public struct ObservedNode: Sendable, Equatable {
    /// The node's name in the configuration.
    public var name: String
    /// What the node is for.
    public var kind: NodeKind
    /// Which standby is preferred; 0 means that it is never promoted.
    public var priority: Int
    /// The `application_name` its walreceiver is expected to use.
    public var applicationName: String
    /// The node it is configured to receive from; nil when any will do.
    public var expectedUpstream: String?
    /// Hosts and numeric addresses it is known under.
    public var addresses: Set<String>
    /// Ports it is configured with; empty when the configuration names none.
    public var ports: Set<Int> = []
    /// The numeric address it was reached at; nil when it was silent, or over a Unix socket.
    public var serverAddress: String?
    /// What it answered.
    public var answer: NodeAnswer
    /// Its timeline history files; empty when they were not needed or could not be read.
    public var histories: [TimelineHistory]

    /// A node and its answer.
    public init(
        name: String, kind: NodeKind, answer: NodeAnswer, priority: Int = 100, applicationName: String? = nil,
        expectedUpstream: String? = nil, addresses: Set<String> = [], histories: [TimelineHistory] = []
    ) {
        self.name = name
        self.kind = kind
        self.answer = answer
        self.priority = priority
        self.applicationName = applicationName ?? name
        self.expectedUpstream = expectedUpstream
        self.addresses = addresses
        self.histories = histories
    }

    /// What the server said, nil when it was silent.
    public var snapshot: NodeSnapshot? {
        if case .answered(let snapshot, _) = answer { return snapshot }
        return nil
    }

    /// Why the server was silent, nil when it answered.
    public var silence: NodeSilence? {
        if case .silent(let silence) = answer { return silence }
        return nil
    }

    /// How far the server's clock is ahead of the observer's, in seconds, and how much the measurement leaves open
    /// to either side: the answer was made some time between asking and hearing.
    public var clockOffset: (seconds: Double, uncertainty: Double)? {
        guard case .answered(let snapshot, let timing) = answer else { return nil }
        let middle = Moment(rawValue: (timing.asked.rawValue + timing.answered.rawValue) / 2)
        return (snapshot.now - middle, (timing.answered - timing.asked) / 2)
    }
}

/// What came back from a node.
public enum NodeAnswer: Sendable, Equatable {
    /// The server's own words, and when it was asked.
    case answered(NodeSnapshot, Timing)
    /// None that can be used.
    case silent(NodeSilence)

    /// When the server was asked and answered; nil for silence.
    public var timing: Timing? {
        if case .answered(_, let timing) = self { return timing }
        return nil
    }
}

/// When a statement was sent and its answer was there, on the observer's clock.
public struct Timing: Sendable, Equatable {
    /// When the statement was sent.
    public var asked: Moment
    /// When the answer was there.
    public var answered: Moment

    /// The two moments.
    public init(asked: Moment, answered: Moment) {
        self.asked = asked
        self.answered = answered
    }
}

/// Why a node gave no answer that can be used.
public struct NodeSilence: Sendable, Equatable {
    /// A stable word for it, such as `refused`, `connect_timeout` or `authentication_failed`.
    public var reason: String
    /// What libpq or the server said.
    public var detail: String
    /// Whether a server answered at all, be it with a refusal: its postmaster is alive.
    public var postmasterAlive: Bool

    /// A silence and its reason.
    public init(reason: String, detail: String, postmasterAlive: Bool) {
        self.reason = reason
        self.detail = detail
        self.postmasterAlive = postmasterAlive
    }
}
