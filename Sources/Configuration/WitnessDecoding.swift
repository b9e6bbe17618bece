import Essentials

extension WitnessConfiguration {
    /// Reads the mapping under `witnesses`; what works but protects less than it seems to is added to `warnings`.
    static func list(
        _ value: YAMLValue, beside nodes: [NodeConfiguration], warnings: inout [ConfigurationWarning]
    ) throws(Failure) -> [WitnessConfiguration] {
        var witnesses: [WitnessConfiguration] = []
        for entry in try value.entries("a mapping of witnesses", for: "witnesses") {
            let fields = try Self.fields(of: entry)
            let witness = try WitnessConfiguration(entry, fields)
            guard !nodes.contains(where: { $0.name == witness.name }) else {
                throw .configuration(at: entry.location, "witness \"\(entry.key)\" has the name of a node")
            }
            let location = fields["ssh"]?.location ?? entry.location
            if let other = witnesses.first(where: { $0.ssh.way == witness.ssh.way }) {
                // It would have two votes, and one loss would take both.
                throw .configuration(
                    at: location, "witness \"\(witness.name)\" is the same host as witness \"\(other.name)\"",
                    detail: "Both are reached at \(ServerEndpoint.text(of: witness.ssh)).",
                    hint: "Name hosts that are not lost together.")
            }
            if let node = nodes.first(where: { witness.sharesHost(with: $0) }) {
                warnings.append(
                    ConfigurationWarning(
                        location: location,
                        text: "witness \"\(witness.name)\" is lost together with node \"\(node.name)\"",
                        hint: "Put it on a host of its own, best at a site without nodes."))
            }
            witnesses.append(witness)
        }
        return witnesses
    }

    private static func fields(of entry: YAMLValue.Entry) throws(Failure) -> YAMLValue.Fields {
        try Name.check(entry, "witness")
        return try entry.value.fields("a mapping", for: entry.key, known: ["ssh", "site", "decisions"])
    }

    private init(_ entry: YAMLValue.Entry, _ fields: YAMLValue.Fields) throws(Failure) {
        guard let ssh = fields["ssh"] else {
            throw .configuration(
                at: entry.location, "witness \"\(entry.key)\" has no \"ssh\"",
                hint: "Add \"ssh: user@host\", its only way to vote.")
        }
        self.init(name: entry.key, ssh: try SSHAddress(ssh))
        if let value = fields["site"] { site = try value.line("a name", for: "site") }
        if let value = fields["decisions"] { decisions = try value.absolutePath(for: "decisions") }
    }
}

extension ServerEndpoint {
    /// Where an SSH server listens, as a sentence names it.
    fileprivate static func text(of address: SSHAddress) -> String {
        ServerEndpoint(host: canonical(address.host), port: address.port).text
    }
}
