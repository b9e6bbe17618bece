import Essentials
import Postgres

extension ConnectionString {
    /// Reads a connection string, by default that of a node.
    ///
    /// No error repeats it, whole or in part, unless the part is a plain host name.
    init(
        _ value: YAMLValue, for key: String = "connection", warnings: inout [ConfigurationWarning]
    ) throws(Failure) {
        let text = try value.text("a connection string", for: key)
        do {
            try self.init(text)
        } catch {
            throw .configuration(at: value.location, error.message, detail: error.detail, hint: error.hint)
        }
        if containsPassword {
            warnings.append(.password(at: value.location))
        }
    }

    /// Reads settings that hold for several nodes and so must name none.
    init(serverless value: YAMLValue, for key: String) throws(Failure) {
        let text = try value.text("connection settings", for: key)
        do {
            try self.init(text)
        } catch {
            throw .configuration(
                at: value.location, error.message, detail: error.detail,
                hint: error.hint == nil
                    ? nil : "Write it as \"user=... passfile=...\"; values with spaces need single quotes."
            )
        }
        try refuse(["host", "hostaddr", "port", "service"], of: key, at: value.location) { _ in
            "It holds for every node, and each has a server of its own."
        }
    }

    /// Reads the settings of standbys' connections; they end up in a file of the standby and in its process list.
    init(replication value: YAMLValue) throws(Failure) {
        try self.init(serverless: value, for: "replication")
        guard !containsPassword else {
            throw .configuration(
                at: value.location, "\"replication\" holds a password",
                detail: "Every standby would show it to whoever may read its settings.",
                hint: "Put it into a password file on each node and name that: passfile=/path.")
        }
        try refuse(["application_name", "replication"], of: "replication", at: value.location) { keyword in
            keyword == "replication"
                ? "The standby itself sees to it." : "Each standby has its own, see \"application_name\" of a node."
        }
    }

    private func refuse(
        _ refused: [String], of key: String, at location: SourceLocation, because reason: (String) -> String
    ) throws(Failure) {
        guard let keyword = keywords.first(where: { refused.contains($0) }) else { return }
        throw .configuration(
            at: location, "\"\(keyword)\" is not allowed in \"\(key)\"", detail: reason(keyword))
    }
}

extension ConfigurationWarning {
    /// Whether it is about a password in the file.
    var isAboutPassword: Bool { self == .password(at: location) }

    static func password(at location: SourceLocation) -> ConfigurationWarning {
        ConfigurationWarning(
            location: location, text: "a password stands in the connection string",
            hint: "Put it into a password file (~/.pgpass, or passfile=...) with chmod 600.")
    }
}

/// One server that a connection string leads to, as far as the string itself tells.
struct ServerEndpoint: Hashable {
    /// A host name in lower case, an address, a socket directory, or the name of a service.
    var host: String
    /// The port's number.
    var port: Int

    /// As a sentence names it.
    var text: String { "\(host), port \(port)" }

    /// All servers that the string lists.
    ///
    /// libpq's defaults for a missing host (PGHOST, then the local socket) are refused: they depend on who runs
    /// pgdr, and every node without a host would be one and the same server. A missing port is 5432.
    static func list(of connection: ConnectionString, at location: SourceLocation) throws(Failure) -> [ServerEndpoint] {
        let names = items(connection.value(of: "host"))
        let addresses = items(connection.value(of: "hostaddr"))
        let service = connection.value(of: "service")
        var hosts: [String] = []
        for index in 0..<max(names.count, addresses.count) {
            let address = addresses.indices.contains(index) ? addresses[index] : ""
            hosts.append(address.isEmpty && names.indices.contains(index) ? names[index] : address)
        }
        if hosts.isEmpty, let service { hosts = ["service \(service)"] }
        guard !hosts.isEmpty, !hosts.contains("") else {
            throw .configuration(
                at: location,
                hosts.isEmpty ? "the connection string names no host" : "the connection string has an empty host",
                hint: "Add host=NAME, hostaddr=ADDRESS or service=NAME; PGHOST is not used.")
        }
        guard names.isEmpty || addresses.isEmpty || names.count == addresses.count else {
            throw .configuration(
                at: location, "the connection string has \(addresses.count) hostaddr values for \(names.count) hosts")
        }
        let ports = items(connection.value(of: "port"))
        guard ports.count <= 1 || ports.count == hosts.count else {
            throw .configuration(
                at: location, "the connection string has \(ports.count) ports for \(hosts.count) hosts")
        }
        var endpoints: [ServerEndpoint] = []
        for (index, host) in hosts.enumerated() {
            let port = ports.isEmpty ? "" : ports.count == 1 ? ports[0] : ports[index]
            // That it is a port `ConnectionString` has seen to.
            endpoints.append(ServerEndpoint(host: canonical(host), port: Int(port) ?? 5432))
        }
        return endpoints
    }

    private static func items(_ list: String?) -> [String] {
        guard let list else { return [] }
        return list.split(separator: ",", omittingEmptySubsequences: false).map { item in
            String(item.drop { $0 == " " })
        }
    }
}
