import Configuration
import Essentials
import Glibc
import Hosts
import Lab
import Postgres
import Replication
import SSH
import Subprocess
import Testing

extension RealServers {
    /// The services other than pg_ctl, where the machine that runs the tests has them.
    @Suite(.timeLimit(.minutes(5)))
    struct HostServiceTests {
        /// A lab whose node `dr` runs in a container; its sshd lets root in.
        private static func withContainer(
            _ restart: ContainerRestart = .no, _ body: (Stage, Host) async throws -> Void
        ) async throws {
            let options = LabOptions(directory: Lab.temporaryDirectory(), standbys: 1, drInContainer: restart)
            try await Lab.with(options) { lab in
                let stage = try Stage(lab)
                try await body(stage, Host(stage, "dr"))
            }
        }

        @Test(
            .enabled(if: geteuid() == 0, "only root can have the container"), arguments: [ContainerRestart.no, .always])
        func aContainerIsStoppedAndStarted(restart: ContainerRestart) async throws {
            try await Self.withContainer(restart) { stage, host in
                let facts = try await host.facts()
                let container = try #require(facts.container)
                #expect(facts.user == "root" && container.account == .login && container.status == "running")
                #expect(container.processID > 0 && container.processStart != nil && container.image.isEmpty)
                #expect(container.stopSignal == "INT" && container.restartPolicy == restart.rawValue)
                #expect(container.inside(stage.lab.primary.directory) == nil)
                let data = try #require(facts.dataDirectory)
                #expect(container.inside(data.path) == data.path)
                #expect(facts.postmaster?.state == .running && facts.postmaster?.processID == container.processID)

                let commands = try ServiceCommands(host.node, facts)
                #expect(try await host.report(commands.awaitRunning(seconds: 5)) == .ready(takesConnections: true))
                #expect(try await host.report(commands.awaitStopped(seconds: 0)) == .running(status: nil))
                try await host.succeed(commands.stop())
                #expect(try await host.report(commands.awaitStopped(seconds: 30)) == .gone)
                // The signal alone would have let its restart policy bring it back.
                _ = await ReadinessLoop.shared.sleep(until: .after(.seconds(1)))
                #expect(try await host.report(commands.awaitStopped(seconds: 0)) == .gone)
                let stopped = try await host.facts()
                #expect(stopped.container?.status == "exited" && stopped.postmaster == nil)
                let control = try await host.controlData(stopped)
                #expect(control.state == .shutDownInRecovery)
                let fresh = try ServiceCommands(host.node, stopped)
                #expect(try await host.report(fresh.awaitStopped(seconds: 0)) == .gone)
                try await host.succeed(fresh.start())
                #expect(try await host.report(fresh.awaitRunning(seconds: 30)) == .ready(takesConnections: true))
                _ = try await stage.look { $0.findings == [] }
            }
        }

        /// Root becomes the server's account, with its home and out of a directory that account can't enter.
        @Test(.enabled(if: geteuid() == 0, "only root can become somebody else"))
        func rootBecomesTheServersAccount() async throws {
            try await Self.withContainer { _, host in
                let facts = try await host.facts()
                #expect(facts.user == "root" && facts.root == .allowed && facts.server == .allowed)
                let command = HostCommand(["sh", "-c", "id -un; id -Gn; echo \"$HOME\"; pwd"])
                let prefix = try AccountChange(facts, become: []).prefix(for: command)
                #expect(prefix.first?.hasSuffix("/setpriv") == true)
                let result = try await host.shell.run(command, until: .after(.seconds(20)))
                let lines = result.outputText.split(separator: "\n")
                #expect(lines.first == "postgres" && lines.dropFirst(2).first == facts.serverHome?[...])
                #expect(lines.last == "/" || access("/root", X_OK) == 0)
                let asRoot = try await host.shell.run(
                    HostCommand(["id", "-un"], as: .root), until: .after(.seconds(20)))
                #expect(asRoot.outputText == "root\n")
            }
        }

        @Test(
            .enabled(if: geteuid() == 0 && access("/usr/bin/pg_createcluster", X_OK) == 0, "needs Debian's PostgreSQL"))
        func aDebianClusterIsStoppedAndStarted() async throws {
            try await Stage.with(standbys: 0) { stage in
                let version = try #require(DebianCluster.version)
                let cluster = DebianCluster(
                    version: version, name: "pgdr-test-\(getpid())", stage.lab.primary.directory)
                try await cluster.create()
                do {
                    try await Self.exercise(cluster, stage)
                } catch {
                    try await cluster.drop()
                    throw error
                }
                try await cluster.drop()
            }
        }

        /// By real sudo: any command as the server's account, and one command only as root.
        @Test(.enabled(if: geteuid() == 0 && access("/usr/bin/sudo", X_OK) == 0, "needs sudo, and root to allow it"))
        func sudoMakesTheDifference() async throws {
            try await Stage.with(standbys: 0) { stage in
                let data = "\(stage.lab.primary.directory)/other"
                let rules = "/etc/sudoers.d/pgdr-test-\(getpid())"
                let login = try #require(stage.cluster.nodes.first?.ssh?.user)
                let text = """
                    Defaults:\(login) !requiretty, !syslog
                    \(login) ALL=(nobody) NOPASSWD: ALL
                    \(login) ALL=(root) NOPASSWD: /usr/bin/id -un
                    """
                try await Self.root("umask 337; printf '%s\\n' \"$1\" >\"$2\"", text, rules)
                let setUp = "mkdir -m 700 \"$1\" && echo 15 >\"$1/PG_VERSION\" && chown -R nobody \"$1\""
                try await Self.root(setUp, data)
                do {
                    try await Self.exercise(sudoOn: stage, data)
                } catch {
                    try await Self.root("rm -rf \"$1\" \"$2\"", data, rules)
                    throw error
                }
                try await Self.root("rm -rf \"$1\" \"$2\"", data, rules)
            }
        }

