import Configuration
import Essentials
import Hosts
import Replication

extension Planner {
    /// What an action comes to.
    /// - Parameter on: the node of its step, nil when it has none.
    func operation(_ call: RunbookDefinition.Call, on: String?) throws(Failure) -> Operation {
        switch call.keyword {
        case "local":
            return Operation(
                "run \(try list("words", of: call).first ?? "nothing") here", [.local(try list("words", of: call))],
                isRepeatable: false)
        case "pgbouncer":
            let word = try argument("command", of: call) ?? ""
            guard let command = PoolerCommand(rawValue: word) else {
                throw .configuration(at: call.location, "expected pause, reload or resume for \"command\"\(word.echo)")
            }
            return Operation("\(word) PgBouncer", [.pooler(console: try argument("console", of: call) ?? "", command)])
        case "wait":
            let text = try argument("for", of: call) ?? ""
            guard let duration = Duration(configured: text) else {
                throw .configuration(at: call.location, "expected a duration such as 30s for \"for\"")
            }
            return Operation("wait \(text)", [.pause(duration.seconds)])
        case "confirm":
            let text = try argument("text", of: call) ?? ""
            return Operation(text, [.confirm(text)])
        case "notify":
            let text = try argument("text", of: call) ?? ""
            return Operation(text, [.notify(text)])
        case "estate":
            guard facts.hasEstate else {
                throw Failure(
                    .configuration, "there is no estate to look at",
                    hint: "Add \"estate:\" to the configuration; see an example with: pgdr estate example")
            }
            return Operation("see that all that depends on the databases still sees them", [.estate])
        default:
            guard let on else {
                throw .configuration(at: call.location, "\"\(call.keyword)\" needs \"on\", the node it acts on")
            }
            return try operation(call, onNode: on)
        }
    }

    private func operation(_ call: RunbookDefinition.Call, onNode on: String) throws(Failure) -> Operation {
        switch call.keyword {
        case "sql":
            let statement = Statement(
                statement(of: call), on: on, try list("parameters", of: call),
                expected: try argument("expect", of: call))
            return Operation("run a statement on \(on)", [.statement(statement)], isRepeatable: false)
        case "ssh":
            let command = HostCommand(
                try list("words", of: call), as: try account(of: call), input: try argument("input", of: call) ?? "")
            return Operation(
                "run \(command.words.first ?? "nothing") on \(on)'s host", [.command(try facts.remote(on, command))],
                isRepeatable: false)
        case "upload":
            let path = try argument("path", of: call) ?? ""
            let mode = try argument("mode", of: call) ?? "600"
            guard path.hasPrefix("/"), let mode = UInt32(mode, radix: 8), mode <= 0o777 else {
                throw .configuration(at: call.location, "\"upload\" needs an absolute path and a mode such as 600")
            }
            let content = try argument("content", of: call) ?? ""
            return Operation(
                "write \(path) on \(on)'s host", [.upload(node: on, path: path, content: content, mode: mode)])
        case "checkpoint": return facts.checkpoint(on)
        case "stop":
            let text = try argument("mode", of: call) ?? ServiceCommands.StopMode.fast.rawValue
            guard let mode = ServiceCommands.StopMode(rawValue: text) else {
                throw .configuration(at: call.location, "expected fast or immediate for \"mode\"\(text.echo)")
            }
            return try facts.stop(on, mode: mode)
        case "stop_standby": return try facts.stopStandby(on)
        case "start": return try facts.start(on)
        case "restart": return try facts.restart(on)
        case "promote": return facts.promote(on)
        case "decide":
            return try facts.decide(
                on, replacing: node("replaces", of: call), trigger: argument("trigger", of: call),
                automatic: argument("automatic", of: call) == "true",
                acceptsNoQuorum: argument("accept_no_quorum", of: call) == "true")
        case "routes": return try routes(call, to: on)
        case "announce": return try announce(call, on)
        case "record_failover": return try recordFailover(call, to: on)
        case "fence_command": return try facts.fenceByCommand(on, trigger: parameters["trigger"])
        case "await_most_advanced":
            let probe = try self.probe(
                .init(keyword: "most_advanced", arguments: call.arguments, location: call.location), on: on)
            return Operation("wait until no other standby has more WAL than \(on)", [.wait(probe, nudge: nil)])
        case "await_wal":
            let primary = try node("of", of: call)
            let probe = Probe.holdsAllWAL(standby: on, primary: primary, controlData: try facts.shutdownState(primary))
            return Operation("wait until \(on) has replayed all that \(primary) wrote", [.wait(probe, nudge: nil)])
        case "mark_standby": return try facts.markStandby(on, of: node("upstream", of: call))
        case "unmark_standby": return try facts.unmarkStandby(on)
        case "settle": return try facts.settle(on)
        case "fence":
            guard let text = try argument("patience", of: call) else { return try facts.fence(on) }
            guard let patience = Duration(configured: text) else {
                throw .configuration(at: call.location, "expected a duration such as 30s for \"patience\"")
            }
            return try facts.fence(on, patience: patience.seconds)
        case "unfence": return try facts.unfence(on)
        case "hold_autostart":
            return try facts.holdAutostart(on, isRequired: argument("required", of: call) == "true")
        case "release_autostart":
            return try facts.releaseAutostart(on, isRequired: argument("required", of: call) == "true")
        case "allow_autostart": return try facts.allowAutostart(on)
        case "repoint": return try facts.repoint(on, to: node("upstream", of: call))
        case "detach": return try facts.detach(on)
        case "create_slot": return facts.createSlot(on: on, for: try node("for", of: call))
        case "restore_slots": return facts.restoreSlots(on: on)
        case "fill_archive": return try facts.fillArchive(on, after: node("after", of: call))
        case "pin_wal": return facts.pinWAL(of: on)
        case "unpin_wal": return facts.unpinWAL(of: try node("of", of: call, on: on))
        case "drop_slot": return facts.dropSlot(on: on, of: try node("for", of: call))
        case "set_parameter":
            return try facts.setParameter(
                argument("name", of: call) ?? "", to: argument("value", of: call) ?? "", on: on)
        case "reset_parameter": return try facts.resetParameter(argument("name", of: call) ?? "", on: on)
        case "synchronous_names":
            let left = try argument("except", of: call)
            let followers = facts.cluster.nodes.map(\.name).filter { name in
                name != on && name != left && facts.snapshot.node(name)?.snapshot != nil
            }
            let former = try argument("former", of: call)
            return try facts.synchronousNames(on: on, former: former, followers: followers)
        case "save_wal": return try facts.saveWAL(on)
        case "try_rewind": return try facts.tryRewind(on, from: node("source", of: call))
        case "rewind": return try facts.rewind(on, from: node("source", of: call))
        case "basebackup":
            return try facts.baseBackup(on, from: node("source", of: call), upstream: node("upstream", of: call))
        case "swap_in": return try facts.swapIn(on)
        case "swap_back": return try facts.swapBack(on)
        case "drop_aside": return try facts.dropAside(on)
        default: return try operationApart(call, onNode: on)
        }
    }

