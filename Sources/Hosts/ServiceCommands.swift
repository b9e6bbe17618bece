package import Configuration
package import Essentials

/// How a node's server is stopped, started and asked, as commands for its host; nothing runs here.
///
/// Who starts it alone may stop it: a unit's server through systemd, a container's through its runtime. What a stop or
/// start came to is proven by `awaitStopped` and `awaitRunning`, not by what the program says that was told to do it.
package struct ServiceCommands: Sendable {
    let node: NodeConfiguration
    let facts: HostFacts
    /// What the configuration says.
    let configured: ServiceConfiguration
    /// By which of its means the server is stopped and started now.
    let service: ServiceConfiguration

    /// How a server is stopped, in PostgreSQL's words.
    package enum StopMode: String, Sendable {
        /// Ends the clients and writes a checkpoint, so that standbys get all there is.
        case fast
        /// Ends at once and recovers at the next start.
        case immediate

        fileprivate var signal: String {
            switch self {
            case .fast: "INT"
            case .immediate: "QUIT"
            }
        }
    }

    /// The commands for a node on a host of which these are the facts.
    /// - Throws: `refused` when the node has no service or its server is somebody else's to stop.
    package init(_ node: NodeConfiguration, _ facts: HostFacts) throws(Failure) {
        guard let service = node.service else {
            throw Failure(
                .refused, "the configuration does not say how node \"\(node.name)\" is started and stopped",
                hint: "Give it a \"service\": systemd, pg_ctlcluster, pg_ctl, container or custom.", node: node.name)
        }
        if let obstacle = node.ownershipObstacle(facts) { throw obstacle }
        self.node = node
        self.facts = facts
        configured = service
        self.service = Self.unit(of: service, facts).map { .systemd(unit: $0) } ?? service
    }

    /// The unit through which a cluster of Debian's is stopped and started; nil when it isn't.
    ///
    /// Once systemd has it, stopping it otherwise leaves a failed unit. One that is down is started by its unit where
    /// that can be: systemd would know nothing of another server, and end it with the session that started it.
    private static func unit(of service: ServiceConfiguration, _ facts: HostFacts) -> String? {
        guard case .pgCtlCluster(let version, let cluster) = service else { return nil }
        let unit = "postgresql@\(version)-\(cluster)"
        if let postmaster = facts.postmaster, [.running, .frozen].contains(postmaster.state) {
            return Supervisor(of: postmaster) == .unit(unit) ? unit : nil
        }
        return facts.root == .allowed && ["loaded", "masked"].contains(facts.unit?.loadState) ? unit : nil
    }

    /// Tells the server to stop; most of these return before it has.
    ///
    /// - systemd: a stop is whatever the unit says, fast for those of Debian and of PGDG.
    /// - pg_ctlcluster, pg_ctl: without waiting (`-W`), which they do in steps of 100 ms.
    /// - container: the signal itself, since the runtime's own stop sends the image's signal, for many a smart
    ///   shutdown that waits for the clients until it is killed.
    package func stop(_ mode: StopMode = .fast) throws(Failure) -> [HostCommand] {
        switch service {
        case .systemd(let unit):
            guard mode == .fast else {
                return [HostCommand(["systemctl", "kill", "-s", "QUIT", "--kill-who=main", unit], as: .root)]
            }
            return [HostCommand(["systemctl", "stop", unit], as: .root)]
        case .pgCtlCluster(let version, let cluster):
            return [
                HostCommand(
                    [
                        "pg_ctlcluster", "--skip-systemctl-redirect", version, cluster, "stop", "-m", mode.rawValue,
                        "--", "-W",
                    ])
            ]
        case .pgCtl(let directory):
            return [
                HostCommand(["\(directory)/pg_ctl", "stop", "-D", try dataDirectory(), "-s", "-W", "-m", mode.rawValue])
            ]
        case .container(let runtime, let name, _): return try stopContainer(runtime, name, mode)
        case .custom(_, let stop, _, _): return [HostCommand(stop, as: .login)]
        }
    }

    /// Starts the server; returns when it takes connections or `seconds` have passed, and fails when it died.
    ///
    /// pg_ctl's server keeps what it is given as standard output and standard error, so that they must be a file: the
    /// one the server had before, else one in the data directory.
    package func start(waiting seconds: Int = 60) throws(Failure) -> [HostCommand] {
        switch service {
        case .systemd(let unit): return [HostCommand(["systemctl", "start", unit], as: .root)]
        case .pgCtlCluster(let version, let cluster):
            return [
                HostCommand(
                    [
                        "pg_ctlcluster", "--skip-systemctl-redirect", version, cluster, "start", "--", "-t",
                        String(seconds),
                    ])
            ]
        case .pgCtl(let directory):
            let data = try dataDirectory()
            let log = facts.postmaster?.standardErrorFile ?? "\(data)/pgdr-start.log"
            return [
                HostCommand(
                    ["\(directory)/pg_ctl", "start", "-D", data, "-s", "-w", "-t", String(seconds), "-l", log]
                        + startOptions)
            ]
        case .container(let runtime, let name, _):
            return [HostCommand([runtime.rawValue, "start", name], as: containerAccount)]
        case .custom(let start, _, _, _): return [HostCommand(start, as: .login)]
        }
    }

    /// Stops and starts the server, for settings that need it; where the service has no such command of its own, what
    /// comes between has to be waited for: the stop's commands, and the start's.
    package func restart(waiting seconds: Int = 60) throws(Failure) -> RestartCommands {
        switch service {
        case .systemd(let unit): return .atOnce(HostCommand(["systemctl", "restart", unit], as: .root))
        case .custom(_, _, .some(let restart), _): return .atOnce(HostCommand(restart, as: .login))
        default: return .inTwo(stop: try stop(), start: try start(waiting: seconds))
        }
    }

    /// How a server is restarted.
    package enum RestartCommands: Sendable, Equatable {
        /// By one command.
        case atOnce(HostCommand)
        /// By commands that stop it, and others to be run once it is gone.
        case inTwo(stop: [HostCommand], start: [HostCommand])
    }

    /// Asks the service whether it runs, exit status 0: yes; nil when it can't be asked.
    ///
    /// That is only what it believes: see `awaitRunning` for what is.
    package func status() throws(Failure) -> HostCommand? {
        switch service {
        case .systemd(let unit): return HostCommand(["systemctl", "is-active", unit], as: .login)
        case .pgCtlCluster(let version, let cluster):
            return HostCommand(["pg_ctlcluster", version, cluster, "status"], as: .server)
        case .pgCtl(let directory): return HostCommand(["\(directory)/pg_ctl", "status", "-D", try dataDirectory()])
        case .container(let runtime, let name, _):
            return HostCommand(
                [runtime.rawValue, "container", "inspect", "--format", "{{.State.Status}}", name], as: containerAccount)
        case .custom(_, _, _, let status): return status.map { HostCommand($0, as: .login) }
        }
    }

    /// The server's data directory.
    func dataDirectory() throws(Failure) -> String {
        if let path = facts.dataDirectory?.path ?? node.dataDirectory { return path }
        throw Failure(
            .refused, "the data directory of node \"\(node.name)\" is not known",
            hint: "Give the node its \"data_directory\" in the configuration.", node: node.name)
    }

    /// Options that the server was started with besides its data directory, such as the place of its configuration.
    private var startOptions: [String] {
        let options = facts.dataDirectory?.startOptions ?? []
        // pg_ctl gives this one word to a shell.
        return options.isEmpty ? [] : ["-o", options.map(ShellQuoting.quoted).joined(separator: " ")]
    }
}

extension DataDirectoryFacts {
    /// The options of the last start but the data directory.
    var startOptions: [String] {
        var rest = startWords.dropFirst()
        var options: [String] = []
        while let word = rest.popFirst() {
            if word == "-D" { _ = rest.popFirst() } else if !word.hasPrefix("-D") { options.append(word) }
        }
        return options
    }
}
