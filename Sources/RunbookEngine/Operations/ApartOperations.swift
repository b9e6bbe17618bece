import Configuration
import Essentials
import Hosts
import Postgres
import Replication

/// On which data of a node a server is started apart from its service.
enum ApartData: String {
    /// The node's own.
    case own
    /// The copy that the run has made beside it.
    case copy
}

/// Operations on a server that is started apart from the node's service: it listens at no address, only its account can
/// enter the directory of its socket, and it sends nobody anything.
extension PlanningFacts {
    /// The directory of its socket, whose path must be short, and of all else that it needs besides its data.
    var apartSockets: String { "/tmp/\(suffix)" }
    /// The number in its socket's name.
    static let apartPort = "5432"

    /// Whether a server can be started apart on a node's host.
    func canStartApart(_ name: String, on data: ApartData) throws(Failure) -> Probe {
        let place = try apartPlace(name)
        _ = try place.path(directory(of: name, data))
        guard try host(name).dataDirectory?.isParentWritable == true else {
            return .known(
                false,
                evidence: "\(name): the server's account may not make a directory beside \(try dataDirectory(name))")
        }
        guard snapshot.node(name)?.snapshot?.setting("shared_preload_libraries") != nil else {
            return .known(
                false,
                evidence: "\(name): which libraries it preloads, some of which act by themselves, is hidden from "
                    + "pgdr's role: GRANT pg_monitor TO it")
        }
        guard superusers[name] != nil else {
            return .known(false, evidence: "\(name): the name of its first superuser could not be asked")
        }
        if data == .copy, let elsewhere = try directoriesElsewhere(of: name, place).first {
            return .known(
                false, evidence: "\(name): \(elsewhere) is a path in its container, which may be something else outside"
            )
        }
        return .known(true, evidence: "\(name): a server can be started apart, with its socket in \(apartSockets)")
    }

    /// What a copy would be made in that has another name in the node's container.
    private func directoriesElsewhere(of name: String, _ place: ApartPlace) throws(Failure) -> [String] {
        guard place.beginning != nil else { return [] }
        let found = hosts[name]?.dataDirectory
        let all = (found?.tablespaces.map(\.path) ?? []) + [found?.walLink].compactMap(\.self)
        return all.filter { (try? place.path($0)) != $0 }
    }

    func startApart(_ name: String, on data: ApartData, without libraries: [String]) throws(Failure) -> Operation {
        let place = try apartPlace(name)
        let words = place.start(
            on: try place.path(directory(of: name, data)),
            settings: try apartSettings(of: name, on: data, without: libraries), log: "\(apartSockets)/log")
        let isApart = try isApart(name, on: data)
        return Operation(
            "start \(title(name, data)) where nobody reaches it but over a socket in \(apartSockets)",
            try beginApart(name) + [.unless(isApart, [.command(try commandApart(.startApart, name, words, on: data))])],
            verification: isApart, undo: try stopApart(name, on: data).acts)
    }

    func stopApart(_ name: String, on data: ApartData) throws(Failure) -> Operation {
        let place = try apartPlace(name)
        let words = place.stop(on: try place.path(directory(of: name, data)))
        return Operation(
            "stop \(title(name, data)), where it was started apart",
            try beginApart(name) + [.command(try commandApart(.stopApart, name, words, on: data))])
    }

    func promoteApart(_ name: String, on data: ApartData) throws(Failure) -> Operation {
        let psql = try psqlApart(name, "template1")
        let isPrimary = try remote(
            name, apartPlace(name).command(psql + ["-c", "SELECT NOT pg_is_in_recovery()"]))
        return Operation(
            "promote \(title(name, data)) apart, and prove that it takes writes",
            [
                try script(.noteOpening, name, on: directory(of: name, data)),
                .command(try commandApart(.promoteApart, name, psql, on: data)),
            ],
            verification: .all([
                try isApart(name, on: data), .command(isPrimary, expected: "t"),
                .command(try scriptCommand(.isStandby, name, on: directory(of: name, data)), expected: "standby"),
            ]))
    }

