import Configuration
import Essentials
import Postgres
import Replication

/// What `pgdr config check` found; the same promises as `StatusDocument`.
struct ConfigurationDocument: Encodable {
    var schema = 1
    var path: String
    var auditDirectory: String
    var runbooks: String?
    var clusters: [Cluster]
    var estate: Estate?
    var warnings: [Warning]

    init(file: ConfigurationFile, clusters: [ClusterConfiguration]) {
        path = file.path
        auditDirectory = file.auditDirectory
        runbooks = file.runbooks
        self.clusters = clusters.map { cluster in
            Cluster(
                name: cluster.name, admin: cluster.admin?.description, replication: cluster.replication?.description,
                clients: cluster.clients.map(ClientDocument.init), objectives: Objectives(cluster.objectives),
                failover: Failover(cluster.failover),
                witnesses: cluster.witnesses.map(Witness.init),
                nodes: cluster.nodes.map(Node.init))
        }
        estate = file.estate.map(Estate.init)
        warnings = file.warnings.map { warning in
            Warning(
                line: warning.location.line, column: warning.location.column, message: warning.text, hint: warning.hint)
        }
    }

    enum CodingKeys: String, CodingKey {
        case schema, path, auditDirectory = "audit_directory", runbooks, clusters, estate, warnings
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schema, forKey: .schema)
        try container.encode(path, forKey: .path)
        try container.encode(auditDirectory, forKey: .auditDirectory)
        try container.encode(runbooks, forKey: .runbooks)
        try container.encode(clusters, forKey: .clusters)
        try container.encode(estate, forKey: .estate)
        try container.encode(warnings, forKey: .warnings)
    }

    struct Cluster: Encodable {
        var name: String
        /// Without secrets, like `replication`.
        var admin: String?
        var replication: String?
        var clients: [ClientDocument]
        var objectives: Objectives
        var failover: Failover
        var witnesses: [Witness]
        var nodes: [Node]

        enum CodingKeys: String, CodingKey {
            case name, admin, replication, clients, objectives, failover, witnesses, nodes
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(admin, forKey: .admin)
            try container.encode(replication, forKey: .replication)
            try container.encode(clients, forKey: .clients)
            try container.encode(objectives, forKey: .objectives)
            try container.encode(failover, forKey: .failover)
            try container.encode(witnesses, forKey: .witnesses)
            try container.encode(nodes, forKey: .nodes)
        }
    }

    /// Null: any.
    struct Objectives: Encodable {
        var rto: Double?
        var rpo: Int?

        init(_ objectives: Configuration.Objectives) {
            rto = objectives.rto?.seconds
            rpo = objectives.rpo
        }

        enum CodingKeys: String, CodingKey { case rto = "rto_seconds", rpo }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(rto, forKey: .rto)
            try container.encode(rpo, forKey: .rpo)
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

    /// What is declared to depend on the clusters; no connection string, no name of a secret.
    struct Estate: Encodable {
        var estate: EstateConfiguration

        enum CodingKeys: String, CodingKey { case timeout = "timeout_seconds", servers, services, pipelines }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(estate.timeout.seconds, forKey: .timeout)
            try container.encode(estate.servers.map(Part.init), forKey: .servers)
            try container.encode(estate.services.map(Part.init), forKey: .services)
            try container.encode(estate.pipelines.map(Part.init), forKey: .pipelines)
        }

        struct Part: Encodable {
            var name: String
            var kind: String?
            var category: String
            var deployed: Bool
            /// `[user@]host[:port]` of a server, the address of a service; null where it isn't said.
            var address: String?
            /// Where a service or a pipeline runs; null where it isn't said.
            var server: String?
            /// The services that a pipeline needs; null for all else.
            var targets: [String]?

            enum CodingKeys: String, CodingKey { case name, kind, category, deployed, address, server, targets }

            init(_ server: EstateServer) {
                name = server.name
                category = server.category
                deployed = server.isDeployed
                address = server.ssh?.text
            }

            init(_ service: EstateService) {
                name = service.name
                kind = service.kind.rawValue
                category = service.category
                deployed = service.isDeployed
                address = service.probe.place
                server = service.server
            }

            init(_ pipeline: EstatePipeline) {
                name = pipeline.name
                category = pipeline.category
                deployed = pipeline.isDeployed
                server = pipeline.from
                targets = pipeline.to
            }

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(name, forKey: .name)
                try container.encode(kind, forKey: .kind)
                try container.encode(category, forKey: .category)
                try container.encode(deployed, forKey: .deployed)
                try container.encode(address, forKey: .address)
                try container.encode(server, forKey: .server)
                try container.encode(targets, forKey: .targets)
            }
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
        return (members + [estate.map { "\(path): estate: \($0.counts)" }].compactMap(\.self) + advice).joined(
            separator: "\n")
    }
}

extension ConfigurationDocument.Estate {
    /// How much there is of each.
    fileprivate var counts: String {
        let parts = [
            (estate.servers.count, "server"), (estate.services.count, "service"), (estate.pipelines.count, "pipeline"),
        ]
        return parts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ")
    }
}
