import Configuration
import Replication

/// What `pgdr config check` found; the same promises as `StatusDocument`.
struct ConfigurationDocument: Encodable {
    var schema = 1
    var path: String
    var clusters: [Cluster]
    var warnings: [Warning]

    init(file: ConfigurationFile, clusters: [ClusterConfiguration]) {
        path = file.path
        self.clusters = clusters.map { cluster in
            Cluster(
                name: cluster.name, nodes: cluster.nodes.map { Node(name: $0.name, kind: $0.kind.rawValue) })
        }
        warnings = file.warnings.map { warning in
            Warning(
                line: warning.location.line, column: warning.location.column, message: warning.text, hint: warning.hint)
        }
    }

    struct Cluster: Encodable {
        var name: String
        var nodes: [Node]
    }

    struct Node: Encodable {
        var name: String
        var kind: String
    }

    struct Warning: Encodable {
        var line: Int
        var column: Int
        var message: String
        var hint: String
    }

    /// The clusters and the advice for people, who have read the warnings themselves on standard error.
    var lines: String {
        let members = clusters.map { cluster in
            let nodes = cluster.nodes.map { "\($0.name) (\($0.kind))" }.joined(separator: ", ")
            return "\(path): cluster \"\(cluster.name)\": \(nodes)"
        }
        let advice = warnings.map { "\(path):\($0.line):\($0.column): HINT: \($0.hint)" }
        return (members + advice).joined(separator: "\n")
    }
}