    /// Runs a file of statements, which was read while planning.
    /// - Parameter primary: whose answers it goes on with; nil: it needs nobody's.
    func runSQLApart(
        _ name: String, on data: ApartData, file: String, database: String, beside primary: String?
    ) throws(Failure) -> Operation {
        guard let text = texts[file] else {
            throw Failure(.configuration, "the file\(file.echo) was not read")
        }
        var command = try commandApart(
            .runApart, name, psqlApart(name, database), input: try text.get(), on: data)
        command.isTold = true
        return Operation("run \(file) on \(title(name, data))", acts(command, beside: primary))
    }

    /// Runs a program that is there, and is given the directory of the socket and the port.
    /// - Parameter primary: as of `runSQLApart`.
    func runCommandApart(
        _ name: String, on data: ApartData, program: String, database: String, beside primary: String?
    ) throws(Failure) -> Operation {
        guard program.hasPrefix("/") else {
            throw Failure(
                .configuration, "a program on another machine needs an absolute path\(program.echo)",
                hint: "It runs where the server is opened.")
        }
        let words =
            try environmentApart(name) + ["PGDATABASE=\(databaseApart(name, database))"]
            + [program, apartSockets, Self.apartPort]
        var command = try commandApart(.runApart, name, words, on: data)
        command.isTold = true
        return Operation("run \(program) where \(title(name, data)) is open", acts(command, beside: primary))
    }

    /// What takes its time while a node is away goes on only as long as production does.
    private func acts(_ command: RemoteCommand, beside primary: String?) -> [Act] {
        primary.map { [.whilst(answers($0), [.command(command)])] } ?? [.command(command)]
    }

    func inspectApart(
        _ name: String, on data: ApartData, tables: String, amcheck: Bool
    ) throws(Failure) -> Operation {
        let place = try apartPlace(name)
        let words = [tables, amcheck ? place.program("pg_amcheck") : "", place.program("psql")]
        var command = try commandApart(.inspectApart, name, words + environmentApart(name), on: data)
        command.isTold = true
        return Operation(
            "look at every database\(amcheck ? ", its tables and indexes" : ""), and count rows", [.command(command)])
    }

    /// Lets a server that is open stay so for a time, at most as long as production goes on.
    func stayApart(_ name: String, seconds: Double, beside primary: String) throws(Failure) -> Operation {
        let psql = ["psql", "-h", apartSockets, "-p", Self.apartPort, "-U", try superuser(name)]
        let way = try apartPlace(name).command(psql).words.joined(separator: " ")
        return Operation(
            "keep \(name) open for \(Int(seconds)) s",
            [
                .notify("\(name) is open; as the server's account on its host: \(way)"),
                .stay(seconds: seconds, whilst: answers(primary)),
            ], leastTimeout: seconds + 60)
    }

    func keepOwn(_ name: String) throws(Failure) -> Operation {
        Operation(
            "keep \(name)'s own settings", [try script(.keepOwn, name, [Self.ownFiles, "copies"])],
            undo: [try script(.putOwnBack, name)])
    }

