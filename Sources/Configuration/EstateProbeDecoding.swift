import Essentials
import Postgres
import Replication

extension EstateProbe {
    /// The keys of a service's own, beside those that every service has.
    static func keys(of kind: EstateServiceKind) -> [String] {
        let login = ["user", "password_file", "password_env"]
        let token = ["token_file", "token_env"]
        switch kind {
        case .tcp: return ["address"]
        case .http: return ["url", "status"] + login + token
        case .https, .registry, .kubernetes: return ["url", "status", "certificate_days", "ca"] + login + token
        case .postgres: return ["connection", "cluster", "node", "address", "role", "version"]
        case .redis: return ["address", "role", "version"] + login
        case .redisSentinel: return ["address", "master", "names", "version"] + login
        case .nats: return ["address", "version"] + login + token
        }
    }

    /// Reads the keys of a service's own.
    init(
        _ kind: EstateServiceKind, _ entry: YAMLValue.Entry, _ fields: YAMLValue.Fields,
        clusters: [ClusterConfiguration], warnings: inout [ConfigurationWarning]
    ) throws(Failure) {
        let part = ServicePart(name: entry.key, location: entry.location, fields: fields)
        switch kind {
        case .tcp: self = .tcp(try part.address(defaultPort: nil))
        case .http: self = .http(try part.http(["http"], path: nil, status: [200]))
        case .https: self = .http(try part.http(["https"], path: nil, status: [200]))
        case .registry: self = .http(try part.http(["https", "http"], path: "/v2/", status: [200, 401]))
        case .kubernetes: self = .http(try part.http(["https", "http"], path: "/readyz", status: [200]))
        case .postgres: self = .postgres(try part.postgres(clusters, &warnings))
        case .redis:
            self = .redis(
                RedisProbe(
                    address: try part.address(defaultPort: 6379), login: try part.login(),
                    role: try part.optional("role") { value throws(Failure) in try value.choice(for: "role") },
                    version: try part.version()))
        case .redisSentinel:
            self = .sentinel(
                SentinelProbe(
                    address: try part.address(defaultPort: 26379), login: try part.login(),
                    master: try part.required("master", example: "mymaster").word(for: "master"),
                    names: try part.optional("names") { value throws(Failure) in
                        try ServerAddress(value, for: "names", defaultPort: 6379)
                    },
                    version: try part.version()))
        case .nats:
            self = .nats(
                NATSProbe(
                    address: try part.address(defaultPort: 4222), login: try part.login(), version: try part.version()))
        }
    }
}

/// One service's keys while they are read.
private struct ServicePart {
    var name: String
    var location: SourceLocation
    var fields: YAMLValue.Fields

    func required(_ key: String, example: String) throws(Failure) -> YAMLValue {
        if let value = fields[key] { return value }
        throw .configuration(
            at: location, "service \"\(name)\" has no \"\(key)\"", hint: "Add \"\(key): \(example)\".")
    }

    func optional<Value>(_ key: String, _ read: (YAMLValue) throws(Failure) -> Value) throws(Failure) -> Value? {
        guard let value = fields[key] else { return nil }
        return try read(value)
    }

    func address(defaultPort: Int?) throws(Failure) -> ServerAddress {
        try ServerAddress(
            required("address", example: "HOST:\(defaultPort ?? 9000)"), for: "address", defaultPort: defaultPort)
    }

    func version() throws(Failure) -> VersionRequirement? {
        try optional("version") { value throws(Failure) in
            let expected = "a version such as \"15\", \">= 7\" or \">= 15, < 18\""
            guard let requirement = VersionRequirement(try value.line(expected, for: "version")) else {
                throw value.unexpected(expected, for: "version")
            }
            return requirement
        }
    }

    // MARK: Who asks

