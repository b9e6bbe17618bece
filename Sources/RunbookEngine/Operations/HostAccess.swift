import Configuration
import Essentials
import Hosts
import Postgres

/// What hosts are asked and told, in its final form.
extension PlanningFacts {
    /// A command in its final form, with what it takes to become its account.
    func remote(_ name: String, _ command: HostCommand) throws(Failure) -> RemoteCommand {
        let prefix = try AccountChange(host(name), become: node(name).ssh?.become ?? []).prefix(for: command)
        // A line of sudoers for root is for one program only, which must come right after it; what runs long runs as
        // the server's account, and is to end with us.
        guard command.account != .root else { return RemoteCommand(name, prefix + command.words, input: command.input) }
        return RemoteCommand(name, become: prefix, command.words, input: command.input)
    }

    /// How a node's server is stopped and started.
    func service(_ name: String) throws(Failure) -> ServiceCommands { try ServiceCommands(node(name), host(name)) }

    /// PostgreSQL's programs for a node.
    func toolbox(_ name: String) throws(Failure) -> Toolbox { try Toolbox(node(name), host(name)) }

    /// A node's data directory as its host has it.
    func dataDirectory(_ name: String) throws(Failure) -> String {
        if let directory = try node(name).dataDirectory { return directory }
        if let directory = try host(name).dataDirectory?.path { return directory }
        throw Failure(
            .refused, "the data directory of node \"\(name)\" is not known",
            hint: "Give the node its \"data_directory\" in the configuration.", node: name)
    }

    /// What a node's control file says once its server is on its way down.
    func shutdownState(_ name: String) throws(Failure) -> RemoteCommand {
        let command = try toolbox(name).controlData(of: dataDirectory(name))
        // In a container of its own it can't see the server's files come and go.
        guard command.account == .server else { return try remote(name, command) }
        return try scriptCommand(.shutdownState, name, command.words)
    }

    /// pg_controldata of a node.
    func controlData(_ name: String) throws(Failure) -> RemoteCommand {
        try remote(name, toolbox(name).controlData(of: dataDirectory(name)))
    }

    /// A real replication login from a node's host to another node, as the node would make it.
    func canReplicate(_ name: String, from upstream: String) throws(Failure) -> Probe {
        let connection = try connection(to: upstream).setting("replication", to: "true")
            .setting("connect_timeout", to: "5").setting("application_name", to: "pgdr").description
        return try askedByPsql("IDENTIFY_SYSTEM", on: name, connection, expected: nil)
    }

    /// Whether pgdr can act on a node's host, as found while planning.
    func canAct(_ name: String) -> Probe {
        do throws(Failure) {
            let host = try host(name)
            _ = try service(name)
            guard host.dataDirectory?.majorVersion != nil else {
                return .known(
                    false, evidence: "\(name): \(try dataDirectory(name)) holds no data directory of PostgreSQL")
            }
            _ = try remote(name, HostCommand(["true"]))
            return .known(true, evidence: "\(name): its host takes commands, its service is known")
        } catch {
            return .known(false, evidence: error.text)
        }
    }

    /// Whether the data directory can be renamed and another one put in its place.
    func canBeReplaced(_ name: String) -> Probe {
        guard let directory = hosts[name]?.dataDirectory else {
            return .known(false, evidence: "\(name): nothing is known of its data directory")
        }
        if directory.isLink {
            return .known(
                false,
                evidence: "\(name): \(directory.path) is a symbolic link; configure where it leads as "
                    + "\"data_directory\": \(directory.realPath ?? "unknown")")
        }
        if directory.isMountPoint == true {
            return .known(false, evidence: "\(name): \(directory.path) is a mount point, which can't be renamed")
        }
        guard directory.isParentWritable else {
            return .known(
                false, evidence: "\(name): the server's account may not make a directory beside \(directory.path)")
        }
        let places = directory.tablespaces.map(\.path) + [directory.walLink].compactMap(\.self)
        if let container = hosts[name]?.container, let place = places.first(where: { container.inside($0) != $0 }) {
            return .known(
                false, evidence: "\(name): \(place) is a path in its container, which may be something else outside")
        }
        if let wal = directory.walLink, !directory.isWALParentWritable {
            return .known(
                false,
                evidence: "\(name): pg_wal leads to \(wal), a mount point, or in a directory in which the server's "
                    + "account may not make another one")
        }
        return .known(true, evidence: "\(name): \(directory.path) can be renamed")
    }

    func canRewind(_ name: String, from source: String) throws(Failure) -> Probe {
        let connection = try connection(to: source).setting("dbname", to: "postgres")
            .setting("connect_timeout", to: "5").description
        let privileges = """
            SELECT bool_and(has_function_privilege(name, 'EXECUTE')) FROM unnest(ARRAY['pg_ls_dir(text,boolean,boolean)', \
            'pg_stat_file(text,boolean)', 'pg_read_binary_file(text)', \
            'pg_read_binary_file(text,bigint,bigint,boolean)']) AS name
            """
        return try askedByPsql(privileges, on: name, connection, expected: "t")
    }

    /// A question that only a connection from the node's own host can answer.
    private func askedByPsql(
        _ statement: String, on name: String, _ connection: String, expected: String?
    ) throws(Failure) -> Probe {
        let command = try toolbox(name).command(
            "psql", ["-X", "-w", "-A", "-t", "-c", .word(statement), "-d", .word(connection)])
        return .command(try remote(name, command), expected: expected)
    }

    /// Whether the disk has room for a copy, with a tenth to spare for WAL.
    func hasRoom(_ name: String, for source: String) throws(Failure) -> Probe {
        guard let size = sizes[source] else { return .known(false, evidence: "the size of \(source) is not known") }
        let needed = size + size / 10 + (64 << 20)
        guard let free = try host(name).dataDirectory?.parentFreeBytes else {
            return .known(false, evidence: "\(name): how much room its disk has is not known")
        }
        return .known(
            free >= needed,
            evidence: "\(name): \(free >> 20) MB are free beside the data directory, \(needed >> 20) MB are needed")
    }
}
