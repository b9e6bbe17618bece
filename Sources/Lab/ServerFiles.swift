internal import Essentials

/// The configuration files of the lab's servers.
///
/// `postgresql.conf` and `pg_hba.conf` are the same on all nodes, so that pg_basebackup and pg_rewind may copy them
/// about as they do. What differs stands in `node.conf` beside the data directory, which no copy reaches; the
/// include's path is relative to the data directory and so means each node's own.
enum ServerFiles {
    /// `postgresql.conf`; written in full, as initdb's own choices depend on the machine.
    static func common(standbys: Int, include: String = "../node.conf") -> String {
        """
        # A throw-away server: it trades every safety for speed, and nothing in it survives a crash of the machine.
        fsync = off
        full_page_writes = on
        shared_buffers = 16MB
        max_connections = 100
        # Segments in files rather than in /dev/shm, where those of a killed server would stay for ever.
        dynamic_shared_memory_type = mmap
        wal_level = replica
        wal_log_hints = on
        max_wal_senders = \(10 + standbys)
        max_replication_slots = \(10 + standbys)
        wal_keep_size = 64MB
        hot_standby = on
        # What a promotion may wait for; 5 s by default.
        wal_retrieve_retry_interval = 1s
        wal_receiver_status_interval = 1s
        password_encryption = scram-sha-256
        logging_collector = on
        log_directory = '../log'
        log_filename = 'postgresql.log'
        log_rotation_age = 0
        log_rotation_size = 0
        log_line_prefix = '%m [%p] %q%u@%d '
        log_timezone = UTC
        timezone = UTC
        datestyle = 'iso, mdy'
        lc_messages = C
        include = '\(include)'

        """
    }

    /// `node.conf`: who this node is and where it listens.
    static func own(_ node: LabNode) -> String {
        """
        cluster_name = '\(node.name)'
        listen_addresses = '\(node.address)'
        port = \(node.port)
        unix_socket_directories = '\(socketDirectory(node) ?? "")'

        """
    }

    /// Where the server's Unix socket goes; nil when its path would be longer than the 107 bytes the kernel takes.
    static func socketDirectory(_ node: LabNode) -> String? {
        let directory = "\(node.directory)/run"
        return "\(directory)/.s.PGSQL.\(node.port)".utf8.count <= 107 ? directory : nil
    }

    /// `pg_hba.conf`: a password for everybody, from this machine or the lab's own network only.
    /// - Parameter subnet: the first three numbers of that network's addresses; nil: there is none.
    static func authentication(from subnet: String?) -> String {
        let sources = subnet.map { "\($0).0/24" } ?? "127.0.0.0/8"
        return """
            local all         all              scram-sha-256
            host  all         all \(sources)  scram-sha-256
            host  replication all \(sources)  scram-sha-256

            """
    }

    /// The lines of a standby's `postgresql.auto.conf`, where `pg_basebackup -R` would put them too.
    ///
    /// Not written by `-R`: it would copy the connection's password file and leave out the application's name.
    static func following(_ upstream: LabNode, as node: LabNode) -> String {
        let connection =
            "\(upstream.connectionString(as: .replication, passfile: node.lab.serverPassfile))"
            + " application_name=\(node.name)"
        // The quotes in it are doubled, as the file wants them.
        let quoted = connection.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
        return "primary_conninfo = '\(quoted)'\nprimary_slot_name = '\(node.slot)'\n"
    }
}
