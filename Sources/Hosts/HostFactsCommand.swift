package import Configuration

extension HostFacts {
    /// The command that finds out the facts; `dataDirectory` where the configuration names none.
    package static func command(for node: NodeConfiguration, dataDirectory: String? = nil) -> HostCommand {
        var unit = ""
        var cluster = ("", "")
        var container = ("", "")
        var programs: [String] = []
        switch node.service {
        case .systemd(let name): unit = name
        case .pgCtlCluster(let version, let name):
            cluster = (version, name)
            unit = "postgresql@\(version)-\(name)"
            programs = ["/usr/lib/postgresql/\(version)/bin"]
        case .pgCtl(let directory): programs = [directory]
        case .container(let runtime, let name, let directory):
            container = (runtime.rawValue, name)
            programs = directory.map { [$0] } ?? []
        case .custom, nil: break
        }
        return HostCommand(
            HostScript.words(
                HostScript.facts, "pgdr-facts",
                [
                    HostScript.ownerFacts, node.dataDirectory ?? dataDirectory ?? "", programs.joined(separator: ":"),
                    unit, cluster.0, cluster.1, container.0, container.1,
                ] + (node.ssh?.become ?? [])), as: .login)
    }
}
