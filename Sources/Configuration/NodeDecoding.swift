import Essentials
import Postgres
import Replication

/// A node with the places in the file that rules about the whole cluster point to.
struct ClusterMember {
    var node: NodeConfiguration
    /// Where its name stands.
    var location: SourceLocation
    /// Its mapping, all keys known.
    var fields: YAMLValue.Fields

    /// Where the value of `key` stands, or the node's name when it has none.
    func location(of key: String) -> SourceLocation { fields[key]?.location ?? location }

    /// Reads one entry under `nodes`.
    init(_ entry: YAMLValue.Entry, warnings: inout [ConfigurationWarning]) throws(Failure) {
        try Name.check(entry, "node")
        let fields = try entry.value.fields(
            "a mapping", for: entry.key,
            known: [
                "connection", "kind", "site", "address", "ssh", "data_directory", "service", "priority", "upstream",
                "application_name", "decisions",
            ])
        let connection = try Self.required("connection", of: entry, fields)
        let kind = try Self.required("kind", of: entry, fields)
        var node = NodeConfiguration(
            name: entry.key,
            connection: try ConnectionString(connection, warnings: &warnings),
            kind: try Self.kind(kind))
        if let value = fields["site"] { node.site = try value.line("a name", for: "site") }
        if let value = fields["address"] {
            node.address = try ServerAddress(value, connection: node.connection)
        }
        if let value = fields["ssh"] { node.ssh = try SSHAddress(value) }
        if let value = fields["data_directory"] {
            node.dataDirectory = try value.absolutePath(for: "data_directory")
        }
        if let value = fields["service"] { node.service = try ServiceConfiguration(value) }
        if let value = fields["priority"] { node.priority = try value.wholeNumber(in: 0...1_000_000, for: "priority") }
        if let value = fields["upstream"] { node.upstream = try value.line("a node's name", for: "upstream") }
        if let value = fields["application_name"] { node.applicationName = try Self.applicationName(value) }
        if let value = fields["decisions"] { node.decisions = try value.absolutePath(for: "decisions") }
        self.node = node
        self.location = entry.location
        self.fields = fields
    }

    private static func required(
        _ key: String, of entry: YAMLValue.Entry, _ fields: YAMLValue.Fields
    ) throws(Failure) -> YAMLValue {
        if let value = fields[key] { return value }
        throw .configuration(
            at: entry.location, "node \"\(entry.key)\" has no \"\(key)\"",
            hint: key == "kind"
                ? "Add \"kind:\" with one of \(quotedList(NodeKind.allCases.map(\.rawValue), conjunction: "or"))."
                : "Add \"connection: host=... port=5432 dbname=postgres user=...\".")
    }

    private static func kind(_ value: YAMLValue) throws(Failure) -> NodeKind {
        let names = NodeKind.allCases.map(\.rawValue)
        let text = try value.text("one of \(quotedList(names, conjunction: "or"))", for: "kind")
        if let kind = NodeKind(rawValue: text) { return kind }
        let hint = NearestName.hint(for: text, among: names)
        throw .configuration(
            at: value.location, "unknown kind\(text.echo)",
            detail: hint == nil ? "A kind is \(quotedList(names, conjunction: "or"))." : nil, hint: hint)
    }

    /// PostgreSQL cuts an application name after 63 bytes and replaces what isn't printable ASCII.
    private static func applicationName(_ value: YAMLValue) throws(Failure) -> String {
        let expected = "1 to 63 printable ASCII characters"
        let name = try value.text(expected, for: "application_name")
        guard name.utf8.count <= 63, name.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw value.unexpected(expected, for: "application_name")
        }
        return name
    }
}