    func login() throws(Failure) -> ServiceLogin {
        let user = try optional("user") { value throws(Failure) in
            let user = try value.line("a user", for: "user")
            // In HTTP what follows would be taken for the password.
            guard !user.contains(":") else { throw value.unexpected("a user without a colon", for: "user") }
            return user
        }
        let password = try secret("password")
        let token = try secret("token")
        if let token, let other = user == nil && password == nil ? nil : fields["user"] ?? password?.value {
            throw .configuration(
                at: max(token.value.location, other.location),
                "service \"\(name)\" has both a user or password and a token")
        }
        if user != nil, password == nil, let value = fields["user"] {
            throw .configuration(
                at: value.location, "service \"\(name)\" has a user and no password",
                hint: "Add \"password_file: /path\" or \"password_env: VARIABLE\".")
        }
        return ServiceLogin(user: user, password: password?.source, token: token?.source)
    }

    private func secret(_ kind: String) throws(Failure) -> (source: SecretSource, value: YAMLValue)? {
        let file = fields["\(kind)_file"]
        let variable = fields["\(kind)_env"]
        if let file, let variable {
            throw .configuration(
                at: max(file.location, variable.location), "\"\(kind)_file\" and \"\(kind)_env\" exclude each other")
        }
        if let file { return (.file(try file.homePath(for: "\(kind)_file")), file) }
        guard let variable else { return nil }
        let expected = "the name of a variable"
        let text = try variable.line(expected, for: "\(kind)_env")
        guard text.utf8.allSatisfy({ $0.isNameByte }), text.first?.isNumber == false else {
            // Somebody may have put the secret itself there.
            throw .configuration(
                at: variable.location, "expected \(expected) for \"\(kind)_env\"",
                detail: "It has letters, digits and \"_\".")
        }
        return (.environment(text), variable)
    }

    // MARK: HTTP

    func http(_ schemes: [String], path: String?, status: [Int]) throws(Failure) -> HTTPProbe {
        let value = try required("url", example: "\(schemes[0])://HOST\(path == nil ? "/health" : "")")
        let text = try value.line("a URL", for: "url")
        var url: ServiceURL
        do throws(SSHAddress.Flaw) {
            url = try ServiceURL(parsing: text, schemes: schemes)
        } catch {
            throw .configuration(at: value.location, "invalid URL", detail: error.sentence)
        }
        if let path { url = url.appending(path) }
        var probe = HTTPProbe(url: url, status: status, login: try login())
        if let value = fields["status"] { probe.status = try Self.statuses(value) }
        if let value = fields["certificate_days"] {
            probe.certificateDays = try value.wholeNumber(in: 0...3650, for: "certificate_days")
        }
        if let value = fields["ca"] { probe.certificateAuthority = try value.homePath(for: "ca") }
        for key in ["certificate_days", "ca"] where text.hasPrefix("http://") {
            guard let value = fields[key] else { continue }
            throw .configuration(
                at: value.location, "\"\(key)\" means nothing without TLS", hint: "Use https:// there.")
        }
        return probe
    }

    private static func statuses(_ value: YAMLValue) throws(Failure) -> [Int] {
        let values: [YAMLValue] = if case .list(let list) = value.content { list } else { [value] }
        var statuses: [Int] = []
        for value in values { statuses.append(try value.wholeNumber(in: 100...599, for: "status")) }
        guard !statuses.isEmpty else { throw value.unexpected("a status code or a list of them", for: "status") }
        return statuses
    }

    // MARK: PostgreSQL

    func postgres(
        _ clusters: [ClusterConfiguration], _ warnings: inout [ConfigurationWarning]
    ) throws(Failure) -> PostgresProbe {
        var probe = try server(clusters, &warnings)
        if let value = fields["address"] {
            let values: [YAMLValue] = if case .list(let list) = value.content { list } else { [value] }
            probe.addresses = []
            for value in values {
                probe.addresses.append(
                    try ServerAddress(value, for: "address", defaultPort: ServerAddress.defaultPort))
            }
        }
        probe.role = try optional("role") { value throws(Failure) in
            let roles = [RecoveryState.primary, .standby]
            let expected = quotedList(roles.map(\.rawValue), conjunction: "or")
            let text = try value.text(expected, for: "role")
            guard let role = RecoveryState(rawValue: text) else { throw value.unexpected(expected, for: "role") }
            return role
        }
        probe.version = try version()
        return probe
    }

