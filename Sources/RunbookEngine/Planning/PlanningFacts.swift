package import Configuration
package import Essentials
package import Hosts
package import Postgres
package import Replication

/// All that a plan is made from: what the configuration says and what the nodes and hosts said just now.
package struct PlanningFacts: Sendable {
    /// The cluster as configured.
    package var cluster: ClusterConfiguration
    /// What the servers said.
    package var snapshot: ClusterSnapshot
    /// What the hosts said, by node.
    package var hosts: [String: HostFacts]
    /// Why hosts said nothing, by node.
    package var hostProblems: [String: Failure]
    /// What standbys' connections to their upstream have in common, without host, port and name: from the
    /// configuration, else from a standby's own; nil when neither tells.
    package var replication: ConnectionString?
    /// The identifier of the run to be; names of files that belong to it hold it.
    package var run: String
    /// The machine that pgdr runs on, by its own name; empty: not asked.
    package var observer = ""
    /// Whether the configuration tells what depends on the databases.
    package var hasEstate = false
    /// Each node's tablespaces outside its data directory, by node, as absolute paths; absent: not asked.
    package var tablespaces: [String: [String]] = [:]
    /// The size of all databases in bytes, by node; absent: not asked.
    package var sizes: [String: UInt64] = [:]
    /// The name of the superuser that initdb made, by node; absent: not asked, or no answer.
    package var superusers: [String: String] = [:]
    /// The texts of files of this machine that steps send, by path.
    package var texts: [String: Result<String, Failure>] = [:]
    /// How a node could come back under another primary, by node; absent: not asked.
    package var rejoining: [String: RejoinFacts] = [:]

    /// Facts by their parts.
    package init(
        cluster: ClusterConfiguration, snapshot: ClusterSnapshot, hosts: [String: HostFacts],
        hostProblems: [String: Failure], replication: ConnectionString?, run: String
    ) {
        self.cluster = cluster
        self.snapshot = snapshot
        self.hosts = hosts
        self.hostProblems = hostProblems
        self.replication = replication
        self.run = run
    }

    /// The name of the only primary, nil when there is none or more than one.
    package var primary: String? {
        let primaries = snapshot.primaries
        return primaries.count == 1 ? primaries.first?.name : nil
    }

    /// The nodes that are standbys now, in the configuration's order.
    package var standbys: [String] {
        snapshot.nodes.filter { $0.snapshot?.inRecovery == true }.map(\.name)
    }

    /// The standbys that stream from the primary itself, and those of which it isn't known.
    package var followers: [String] {
        let report = assess(snapshot, cluster.thresholds)
        return standbys.filter { name in
            guard let upstream = report.node(name)?.upstream else { return true }
            return upstream == primary || !standbys.contains(upstream)
        }
    }

    /// The slot that a node streams through: the one it names now, else one named after it.
    package func slot(of name: String) -> String {
        if let current = snapshot.node(name)?.snapshot?.setting("primary_slot_name"), !current.isEmpty {
            return current
        }
        let wanted = Self.slotName(cluster.node(named: name)?.applicationName ?? name)
        let rivals = cluster.nodes.map(\.name).filter { other in
            Self.slotName(cluster.node(named: other)?.applicationName ?? other) == wanted
        }
        // Names that differ only in what a slot's name can't have must not share a slot.
        guard let place = rivals.firstIndex(of: name), place > 0 else { return wanted }
        return "\(wanted.prefix(60))_\(place + 1)"
    }

    /// The name that a slot gets after an application name: lower case letters, digits and `_`, at most 63.
    private static func slotName(_ applicationName: String) -> String {
        let letters = applicationName.lowercased().unicodeScalars.map { scalar -> Character in
            let isAllowed = scalar.isASCII && (Character(scalar).isLetter || Character(scalar).isNumber)
            return isAllowed ? Character(scalar) : "_"
        }
        return String(letters.prefix(63))
    }

    /// What a node's host said.
    /// - Throws: `refused` with the reason why it said nothing.
    package func host(_ name: String) throws(Failure) -> HostFacts {
        if let facts = hosts[name] { return facts }
        if let problem = hostProblems[name] {
            throw Failure(
                .refused, "the host of node \"\(name)\" could not be reached", detail: problem.text, hint: problem.hint,
                node: name)
        }
        throw Failure(
            .refused, "node \"\(name)\" has no \"ssh\" in the configuration",
            hint: "Say how its host is reached: ssh: user@host", node: name)
    }

    /// The node as configured.
    package func node(_ name: String) throws(Failure) -> NodeConfiguration { try cluster.existingNode(named: name) }
}