    /// Makes what was opened the primary's standby again, as far as its data goes; nothing where it was not promoted.
    ///
    /// pg_rewind needs a primary that was shut down in order, on a timeline that its control file tells of: one that
    /// was cut off, or was about to be promoted, is opened once more and stopped.
    func rewindApart(_ name: String, from source: String, without libraries: [String]) throws(Failure) -> Operation {
        guard let timeline = snapshot.node(source)?.snapshot?.currentTimeline else {
            throw Failure(.refused, "node \"\(source)\" is no primary that answers", node: source)
        }
        let isSame = Statement(
            "SELECT CASE WHEN NOT pg_is_in_recovery() THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))"
                + "::bit(32)::bigint = $1::bigint END AS is_still_the_primary", on: source, ["\(timeline)"],
            expected: "t")
        let look = try scriptCommand(.isOpened, name)
        let (isOpened, isClosed) = (Probe.command(look, expected: "opened"), Probe.command(look, expected: "closed"))
        // Whoever was promoted since by somebody else is left alone, running or not.
        let isStandby = Probe.command(try scriptCommand(.isStandby, name), expected: "standby")
        let isShutDown = Probe.controlFile(try controlData(name), state: "shut down", timeline: nil)
        let opened =
            try startApart(name, on: .own, without: libraries).acts + promoteApart(name, on: .own).acts
            + stopApart(name, on: .own).acts
        let rewind: [Act] = [
            .check(.statement(isSame)), .unless(try isStopped(name), try stop(name, mode: .fast).acts),
            .unless(isShutDown, opened), .check(try isStopped(name)),
            try script(.keepOwn, name, [Self.ownFiles]), try runRewind(name, from: source),
        ]
        let digits = String(WALSegment.historyFileName(of: timeline).prefix(8))
        let goBack: [Act] = [
            .unless(try isRewound(name, timeline), rewind), try script(.dropLaterWAL, name, [digits]),
        ]
        return Operation(
            "take back what was written to \(name), by pg_rewind from \(source)",
            [
                .check(.notPrimary(node: name)), .unless(isOpened, [.check(isStandby)]),
                .hinted(
                    [.unless(isClosed, goBack)],
                    hint:
                        "Nobody can reach it meanwhile. If trying again doesn't help: pgdr abort \(run) --leave, then "
                        + "pgdr run rejoin \(name) --set rebuild=true --set give_up=true, and drop the slot "
                        + "\(pin) on \(source)"),
                try script(.putOwnBack, name),
            ] + (try forgetApart(name, on: .own)))
    }

    /// Waits until a standby streams and has replayed what its primary has written by now.
    func awaitReplay(on name: String, of primary: String) throws(Failure) -> Operation {
        let streams = Probe.streams(
            node: name, upstream: primary, applicationName: try node(name).applicationName)
        return Operation(
            "wait until \(name) streams and has replayed all that \(primary) has written by now",
            [
                .ladder([Act.Rung(acts: [], patience: 600)], until: streams),
                .awaitReplay(node: name, of: primary),
            ])
    }

    func removeCopy(_ name: String, of source: String) throws(Failure) -> Operation {
        Operation(
            "remove the copy",
            [try script(.removeFresh, name, copiedDirectories(of: name, from: source))]
                + (try forgetApart(name, on: .copy)))
    }

    // MARK: Parts

    func directory(of name: String, _ data: ApartData) throws(Failure) -> String {
        let own = try dataDirectory(name)
        return data == .own ? own : "\(own).\(suffix)-new"
    }

    /// What a person calls it.
    private func title(_ name: String, _ data: ApartData) -> String { data == .own ? name : "the copy" }

    private func apartPlace(_ name: String) throws(Failure) -> ApartPlace {
        try ApartPlace(node(name), host(name), name: suffix)
    }

    /// A script that runs where the server does.
    private func commandApart(
        _ script: RunScript, _ name: String, _ arguments: [String] = [], input: String = "", on data: ApartData
    ) throws(Failure) -> RemoteCommand {
        let place = try apartPlace(name)
        let words = ["sh", "-c", script.text, "pgdr-\(script.name)", try place.path(directory(of: name, data)), suffix]
        return try remote(name, place.command(words + arguments, input: input))
    }

    private func beginApart(_ name: String) throws(Failure) -> [Act] {
        try apartPlace(name).beginning.map { command throws(Failure) in [.command(try remote(name, command))] } ?? []
    }

    private func forgetApart(_ name: String, on data: ApartData) throws(Failure) -> [Act] {
        let end = try apartPlace(name).end.map { command throws(Failure) in try remote(name, command) }
        return [end.map(Act.command), try script(.forgetApart, name, on: directory(of: name, data))].compactMap(\.self)
    }

    private func isApart(_ name: String, on data: ApartData) throws(Failure) -> Probe {
        .command(try commandApart(.isApart, name, on: data), expected: "apart")
    }

    private func superuser(_ name: String) throws(Failure) -> String {
        if let superuser = superusers[name] { return superuser }
        throw Failure(.refused, "the name of \(name)'s first superuser is not known", node: name)
    }

    /// What gives psql and its kin their way to the server.
    private func environmentApart(_ name: String) throws(Failure) -> [String] {
        [
            "env", "LC_ALL=C", "PGAPPNAME=pgdr", "PGHOST=\(apartSockets)", "PGPORT=\(Self.apartPort)",
            "PGUSER=\(try superuser(name))",
        ]
    }

