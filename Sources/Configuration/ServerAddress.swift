import Essentials
package import Postgres

/// A host and a port at which a PostgreSQL server listens.
package struct ServerAddress: Sendable, Hashable {
    /// A name or an address; an IPv6 address without brackets.
    package var host: String
    /// The port.
    package var port: Int

    /// PostgreSQL's own port.
    package static let defaultPort = 5432

    /// An address by its parts; nothing is checked here.
    package init(host: String, port: Int = defaultPort) {
        self.host = host
        self.port = port
    }

    /// The first server that a connection string names; nil when that is a socket directory or unknown.
    package init?(of connection: ConnectionString) {
        func first(_ keyword: String) -> String? {
            let item = connection.value(of: keyword)?.split(separator: ",", omittingEmptySubsequences: false).first
            return item.map { String($0.drop { $0 == " " }) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        // The name rather than the number: certificates and password files know it.
        guard let host = first("host") ?? first("hostaddr"), !host.hasPrefix("/"), !host.hasPrefix("@") else {
            return nil
        }
        self.init(host: host, port: first("port").flatMap { Int($0) } ?? Self.defaultPort)
    }

    /// The address as `host:port`, an IPv6 address in brackets.
    package var text: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}

extension ServerAddress {
    /// Reads `host[:port]`; `connection` is where the port comes from when the text has none.
    init(_ value: YAMLValue, connection: ConnectionString) throws(Failure) {
        let text = try value.line("host[:port]", for: "address")
        let parsed: SSHAddress
        let hasPort: Bool
        do throws(SSHAddress.Flaw) {
            guard !text.contains("@") else { throw SSHAddress.Flaw(sentence: "A server's address has no user.") }
            (parsed, hasPort) = try SSHAddress.parse(text)
        } catch {
            throw .configuration(
                at: value.location, "invalid address", detail: error.sentence,
                hint: "Write it as host, host:5432 or [fd00::2]:5432.")
        }
        let own = ServerAddress(of: connection)?.port ?? Self.defaultPort
        self.init(host: parsed.host, port: hasPort ? parsed.port : own)
    }
}
