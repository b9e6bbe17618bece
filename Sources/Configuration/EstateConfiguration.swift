/// What depends on the clusters' databases, as its operators mean it: servers, services and pipelines.
package struct EstateConfiguration: Sendable, Equatable {
    /// The machines, in the file's order.
    package var servers: [EstateServer]
    /// What answers requests, in the file's order.
    package var services: [EstateService]
    /// What carries data from a server to services, in the file's order.
    package var pipelines: [EstatePipeline]
    /// The deadline of a check, everything together; 1 s to 10 min.
    package var timeout: Duration

    /// The deadline of a check where the file names none.
    package static let defaultTimeout: Duration = .seconds(10)

    /// An estate by its parts; nothing is checked here.
    package init(
        servers: [EstateServer] = [], services: [EstateService] = [], pipelines: [EstatePipeline] = [],
        timeout: Duration = defaultTimeout
    ) {
        self.servers = servers
        self.services = services
        self.pipelines = pipelines
        self.timeout = timeout
    }

    /// The server of that name, nil when there is none.
    package func server(named name: String) -> EstateServer? { servers.first { $0.name == name } }

    /// The service of that name, nil when there is none.
    package func service(named name: String) -> EstateService? { services.first { $0.name == name } }

    /// The categories of what is checked, each once, in the file's order; servers without SSH are not checked.
    package var categories: [String] {
        var seen: Set<String> = []
        let all =
            servers.filter { $0.ssh != nil }.map(\.category) + services.map(\.category) + pipelines.map(\.category)
        return all.filter { seen.insert($0).inserted }
    }
}

/// A machine of the estate.
package struct EstateServer: Sendable, Equatable {
    /// Its name, under the rules of a node's; nothing else of the estate has it.
    package var name: String
    /// What it is, in words; nil: its name says it.
    package var title: String?
    /// How it is logged in to; nil: it isn't, and no pipeline can be looked at from it.
    package var ssh: SSHAddress?
    /// What it is counted under.
    package var category: String
    /// Whether it is there already; what runs on one that isn't is left out of checks.
    package var isDeployed: Bool

    /// A server by its parts; nothing is checked here.
    package init(
        name: String, title: String? = nil, ssh: SSHAddress? = nil, category: String = defaultCategory,
        isDeployed: Bool = true
    ) {
        self.name = name
        self.title = title
        self.ssh = ssh
        self.category = category
        self.isDeployed = isDeployed
    }

    /// What servers are counted under where the file doesn't say.
    package static let defaultCategory = "servers"
}

/// Something that answers requests.
package struct EstateService: Sendable, Equatable {
    /// Its name, under the rules of a node's; nothing else of the estate has it.
    package var name: String
    /// How it is spoken to.
    package var kind: EstateServiceKind
    /// The name of the server it runs on; nil: not said.
    package var server: String?
    /// What it is counted under.
    package var category: String
    /// Whether it is there already; one that isn't is left out of checks.
    package var isDeployed: Bool
    /// What it is asked, and what is expected of the answer.
    package var probe: EstateProbe

    /// A service by its parts; nothing is checked here.
    package init(
        name: String, kind: EstateServiceKind, server: String? = nil, category: String? = nil, isDeployed: Bool = true,
        probe: EstateProbe
    ) {
        self.name = name
        self.kind = kind
        self.server = server
        self.category = category ?? kind.defaultCategory
        self.isDeployed = isDeployed
        self.probe = probe
    }
}

/// How a service is spoken to.
package enum EstateServiceKind: String, Sendable, CaseIterable {
    case tcp
    case http
    case https
    case postgres
    case redis
    case redisSentinel = "redis-sentinel"
    case nats
    case registry
    case kubernetes

    /// What services of the kind are counted under where the file doesn't say.
    package var defaultCategory: String {
        switch self {
        case .tcp, .http, .https: "applications"
        case .postgres: "databases"
        case .redis, .redisSentinel: "caches"
        case .nats: "messaging"
        case .registry: "registries"
        case .kubernetes: "kubernetes"
        }
    }
}

/// Something that carries data from a server to services, such as a job that writes into a database.
package struct EstatePipeline: Sendable, Equatable {
    /// Its name, under the rules of a node's; nothing else of the estate has it.
    package var name: String
    /// The name of the server it runs on, which has `ssh`.
    package var from: String
    /// The names of the services it needs; at least one.
    package var to: [String]
    /// What it is counted under.
    package var category: String
    /// Whether it is there already; one that isn't is left out of checks.
    package var isDeployed: Bool

    /// A pipeline by its parts; nothing is checked here.
    package init(
        name: String, from: String, to: [String], category: String = defaultCategory, isDeployed: Bool = true
    ) {
        self.name = name
        self.from = from
        self.to = to
        self.category = category
        self.isDeployed = isDeployed
    }

    /// What pipelines are counted under where the file doesn't say.
    package static let defaultCategory = "pipelines"
}
