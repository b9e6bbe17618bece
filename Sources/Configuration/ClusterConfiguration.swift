package import Postgres
package import Replication

/// A cluster as its operators mean it: which nodes there are and what is normal.
package struct ClusterConfiguration: Sendable, Equatable {
    /// Its name: 1 to 63 letters, digits, `.`, `_` and `-`.
    package var name: String
    /// Its nodes, in the file's order; names are unique, no two are one server, at most one is of kind `primary`.
    package var nodes: [NodeConfiguration]
    /// The limits beyond which an observed value becomes a finding.
    package var thresholds: Thresholds
    /// The deadline of an observation round, all nodes together; 100 ms to 10 min.
    package var timeout: Duration
    /// The settings, without a server, that replace those of each node's `connection` where pgdr changes something;
    /// nil: it acts as it looks.
    package var admin: ConnectionString?
    /// The settings, without a server and without a password, of a standby's connection to its upstream; nil: those
    /// that the standby has already.
    package var replication: ConnectionString?
    /// How applications reach the primary, in the file's order, names are unique; empty: see `clientPath(named:)`.
    package var clients: [ClientPath]
    /// What a role change may cost applications.
    package var objectives: Objectives
    /// What happens by itself when the primary is lost.
    package var failover: FailoverPolicy
    /// The hosts that only vote, in the file's order; names are unique and none is a node's.
    package var witnesses: [WitnessConfiguration]

    /// The deadline of an observation round where the file names none.
    package static let defaultTimeout: Duration = .seconds(5)

    /// A cluster by its parts; nothing is checked here.
    package init(
        name: String, nodes: [NodeConfiguration], thresholds: Thresholds = Thresholds(),
        timeout: Duration = defaultTimeout, admin: ConnectionString? = nil, replication: ConnectionString? = nil,
        clients: [ClientPath] = [], objectives: Objectives = Objectives(),
        failover: FailoverPolicy = FailoverPolicy(), witnesses: [WitnessConfiguration] = []
    ) {
        self.name = name
        self.nodes = nodes
        self.thresholds = thresholds
        self.timeout = timeout
        self.admin = admin
        self.replication = replication
        self.clients = clients
        self.objectives = objectives
        self.failover = failover
        self.witnesses = witnesses
    }

    /// How pgdr connects to a node in order to change something there.
    package func actingConnection(of node: NodeConfiguration) -> ConnectionString {
        admin.map { node.connection.merging($0) } ?? node.connection
    }

    /// The node of that name, nil when there is none.
    package func node(named name: String) -> NodeConfiguration? { nodes.first { $0.name == name } }

    /// The sites of its nodes, each once, in the file's order.
    package var nodeSites: [String] { Self.distinct(nodes.compactMap(\.site)) }

    /// The sites of its nodes, then those at which there are only witnesses, each once, in the file's order.
    package var sites: [String] { Self.distinct(nodes.compactMap(\.site) + witnesses.compactMap(\.site)) }

    private static func distinct(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
