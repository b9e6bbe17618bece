import Configuration
import Essentials
import Hosts
import Postgres
import Replication

/// Operations on a node's host: its service and the files of a stopped server.
extension PlanningFacts {
    /// Files of a data directory that belong to the node and not to the cluster.
    static let ownFiles =
        "postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf conf.d server.crt server.key root.crt root.crl"

    func stop(_ name: String, mode: ServiceCommands.StopMode) throws(Failure) -> Operation {
        let service = try service(name)
        // One command where that can be: nobody can write meanwhile.
        let single = try service.stopAndAwait(mode, seconds: 3600)
        let commands = if let single { [single] } else { try service.stop(mode) }
        return Operation(
            "stop \(name) (\(mode.rawValue))", try acts(name, commands), verification: try isStopped(name),
            undo: try startAgain(name))
    }

    /// Whether a server can be started again that was stopped or fenced: it would be a standby, or no other node is a
    /// primary by now.
    private func mayComeBack(_ name: String) throws(Failure) -> Probe {
        .any([
            .command(try scriptCommand(.wouldBeStandby, name), expected: "standby"),
            .all([.noPrimary(but: [name], acceptsSilence: true), .notReplaced(node: name)]),
        ])
    }

    /// Stops a standby, and never a server that was promoted meanwhile, whether that answers or not.
    func stopStandby(_ name: String) throws(Failure) -> Operation {
        var operation = try stop(name, mode: .fast)
        operation.guards = [.command(try scriptCommand(.isStandby, name), expected: "standby")]
        return operation
    }

    /// Brings a server back that was told to stop, whether it has stopped, still does or was never told.
    ///
    /// One that hangs on its way down is ended; one that runs and gives no answer is left alone, since that it was told
    /// to stop isn't sure.
    func startAgain(_ name: String) throws(Failure) -> [Act] {
        let operation = try start(name)
        let start = operation.acts
        let kill = try acts(name, service(name).kill())
        let end = kill.isEmpty ? [try script(.endStopping, name)] : [try script(.checkStopping, name)] + kill
        return operation.guards.map(Act.check) + [
            .ladder(
                [
                    Act.Rung(acts: start, patience: 30),
                    Act.Rung(acts: end + start, patience: 600),
                    Act.Rung(acts: [], patience: 600),
                ], until: answers(name))
        ]
    }

    func start(_ name: String) throws(Failure) -> Operation {
        let commands = try acts(name, service(name).start())
        // One that is on its way up needs no start, and one on its way down can't take it yet.
        let settled = Probe.any([answers(name), try isStopped(name)])
        return Operation(
            "start \(name)",
            [
                .wait(settled, nudge: nil), .unless(answers(name), commands),
                .wait(answers(name), nudge: nil),
            ], unless: answers(name), guards: [try mayComeBack(name)])
    }

    func restart(_ name: String) throws(Failure) -> Operation {
        switch try service(name).restart() {
        case .atOnce(let command):
            return Operation("restart \(name)", try acts(name, [command]), verification: answers(name))
        case .inTwo(let stop, let start):
            let between = Act.wait(try isStopped(name), nudge: nil)
            return Operation(
                "restart \(name)", try acts(name, stop) + [between] + acts(name, start), verification: answers(name))
        }
    }

    /// Whether the server takes connections.
    func answers(_ name: String) -> Probe { .statement(Statement("SELECT true AS answers", on: name)) }

    /// Whether no postmaster runs on the node's data directory.
    func isStopped(_ name: String) throws(Failure) -> Probe {
        .command(try remote(name, service(name).awaitStopped(seconds: 0)), expected: "gone")
    }

    func markStandby(_ name: String, of upstream: String) throws(Failure) -> Operation {
        Operation(
            "leave a standby's mark on \(name), so that it can only come back as one that follows \(upstream)",
            [try script(.markStandby, name, input: try standbySettings(name, upstream))],
            verification: .command(try scriptCommand(.isMarked, name), expected: "marked"),
            undo: try unmarkStandby(name).asUndo)
    }

    /// The server can start as a primary then: not beside another one.
    func unmarkStandby(_ name: String) throws(Failure) -> Operation {
        Operation(
            "take the standby's mark off \(name)", [try script(.unmarkStandby, name)],
            guards: [.noPrimary(but: [name], acceptsSilence: true)])
    }

    func settle(_ name: String) throws(Failure) -> Operation {
        Operation("remove what was kept for taking steps back on \(name)", [try script(.settle, name)])
    }

