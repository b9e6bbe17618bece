package import Essentials

/// One node of a lab: a PostgreSQL server with an sshd beside it, and what can be done to it.
///
/// The verbs act on the processes directly, not through SSH: they are the hand of fate, not pgdr's.
package struct LabNode: Sendable {
    let lab: Lab
    let member: LabRecord.Member

    /// The node's name in the lab and in `pgdr.yaml`; also its `cluster_name`.
    package var name: String { member.name }
    /// Its own loopback address.
    package var address: String { member.address }
    /// The server's port, the same on all nodes.
    package var port: Int { lab.record.port }
    /// The sshd's port, the same on all nodes.
    package var sshPort: Int { lab.record.sshPort }
    /// The node's replication slot on its upstream.
    package var slot: String { String(name.map { $0 == "-" ? "_" : $0 }) }
    /// The directory that holds all that belongs to the node.
    package var directory: String { "\(lab.directory)/\(name)" }
    /// The server's data directory.
    package var dataDirectory: String { "\(directory)/data" }
    /// The server's own log.
    package var logFile: String { "\(directory)/log/postgresql.log" }
    /// What the server wrote before its log was open.
    var startLogFile: String { "\(directory)/log/start.log" }

    /// The name of the podman container that the server runs in; nil when it runs on the machine itself.
    package var containerName: String? { container?.name }
    var container: LabContainer? { member.container }

    /// What a container's first process writes: the server before its log is open, or a machine's console.
    var containerLogFile: String { machine == nil ? startLogFile : "\(directory)/log/console.log" }

    /// How a server is stopped, in PostgreSQL's words.
    package enum StopMode: String, Sendable {
        /// Ends the clients and writes a checkpoint.
        case fast
        /// Ends at once and recovers at the next start.
        case immediate
    }

    /// Starts the server and waits until it takes connections.
    /// - Throws: `lab` with the end of the server's log as the detail.
    package func start() async throws(Failure) {
        if let container { return try await startContainer(container) }
        do {
            // What an earlier start wrote would only mislead.
            try LabFile.write("", to: startLogFile, mode: 0o600, owner: lab.account)
            try await control(["start", "-w", "-t", "60", "-s", "-l", startLogFile], "start")
        } catch  where error.code == .lab {
            throw Failure(
                .lab, error.message, detail: LabFile.tail(logFile, startLogFile) ?? error.detail,
                hint: "All of the server's log is in \(logFile).", node: name)
        }
    }

    /// Stops the server and waits until it is gone.
    package func stop(_ mode: StopMode = .fast) async throws(Failure) {
        if let container { return try await stopContainer(container, mode) }
        try await control(["stop", "-w", "-t", "60", "-s", "-m", mode.rawValue], "stop")
    }

    /// Promotes the server and waits until it is a primary.
    package func promote() async throws(Failure) {
        try await control(["promote", "-w", "-t", "60", "-s"], "promote")
    }

    /// Makes the server read its configuration again; returns before it has.
    package func reload() async throws(Failure) {
        try await control(["reload", "-s"], "reload")
    }

    /// A `pg_ctl` call; its text goes into the failure.
    private func control(_ arguments: [String], _ verb: String) async throws(Failure) {
        let arguments = arguments + ["-D", dataDirectory]
        let purpose = "\(verb) node \"\(name)\""
        do {
            // The process ids in its files mean something else outside.
            if let container {
                try await Podman(lab).execute(container, "pg_ctl", arguments, purpose: purpose)
            } else {
                try await serverProgram("pg_ctl", arguments, purpose: purpose).run()
            }
        } catch {
            throw Failure(error.code, error.message, detail: error.detail, hint: error.hint, node: name)
        }
    }
}
