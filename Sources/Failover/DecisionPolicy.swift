package import Configuration
internal import Essentials

/// What of the configuration decides about a failover, as the audit log keeps it: no command, whose words may be secret.
package struct DecisionPolicy: Sendable, Equatable, Codable {
    /// How much happens without a person.
    package var mode: FailoverPolicy.Mode
    /// How long, in seconds, the evidence that the primary is lost must hold.
    package var confirmFor: Double
    /// Whether PostgreSQL that is down on a host that answers is started again before anything is promoted.
    package var restartFirst: Bool
    /// The loss above which no failover happens by itself.
    package var maxLag: FailoverPolicy.MaxLag
    /// What must be known about the old primary before another node is promoted.
    package var fencing: FailoverPolicy.Fencing
    /// How long, in seconds, after a failover none happens by itself.
    package var cooldown: Double
    /// How many failovers may happen by themselves.
    package var atMost: Int
    /// In which time, in seconds.
    package var within: Double
    /// The sites of the nodes to promote rather than others, the first before the second.
    package var preferSites: [String]
    /// The sites of the nodes to promote only where no other can be.
    package var avoidSites: [String]

    /// What of a policy decides.
    package init(_ policy: FailoverPolicy) {
        mode = policy.mode
        confirmFor = policy.confirmFor.seconds
        restartFirst = policy.restartFirst
        maxLag = policy.maxLag
        fencing = policy.fencing
        cooldown = policy.cooldown.seconds
        atMost = policy.atMost.failovers
        within = policy.atMost.within.seconds
        preferSites = policy.preferSites
        avoidSites = policy.avoidSites
    }
}