    /// Stops the server whatever it takes, keeps its service from starting it, and leaves a mark with which it could
    /// only start as a standby.
    ///
    /// The mark comes first, so that nothing that starts the server meanwhile starts a primary. Its service is told to
    /// leave it alone only once it has stopped or doesn't: of a unit that is masked systemd has forgotten how it is
    /// stopped, and would have its walsenders end before they sent the last WAL.
    /// - Parameter patience: how long, in seconds, it may take to stop in order.
    func fence(_ name: String, patience: Double = 30) throws(Failure) -> Operation {
        let service = try service(name)
        let stopped = try isStopped(name)
        // Whatever starts it all the same finds the mark.
        let exception = service.startsOnlyAtBoot()
        let disable = exception == nil ? try acts(name, service.disableAutostart()) : []
        let policy = hosts[name]?.container?.restartPolicy ?? ""
        let kill = try service.kill()
        let rungs = [
            Act.Rung(acts: try acts(name, service.stop(.fast)), patience: patience),
            Act.Rung(
                acts: [.attempt(disable)] + (try acts(name, service.stop(.immediate))), patience: min(patience, 10)),
            Act.Rung(acts: kill.isEmpty ? [try script(.kill, name)] : try acts(name, kill), patience: 10),
        ]
        return Operation(
            "fence \(name): stop it and keep it from starting as a primary" + (exception.map { " (\($0))" } ?? ""),
            [try script(.leaveFence, name, [policy]), .ladder(rungs, until: stopped), .attempt(disable)],
            verification: .all([stopped, .command(try scriptCommand(.isFenced, name), expected: "fenced")]),
            undo: try takeFenceBack(name), leastTimeout: patience + 60)
    }

    /// Takes back a fence of this run, and not one of an earlier run.
    private func takeFenceBack(_ name: String) throws(Failure) -> [Act] {
        let wasFenced = hosts[name]?.dataDirectory?.isFenced == true
        let fence =
            wasFenced
            ? []
            : try [
                .check(mayComeBack(name)), .attempt(acts(name, service(name).restoreAutostart())),
                script(.removeFence, name),
            ]
        return fence + (isRunning(name) ? try startAgain(name) : [])
    }

    /// Whether anything says that the server runs: it answers, or its host sees it.
    private func isRunning(_ name: String) -> Bool {
        snapshot.node(name)?.snapshot != nil || hosts[name]?.postmaster.map { $0.state != .gone } ?? false
    }

    /// Of what was fenced in an earlier run the facts tell the state now; of what this run fences, that before.
    func unfence(_ name: String) throws(Failure) -> Operation {
        let service = try service(name)
        var commands = try service.enableAutostart()
        for command in try service.restoreAutostart() where !commands.contains(command) { commands.append(command) }
        let enable = try acts(name, commands)
        return Operation(
            "let \(name) start by itself again, as what it was",
            enable + [try script(.removeFence, name)],
            guards: [.noPrimary(but: [name], acceptsSilence: true), .notReplaced(node: name)])
    }

    /// While pg_rewind runs nothing keeps a server from starting as a primary but that nobody starts it.
    /// - Parameter isRequired: whether it fails where the host doesn't allow it; otherwise that is only told.
    func holdAutostart(_ name: String, isRequired: Bool = false) throws(Failure) -> Operation {
        let title = "keep \(name) from starting by itself"
        let service = try service(name)
        if let exception = service.startsOnlyAtBoot() { return .nothing(title, because: exception) }
        let hold = try service.disableAutostart()
        guard !hold.isEmpty else { return .nothing(title, because: "nothing that is known starts it") }
        let acts = try acts(name, hold)
        return Operation(title, isRequired ? acts : [.attempt(acts)], undo: try releaseAutostart(name).acts)
    }

    /// Takes back what this run holds.
    /// - Parameter isRequired: as of `holdAutostart`.
    func releaseAutostart(_ name: String, isRequired: Bool = false) throws(Failure) -> Operation {
        let title = "let \(name) start by itself as before"
        let commands = try service(name)
        guard (try? commands.disableAutostart())?.isEmpty == false else {
            return .nothing(title, because: "nothing was held")
        }
        let acts = try acts(name, commands.restoreAutostart())
        return Operation(title, isRequired ? acts : [.attempt(acts)])
    }

    func allowAutostart(_ name: String) throws(Failure) -> Operation {
        let enable = try acts(name, service(name).enableAutostart())
        return Operation("let \(name) start by itself again", enable + [try script(.forgetFence, name)])
    }

    /// Where histories part isn't known of every node that is copied anew; of such a one all WAL is kept.
    func saveWAL(_ name: String) throws(Failure) -> Operation {
        let waldump = try toolbox(name).command("pg_waldump", []).words
        guard let fork = rejoining[name]?.fork, let segment = rejoining[name]?.forkSegment else {
            var save = try scriptCommand(.saveWAL, name, ["", ""] + waldump)
            save.isTold = true
            return Operation(
                "keep the WAL of \(name), which would be gone with its data", [.command(save)],
                undo: [try script(.forgetWAL, name)])
        }
        var save = try scriptCommand(.saveWAL, name, [segment, "\(fork)"] + waldump)
        save.isTold = true
        return Operation(
            "keep the WAL of \(name) from \(fork) on, which would be thrown away",
            [.command(save)], undo: [try script(.forgetWAL, name)])
    }

