internal import Essentials

extension Lab {
    /// Writes `pgdr.yaml`, all that another pgdr command needs.
    func writeConfiguration() throws(Failure) {
        let text = """
            audit_directory: \(quoted("\(directory)/audit"))
            clusters:
              lab:
                admin: \(quoted(login(.admin, passfile: passfile)))
                replication: \(quoted(login(.replication, passfile: serverPassfile)))
                nodes:
            \(nodes.map(entry).joined())
            """
        try LabFile.write(text, to: configurationFile, mode: 0o644)
    }

    /// A role and where its password stands; the server is each node's.
    private func login(_ role: LabRole, passfile: String) -> String {
        "user=\(role.rawValue) passfile='\(passfile)'"
    }

    private func entry(_ node: LabNode) -> String {
        let shell = [
            "host: \(node.address)", "port: \(node.sshPort)", "user: \(quoted(node.sshUser))",
            "identity_file: \(quoted(identityFile))", "known_hosts: \(quoted(knownHostsFile))",
        ]
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
                    ssh: {\(shell.joined(separator: ", "))}
                    data_directory: \(quoted(node.dataDirectory))
                    service: {\(service)}

            """
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