    private func psqlApart(_ name: String, _ database: String) throws(Failure) -> [String] {
        try environmentApart(name) + ["PGDATABASE=\(databaseApart(name, database))"]
            + [apartPlace(name).program("psql"), "-X", "-w", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
    }

    /// Without a name the database of the node's connection.
    private func databaseApart(_ name: String, _ database: String) throws(Failure) -> String {
        guard database.isEmpty else { return database }
        return try node(name).connection.value(of: "dbname") ?? "postgres"
    }

    /// The settings of a server that is started apart.
    ///
    /// Given with its start they outrank all others: that nothing reaches it or is reached from it doesn't depend on
    /// what its files say, nor on what is written to them while it is open.
    func apartSettings(
        of name: String, on data: ApartData, without libraries: [String]
    ) throws(Failure) -> [(name: String, value: String)] {
        var settings = [
            ("data_directory", try apartPlace(name).path(directory(of: name, data))),
            ("hba_file", "\(apartSockets)/pg_hba.conf"),
            ("external_pid_file", ""), ("listen_addresses", ""), ("port", Self.apartPort),
            ("unix_socket_directories", apartSockets), ("unix_socket_permissions", "0700"), ("unix_socket_group", ""),
            ("ssl", "off"), ("logging_collector", "off"), ("log_destination", "stderr"), ("cluster_name", suffix),
            ("hot_standby", "on"), ("primary_conninfo", ""), ("primary_slot_name", ""), ("restore_command", ""),
            ("recovery_end_command", ""), ("archive_cleanup_command", ""), ("recovery_target", ""),
            ("recovery_target_name", ""), ("recovery_target_time", ""), ("recovery_target_xid", ""),
            ("recovery_target_lsn", ""), ("recovery_target_timeline", "latest"),
            ("recovery_min_apply_delay", "0"), ("wal_retrieve_retry_interval", "100ms"), ("archive_mode", "off"),
            ("synchronous_standby_names", ""), ("max_logical_replication_workers", "0"),
        ].map { (name: $0.0, value: $0.1) }
        switch data {
        case .own:
            // What pg_rewind needs: each change told by WAL, and all of it still there.
            settings += [
                ("wal_log_hints", "on"), ("full_page_writes", "on"), ("wal_keep_size", "1TB"),
                ("max_slot_wal_keep_size", "-1"),
            ]
        case .copy:
            // The node goes on beside its copy, and needs its memory and its disk.
            settings += [
                ("shared_buffers", "128MB"), ("huge_pages", "off"), ("autovacuum", "off"), ("wal_keep_size", "0"),
                ("max_wal_size", "256MB"), ("min_wal_size", "80MB"),
            ]
        }
        for word in hosts[name]?.dataDirectory?.startWords ?? [] where word.hasPrefix("config_file=") {
            settings.append(("config_file", String(word.dropFirst("config_file=".count))))
        }
        let major = hosts[name]?.dataDirectory?.majorVersion.flatMap { Int($0) } ?? 0
        if major < 16 { settings.append(("promote_trigger_file", "")) }
        // Debian has that of 14 outside the data directory, where a copy would share it.
        if major == 14 { settings.append(("stats_temp_directory", "pg_stat_tmp")) }
        if major >= 17 { settings.append(("sync_replication_slots", "off")) }
        let preloaded = snapshot.node(name)?.snapshot?.setting("shared_preload_libraries") ?? ""
        if let kept = Self.remaining(preloaded, without: libraries) {
            settings.append(("shared_preload_libraries", kept))
        }
        if preloaded.contains("timescaledb") { settings.append(("timescaledb.max_background_workers", "0")) }
        return settings
    }

    /// A list of libraries without some of them; nil where none of these is in it.
    static func remaining(_ preloaded: String, without libraries: [String]) -> String? {
        let all = preloaded.split(separator: ",")
        let kept = all.filter { library in
            let name = library.filter { !$0.isWhitespace && $0 != "\"" }.split(separator: "/").last ?? ""
            return !libraries.contains(String(name))
        }
        return kept.count == all.count ? nil : kept.joined(separator: ",")
    }
}