    /// Has the new primary archive what the former one had not yet archived.
    ///
    /// What a standby got by streaming counts as archived there, and the former primary, a standby from now on, does
    /// not archive any more: segments that waited in between would be missing in the archive for ever.
    func fillArchive(_ name: String, after former: String) throws(Failure) -> Operation {
        let title = "have \(name) archive what \(former) left unarchived"
        guard let mode = snapshot.node(name)?.snapshot?.setting("archive_mode"), mode != "off" else {
            return .nothing(title, because: "\(name) archives nothing")
        }
        guard hosts[former] != nil else {
            return .nothing(title, because: "the host of \(former) can't be asked")
        }
        let list = try scriptCommand(.listUnarchived, former)
        var queue = try scriptCommand(.queueForArchive, name)
        queue.isTold = true
        return Operation(title, [.pipe(list, queue)])
    }

    /// Tries a rewind without writing anything, since one that fails half-way leaves nothing to start.
    ///
    /// pg_rewind wants a server that was shut down cleanly, and recovers a crashed one itself, but not on trial.
    func tryRewind(_ name: String, from source: String) throws(Failure) -> Operation {
        var acts = [try script(.keepOwn, name, [Self.ownFiles])]
        if let facts = rejoining[name], !facts.wasShutDown, snapshot.node(name)?.snapshot == nil {
            let arguments: [Toolbox.Argument] = ["--single", "-F", "-D", .path(try dataDirectory(name))]
            let server = try toolbox(name).command(
                "postgres", arguments + configurationFile(name, "--config-file") + ["template1"])
            if server.account == .server {
                acts.append(try script(.recover, name, server.words))
            } else {
                acts += [try script(.dropSignals, name), .command(try remote(name, server))]
            }
        }
        acts.append(
            .command(
                try remote(name, toolbox(name).command("pg_rewind", rewindArguments(name, source) + ["--dry-run"]))))
        return Operation(
            "try whether \(name) can be rewound, without writing anything", acts,
            undo: [try script(.putOwnBack, name)])
    }

    /// `pg_rewind`, which finds the fork by itself.
    ///
    /// It must not be run again on what it has finished: it takes a rewound server for a crashed one, and would recover
    /// it in a way that has it write WAL of its own.
    func rewind(_ name: String, from source: String) throws(Failure) -> Operation {
        var acts = [try runRewind(name, from: source)]
        if let timeline = rejoining[name]?.primaryTimeline {
            acts = [.unless(try isRewound(name, timeline), acts)]
        }
        let putBack = try script(.putOwnBack, name)
        return Operation(
            "rewind \(name) to where it left \(source)'s history",
            [try script(.keepOwn, name, [Self.ownFiles])] + acts + [putBack], undo: [putBack])
    }

    func runRewind(_ name: String, from source: String) throws(Failure) -> Act {
        let arguments = try rewindArguments(name, source) + ["--no-ensure-shutdown", "--progress"]
        let program = try toolbox(name).command("pg_rewind", arguments)
        var command =
            program.account == .server ? try scriptCommand(.rewind, name, program.words) : try remote(name, program)
        command.progress = .kilobytes
        return .command(command)
    }

    /// Whether pg_rewind has done its work from a primary on that timeline.
    func isRewound(_ name: String, _ timeline: Timeline) throws(Failure) -> Probe {
        .all([
            .command(try scriptCommand(.isRewound, name), expected: "rewound"),
            .controlFile(try controlData(name), state: "in archive recovery", timeline: timeline.rawValue),
        ])
    }

    private func rewindArguments(_ name: String, _ source: String) throws(Failure) -> [Toolbox.Argument] {
        let connection = try connection(to: source).setting("dbname", to: "postgres").description
        var arguments: [Toolbox.Argument] = [
            "-D", .path(try dataDirectory(name)), .word("--source-server=\(connection)"),
        ]
        if rejoining[name]?.hasRestoreCommand == true { arguments.append("--restore-target-wal") }
        // Before version 15 pg_rewind can't be told of a configuration file elsewhere.
        if let version = hosts[name]?.dataDirectory?.majorVersion.flatMap({ Int($0) }), version >= 15 {
            arguments += configurationFile(name, "--config-file")
        }
        return arguments
    }

