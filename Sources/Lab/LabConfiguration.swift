package import Essentials

extension Lab {
    /// Writes `pgdr.yaml`, all that another pgdr command needs.
    func writeConfiguration() throws(Failure) {
        try writeConfiguration(to: configurationFile, auditDirectory: "\(directory)/audit")
    }

    /// Writes a configuration file for this lab.
    /// - Parameters:
    ///   - cluster: further lines about the cluster, in YAML.
    ///   - nodes: further lines about a node, by its name.
    ///   - isWitnessed: whether the witness is in it, where there is one.
    package func writeConfiguration(
        to path: String, auditDirectory: String, cluster: [String] = [], nodes: [String: [String]] = [:],
        isWitnessed: Bool = true
    ) throws(Failure) {
        let text = """
            audit_directory: \(quoted(auditDirectory))
            clusters:
              lab:
                admin: \(quoted(login(.admin, passfile: passfile)))
                replication: \(quoted(login(.replication, passfile: serverPassfile)))
            \(cluster.map { "    \($0)\n" }.joined())\(isWitnessed ? witness.map(witnesses) ?? "" : "")    nodes:
            \(self.nodes.map { entry($0) + nodes[$0.name, default: []].map { "        \($0)\n" }.joined() }.joined())
            """
        try LabFile.write(text, to: path, mode: 0o644)
    }

    private func witnesses(_ host: LabNode) -> String {
        let decisions = quoted("\(host.directory)/decisions")
        return "    witnesses:\n      \(host.name): {ssh: {\(shell(host))}, site: c, decisions: \(decisions)}\n"
    }

    /// A role and where its password stands; the server is each node's.
    private func login(_ role: LabRole, passfile: String) -> String {
        "user=\(role.rawValue) passfile='\(passfile)'"
    }

    private func entry(_ node: LabNode) -> String {
        // The servers that stand beside the primary, and those that are far from it.
        let site = network == nil ? "" : "        site: \(node.member.kind == .dr ? "b" : "a")\n"
        let service =
            node.unit.map { unit in
                guard node.machine == .debian else { return "systemd: \(unit)" }
                // As in postgresql@15-lab.
                let words = unit.split(whereSeparator: { "@-".contains($0) })
                return "pg_ctlcluster: \(words.dropFirst().joined(separator: " "))"
            } ?? node.containerName.map {
                "container: {runtime: podman, name: \(quoted($0)), bin: \(quoted(postgresBin))}"
            }
            ?? "pg_ctl: \(quoted(postgresBin))"
        return """
                  \(node.name):
                    connection: \(quoted(node.connectionString(as: .monitoring)))
                    kind: \(node.member.kind.rawValue)
                    ssh: {\(shell(node))}
                    data_directory: \(quoted(node.dataDirectory))
                    service: {\(service)}
            \(site)
            """
    }

    /// How its sshd is reached.
    private func shell(_ host: LabNode) -> String {
        [
            "host: \(host.address)", "port: \(host.sshPort)", "user: \(quoted(host.sshUser))",
            "identity_file: \(quoted(identityFile))", "known_hosts: \(quoted(knownHostsFile))",
        ].joined(separator: ", ")
    }

    /// A string in YAML's double quotes, in which only these characters have a meaning.
    private func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
