/// Says what a round of answers means.
///
/// Pure: the same values give the same report, so that a decision can be replayed from what was recorded.
/// - Parameters:
///   - snapshot: the answers.
///   - thresholds: the limits beyond which a value becomes a finding.
///   - clock: where the primary stood when, from this and earlier rounds; it gives lag in seconds where PostgreSQL
///     doesn't, and the last known position of a primary that is silent.
///   - earlier: an earlier round; with it the report says how fast things move.
public func assess(
    _ snapshot: ClusterSnapshot, _ thresholds: Thresholds = Thresholds(), clock: LSNClock = LSNClock(),
    after earlier: ClusterSnapshot? = nil
) -> ClusterReport {
    let topology = Topology(snapshot)
    let reference = LagReference.of(snapshot, topology, clock)
    let primary = topology.primary.flatMap(snapshot.node)
    var nodes = snapshot.nodes.map { node in
        report(on: node, in: snapshot, topology, primary: primary, reference, clock)
    }
    if let earlier {
        for index in nodes.indices {
            nodes[index].rates = rates(of: nodes[index], in: snapshot, after: earlier, topology)
        }
    }
    let examination = Examination(
        snapshot: snapshot, topology: topology, primary: primary, reports: nodes, thresholds: thresholds)
    let findings = examination.findings()
    let rpo = recoveryPoint(snapshot, nodes, reference)
    return ClusterReport(
        name: snapshot.name, at: snapshot.at, took: snapshot.took,
        verdict: verdict(snapshot, nodes, findings, rpo, primary: topology.primary),
        rpo: rpo, skew: snapshot.skew, primary: topology.primary, nodes: nodes, findings: findings)
}

/// Whether one look leaves open how far a standby is behind; a second look a moment later, over connections that are
/// there already, decides.
///
/// It does when a standby streams and lacks WAL, and no clock tells since when, or only that of the last transaction,
/// which an idle primary makes look old. And it does when a standby without lag was asked so much later than the
/// primary that what was written in between is missing from the comparison.
public func needsSecondLook(_ report: ClusterReport) -> Bool {
    report.nodes.contains { node in
        guard let replay = node.lag?.replay, let bytes = replay.bytes else { return false }
        if bytes == 0 { return node.sampledAfterPrimary ?? 0 > longestSkew }
        let standsStill = report.findings.contains { finding in
            guard finding.node == node.name else { return false }
            switch finding.diagnosis {
            case .replayPaused, .replayPausedByTarget, .replayPausedByParameters, .delayedStandby: return true
            default: return false
            }
        }
        return node.state == "streaming" && !standsStill
            && (replay.source == .replayTimestamp || replay.source == .primaryPosition)
    }
}

/// Seconds; connecting to one node may take so much longer than to another without anything being wrong.
private let longestSkew = 0.1

private func report(
    on node: ObservedNode, in snapshot: ClusterSnapshot, _ topology: Topology, primary: ObservedNode?,
    _ reference: LagReference?, _ clock: LSNClock
) -> NodeReport {
    let link = topology.links[node.name]
    var report = NodeReport(name: node.name, kind: node.kind)
    report.silence = node.silence
    if let own = node.snapshot {
        report.role = own.inRecovery ? .standby : .primary
        report.state = state(of: own, link)
        report.serverVersion = own.serverVersion
        report.systemIdentifier = own.systemIdentifier
        report.timeline = own.currentTimeline
        report.lsn = own.position
    }
    guard node.snapshot?.inRecovery ?? (link != nil) else { return report }
    report.upstream = link?.upstream
    report.matchedBy = link?.matchedBy
    report.syncState = link?.row?.syncState
    report.ancestry = primary.map { primary in
        node.snapshot == nil ? .descends : Ancestry.of(node, comparedTo: primary)
    }
    guard let reference, reference.applies(to: node, report.ancestry),
        topology.otherPrimary(followedBy: node.name) == nil
    else { return report }
    report.lag = LagMeasurement(
        node: node, link: link, upstream: link.flatMap { snapshot.node($0.upstream) }, reference: reference,
        clock: clock
    ).measure()
    if let asked = reference.primary?.answer.timing?.answered, let sampled = node.answer.timing?.answered {
        report.sampledAfterPrimary = sampled - asked
    }
    return report
}

/// The standby's own word that no walreceiver streams outweighs a walsender that hasn't noticed; where the walreceiver
/// is hidden from the role, only the walsender can tell.
private func state(of snapshot: NodeSnapshot, _ link: Topology.Link?) -> String? {
    guard snapshot.inRecovery else { return "in production" }
    if snapshot.isStreaming || !snapshot.monitor {
        return link?.row?.state ?? (snapshot.isStreaming ? "streaming" : nil)
    }
    return snapshot.isLogShippingOnly ? "archive recovery" : "not streaming"
}

private func rates(
    of report: NodeReport, in snapshot: ClusterSnapshot, after earlier: ClusterSnapshot, _ topology: Topology
) -> Rates? {
    func rate(_ name: String, _ position: (NodeSnapshot) -> LSN?) -> Double? {
        guard case .answered(let now, let timing)? = snapshot.node(name)?.answer,
            case .answered(let before, let first)? = earlier.node(name)?.answer,
            timing.answered > first.answered, let end = position(now), let start = position(before), end >= start
        else { return nil }
        return Double(end.bytesAhead(of: start)) / (timing.answered - first.answered)
    }
    guard let role = report.role else { return nil }
    var rates = Rates(walBytesPerSecond: rate(report.name, \.position))
    guard role == .standby else { return rates }
    rates.replayBytesPerSecond = rate(report.name, \.replayLSN)
    // A primary that is silent writes nothing that is known of; the rate of one that answers must be.
    let written = topology.primary.map { rate($0, \.position) } ?? 0
    if let behind = report.lag?.replay.bytes, let replayed = rates.replayBytesPerSecond, let written {
        rates.catchUpSeconds = behind == 0 ? 0 : replayed > written ? Double(behind) / (replayed - written) : nil
    }
    return rates
}

/// The lag of the standby that has most of the primary's WAL, among those that may be promoted: not for backups only,
/// not excluded by priority 0, not delayed on purpose.
private func recoveryPoint(
    _ snapshot: ClusterSnapshot, _ nodes: [NodeReport], _ reference: LagReference?
) -> RecoveryPoint {
    let candidates = nodes.filter { node in
        guard node.role != .primary, node.kind != .backup, let lag = node.lag, durable(lag).bytes != nil,
            let observed = snapshot.node(node.name), observed.priority > 0
        else { return false }
        return observed.snapshot?.applyDelay ?? 0 == 0
    }
    let best = candidates.min { left, right in
        let (first, second) = (left.lag.map(durable)?.bytes ?? .max, right.lag.map(durable)?.bytes ?? .max)
        return (first, left.kind == .dr ? 0 : 1) < (second, right.kind == .dr ? 0 : 1)
    }
    guard let best, let lag = best.lag.map(durable) else { return RecoveryPoint() }
    // That nobody has more than the one that has most says nothing of what the primary had.
    if reference?.source == .mostAdvancedStandby, lag.bytes == 0 { return RecoveryPoint(node: best.name) }
    return RecoveryPoint(bytes: lag.bytes, seconds: lag.seconds, source: reference?.source, node: best.name)
}

/// What survives on a standby: the greater of what it says it has and what its upstream knows that it made durable.
func durable(_ lag: Lag) -> StageLag {
    lag.receive.bytes ?? .max <= lag.flush.bytes ?? .max ? lag.receive : lag.flush
}