    /// The option for a server whose configuration file isn't in its data directory, as Debian's.
    private func configurationFile(_ name: String, _ option: String) -> [Toolbox.Argument] {
        for word in hosts[name]?.dataDirectory?.startWords ?? [] where word.hasPrefix("config_file=") {
            return [.word("\(option)=\(word.dropFirst("config_file=".count))")]
        }
        return []
    }

    func baseBackup(_ name: String, from source: String, upstream: String) throws(Failure) -> Operation {
        let connection = try connection(to: source).setting("application_name", to: "pgdr").description
        var arguments: [Toolbox.Argument] = [
            "-D", .path("\(try dataDirectory(name)).\(suffix)-new"), .word("--dbname=\(connection)"),
            "--checkpoint=fast", "--wal-method=stream", "--progress", "--no-password",
        ]
        let directories = copiedDirectories(of: name, from: source)
        for (location, copy) in zip(tablespaces[source] ?? [], directories) {
            arguments.append(.word("--tablespace-mapping=\(Self.mapped(location))=\(Self.mapped(copy))"))
        }
        if let wal = freshWALDirectory(name) { arguments += ["--waldir", .path(wal)] }
        var command = try remote(name, toolbox(name).command("pg_basebackup", arguments))
        command.progress = .kilobytes
        return Operation(
            "copy \(source) into a fresh directory of \(name)",
            [
                try script(.makeFresh, name, directories), .command(command),
                try script(
                    .prepareFresh, name, [Self.ownFiles], input: try standbySettings(name, upstream)),
            ], undo: [try script(.removeFresh, name, directories)])
    }

    /// What a copy has outside its directory: its tablespaces, in the source's order, and its WAL.
    func copiedDirectories(of name: String, from source: String) -> [String] {
        (tablespaces[source] ?? []).map { "\($0).\(suffix)" } + [freshWALDirectory(name)].compactMap(\.self)
    }

    func swapIn(_ name: String) throws(Failure) -> Operation {
        Operation(
            "put the copy in place of \(name)'s data directory, set aside",
            [try stoppedUnlessAside(name), try script(.swapIn, name)], undo: try swapBack(name).acts)
    }

    func swapBack(_ name: String) throws(Failure) -> Operation {
        Operation(
            "put \(name)'s old data directory back",
            [try stoppedUnlessAside(name), try script(.swapBack, name)])
    }

    /// No server may run in a directory that is renamed; between the two renames there is none to look for it in.
    private func stoppedUnlessAside(_ name: String) throws(Failure) -> Act {
        .unless(.command(try scriptCommand(.isAside, name), expected: "aside"), [.check(try isStopped(name))])
    }

    /// A path as pg_basebackup's option wants it.
    private static func mapped(_ path: String) -> String {
        let parts = path.unicodeScalars.split(separator: "=", omittingEmptySubsequences: false)
        return parts.map(String.init).joined(separator: #"\="#)
    }

    /// Where the WAL of a node's copy goes when `pg_wal` is a link, as for a disk of its own: beside that place.
    private func freshWALDirectory(_ name: String) -> String? {
        guard let target = hosts[name]?.dataDirectory?.walLink, target.hasPrefix("/") else { return nil }
        // A copy before this one has left such an ending.
        let place = target.firstRange(of: ".pgdr-").map { String(target[..<$0.lowerBound]) } ?? target
        return "\(place).\(suffix)"
    }

    func dropAside(_ name: String) throws(Failure) -> Operation {
        Operation("remove \(name)'s old data directory", [try script(.dropAside, name)])
    }

    // MARK: Parts

    /// The lines of `postgresql.auto.conf` with which a node follows another one.
    private func standbySettings(_ name: String, _ upstream: String) throws(Failure) -> String {
        SettingText.line("primary_conninfo", try upstreamConnection(of: node(name), to: upstream))
            + SettingText.line("primary_slot_name", slot(of: name))
    }

    /// What the names of the run's files on hosts end with.
    var suffix: String { "pgdr-\(run)" }

    func script(
        _ script: RunScript, _ name: String, _ arguments: [String] = [], input: String = "", on directory: String? = nil
    ) throws(Failure) -> Act {
        .command(try scriptCommand(script, name, arguments, input: input, on: directory))
    }

    /// - Parameter directory: the data directory that it is about; nil: the node's own.
    func scriptCommand(
        _ script: RunScript, _ name: String, _ arguments: [String] = [], input: String = "", on directory: String? = nil
    ) throws(Failure) -> RemoteCommand {
        let data = if let directory { directory } else { try dataDirectory(name) }
        let words = ["sh", "-c", script.text, "pgdr-\(script.name)", data, suffix] + arguments
        return try remote(name, HostCommand(words, as: .server, input: input))
    }

    private func acts(_ name: String, _ commands: [HostCommand]) throws(Failure) -> [Act] {
        try commands.map { command throws(Failure) in .command(try remote(name, command)) }
    }
}
