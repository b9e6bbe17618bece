import Configuration
import Essentials
import Observation
import Replication

extension Planner {
    /// The answer to a question, and what must hold for it to be used.
    func answer(_ call: RunbookDefinition.Call) throws(Failure) -> (String, Plan.Requirement?) {
        switch call.keyword {
        case "rejoin_method": return try rejoinMethod(call)
        case "fencing": return try fencing(call)
        case "given_up": return (try givenUp(call), nil)
        case "current_primary": return (try currentPrimary(call), nil)
        case "after_role_change":
            if let given = try argument("given", of: call), !given.isEmpty {
                guard FailoverPolicy.Afterwards(rawValue: given) != nil else {
                    throw .configuration(at: call.location, "expected estate for \"after\"\(given.echo)")
                }
                return (given, nil)
            }
            return (facts.cluster.failover.after?.rawValue ?? "", nil)
        case "upstream_of":
            let node = try node("node", of: call)
            let report = assess(facts.snapshot, facts.cluster.thresholds)
            let upstream = report.node(node)?.upstream
            return (upstream.flatMap { facts.cluster.node(named: $0)?.name } ?? "", nil)
        default: throw .configuration(at: call.location, "there is no question\(call.keyword.echo)")
        }
    }

    private func rejoinMethod(_ call: RunbookDefinition.Call) throws(Failure) -> (String, Plan.Requirement?) {
        let node = try node("node", of: call)
        guard var rejoining = facts.rejoining[node] else {
            throw Failure(
                .refused, "how node \"\(node)\" could rejoin could not be found out",
                detail: facts.hostProblems[node]?.text, hint: facts.hostProblems[node]?.hint, node: node)
        }
        rejoining.isGivenUp = try argument("give_up", of: call) == "true"
        rejoining.isCopyWanted = try argument("rebuild", of: call) == "true"
        let method = RejoinMethod.decide(rejoining)
        let isRefused = if case .refused = method { true } else { false }
        return (method.keyword, known("\(node) can come back (\(method.keyword))", !isRefused, method.reason))
    }

    /// Whether the old primary can be stopped and kept from coming back.
    private func fencing(_ call: RunbookDefinition.Call) throws(Failure) -> (String, Plan.Requirement?) {
        let node = try node("node", of: call)
        let title = "\(node) can be kept from taking writes"
        let accepted = try argument("accept_unfenced", of: call) == "true"
        let problem: Failure
        do throws(Failure) {
            _ = try facts.fence(node)
            let evidence = "its host takes commands: it is fenced before the promotion"
            return accepted
                ? ("try", known(title, true, "\(evidence); that this may fail is accepted"))
                : ("fence", known(title, true, evidence))
        } catch {
            problem = error
        }
        if facts.cluster.failover.fenceCommand != nil {
            let evidence = "the fence command cuts it off before the promotion; \(problem.text)"
            return accepted
                ? ("try_command", known(title, true, "\(evidence); that this may fail is accepted"))
                : ("command", known(title, true, evidence))
        }
        let evidence = accepted ? "not proved, and accepted: \(problem.text)" : problem.text
        return ("none", known(title, accepted, evidence))
    }

    private func givenUp(_ call: RunbookDefinition.Call) throws(Failure) -> String {
        let target = try node("target", of: call)
        if let given = try argument("given", of: call), !given.isEmpty {
            return try facts.cluster.existingNode(named: given).name(otherThan: target)
        }
        let primaries = facts.snapshot.primaries.map(\.name).filter { $0 != target }
        guard primaries.count < 2 else {
            throw Failure(
                .refused, "there is more than one primary: \(quotedList(primaries))",
                hint: "Say which one is given up: --set old=NODE")
        }
        if let primary = primaries.first { return primary }
        let silent = facts.snapshot.nodes.filter { $0.snapshot == nil && $0.name != target }.map(\.name)
        // What the configuration calls the primary says nothing of who was it last; whom the target follows does.
        let upstream = facts.cluster.namedUpstream(of: target, in: facts.snapshot)
        if let upstream, silent.contains(upstream) { return upstream }
        guard silent.count == 1, let old = silent.first else {
            throw Failure(
                .refused, "which primary is given up is not clear",
                detail: silent.isEmpty ? "All nodes answer and none is a primary." : "Silent: \(quotedList(silent)).",
                hint: "Say it: --set old=NODE")
        }
        return old
    }

    private func currentPrimary(_ call: RunbookDefinition.Call) throws(Failure) -> String {
        let left = try argument("except", of: call)
        if let given = try argument("given", of: call), !given.isEmpty {
            return try facts.cluster.existingNode(named: given).name(otherThan: left)
        }
        let primaries = facts.snapshot.primaries.map(\.name).filter { $0 != left }
        guard primaries.count == 1, let primary = primaries.first else {
            throw Failure(
                .refused,
                primaries.isEmpty
                    ? "cluster \"\(facts.cluster.name)\" has no other primary that answers"
                    : "cluster \"\(facts.cluster.name)\" has more than one primary: \(quotedList(primaries))",
                hint: "Look at: pgdr status")
        }
        return primary
    }

    /// A requirement that was found out while planning.
    private func known(_ title: String, _ holds: Bool, _ evidence: String) -> Plan.Requirement {
        Plan.Requirement(
            title: title, probe: .known(holds, evidence: evidence), result: ProbeResult(holds, evidence))
    }
}

extension NodeConfiguration {
    /// The node's name.
    /// - Throws: `refused` when it is that of the node that it is to stand beside.
    fileprivate func name(otherThan node: String?) throws(Failure) -> String {
        guard name != node else {
            throw Failure(
                .refused, "node \"\(name)\" is named twice", detail: "Two different nodes are needed.", node: name)
        }
        return name
    }
}
