package import Essentials
internal import SQLFiles

extension Lab {
    /// Makes a lab and returns when all its standbys stream.
    ///
    /// When it fails or the task is cancelled, everything that was made is taken down again.
    /// - Throws: `refused` before anything is made; `lab` with the failed program's or server's words as the detail; `cancelled`.
    package static func up(_ options: LabOptions) async throws(Failure) -> Lab {
        guard (0...LabOptions.mostStandbys).contains(options.standbys) else {
            throw Failure(.lab, "a lab has from 0 to \(LabOptions.mostStandbys) standbys, not \(options.standbys)")
        }
        let account = try Account.forServers()
        let site = try LabSite(options.directory, for: account)
        let binaries = try await PostgresBinaries.find(options.postgresBin)
        if let obstacle = account.firstObstacle(to: binaries.directory) {
            throw Failure(
                .refused,
                "the servers' account \"\(account.name)\" cannot run the programs in \"\(binaries.directory)\"",
                detail: "It may not enter \"\(obstacle)\".")
        }
        var members = options.members()
        if let machine = options.drMachine { try LabNode.check(machine, binaries) }
        if options.drMachine != nil || options.drInContainer != nil {
            try Podman.check(site.directory)
            for index in members.indices where members[index].kind == .dr {
                let restart = options.drMachine == nil ? options.drInContainer ?? .no : .no
                let container = LabContainer(node: members[index].name, of: site.directory, restart: restart)
                members[index].container = container
                members[index].container?.machine = options.drMachine
            }
        }
        let network = try await options.networkRecord(of: members)
        if let network {
            for index in members.indices { members[index].address = network.address(of: members[index].name) }
        }
        // Nobody else is in a network of the lab's own.
        let addresses = network == nil ? members.map(\.address) : []
        let servers = try PortReservation(options.port, on: addresses)
        let ssh = try PortReservation(nil, on: addresses)
        let lab = try site.claim(
            LabRecord(
                directory: site.directory, account: account.name, binaries: binaries, port: servers.port,
                sshPort: ssh.port, nodes: members, witness: options.witness(in: network), network: network))
        do throws(Failure) {
            for (name, bytes) in options.smallDisks {
                let node = try lab.node(name)
                try LabFile.makeDirectory(node.directory, mode: 0o755)
                try SmallDisk.mount(over: node.directory, bytes: bytes, for: account)
            }
            try await lab.network?.make()
            try await lab.build(servers, ssh)
        } catch {
            var failure = error
            if let left = await downRegardless(lab.directory) {
                failure.hint =
                    "Taking it down again failed too: \(left.message)."
                    + " Run: pgdr lab down --dir \(lab.directory)"
            }
            throw failure
        }
        return lab
    }

    /// Makes all that the marker promises.
    private func build(_ servers: PortReservation, _ ssh: PortReservation) async throws(Failure) {
        try LabFile.makeDirectory("\(directory)/audit", mode: 0o755)
        for host in shells {
            try LabFile.makeDirectory(host.directory, mode: 0o755, owner: account)
            try LabFile.makeDirectory("\(host.directory)/log", mode: 0o755, owner: account)
        }
        for node in nodes {
            try LabFile.makeDirectory("\(node.directory)/run", mode: 0o755, owner: account)
            try LabFile.write(ServerFiles.own(node), to: "\(node.directory)/node.conf", mode: 0o644, owner: account)
        }
        let passwords = Passwords()
        try passwords.write(for: self)
        let shell = try SecureShell(self)
        async let shells: Void = shell.start(ssh)
        do {
            try await makePrimary(passwords, servers)
            try await concurrently(standbys) { standby throws(Failure) in
                try await self.makeStandby(standby, servers)
            }
            try await awaitStreaming(.after(.seconds(30)))
            try await shells
        } catch { throw Failure.from(error, "make the lab") }
        try writeConfiguration()
    }

    private func makePrimary(_ passwords: Passwords, _ reservation: PortReservation) async throws(Failure) {
        let passwordFile = "\(primary.directory)/password"
        try LabFile.write(passwords[.superuser], to: passwordFile, mode: 0o600, owner: account)
        defer { LabFile.removeFile(passwordFile) }
        let arguments = [
            "-D", primary.dataDirectory, "--data-checksums", "--no-sync", "--no-instructions", "--encoding=UTF8",
            "--locale=C", "--auth=scram-sha-256", "--username=\(LabRole.superuser.rawValue)",
            "--pwfile=\(passwordFile)",
        ]
        let purpose = "initialize node \"\(primary.name)\""
        try await primary.serverProgram("initdb", arguments, purpose: purpose).run()
        try LabFile.write(
            ServerFiles.common(standbys: standbys.count), to: "\(primary.dataDirectory)/postgresql.conf", mode: 0o600,
            owner: account)
        try LabFile.write(
            ServerFiles.authentication(from: record.network?.subnet), to: "\(primary.dataDirectory)/pg_hba.conf",
            mode: 0o600, owner: account)
        reservation.release(primary.address)
        try await primary.start()
        try await primary.psql(rolesAndSlots(passwords))
    }

    /// The statements that make the roles and the standbys' slots; goes to psql's standard input, never to its
    /// argument list.
    private func rolesAndSlots(_ passwords: Passwords) -> String {
        let slots = standbys.map {
            "SELECT pg_create_physical_replication_slot('\($0.slot)', true) \\g /dev/null\n"
        }
        return """
            -- A failed statement must not carry a password into the server's log.
            SET log_min_error_statement = panic;
            \\set replication '\(passwords[.replication])'
            \\set monitoring '\(passwords[.monitoring])'
            \\set admin '\(passwords[.admin])'
            SET pgdr.replication_role = replicator;
            \(SQLFile.replicationRole)
            ALTER ROLE replicator PASSWORD :'replication';
            \(SQLFile.monitoringRole)
            ALTER ROLE pgdr PASSWORD :'monitoring';
            \(SQLFile.adminRole)
            ALTER ROLE pgdr_admin PASSWORD :'admin';
            \(SQLFile.schema)
            \(slots.joined())
            """
    }

    private func makeStandby(_ standby: LabNode, _ reservation: PortReservation) async throws(Failure) {
        let source = primary.connectionString(as: .replication, passfile: serverPassfile)
        try await standby.serverProgram(
            "pg_basebackup",
            [
                "-D", standby.dataDirectory, "-d", source, "-c", "fast", "-X", "stream", "-S", standby.slot,
                "--no-sync", "--no-manifest",
            ],
            purpose: "copy the primary to node \"\(standby.name)\""
        ).run()
        try LabFile.write(
            ServerFiles.following(primary, as: standby), to: "\(standby.dataDirectory)/postgresql.auto.conf",
            mode: 0o600, owner: account, adding: .atEnd)
        try LabFile.write("", to: "\(standby.dataDirectory)/standby.signal", mode: 0o600, owner: account)
        reservation.release(standby.address)
        guard let container = standby.member.container else { return try await standby.start() }
        if container.machine != nil { try standby.writeMachine() }
        try await Podman(self).create(container, for: standby)
        try await standby.awaitReady()
    }
}
