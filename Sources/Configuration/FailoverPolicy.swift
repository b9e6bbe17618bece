/// What pgdr may do by itself when the primary of a cluster is lost.
package struct FailoverPolicy: Sendable, Equatable {
    /// How much happens without a person.
    package enum Mode: String, Sendable, Codable, CaseIterable {
        /// Nothing: a person starts the failover.
        case manual
        /// The decision is made and told; nothing is changed.
        case observe
        /// The failover is carried out.
        case automatic
    }

    /// What must be known about the old primary before another node is promoted.
    package enum Fencing: String, Sendable, Codable, CaseIterable {
        /// That it is stopped and stays so; without that proof nothing is promoted.
        case required
        /// Nothing: fencing is tried, and the promotion goes on without it.
        case bestEffort = "best_effort"
    }

    /// What ends a role change.
    package enum Afterwards: String, Sendable, CaseIterable {
        /// A check of all that depends on the databases.
        case estate
    }

    /// The loss above which no failover happens by itself.
    package struct MaxLag: Sendable, Equatable, Codable {
        /// The limit in bytes of WAL; nil: any loss.
        package var bytes: UInt64?
        /// The limit in seconds, as `StageLag` counts them; nil: any loss.
        package var seconds: Double?

        /// Limits by their parts.
        package init(bytes: UInt64? = 16 << 20, seconds: Double? = nil) {
            self.bytes = bytes
            self.seconds = seconds
        }
    }

    /// How many failovers may happen by themselves in any stretch of time of that length.
    package struct Rate: Sendable, Equatable {
        /// The number, 1 to 100.
        package var failovers: Int
        /// The length, 1 min to 30 days.
        package var within: Duration

        /// A rate by its parts; nothing is checked here.
        package init(failovers: Int = 2, within: Duration = .seconds(86_400)) {
            self.failovers = failovers
            self.within = within
        }
    }

    /// How much happens without a person.
    package var mode = Mode.manual
    /// How long the evidence that the primary is lost must hold, up to 10 min.
    package var confirmFor: Duration = .seconds(5)
    /// How often `pgdr monitor` looks at the cluster, 100 ms to 1 min.
    package var interval: Duration = .seconds(1)
    /// Whether PostgreSQL that is down on a host that answers is started again before anything is promoted.
    package var restartFirst = false
    /// The loss above which no failover happens by itself.
    package var maxLag = MaxLag()
    /// What must be known about the old primary before another node is promoted.
    package var fencing = Fencing.required
    /// A command on this machine that cuts the old primary off from power or network, its first word an absolute path;
    /// nil: there is none.
    package var fenceCommand: [String]?
    /// How long after a failover none happens by itself, up to 7 days.
    package var cooldown: Duration = .seconds(600)
    /// How many failovers may happen by themselves within which time.
    package var atMost = Rate()
    /// The sites of the nodes to promote rather than others, the first before the second.
    package var preferSites: [String] = []
    /// The sites of the nodes to promote only where no other can be.
    package var avoidSites: [String] = []
    /// Commands on this machine that lead clients to the new primary; each first word is an absolute path, and each
    /// reads an event, as JSON, from its standard input.
    package var routes: [[String]] = []
    /// Commands on this machine that tell people; otherwise like `routes`.
    package var notify: [[String]] = []
    /// How long each of `routes` and `notify` may take, 100 ms to 10 min.
    package var hookTimeout: Duration = .seconds(10)
    /// What ends a switchover, a promotion or a failover; nil: nothing more.
    package var after: Afterwards?

    /// The policy of a cluster whose file says nothing about it.
    package init() {}
}