    private func operationApart(_ call: RunbookDefinition.Call, onNode on: String) throws(Failure) -> Operation {
        let data = try apartData(of: call)
        let database = try argument("database", of: call) ?? ""
        let beside = try argument("beside", of: call) == nil ? nil : try node("beside", of: call)
        switch call.keyword {
        case "keep_own": return try facts.keepOwn(on)
        case "start_apart": return try facts.startApart(on, on: data, without: words("without", of: call))
        case "stop_apart": return try facts.stopApart(on, on: data)
        case "promote_apart": return try facts.promoteApart(on, on: data)
        case "sql_apart":
            return try facts.runSQLApart(
                on, on: data, file: argument("file", of: call) ?? "", database: database, beside: beside)
        case "command_apart":
            return try facts.runCommandApart(
                on, on: data, program: argument("program", of: call) ?? "", database: database, beside: beside)
        case "inspect_apart":
            return try facts.inspectApart(
                on, on: data, tables: argument("tables", of: call) ?? "",
                amcheck: argument("amcheck", of: call) == "true")
        case "stay_apart":
            return try facts.stayApart(on, seconds: seconds("for", of: call), beside: node("beside", of: call))
        case "rewind_apart":
            return try facts.rewindApart(on, from: node("source", of: call), without: words("without", of: call))
        case "await_replay": return try facts.awaitReplay(on: on, of: node("of", of: call))
        case "remove_copy": return try facts.removeCopy(on, of: node("source", of: call))
        default: throw .configuration(at: call.location, "there is no action\(call.keyword.echo)")
        }
    }

    func apartData(of call: RunbookDefinition.Call) throws(Failure) -> ApartData {
        guard let text = try argument("data", of: call) else { return .own }
        guard let data = ApartData(rawValue: text) else {
            throw .configuration(at: call.location, "expected own or copy for \"data\"\(text.echo)")
        }
        return data
    }

    /// An argument that is several words.
    private func words(_ name: String, of call: RunbookDefinition.Call) throws(Failure) -> [String] {
        (try argument(name, of: call) ?? "").split { $0 == " " || $0 == "," }.map(String.init)
    }

    /// Whom a command of an operator's own runbook runs as; the user who logs in where nothing is said.
    func account(of call: RunbookDefinition.Call) throws(Failure) -> HostCommand.Account {
        guard let text = try argument("as", of: call) else { return .login }
        guard let account = HostCommand.Account(rawValue: text) else {
            throw .configuration(at: call.location, "expected login, server or root for \"as\"\(text.echo)")
        }
        return account
    }
}
