package import Configuration
package import Replication

/// Everything that decides whether there is a failover, and which: one value, which the audit log keeps.
package struct Situation: Sendable, Equatable, Codable {
    /// What was seen of the primary and the standbys.
    package var evidence: Evidence
    /// How long a loss has been seen.
    package var confirmation: Confirmation
    /// What the configuration wants.
    package var policy: DecisionPolicy
    /// Whether a person or monitor asked for it, or the policy alone.
    package var request: Request
    /// The voters, and which of them this observer has the locks of.
    package var quorum: Quorum
    /// What was decided before about the timeline that would be replaced.
    package var decisions: [Decision]
    /// What holds for all observers of the cluster.
    package var control: ControlState
    /// How the old primary can be kept from coming back.
    package var fencing: FencingMeans
    /// Whether its server was started again already and didn't stay up.
    package var wasRestarted: Bool

    /// A situation by its parts.
    package init(
        evidence: Evidence, confirmation: Confirmation, policy: DecisionPolicy, request: Request, quorum: Quorum,
        decisions: [Decision] = [], control: ControlState, fencing: FencingMeans, wasRestarted: Bool = false
    ) {
        self.evidence = evidence
        self.confirmation = confirmation
        self.policy = policy
        self.request = request
        self.quorum = quorum
        self.decisions = decisions
        self.control = control
        self.fencing = fencing
        self.wasRestarted = wasRestarted
    }

    /// What is known before voters and others are asked; what they would say counts against a failover until then.
    package init(
        _ evidence: Evidence, _ confirmation: Confirmation, _ policy: FailoverPolicy, _ request: Request,
        wasRestarted: Bool = false
    ) {
        self.init(
            evidence: evidence, confirmation: confirmation, policy: DecisionPolicy(policy), request: request,
            quorum: Quorum(voters: [], locked: []), control: ControlState(isKnown: false, at: evidence.at),
            fencing: .none, wasRestarted: wasRestarted)
    }

    /// Who wants a failover, and which risks they take.
    package struct Request: Sendable, Equatable, Codable {
        /// Whether nobody is there to answer for it: the policy's limits hold then.
        package var isAutomatic: Bool
        /// What identifies the alert that caused it; the same one causes one failover at most.
        package var triggerID: String?
        /// Why, in words.
        package var reason: String?
        /// The primary that is lost, as a person says who can be blamed for it; nil: it must be proved.
        package var primary: String?
        /// WAL in bytes that may be lost; nil: what the policy says.
        package var acceptedLoss: UInt64?
        /// Whether a person goes on without a majority of the voters.
        package var acceptsNoQuorum: Bool
        /// Whether a person goes on though the old primary may still take writes.
        package var acceptsUnfenced: Bool

        /// A request without any risk taken.
        package init(
            isAutomatic: Bool, triggerID: String? = nil, reason: String? = nil, primary: String? = nil,
            acceptedLoss: UInt64? = nil, acceptsNoQuorum: Bool = false, acceptsUnfenced: Bool = false
        ) {
            self.isAutomatic = isAutomatic
            self.triggerID = triggerID
            self.reason = reason
            self.primary = primary
            self.acceptedLoss = acceptedLoss
            self.acceptsNoQuorum = acceptsNoQuorum
            self.acceptsUnfenced = acceptsUnfenced
        }
    }

    /// The voters and the locks.
    package struct Quorum: Sendable, Equatable, Codable {
        /// All voters by name: promotable nodes and witnesses, without the primary that would be replaced.
        package var voters: [String]
        /// Those whose lock this observer has.
        package var locked: [String]

        /// Voters and locks.
        package init(voters: [String], locked: [String]) {
            self.voters = voters
            self.locked = locked
        }

        /// How many are more than half of all voters, reachable or not.
        package var majority: Int { voters.count / 2 + 1 }
        /// Whether this observer has the locks of so many.
        package var isMajority: Bool { Set(locked).intersection(voters).count >= majority }
    }
}

/// What was decided about a timeline, as a voter has it; written once and never changed.
package struct Decision: Sendable, Hashable, Codable {
    /// The voter that has it.
    package var voter: String
    /// The node that was to be promoted.
    package var nominee: String
    /// The run that was to do it.
    package var run: String
    /// The alert that caused it; nil: none.
    package var triggerID: String?

    /// A decision by its parts.
    package init(voter: String, nominee: String, run: String, triggerID: String? = nil) {
        self.voter = voter
        self.nominee = nominee
        self.run = run
        self.triggerID = triggerID
    }
}

/// What holds for all observers of a cluster; it lives in the cluster itself and is replicated with it.
package struct ControlState: Sendable, Equatable, Codable {
    /// Whether it could be read from a node.
    package var isKnown: Bool
    /// When the cluster's own clock said it was read.
    package var at: Moment
    /// Until when no failover may happen by itself; nil: not paused.
    package var pausedUntil: Moment?
    /// Why it is paused.
    package var pauseReason: String?
    /// The failovers there were, the latest last.
    package var failovers: [PastFailover]

    /// A state by its parts.
    package init(
        isKnown: Bool, at: Moment, pausedUntil: Moment? = nil, pauseReason: String? = nil,
        failovers: [PastFailover] = []
    ) {
        self.isKnown = isKnown
        self.at = at
        self.pausedUntil = pausedUntil
        self.pauseReason = pauseReason
        self.failovers = failovers
    }

    /// A failover that was done.
    package struct PastFailover: Sendable, Equatable, Codable {
        /// When, by the new primary's clock.
        package var at: Moment
        /// The new primary.
        package var primary: String
        /// The timeline that it replaced.
        package var timeline: Timeline
        /// The run that did it.
        package var run: String
        /// The alert that caused it; nil: none.
        package var triggerID: String?
        /// Whether nobody asked for it but the policy.
        package var isAutomatic: Bool

        /// A failover by its parts.
        package init(
            at: Moment, primary: String, timeline: Timeline, run: String, triggerID: String? = nil,
            isAutomatic: Bool = true
        ) {
            self.at = at
            self.primary = primary
            self.timeline = timeline
            self.run = run
            self.triggerID = triggerID
            self.isAutomatic = isAutomatic
        }
    }
}

/// How an old primary can be kept from taking writes.
package enum FencingMeans: String, Sendable, Codable {
    /// Its host takes commands: stopped, marked, kept from starting, and all of it verified.
    case host
    /// The configured fence command.
    case command
    /// There is none.
    case none
}