    private func server(
        _ clusters: [ClusterConfiguration], _ warnings: inout [ConfigurationWarning]
    ) throws(Failure) -> PostgresProbe {
        if let value = fields["connection"] {
            for key in ["node", "cluster"] {
                guard let other = fields[key] else { continue }
                throw .configuration(
                    at: max(value.location, other.location), "\"connection\" and \"\(key)\" exclude each other")
            }
            let connection = try ConnectionString(value, warnings: &warnings)
            let endpoints = try ServerEndpoint.list(of: connection, at: value.location)
            let hosts = endpoints.filter { endpoint in
                !endpoint.host.hasPrefix("/") && !endpoint.host.hasPrefix("@") && !endpoint.host.contains(" ")
            }
            return PostgresProbe(
                connection: connection, addresses: hosts.map { ServerAddress(host: $0.host, port: $0.port) })
        }
        guard let value = fields["node"] else {
            throw .configuration(
                at: location, "service \"\(name)\" has neither \"connection\" nor \"node\"",
                hint: "Add \"connection: host=... dbname=... user=...\" as its clients have it, or \"node: NAME\".")
        }
        let cluster = try self.cluster(clusters, for: value)
        let node = try value.name(of: "node", among: cluster.nodes.map(\.name), for: "node")
        guard let node = cluster.node(named: node) else { throw value.unexpected("a node", for: "node") }
        return PostgresProbe(
            connection: node.connection, addresses: [try? node.replicationAddress()].compactMap(\.self))
    }

    private func cluster(_ clusters: [ClusterConfiguration], for node: YAMLValue) throws(Failure)
        -> ClusterConfiguration
    {
        if let value = fields["cluster"] {
            let name = try value.name(of: "cluster", among: clusters.map(\.name), for: "cluster")
            guard let cluster = clusters.first(where: { $0.name == name }) else {
                throw value.unexpected("a cluster", for: "cluster")
            }
            return cluster
        }
        guard clusters.count == 1, let cluster = clusters.first else {
            throw .configuration(
                at: node.location, "which cluster's node is meant is not said",
                detail: "Clusters: \(quotedList(clusters.map(\.name))).", hint: "Add \"cluster: NAME\".")
        }
        return cluster
    }
}

extension ServerAddress {
    /// Reads `host[:port]`; without a default the port must be there.
    fileprivate init(_ value: YAMLValue, for key: String, defaultPort: Int?) throws(Failure) {
        let text = try value.line("host:port", for: key)
        do throws(SSHAddress.Flaw) {
            guard !text.contains("@") else { throw SSHAddress.Flaw(sentence: "A service's address has no user.") }
            let (parsed, hasPort) = try SSHAddress.parse(text)
            guard let port = hasPort ? parsed.port : defaultPort else {
                throw SSHAddress.Flaw(sentence: "It has no port.")
            }
            self.init(host: parsed.host, port: port)
        } catch {
            let port = defaultPort ?? 9000
            throw .configuration(
                at: value.location, "invalid address", detail: error.sentence,
                hint: "Write it as host:\(port) or [fd00::2]:\(port).")
        }
    }
}

extension YAMLValue {
    /// A path that is absolute or lies in the home directory.
    fileprivate func homePath(for key: String) throws(Failure) -> String {
        let expected = "an absolute path or one that begins with ~/"
        let path = try line(expected, for: key)
        guard path.hasPrefix("/") || path.hasPrefix("~/") else { throw unexpected(expected, for: key) }
        return path
    }

    /// A name without blanks.
    fileprivate func word(for key: String) throws(Failure) -> String {
        let text = try line("a name", for: key)
        guard !text.contains(" ") else { throw unexpected("a name without blanks", for: key) }
        return text
    }
}

extension UInt8 {
    fileprivate var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

private func max(_ left: SourceLocation, _ right: SourceLocation) -> SourceLocation {
    left.isAfter(right) ? left : right
}
