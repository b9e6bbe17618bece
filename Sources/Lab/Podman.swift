internal import Essentials
internal import Glibc

/// What podman does when a container's server ends by itself.
package enum ContainerRestart: String, Sendable, Codable, CaseIterable {
    /// Nothing.
    case no
    /// Starts it again when it failed.
    case onFailure = "on-failure"
    /// Starts it again whatever it ended by, but for `podman stop` and `podman kill`.
    case always
}

/// The podman container that a node's server runs in.
struct LabContainer: Codable, Sendable, Equatable {
    /// The container's name, unique on the machine.
    var name: String
    var restart: ContainerRestart
    /// What the container is beyond a server; nil when that is its first process.
    var machine: LabMachine?

    /// The container of that node; its name is made from the lab's directory, by FNV-1a.
    init(node: String, of directory: String, restart: ContainerRestart) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in directory.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        name = "pgdr-lab-\(String(hash, radix: 36))-\(node)"
        self.restart = restart
    }
}

/// The podman command, as root: the container's root file system is the machine's own under an overlay, so that it
/// needs no image, and what it writes outside the node's directory is gone with it.
struct Podman: Sendable {
    let lab: Lab
    private let path: String

    /// - Throws: `refused` when podman isn't installed.
    init(_ lab: Lab) throws(Failure) {
        self.lab = lab
        path = try Self.find()
    }

    /// Refuses a lab that would have a container where none can be.
    static func check(_ directory: String) throws(Failure) {
        _ = try find()
        guard geteuid() == 0 else {
            throw Failure(
                .refused, "only root can run the DR node in a container",
                detail: "Its root file system is the machine's own.",
                hint: "Run the command as root, or leave --dr-in-container out.")
        }
        guard !directory.contains(":") else {
            throw Failure(.refused, "podman cannot mount \"\(directory)\"", hint: "Use a path without colons.")
        }
    }

    private static func find() throws(Failure) -> String {
        guard let path = Program.find("podman") else {
            throw Failure(
                .refused, "could not find podman",
                hint: "Install it with: apt-get install podman runc; or leave --dr-in-container out.")
        }
        return path
    }

    private func call(_ arguments: [String], _ purpose: String) -> Program {
        var program = Program(path, arguments, purpose: purpose)
        program.environment = [Lab.marker: lab.directory]
        return program
    }

    /// Makes a node's container and starts the server in it as the container's first process.
    func create(_ container: LabContainer, for node: LabNode) async throws(Failure) {
        var arguments = [
            "run", "--detach", "--name", container.name, "--network", "host", "--restart", container.restart.rawValue,
            "--workdir", "/", "--stop-timeout", "60", "--log-driver", "k8s-file", "--log-opt",
            "path=\(node.containerLogFile)",
            "--volume", "\(node.directory):\(node.directory)",
            "--volume", "\(lab.serverPassfile):\(lab.serverPassfile):ro",
            "--env", "\(Lab.marker)=\(lab.directory)", "--env", "TZ=UTC", "--env", "LC_ALL=C",
        ]
        // Podman's own limits may be more than this machine lets anyone have.
        arguments += ["--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"]
        if let libraries = lab.record.binaries.libraries {
            let installation = "\(lab.record.binaries.directory)/.."
            if let root = LabFile.resolve(installation) { arguments += ["--volume", "\(root):\(root):ro"] }
            arguments += ["--env", "LD_LIBRARY_PATH=\(libraries)"]
        }
        var command = ["/lib/systemd/systemd"]
        if container.machine != nil {
            arguments += node.machineOptions()
        } else {
            // A stop is a fast shutdown.
            arguments += ["--user", "\(lab.account.uid):\(lab.account.gid)", "--stop-signal", "SIGINT"]
            command = [lab.record.binaries.program("postgres"), "-D", node.dataDirectory]
        }
        // Crun, where it is the default, fails on machines that have both versions of control groups.
        let runtime = Program.find("runc").map { ["--runtime", $0] } ?? []
        let program = call(
            runtime + arguments + ["--rootfs", "/:O"] + command, "start a container for node \"\(node.name)\"")
        // Cancelled it would leave a container that podman knows nothing of, so it is let end.
        let end = await Task { () async -> Failure? in
            do throws(Failure) { try await program.run() } catch { return error }
            return nil
        }.value
        if let end { throw end }
        if Task.isCancelled { throw program.cancelled }
    }

    func start(_ container: LabContainer) async throws(Failure) {
        try await call(["start", container.name], "start container \"\(container.name)\"").run()
    }

    /// Stops it, so that its restart policy doesn't bring it back, as after a signal that ends the server it would.
    func stop(_ container: LabContainer, _ mode: LabNode.StopMode) async throws(Failure) {
        // Killed at once, as to the data that is no other than an immediate shutdown.
        let time = mode == .immediate ? ["--time", "0"] : []
        try await call(["stop"] + time + [container.name], "stop container \"\(container.name)\"").run()
    }

    /// Has systemd inside do something with a unit.
    func systemctl(_ container: LabContainer, _ words: [String]) async throws(Failure) {
        let purpose = "run systemctl \(words.joined(separator: " ")) in container \"\(container.name)\""
        try await call(["exec", container.name, "systemctl"] + words, purpose).run()
    }

    /// Waits until systemd inside has done all that it does by itself.
    func awaitBooted(_ container: LabContainer) async throws(Failure) {
        let deadline = Deadline.after(.seconds(60))
        while true {
            do { return try await systemctl(container, ["is-active", "--quiet", "multi-user.target"]) } catch {
                guard error.code == .lab, !deadline.hasPassed else { throw error }
            }
            _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(50)))
        }
    }

    /// Runs one of PostgreSQL's programs inside, as the server's account.
    func execute(
        _ container: LabContainer, _ program: String, _ arguments: [String], purpose: String
    ) async throws(Failure) {
        let command = [lab.record.binaries.program(program)] + arguments
        let user = ["--user", "\(lab.account.uid):\(lab.account.gid)"]
        try await call(["exec"] + user + [container.name] + command, purpose).run()
    }

    /// Ends and removes it, whatever state it is in; nothing to do when it is gone.
    func remove(_ container: LabContainer) async throws(Failure) {
        let name = container.name
        let remove = call(["rm", "--force", "--ignore", "--time", "0", name], "remove container \"\(name)\"")
        // The first attempt only notices when container and monitor were killed behind podman's back.
        do { try await remove.run() } catch { try await remove.run() }
    }

    /// The container's control group, as long as podman knows the container.
    func controlGroup(_ container: LabContainer) async -> String? {
        let purpose = "look at container \"\(container.name)\""
        let inspect = call(["inspect", "--format", "{{.State.CgroupPath}}", container.name], purpose)
        return (try? await inspect.run())?.filter { !$0.isNewline }
    }

    /// Removes what a killed podman or monitor leaves behind; a control group in use can't be removed.
    static func removeControlGroups(_ paths: Set<String>) async throws(Failure) {
        let root = "/sys/fs/cgroup"
        let hierarchies = (try? LabFile.names(in: root)) ?? []
        let directories = paths.filter { $0.hasPrefix("/") && !$0.contains("..") }.flatMap { path in
            [root + path] + hierarchies.map { "\(root)/\($0)\(path)" }
        }
        // A process that has just died stays in its group for a moment.
        _ = try await eventually(by: .after(.seconds(1)), every: .milliseconds(20)) {
            directories.count { rmdir($0) != 0 && errno == EBUSY } == 0
        }
    }
}
