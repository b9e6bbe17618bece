package import Configuration
package import Essentials

/// What looking at one part gave, not yet judged.
package struct Observation: Sendable, Equatable {
    /// What was seen, or why nothing was.
    package var result: Result<Sight, Failure>
    /// How long it took, in seconds.
    package var latency: Double

    /// An observation by its parts.
    package init(_ result: Result<Sight, Failure>, latency: Double) {
        self.result = result
        self.latency = latency
    }
}

/// What a part of the estate answered.
package enum Sight: Sendable, Equatable {
    /// It takes connections; a server lets us in.
    case connected
    case http(HTTPAnswer)
    case postgres(PostgresAnswer)
    case redis(RedisAnswer)
    case sentinel(SentinelAnswer)
    case nats(NATSAnswer)
}

/// What an HTTP server answered.
package struct HTTPAnswer: Sendable, Equatable {
    /// The status code.
    package var status: Int
    /// When the server's own certificate ends, in seconds since 1970-01-01 UTC; nil without TLS, and where curl doesn't
    /// tell.
    package var certificateEnd: Double?

    /// An answer by its parts.
    package init(status: Int, certificateEnd: Double? = nil) {
        self.status = status
        self.certificateEnd = certificateEnd
    }
}

/// What a client's session with PostgreSQL has arrived at.
package struct PostgresAnswer: Sendable, Equatable {
    /// Whether the server is in recovery.
    package var isStandby: Bool
    /// Whether it refuses writes.
    package var isReadOnly: Bool
    /// `server_version`, without what a packager adds.
    package var version: String
    /// Which of the addresses took the session; nil where libpq doesn't tell, or it is a socket.
    package var arrivedAt: ServerAddress?

    /// An answer by its parts.
    package init(isStandby: Bool, isReadOnly: Bool, version: String, arrivedAt: ServerAddress? = nil) {
        self.isStandby = isStandby
        self.isReadOnly = isReadOnly
        self.version = version
        self.arrivedAt = arrivedAt
    }
}

/// What a Redis server says of itself.
package struct RedisAnswer: Sendable, Equatable {
    /// Its role, and of a replica the master and the state of the link to it.
    package enum Role: Sendable, Equatable {
        case master
        case replica(of: String, link: String)
    }

    /// Its role; nil where it doesn't tell.
    package var role: Role?
    /// Its version; nil where it doesn't tell.
    package var version: String?

    /// An answer by its parts.
    package init(role: Role?, version: String?) {
        self.role = role
        self.version = version
    }
}

/// What a Redis Sentinel says of a master.
package struct SentinelAnswer: Sendable, Equatable {
    /// The address that it names; nil when it watches no master of that name.
    package var master: ServerAddress?
    /// Why the quorum can't be reached, in its words; nil: it can.
    package var quorumTrouble: String?
    /// Its version; nil where it doesn't tell.
    package var version: String?

    /// An answer by its parts.
    package init(master: ServerAddress?, quorumTrouble: String? = nil, version: String? = nil) {
        self.master = master
        self.quorumTrouble = quorumTrouble
        self.version = version
    }
}

/// What a NATS server says of itself; it has also answered a `PING`.
package struct NATSAnswer: Sendable, Equatable {
    /// Its version.
    package var version: String

    /// An answer by its parts.
    package init(version: String) { self.version = version }
}

/// A way from a server to a service, as it is tried.
package struct Crossing: Sendable, Hashable {
    /// Where it leads.
    package var address: ServerAddress
    /// What must answer there.
    package var manner: Manner

    /// What must answer at the end of a way.
    package enum Manner: Sendable, Hashable {
        /// Anything that takes a connection.
        case connection
        /// A PostgreSQL server, or a pooler.
        case postgres
        /// A Redis server or Sentinel.
        case redis
        /// A NATS server.
        case nats

        /// What must answer for a service of that kind.
        package init(_ kind: EstateServiceKind) {
            switch kind {
            case .postgres: self = .postgres
            case .redis, .redisSentinel: self = .redis
            case .nats: self = .nats
            case .tcp, .http, .https, .registry, .kubernetes: self = .connection
            }
        }
    }

    /// A way by its parts.
    package init(_ address: ServerAddress, _ manner: Manner) {
        self.address = address
        self.manner = manner
    }
}

/// What came of trying a way.
package struct CrossingSight: Sendable, Equatable {
    /// Why it leads nowhere; nil: what must answer there does.
    package var trouble: Failure?
    /// How long it took, in seconds.
    package var latency: Double

    /// A sight by its parts.
    package init(trouble: Failure? = nil, latency: Double) {
        self.trouble = trouble
        self.latency = latency
    }
}

/// Everything that was seen of an estate.
package struct EstateSights: Sendable {
    /// Of each service by its name.
    package var services: [String: Observation] = [:]
    /// Of each server by its name: the login.
    package var servers: [String: Observation] = [:]
    /// Of each server by its name: the ways from it.
    package var crossings: [String: [Crossing: CrossingSight]] = [:]

    /// Nothing seen yet.
    package init() {}
}
