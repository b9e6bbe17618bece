package import Postgres
package import Replication

/// What a service is asked, and what is expected of the answer.
package enum EstateProbe: Sendable, Equatable {
    /// That it takes connections.
    case tcp(ServerAddress)
    /// One GET request.
    case http(HTTPProbe)
    /// One session, as any client opens it.
    case postgres(PostgresProbe)
    /// Redis' `PING`, `ROLE` and `INFO`.
    case redis(RedisProbe)
    /// What a Redis Sentinel says of one master.
    case sentinel(SentinelProbe)
    /// What a NATS server says of itself, and its `PONG`.
    case nats(NATSProbe)

    /// Where other hosts reach it, in the order in which clients try them; empty where only this machine knows.
    package var addresses: [ServerAddress] {
        switch self {
        case .tcp(let address): [address]
        case .http(let probe): [probe.url.address]
        case .postgres(let probe): probe.addresses
        case .redis(let probe): [probe.address]
        case .sentinel(let probe): [probe.address]
        case .nats(let probe): [probe.address]
        }
    }

    /// Where it is, as a person writes it.
    package var place: String {
        if case .http(let probe) = self { return probe.url.text }
        return addresses.map(\.text).joined(separator: ", ")
    }
}

/// What an HTTP server is asked and must answer.
package struct HTTPProbe: Sendable, Equatable {
    /// What is requested; the kind's own path is part of it.
    package var url: ServiceURL
    /// The status codes one of which is expected.
    package var status: [Int]
    /// The days for which the server's certificate must still be valid; nil: it only has to be valid.
    package var certificateDays: Int?
    /// A file of certificate authorities in place of the system's own; an absolute path, or one that begins with `~/`.
    package var certificateAuthority: String?
    /// Who asks.
    package var login: ServiceLogin

    /// A probe by its parts; nothing is checked here.
    package init(
        url: ServiceURL, status: [Int] = [200], certificateDays: Int? = nil, certificateAuthority: String? = nil,
        login: ServiceLogin = ServiceLogin()
    ) {
        self.url = url
        self.status = status
        self.certificateDays = certificateDays
        self.certificateAuthority = certificateAuthority
        self.login = login
    }
}

/// What a PostgreSQL server, or what stands before it, must lead to.
package struct PostgresProbe: Sendable, Equatable {
    /// How clients connect.
    package var connection: ConnectionString
    /// Where other hosts reach it.
    package var addresses: [ServerAddress]
    /// What the session must arrive at; a primary must take writes; nil: any.
    package var role: RecoveryState?
    /// The server's version; nil: any.
    package var version: VersionRequirement?

    /// A probe by its parts; nothing is checked here.
    package init(
        connection: ConnectionString, addresses: [ServerAddress], role: RecoveryState? = nil,
        version: VersionRequirement? = nil
    ) {
        self.connection = connection
        self.addresses = addresses
        self.role = role
        self.version = version
    }
}

/// What a Redis server must be.
package struct RedisProbe: Sendable, Equatable {
    /// Where it listens.
    package var address: ServerAddress
    /// Who asks.
    package var login: ServiceLogin
    /// Its role; nil: any.
    package var role: RedisRole?
    /// Its version; nil: any.
    package var version: VersionRequirement?

    /// A probe by its parts; nothing is checked here.
    package init(
        address: ServerAddress, login: ServiceLogin = ServiceLogin(), role: RedisRole? = nil,
        version: VersionRequirement? = nil
    ) {
        self.address = address
        self.login = login
        self.role = role
        self.version = version
    }
}

/// The roles of Redis servers, in Redis' own words.
package enum RedisRole: String, Sendable, CaseIterable {
    case master
    case replica
}

/// What a Redis Sentinel must say.
package struct SentinelProbe: Sendable, Equatable {
    /// Where it listens.
    package var address: ServerAddress
    /// Who asks.
    package var login: ServiceLogin
    /// The name of the master that it watches.
    package var master: String
    /// The address that it must name as that master's; nil: any.
    package var names: ServerAddress?
    /// Its version; nil: any.
    package var version: VersionRequirement?

    /// A probe by its parts; nothing is checked here.
    package init(
        address: ServerAddress, login: ServiceLogin = ServiceLogin(), master: String, names: ServerAddress? = nil,
        version: VersionRequirement? = nil
    ) {
        self.address = address
        self.login = login
        self.master = master
        self.names = names
        self.version = version
    }
}

/// What a NATS server must be.
package struct NATSProbe: Sendable, Equatable {
    /// Where it listens.
    package var address: ServerAddress
    /// Who asks.
    package var login: ServiceLogin
    /// Its version; nil: any.
    package var version: VersionRequirement?

    /// A probe by its parts; nothing is checked here.
    package init(
        address: ServerAddress, login: ServiceLogin = ServiceLogin(), version: VersionRequirement? = nil
    ) {
        self.address = address
        self.login = login
        self.version = version
    }
}

/// Who asks a service: nobody in particular, a user, or the bearer of a token.
package struct ServiceLogin: Sendable, Equatable {
    /// The user; nil: none, or the service's default one.
    package var user: String?
    /// The user's password; nil: none.
    package var password: SecretSource?
    /// A token in place of both; nil: none.
    package var token: SecretSource?

    /// A login by its parts.
    package init(user: String? = nil, password: SecretSource? = nil, token: SecretSource? = nil) {
        self.user = user
        self.password = password
        self.token = token
    }
}

/// Where a secret is read from; the configuration never holds it.
package enum SecretSource: Sendable, Equatable {
    /// The first line of a file: an absolute path, or one that begins with `~/`.
    case file(String)
    /// A variable of pgdr's environment.
    case environment(String)
}
