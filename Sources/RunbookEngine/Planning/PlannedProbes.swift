import Configuration
import Essentials
import Hosts

extension Planner {
    /// What a probe comes to.
    /// - Parameter on: the node of its step, nil outside steps.
    func probe(_ call: RunbookDefinition.Call, on: String?) throws(Failure) -> Probe {
        if call.keyword == "no_primary" {
            return .noPrimary(
                but: [try argument("except", of: call)].compactMap(\.self),
                acceptsSilence: try argument("accept_silent", of: call) ?? "true" == "true")
        }
        if call.keyword == "all_answer" {
            return .allAnswer(acceptsSilence: try argument("accept_silent", of: call) == "true")
        }
        let node = try node("node", of: call, on: on)
        switch call.keyword {
        case "sql":
            return .statement(
                Statement(
                    statement(of: call), on: node, try list("parameters", of: call),
                    expected: try argument("expect", of: call) ?? "t"))
        case "ssh":
            let command = HostCommand(try list("words", of: call), as: try account(of: call))
            return .command(try facts.remote(node, command), expected: try argument("expect", of: call))
        case "primary":
            return .statement(Statement("SELECT NOT pg_is_in_recovery() AS is_primary", on: node, expected: "t"))
        case "standby":
            return .statement(Statement("SELECT pg_is_in_recovery() AS is_standby", on: node, expected: "t"))
        case "running": return facts.answers(node)
        case "stopped": return try facts.isStopped(node)
        case "writable":
            // A transactional message is WAL that must be flushed for its commit, and leaves nothing behind.
            return .statement(
                Statement(
                    "SELECT pg_logical_emit_message(true, 'pgdr', $1) IS NOT NULL AS committed", on: node,
                    ["write check"],
                    expected: "t"))
        case "streams":
            return .streams(
                node: node, upstream: try self.node("from", of: call),
                applicationName: try facts.node(node).applicationName)
        case "caught_up":
            return .caughtUp(
                node: node, upstream: try self.node("with", of: call), within: try bytes("within", of: call))
        case "holds_all_wal":
            let primary = try self.node("of", of: call)
            return .holdsAllWAL(standby: node, primary: primary, controlData: try facts.shutdownState(primary))
        case "promotable":
            let passedOver = try argument("but", of: call)?.split(separator: " ").map(String.init)
            return .promotable(node: node, but: passedOver ?? [])
        case "descends": return .descends(node: node)
        case "replays":
            return .statement(
                Statement("SELECT pg_get_wal_replay_pause_state() AS replay", on: node, expected: "not paused"))
        case "only_primary": return .onlyPrimary(node: node)
        case "no_backup":
            // Those that copy files themselves (pg_backup_start) show only before version 15, and there only the
            // exclusive ones. As text, since the function is gone since.
            return .statement(
                Statement(
                    "SELECT COALESCE(string_agg(concat(application_name, ' from ', client_addr), ', '), "
                        + "CASE WHEN to_regprocedure('pg_is_in_backup()') IS NOT NULL "
                        + "AND query_to_xml('SELECT pg_is_in_backup() AS runs', true, true, '')::text "
                        + "LIKE '%<runs>true</runs>%' THEN 'an exclusive one' ELSE 'none' END) AS backups "
                        + "FROM pg_stat_replication WHERE state = 'backup'", on: node, expected: "none"))
        case "can_replicate": return try facts.canReplicate(node, from: self.node("from", of: call))
        case "can_copy_if":
            guard try argument("method", of: call) == "rebuild" else {
                return .known(true, evidence: "\(node) is not copied anew")
            }
            return .all([facts.canBeReplaced(node), try facts.hasRoom(node, for: self.node("source", of: call))])
        case "can_act": return facts.canAct(node)
        case "can_promote":
            return .statement(
                Statement(
                    "SELECT has_function_privilege('pg_promote(boolean, integer)', 'EXECUTE') "
                        + "AND has_function_privilege('pg_reload_conf()', 'EXECUTE') AS may_promote", on: node,
                    expected: "t"))
        case "can_rewind_if":
            guard try argument("method", of: call) == "rewind" else {
                return .known(true, evidence: "\(node) is not rewound")
            }
            return try facts.canRewind(node, from: self.node("source", of: call))
        case "not_primary": return .notPrimary(node: node)
        case "not_replaced": return .notReplaced(node: node)
        case "can_take_over":
            let fencing = try argument("fencing", of: call)
            return .canTakeOver(
                node: node, from: try self.node("from", of: call), isFenced: fencing != "none")
        case "most_advanced":
            return .mostAdvanced(
                node: node, within: try bytes("within", of: call), former: try argument("but", of: call),
                acceptsSilence: try argument("accept_silent", of: call) == "true")
        case "has_wal_of": return .hasWAL(node: node, source: try self.node("source", of: call))
        case "no_other_decision":
            return .noOtherDecision(
                try facts.ballot(for: node, replacing: self.node("replaces", of: call)),
                isAccepted: try argument("accept_decision", of: call) == "true")
        case "failover_recorded":
            return .statement(
                Statement(
                    "SELECT EXISTS (SELECT FROM pgdr.failover WHERE primary_node = $1 AND timeline = "
                        + "('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint - 1) AS recorded",
                    on: node, [node], expected: "t"))
        case "no_circle": return facts.noCircle(node, under: try self.node("upstream", of: call))
        case "owns_data":
            let source = try self.node("as", of: call)
            return .ownsData(node: node, source: source, controlData: try facts.controlData(node))
        case "can_be_replaced": return facts.canBeReplaced(node)
        case "room_for": return try facts.hasRoom(node, for: self.node("source", of: call))
        case "spare":
            return .spare(
                node: node, primary: try self.node("primary", of: call),
                acceptsUncovered: try argument("accept_uncovered", of: call) == "true")
        case "keeps_wal":
            let directory = "\(try facts.dataDirectory(node))/pg_wal/."
            let checks = try [argument("sql", of: call), argument("command", of: call)].count { !($0 ?? "").isEmpty }
            return .keepsWAL(
                primary: node,
                seconds: try seconds("for", of: call) + seconds("and", of: call)
                    + seconds("each", of: call) * Double(checks),
                disk: try facts.remote(node, HostCommand(["df", "-Pk", directory])))
        case "can_start_apart": return try facts.canStartApart(node, on: apartData(of: call))
        case "same_cluster": return .sameCluster(node: node, other: try self.node("as", of: call))
        default: throw .configuration(at: call.location, "there is no probe\(call.keyword.echo)")
        }
    }

    /// A length of time in seconds; zero where none is given.
    func seconds(_ name: String, of call: RunbookDefinition.Call) throws(Failure) -> Double {
        guard let text = try argument(name, of: call) else { return 0 }
        guard let duration = Duration(configured: text) else {
            throw .configuration(at: call.location, "expected a duration such as 30s for \"\(name)\"\(text.echo)")
        }
        return duration.seconds
    }

    /// A size in bytes; zero where none is given.
    private func bytes(_ name: String, of call: RunbookDefinition.Call) throws(Failure) -> UInt64 {
        guard let text = try argument(name, of: call) else { return 0 }
        guard let bytes = UInt64(configuredBytes: text) else {
            throw .configuration(at: call.location, "expected a size such as 16MB for \"\(name)\"")
        }
        return bytes
    }
}
