/// The cluster in one line: the standby for disaster recovery first, then what else is wrong.
func verdict(
    _ snapshot: ClusterSnapshot, _ nodes: [NodeReport], _ findings: [Finding], _ rpo: RecoveryPoint, primary: String?
) -> Verdict {
    let severity = findings.map(\.severity).max() ?? .ok
    let others = { (counted: [Finding]) in
        let warnings = counted.count { $0.severity == .warning }
        let critical = counted.count { $0.severity == .critical }
        let parts = [
            critical > 0 ? "\(critical) critical" : nil,
            warnings > 0 ? "\(warnings) warning\(warnings == 1 ? "" : "s")" : nil,
        ].compactMap(\.self)
        return parts.isEmpty ? "" : "; \(parts.joined(separator: ", ")) below"
    }
    let split = findings.first { if case .twoPrimaries = $0.diagnosis { true } else { false } }
    if let split {
        let writers = takingWrites(snapshot.primaries.map(\.name))
        let rest = others(findings.filter { $0 != split })
        return Verdict(severity: severity, text: "TWO PRIMARIES: \(writers)\(rest)")
    }
    guard let primary else {
        let worst = findings.first { $0.severity == .critical }
        let loss = rpo.node.map { "; \"\($0)\" has most WAL of the standbys that answered" } ?? ""
        return Verdict(
            severity: max(severity, .critical),
            text: "\(absence(findings)): \(worst?.message ?? "none answers")\(loss)")
    }
    guard let subject = standbyOfInterest(nodes, rpo) else {
        let isAlone = nodes.allSatisfy { $0.name == primary || $0.kind == .backup }
        let text = isAlone ? "primary \"\(primary)\" has no standby" : "no standby could take over"
        return Verdict(severity: max(severity, isAlone ? .ok : .critical), text: text + others(findings))
    }
    let title = subject.kind == .dr ? "DR" : "Standby"
    let against = findings.filter { finding in
        finding.severity == .critical && (finding.node == subject.name || finding.node == nil)
    }
    if let worst = against.first {
        let rest = findings.filter { $0 != worst }
        return Verdict(severity: severity, text: "\(title) NOT READY: \(worst.message)\(others(rest))")
    }
    if subject.lag.flatMap({ durable($0).bytes }) == nil {
        // What isn't known to be missing isn't known to be there.
        let reason = findings.first { $0.node == subject.name && $0.severity > .ok }
        let rest = findings.filter { $0 != reason }
        let message = reason?.message ?? "how far \(subject.name) is behind is unknown"
        return Verdict(
            severity: max(severity, .unknown), text: "\(title) NOT PROVEN READY: \(message)\(others(rest))")
    }
    if subject.role == .standby, subject.state == nil {
        return Verdict(
            severity: max(severity, .unknown),
            text:
                "\(title) NOT PROVEN READY: whether \(subject.name) streams is hidden from the role\(others(findings))")
    }
    return Verdict(severity: severity, text: "\(title) ready: \(standing(subject)); \(loss(rpo))\(others(findings))")
}

/// Several primaries as a sentence: "a and b both take writes", "a, b and c all take writes".
func takingWrites(_ primaries: [String]) -> String {
    let names = [primaries.dropLast().joined(separator: ", "), primaries.last ?? ""].joined(separator: " and ")
    return "\(names) \(primaries.count == 2 ? "both" : "all") take writes"
}

/// What is known of a primary that can't be asked: only silence on all sides speaks for none.
private func absence(_ findings: [Finding]) -> String {
    for case .primaryUnreachable(let silence, let streaming) in findings.map(\.diagnosis) {
        if silence.postmasterAlive { return "PRIMARY LIVES BUT REFUSES US" }
        if !streaming.isEmpty { return "PRIMARY NOT REACHED" }
    }
    return "NO PRIMARY"
}

/// The node for disaster recovery that has most WAL; without any such node, the best other standby.
private func standbyOfInterest(_ nodes: [NodeReport], _ rpo: RecoveryPoint) -> NodeReport? {
    let standbys = nodes.filter { $0.role != .primary && $0.kind != .backup }
    let recovery = standbys.filter { $0.kind == .dr }
    let pool = recovery.isEmpty ? standbys : recovery
    return pool.first { $0.name == rpo.node }
        ?? pool.min { ($0.lag?.receive.bytes ?? .max) < ($1.lag?.receive.bytes ?? .max) }
}

private func standing(_ node: NodeReport) -> String {
    guard let replay = node.lag?.replay, let bytes = replay.bytes else {
        return "how far \(node.name) is behind is unknown"
    }
    let bound = replay.source == .replayTimestamp ? "at most " : ""
    let seconds = replay.seconds.map { bound + Quantity.seconds($0) } ?? "an unknown time"
    return "\(node.name) is \(Quantity.bytes(bytes)), \(seconds) behind"
}

private func loss(_ rpo: RecoveryPoint) -> String {
    guard let bytes = rpo.bytes else { return "what losing the primary now would lose is unknown" }
    return "losing the primary now would lose \(Quantity.bytes(bytes))"
}
