package import Essentials
package import Postgres
package import Replication

/// A node as its operators mean it: how to reach it and what it is for; what it *is* is observed.
package struct NodeConfiguration: Sendable, Equatable {
    /// Its name: 1 to 63 letters, digits, `.`, `_` and `-`.
    package var name: String
    /// How pgdr connects to PostgreSQL there.
    package var connection: ConnectionString
    /// What the node is for.
    package var kind: NodeKind
    /// Where it stands; nodes of one site are lost together; nil: not said.
    package var site: String?
    /// Where other nodes reach its server for replication; nil: where its `connection` leads.
    package var address: ServerAddress?
    /// How commands reach its host; nil: not at all, so it can't be fenced, rebuilt or restarted.
    package var ssh: SSHAddress?
    /// Its data directory, an absolute path; nil: ask the server.
    package var dataDirectory: String?
    /// How it is started and stopped; nil: pgdr can't.
    package var service: ServiceConfiguration?
    /// Rank among nodes that may be promoted, higher is preferred; 0: never promote.
    package var priority: Int
    /// The name of the node it should replicate from; nil: from the primary, whichever that is.
    package var upstream: String?
    /// The `application_name` of its walreceiver, by which `pg_stat_replication` and `synchronous_standby_names`
    /// know it.
    package var applicationName: String
    /// The directory on its host, an absolute path, in which it keeps decision records; nil: beside its data
    /// directory.
    package var decisions: String?

    /// The priority of a node for which the file names none.
    package static let defaultPriority = 100

    /// A node by its parts; nothing is checked here, and the application name is the node's name where it's nil.
    package init(
        name: String, connection: ConnectionString, kind: NodeKind, site: String? = nil,
        address: ServerAddress? = nil, ssh: SSHAddress? = nil, dataDirectory: String? = nil,
        service: ServiceConfiguration? = nil, priority: Int = defaultPriority, upstream: String? = nil,
        applicationName: String? = nil, decisions: String? = nil
    ) {
        self.name = name
        self.connection = connection
        self.kind = kind
        self.site = site
        self.address = address
        self.ssh = ssh
        self.dataDirectory = dataDirectory
        self.service = service
        self.priority = priority
        self.upstream = upstream
        self.applicationName = applicationName ?? name
        self.decisions = decisions
    }

    /// Whether it is meant to become primary when need be.
    package var isPromotable: Bool { priority > 0 && kind != .backup }
}

extension NodeConfiguration {
    /// Where other nodes reach its server for replication.
    /// - Throws: `refused` when the configuration doesn't tell.
    package func replicationAddress() throws(Failure) -> ServerAddress {
        if let address { return address }
        guard let address = ServerAddress(of: connection) else {
            throw Failure(
                .refused, "could not tell where other nodes reach node \"\(name)\"",
                detail: "Its connection leads to a socket directory or a service, which only this machine knows.",
                hint: "Give the node \"address: HOST:PORT\" in the configuration.", node: name)
        }
        return address
    }
}
