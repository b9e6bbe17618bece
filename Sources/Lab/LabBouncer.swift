package import Essentials
internal import Glibc

/// A PgBouncer before the lab's servers, whose clients stay connected while the servers change their roles.
///
/// It takes the lab's roles with their passwords. `pgdr_admin` may use its console.
package struct LabBouncer: Sendable {
    let lab: Lab
    /// Its own loopback address; in a lab with a network this machine's address there.
    package let address: String
    /// Its port.
    package let port: Int

    /// The directory that holds all that belongs to it.
    package var directory: String { "\(lab.directory)/bouncer" }
    /// Its configuration; the console's `RELOAD` makes it read it again.
    package var configurationFile: String { "\(directory)/pgbouncer.ini" }
    /// Its log.
    package var logFile: String { "\(directory)/pgbouncer.log" }
    private var pidFile: String { "\(directory)/pgbouncer.pid" }
    private var userFile: String { "\(directory)/users.txt" }

    /// How connections to the server are shared, in PgBouncer's words.
    package enum Pooling: String, Sendable {
        /// One for as long as the client stays.
        case session
        /// One for each transaction.
        case transaction
    }

    /// A connection string to the server behind it.
    package func connectionString(as role: LabRole) -> String {
        "host=\(address) port=\(port) dbname=postgres user=\(role.rawValue) passfile='\(lab.passfile)'"
    }

    /// A connection string to its console, which takes `PAUSE`, `RESUME`, `RELOAD` and `SHOW`.
    package var consoleConnectionString: String {
        "host=\(address) port=\(port) dbname=pgbouncer user=\(LabRole.admin.rawValue) passfile='\(lab.passfile)'"
    }

    /// Writes another server into its configuration, as an operator's own hook does; `RELOAD` makes it count.
    package func route(to node: LabNode, _ pooling: Pooling = .transaction) throws(Failure) {
        try LabFile.write(configuration(node, pooling), to: configurationFile, mode: 0o644, owner: lab.account)
    }

    /// Ends it; its clients' connections break.
    package func stop() async throws(Failure) {
        guard let text = LabFile.read(pidFile), let pid = pid_t(text.filter { !$0.isWhitespace }), pid > 1,
            let process = ProcessEntry.find(pid), process.name == "pgbouncer"
        else { throw Failure(.lab, "the lab's PgBouncer does not run", detail: LabFile.tail(logFile, lines: 5)) }
        process.send(SIGTERM)
        let hasEnded = try await eventually(by: .after(.seconds(10))) { ProcessEntry.find(pid) == nil }
        if !hasEnded { throw Failure(.lab, "the lab's PgBouncer does not end", detail: LabFile.tail(logFile)) }
    }

    fileprivate func start(_ node: LabNode, _ pooling: Pooling, _ reservation: PortReservation) async throws(Failure) {
        guard let path = Program.find("pgbouncer") else {
            throw Failure(
                .refused, "could not find pgbouncer", hint: "Install it with: apt-get install pgbouncer")
        }
        try LabFile.makeDirectory(directory, mode: 0o755, owner: lab.account)
        try LabFile.write(users, to: userFile, mode: 0o600, owner: lab.account)
        try route(to: node, pooling)
        var program = Program(path, ["-q", "-d", configurationFile], purpose: "start PgBouncer")
        program.account = lab.account
        program.workingDirectory = directory
        program.environment = [Lab.marker: lab.directory]
        reservation.release(address)
        do { try await program.run() } catch {
            throw Failure(error.code, error.message, detail: LabFile.tail(logFile) ?? error.detail)
        }
        // It listens before it becomes a daemon.
        guard try await eventually(by: .after(.seconds(10)), { LabFile.read(pidFile)?.hasSuffix("\n") ?? false }) else {
            throw Failure(.lab, "PgBouncer did not start in time", detail: LabFile.tail(logFile))
        }
    }

    private func configuration(_ node: LabNode, _ pooling: Pooling) -> String {
        """
        [databases]
        * = host=\(node.address) port=\(node.port)

        [pgbouncer]
        listen_addr = \(address)
        listen_port = \(port)
        unix_socket_dir =
        auth_type = scram-sha-256
        auth_file = \(userFile)
        admin_users = \(LabRole.admin.rawValue)
        pool_mode = \(pooling.rawValue)
        ignore_startup_parameters = extra_float_digits, options
        logfile = \(logFile)
        pidfile = \(pidFile)
        # A server that refuses is asked again soon.
        server_login_retry = 0.1

        """
    }

    /// The roles with their passwords, as its file of users wants them.
    private var users: String {
        (LabFile.read(lab.passfile) ?? "").split(separator: "\n").map { line in
            line.split(separator: ":").suffix(2).map { "\"\($0)\"" }.joined(separator: " ") + "\n"
        }.joined()
    }
}

extension Lab {
    /// Starts a PgBouncer before `node`, by default the one that was made as the primary; `down` ends it.
    /// - Throws: `refused` when it isn't installed; `lab` with its words as the detail.
    package func startBouncer(
        to node: LabNode? = nil, _ pooling: LabBouncer.Pooling = .transaction
    ) async throws(Failure) -> LabBouncer {
        let address = network?.address(of: LabNetwork.clients) ?? "127.0.86.7"
        let reservation = try PortReservation(nil, on: [address])
        let bouncer = LabBouncer(lab: self, address: address, port: reservation.port)
        try await bouncer.start(node ?? primary, pooling, reservation)
        return bouncer
    }
}
