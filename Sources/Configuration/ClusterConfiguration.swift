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

    /// The deadline of an observation round where the file names none.
    package static let defaultTimeout: Duration = .seconds(5)

    /// A cluster by its parts; nothing is checked here.
    package init(
        name: String, nodes: [NodeConfiguration], thresholds: Thresholds = Thresholds(),
        timeout: Duration = defaultTimeout
    ) {
        self.name = name
        self.nodes = nodes
        self.thresholds = thresholds
        self.timeout = timeout
    }

    /// The node of that name, nil when there is none.
    package func node(named name: String) -> NodeConfiguration? { nodes.first { $0.name == name } }
}
