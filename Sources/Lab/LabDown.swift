package import Essentials
internal import Glibc

/// What `Lab.down` found.
package enum LabRemoval: Sendable, Equatable {
    /// There was a lab; its processes and its directory are gone.
    case removed
    /// There was nothing.
    case nothing
}

extension Lab {
    /// Ends all processes of the lab in `directory` and removes the directory.
    ///
    /// Works on what is there: a whole lab, one whose servers were killed or frozen, one that `up` left half-made.
    /// - Throws: `lab` when the directory isn't a lab, of which nothing is touched; when it is another user's; when
    ///   a process doesn't end.
    package static func down(_ directory: String) async throws(Failure) -> LabRemoval {
        let path = absolute(directory)
        guard let names = try LabFile.names(in: path) else { return .nothing }
        guard let record = try LabRecord.read(path) else {
            // An `up` that was killed before it wrote its marker, or a `down` after it removed it, leaves no more.
            guard names.allSatisfy(LabRecord.isUnfinished) else {
                throw Failure(
                    .lab, "\"\(path)\" is not a lab", detail: "It has no \(LabRecord.fileName).",
                    hint: "Nothing was touched. Give the directory that `pgdr lab up` was given.")
            }
            if names.isEmpty { return .nothing }
            try LabFile.removeTree(path)
            return .removed
        }
        try refuseForeign(path)
        // First of all: a restart policy would bring the servers back.
        let groups = try await removeContainers(of: record)
        // What servers that died earlier left, and then what those leave that die now.
        for node in record.nodes {
            if let file = PostmasterPIDFile(dataDirectory: "\(path)/\(node.name)/data") {
                SharedMemory.remove(namedBy: file)
            }
        }
        SharedMemory.remove(madeBy: try await endProcesses(of: path))
        try await Podman.removeControlGroups(groups)
        SmallDisk.unmountAll(below: path)
        if let network = record.network { try await LabNetwork.remove(network) }
        // The marker last: until then a `down` that was interrupted can be repeated.
        for name in names where name != LabRecord.fileName { try LabFile.removeTree("\(path)/\(name)") }
        try LabFile.removeTree(path)
        return .removed
    }

    /// Removes the containers and returns the control groups of what ran in them.
    private static func removeContainers(of record: LabRecord) async throws(Failure) -> Set<String> {
        let containers = record.nodes.compactMap(\.container)
        guard !containers.isEmpty else { return [] }
        let lab = try Lab(record)
        // One under way that was cut off would leave a container that podman knows nothing of.
        _ = try await eventually(by: .after(.seconds(5)), every: .milliseconds(20)) {
            !LabProcesses(of: lab.directory).others.contains { $0.name == "podman" }
        }
        let podman = try Podman(lab)
        var groups = LabProcesses(of: lab.directory).controlGroups
        for container in containers {
            if let group = await podman.controlGroup(container), !group.isEmpty { groups.insert(group) }
            try await podman.remove(container)
        }
        return groups
    }

    private static func refuseForeign(_ path: String) throws(Failure) {
        var entry = stat()
        guard stat("\(path)/\(LabRecord.fileName)", &entry) == 0 else { return }
        if geteuid() == 0 || entry.st_uid == geteuid() { return }
        throw Failure(
            .lab, "the lab in \"\(path)\" belongs to another user",
            detail: "It was made by the user with id \(entry.st_uid).", hint: "Take it down as that user, or as root.")
    }

    /// Asks the processes to end, and kills those that don't; returns the ids of the servers and their children.
    private static func endProcesses(of directory: String) async throws(Failure) -> Set<pid_t> {
        let processes = LabProcesses(of: directory)
        var servers = Set(processes.servers.map(\.pid))
        for process in processes.shells + processes.monitors + processes.others { process.send(SIGTERM) }
        // The same as `pg_ctl stop -m immediate`, which would need the programs to be there still.
        for postmaster in processes.postmasters { postmaster.send(SIGQUIT) }
        // A frozen process takes no signal but SIGKILL until it goes on.
        for process in processes.all { process.send(SIGCONT) }
        let ended = try await eventually(by: .after(.seconds(3)), every: .milliseconds(20)) {
            let left = LabProcesses(of: directory)
            servers.formUnion(left.servers.map(\.pid))
            return left.all.isEmpty
        }
        if ended { return servers }
        // Again and again, as what isn't dead yet may have started more.
        let gone = try await eventually(by: .after(.seconds(10)), every: .milliseconds(20)) {
            let left = LabProcesses(of: directory)
            servers.formUnion(left.servers.map(\.pid))
            for process in left.all { process.send(SIGKILL) }
            return left.all.isEmpty
        }
        guard gone else {
            let left = LabProcesses(of: directory).all.map { "\($0.name) (\($0.pid))" }
            throw Failure(
                .lab, "could not end all processes of the lab in \"\(directory)\"",
                detail: "Still there: \(left.joined(separator: ", ")).",
                hint: "Does a disk or a network file system not answer? Run the command again later.")
        }
        return servers
    }

    /// Makes a lab, runs `body` with it and takes it down whatever happens.
    ///
    /// - Parameter options: nil for a lab of the default size in a new directory below TMPDIR.
    /// - Throws: what `up` or `body` throws; what `down` throws only when `body` didn't.
    package static func with<Result>(
        _ options: LabOptions? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: (Lab) async throws -> Result
    ) async throws -> Result {
        let lab = try await up(options ?? LabOptions(directory: temporaryDirectory()))
        let result: Result
        do { result = try await body(lab) } catch {
            _ = await downRegardless(lab.directory)
            throw error
        }
        if let failure = await downRegardless(lab.directory) { throw failure }
        return result
    }

    /// Takes a lab down even when the current task was cancelled; returns what stood in the way.
    ///
    /// In a task of its own, as a cancelled one could not wait for the servers to end.
    static func downRegardless(_ directory: String) async -> Failure? {
        await Task { () async -> Failure? in
            do throws(Failure) { _ = try await Lab.down(directory) } catch { return error }
            return nil
        }.value
    }

    /// A directory name for a lab that nobody else uses, below TMPDIR.
    package static func temporaryDirectory() -> String {
        let parent = Program.variable("TMPDIR") ?? "/tmp"
        return "\(parent)/pgdr-lab-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    }
}
