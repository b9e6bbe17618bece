import Configuration
import Essentials
import Hosts

extension Planner {
    /// What a probe comes to.
    /// - Parameter on: the node of its step, nil outside steps.
    func probe(_ call: RunbookDefinition.Call, on: String?) throws(Failure) -> Probe {
        if call.keyword == "no_primary" { return .noPrimary(but: []) }
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
                    "SELECT pg_logical_emit_message(true, 'pgdr', $1) IS NOT NULL AS committed", on: node, ["write check"],
                    expected: "t"))
        case "streams":
            return .streams(
                node: node, upstream: try self.node("from", of: call),
                applicationName: try facts.node(node).applicationName)
        case "caught_up":
            let text = try argument("within", of: call) ?? "0B"
            guard let limit = UInt64(configuredBytes: text) else {
                throw .configuration(at: call.location, "expected a size such as 16MB for \"within\"")
            }
            return .caughtUp(node: node, upstream: try self.node("with", of: call), within: limit)
        case "holds_all_wal":
            let primary = try self.node("of", of: call)
            return .holdsAllWAL(standby: node, primary: primary, controlData: try facts.controlData(primary))
        case "promotable": return .promotable(node: node)
        case "only_primary": return .onlyPrimary(node: node)
        case "no_backup":
            return .statement(
                Statement(
                    "SELECT count(*) = 0 AS no_backup FROM pg_stat_replication WHERE state = 'backup'", on: node,
                    expected: "t"))
        case "can_replicate": return try facts.canReplicate(node, from: self.node("from", of: call))
        case "can_act": return facts.canAct(node)
        case "can_promote":
            return .statement(
                Statement(
                    "SELECT has_function_privilege('pg_promote(boolean, integer)', 'EXECUTE') "
                        + "AND has_function_privilege('pg_reload_conf()', 'EXECUTE') AS may_promote", on: node,
                    expected: "t"))
        case "can_rewind": return try facts.canRewind(node, from: self.node("source", of: call))
        case "room_for": return try facts.hasRoom(node, for: self.node("source", of: call))
        case "same_cluster": return .sameCluster(node: node, other: try self.node("as", of: call))
        default: throw .configuration(at: call.location, "there is no probe\(call.keyword.echo)")
        }
    }

    /// The answer to a question, and what must hold for it to be used.
    func answer(_ call: RunbookDefinition.Call) throws(Failure) -> (String, Plan.Requirement?) {
        switch call.keyword {
        case "rejoin_method":
            let node = try node("node", of: call)
            guard let rejoining = facts.rejoining[node] else {
                throw Failure(
                    .refused, "how node \"\(node)\" could rejoin could not be found out",
                    detail: facts.hostProblems[node]?.text, node: node)
            }
            let method = RejoinMethod.decide(rejoining)
            let isRefused = if case .refused = method { true } else { false }
            return (
                method.keyword,
                Plan.Requirement(
                    title: "\(node): \(isRefused ? "it may rejoin" : method.keyword)",
                    probe: .known(!isRefused, evidence: method.reason), result: ProbeResult(!isRefused, method.reason))
            )
        case "fencing":
            let node = try argument("node", of: call) ?? ""
            return (facts.hosts[node] == nil ? "none" : "fence", nil)
        default: throw .configuration(at: call.location, "there is no question\(call.keyword.echo)")
        }
    }
}
