import Configuration
import Postgres
import Replication

/// What `pgdr config check` found; the same promises as `StatusDocument`.
struct ConfigurationDocument: Encodable {
    var schema = 1
    var path: String
    var auditDirectory: String
    var runbooks: String?
    var clusters: [Cluster]
    var warnings: [Warning]

    init(file: ConfigurationFile, clusters: [ClusterConfiguration]) {
        path = file.path
        auditDirectory = file.auditDirectory
        runbooks = file.runbooks
        self.clusters = clusters.map { cluster in
            Cluster(
                name: cluster.name, admin: cluster.admin?.description, replication: cluster.replication?.description,
                clients: cluster.clients.map(ClientDocument.init), failover: Failover(cluster.failover),
                witnesses: cluster.witnesses.map(Witness.init),
                nodes: cluster.nodes.map(Node.init))
        }
        warnings = file.warnings.map { warning in
            Warning(
                line: warning.location.line, column: warning.location.column, message: warning.text, hint: warning.hint)
        }
    }

    enum CodingKeys: String, CodingKey {
        case schema, path, auditDirectory = "audit_directory", runbooks, clusters, warnings
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schema, forKey: .schema)
        try container.encode(path, forKey: .path)
        try container.encode(auditDirectory, forKey: .auditDirectory)
        try container.encode(runbooks, forKey: .runbooks)
        try container.encode(clusters, forKey: .clusters)
        try container.encode(warnings, forKey: .warnings)
    }

    struct Cluster: Encodable {
        var name: String
        /// Without secrets, like `replication`.
        var admin: String?
        var replication: String?
        var clients: [ClientDocument]
        var failover: Failover
        var witnesses: [Witness]
        var nodes: [Node]

        enum CodingKeys: String, CodingKey { case name, admin, replication, clients, failover, witnesses, nodes }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(admin, forKey: .admin)
            try container.encode(replication, forKey: .replication)
            try container.encode(clients, forKey: .clients)
            try container.encode(failover, forKey: .failover)
            try container.encode(witnesses, forKey: .witnesses)
            try container.encode(nodes, forKey: .nodes)
        }
    }

    struct ClientDocument: Encodable {
        var name: String
        /// Without secrets.
        var connection: String

        init(_ path: ClientPath) {
            name = path.name
            connection = path.routes.map(\.connection.description).joined(separator: "; ")
        }
    }

    struct Node: Encodable {
        var name: String
        var kind: String
        /// Where other nodes reach it; null where that can't be told.
        var address: String?
        /// `[user@]host[:port]`; null: no commands reach its host.
        var ssh: String?
        /// Null where the file doesn't say it, like `decisions`.
        var site: String?
        var decisions: String?

        init(_ node: NodeConfiguration) {
            name = node.name
            kind = node.kind.rawValue
            address = (try? node.replicationAddress())?.text
            ssh = node.ssh?.text
            site = node.site
            decisions = node.decisions
        }

        enum CodingKeys: String, CodingKey { case name, kind, address, ssh, site, decisions }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(kind, forKey: .kind)
            try container.encode(address, forKey: .address)
            try container.encode(ssh, forKey: .ssh)
            try container.encode(site, forKey: .site)
            try container.encode(decisions, forKey: .decisions)
        }
    }

    struct Warning: Encodable {
        var line: Int
        var column: Int
        var message: String
        var hint: String
    }

    /// The clusters and the advice for people, who have read the warnings themselves on standard error.
    var lines: String {
        let members = clusters.flatMap { cluster in
            let nodes = cluster.nodes.map { "\($0.name) (\($0.kind))" }.joined(separator: ", ")
            let witnesses = cluster.witnesses.map { ", \($0.name) (witness)" }.joined()
            let paths = cluster.clients.map { "\(path): clients \"\($0.name)\": \($0.connection)" }
            return ["\(path): cluster \"\(cluster.name)\": \(nodes)\(witnesses)"] + paths
        }
        let advice = warnings.map { "\(path):\($0.line):\($0.column): HINT: \($0.hint)" }
        return (members + advice).joined(separator: "\n")
    }
}