        private static func exercise(sudoOn stage: Stage, _ data: String) async throws {
            var node = try #require(stage.cluster.nodes.first)
            node.dataDirectory = data
            let bare = try Host(node)
            #expect(try await bare.facts().server == .unknown)
            let refusal = await #expect(throws: Failure.self) { try await bare.succeed([HostCommand(["id"])]) }
            #expect(refusal?.hint?.contains("ALL=(nobody) NOPASSWD: ALL") == true, "\(refusal as Any)")
            node.ssh?.become = ["sudo", "-n"]
            let host = try Host(node)
            let facts = try await host.facts()
            #expect(facts.server == .allowed && facts.dataDirectory?.owner == "nobody")
            #expect(facts.dataDirectory?.majorVersion == "15" && facts.dataDirectory?.realPath != nil)
            guard case .refused(let words) = facts.root else { throw Failure(.refused, "root was to be had") }
            #expect(words.contains("password is required"), "\(words)")
            func answer(_ command: HostCommand) async throws -> String {
                try await host.shell.succeed(command, "ask", until: .after(.seconds(20))).outputText
            }
            #expect(try await answer(HostCommand(["id", "-un"])) == "nobody\n")
            #expect(try await answer(HostCommand(["/usr/bin/id", "-un"], as: .root)) == "root\n")
            #expect(try await answer(HostCommand(["cat"], as: .server, input: "it's $(me)\n")) == "it's $(me)\n")
            let other = try await host.shell.run(HostCommand(["/usr/bin/id"], as: .root), until: .after(.seconds(20)))
            #expect(!other.succeeded && other.errorText.contains("password is required"))
        }

        private static func root(_ script: String, _ arguments: String...) async throws {
            let result = try await Subprocess.run(
                .name("sh"), arguments: Arguments(["-c", script, "sh"] + arguments), output: .discarded,
                error: .string(limit: 1 << 16))
            #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
        }

        private static func exercise(_ cluster: DebianCluster, _ stage: Stage) async throws {
            var node = try #require(stage.cluster.node(named: "primary"))
            node.service = .pgCtlCluster(version: cluster.version, cluster: cluster.name)
            node.dataDirectory = nil
            let host = try Host(node)
            let before = try await host.facts()
            #expect(before.debianCluster?.start == "manual")
            #expect(before.dataDirectory?.path == cluster.dataDirectory)
            #expect(before.programs?.majorVersion == cluster.version && before.postmaster == nil)
            let commands = try ServiceCommands(node, before)
            try await host.succeed(commands.start())
            #expect(try await host.report(commands.awaitRunning(seconds: 20)) == .ready(takesConnections: true))
            let facts = try await host.facts()
            #expect(facts.dataDirectory?.startWords.contains { $0.hasPrefix("config_file=") } == true)
            let status = try #require(try commands.status())
            try await host.succeed([status])
            try await host.succeed(commands.stop())
            #expect(try await host.report(commands.awaitStopped(seconds: 20)) == .gone)
            #expect(try await host.controlData(facts).state == .shutDown)

            try await host.succeed(commands.disableAutostart())
            try await host.succeed(commands.disableAutostart())
            #expect(try await host.facts().debianCluster?.start == "disabled")
            let start = try #require(try commands.start().first)
            let refused = try await host.shell.run(start, until: .after(.seconds(30)))
            #expect(!refused.succeeded, "\(refused.errorText)")
            try await host.succeed(commands.enableAutostart())
            try await host.succeed(commands.enableAutostart())
            #expect(try await host.facts().debianCluster?.start == "manual")
        }
    }
}

/// A cluster of Debian's in the system's own place, with a name of its own.
struct DebianCluster {
    let version: String
    let name: String
    private let directory: String

    init(version: String, name: String, _ directory: String) {
        self.version = version
        self.name = name
        self.directory = directory
    }

    var dataDirectory: String { "\(directory)/debian" }

    /// The newest version whose programs are there.
    static var version: String? {
        (14...18).reversed().map(String.init).first { access("/usr/lib/postgresql/\($0)/bin/initdb", X_OK) == 0 }
    }

    func create() async throws {
        try await run([
            "pg_createcluster", "--start-conf", "manual", "-d", dataDirectory, "-l", "\(directory)/log/debian.log",
            "-u",
            "postgres", version, name,
        ])
    }

    func drop() async throws { try await run(["pg_dropcluster", "--stop", version, name]) }

    private func run(_ words: [String]) async throws {
        let result = try await Subprocess.run(
            .name(words[0]), arguments: Arguments(Array(words.dropFirst())), output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16))
        #expect(result.terminationStatus.isSuccess, "\(words): \(result.standardError)")
    }
}
