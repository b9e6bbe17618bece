internal import Configuration
internal import Essentials
internal import Observation
internal import Replication

extension RunSessions {
    /// As `promotable`, but for what comes of the primary's absence: that there is none to compare with, to stream from
    /// or to be level with.
    func askTakeOver(
        _ node: String, from old: String, isFenced: Bool, until deadline: Deadline
    ) async -> ProbeResult {
        let snapshot = await round(until: deadline)
        let checks = await checkPromotions(
            in: cluster, of: node, as: snapshot, timeout: min(deadline.remaining, cluster.timeout), by: observer)
        guard let check = checks.first else { return ProbeResult(nil, "\(node) could not be checked") }
        guard !check.isPrimary else { return ProbeResult(true, check.text) }
        let others = snapshot.primaries.map(\.name).filter { $0 != old && $0 != node }
        guard others.isEmpty else {
            return ProbeResult(
                false, "\(others.joined(separator: ", ")) is a primary, and not the one that is given up")
        }
        let living = assess(snapshot, cluster.thresholds).findings.first { finding in
            guard case .primaryUnreachable(let silence, let streaming) = finding.diagnosis else { return false }
            return finding.node != old && (silence.postmasterAlive || !streaming.isEmpty)
        }
        if let living {
            return ProbeResult(false, "\(living.node ?? "a primary") lives, and is not the one that is given up")
        }
        // The setting that commits wait by is corrected before the promotion.
        var passedOver = ["streaming", "lossless", "logins", "synchronous"]
        // That the old one lives is no obstacle once it is stopped before anything else. Where it can't be, that standbys
        // are still connected to it proves no life: to them a host that is gone is only quiet.
        let isHeard = isFenced ? false : await hears(old, in: snapshot, until: deadline)
        if !isHeard { passedOver.append("one_primary") }
        let failed = check.conditions.filter { $0.severity == .critical && !passedOver.contains($0.code) }
        guard failed.isEmpty else {
            return ProbeResult(false, failed.map { "\($0.title): \($0.evidence)" }.joined(separator: "; "))
        }
        let loss = check.conditions.first { $0.code == "lossless" }?.evidence ?? ""
        return ProbeResult(true, "\(node) may be promoted; against \(old): \(loss)")
    }

    /// Whether a primary answers, be it with a refusal, or a standby has had a message from it a moment ago or may have:
    /// one that commits nothing sends nothing, so the hosts of standbys that are connected have a look themselves.
    private func hears(_ primary: String, in snapshot: ClusterSnapshot, until deadline: Deadline) async -> Bool {
        if let silence = snapshot.node(primary)?.silence {
            if silence.postmasterAlive { return true }
        } else if snapshot.node(primary)?.snapshot?.inRecovery == false {
            return true
        }
        let connected = snapshot.nodes.filter { node in
            node.snapshot?.isStreaming == true && cluster.namedUpstream(of: node.name, in: snapshot) == primary
        }
        let isSending = connected.contains { node in
            guard let own = node.snapshot, let message = own.receiver?.lastMessageReceiptTime else { return false }
            return own.now - message < max(cluster.failover.confirmFor.seconds, 1)
        }
        guard !isSending, !connected.isEmpty else { return isSending }
        let end = min(deadline, .after(cluster.timeout / 2))
        let sights = await withTaskGroup(of: PortSight.self) { group in
            for node in connected { group.addTask { await self.look(at: primary, from: node.name, until: end) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // Of one that can't look the connection that stands is all that can be told; a walreceiver whose primary is gone
        // ends it after wal_receiver_timeout.
        return !sights.allSatisfy(\.isUnreachable)
    }

    /// - Parameter former: the primary that is given up, and may be silent; nil: every node must answer.
    func askMostAdvanced(
        _ node: String, within limit: UInt64, former: String?, acceptsSilence: Bool, until deadline: Deadline
    ) async -> ProbeResult {
        let snapshot = await round(until: deadline)
        guard let own = snapshot.node(node)?.snapshot else { return ProbeResult(nil, "\(node) does not answer") }
        guard own.inRecovery else { return ProbeResult(true, "\(node) is a primary already") }
        guard let position = own.endOfWAL else { return ProbeResult(nil, "\(node) gives no position") }
        // What streams from a living primary is level with it but for what is on its way.
        let isPrimaryThere = !snapshot.primaries.isEmpty
        let rivals = snapshot.nodes.filter { rival in
            // A standby of another cluster is no rival: what it has is not this one's.
            rival.name != node && rival.snapshot?.inRecovery == true
                && rival.snapshot?.systemIdentifier == own.systemIdentifier
        }
        let mine = own.currentTimeline
        for rival in rivals {
            guard let theirs = rival.snapshot?.currentTimeline, let mine else {
                return ProbeResult(nil, "which timeline \(rival.name) or \(node) is on is not known")
            }
            if theirs > mine {
                return ProbeResult(
                    false, "\(rival.name) is on timeline \(theirs), \(node) only on \(mine): it has what came later")
            }
        }
        let ahead = rivals.compactMap { rival -> (String, UInt64)? in
            guard let other = rival.snapshot,
                !(isPrimaryThere && own.isStreaming && other.isStreaming),
                other.currentTimeline == mine, let theirs = other.endOfWAL
            else { return nil }
            let bytes = theirs.bytesAhead(of: position)
            return bytes > 0 ? (rival.name, bytes) : nil
        }
        let former = (former ?? "").split(separator: " ").map(String.init)
        let silent = snapshot.nodes.filter { $0.snapshot == nil && !former.contains($0.name) }.map(\.name)
        guard silent.isEmpty || acceptsSilence else {
            return ProbeResult(
                nil,
                "\(silent.joined(separator: ", ")) gives no answer and may have WAL that \(node) lacks: bring it back, "
                    + "or accept that with accept_silent=true")
        }
        let note = silent.isEmpty ? "" : "; what \(silent.joined(separator: ", ")) had beyond that is not known"
        guard let most = ahead.max(by: { $0.1 < $1.1 }) else {
            return ProbeResult(true, "\(node) has WAL up to \(position), no other standby has more\(note)")
        }
        return ProbeResult(
            most.1 <= limit,
            "\(most.0) has \(most.1) bytes of WAL more than \(node), which would be lost; accepted are \(limit)\(note)")
    }

    /// What has left the primary's history can't follow anybody who has not; what isn't known, streaming itself shows.
    ///
    /// A server that dies leaves all of its standbys with the beginning of a record, which doesn't part them from one
    /// that was promoted: as soon as such a standby waits for WAL it says how far what is whole goes.
    func askDescent(_ node: String, until deadline: Deadline) async -> ProbeResult {
        let patience = min(deadline, .after(.seconds(2)))
        while true {
            let snapshot = await round(until: deadline)
            let result = descent(of: node, in: snapshot)
            let own = snapshot.node(node)?.snapshot
            guard result.holds == false, own?.inRecovery == true, own?.waitsForWAL != true, !patience.hasPassed,
                await ReadinessLoop.shared.sleep(until: min(patience, .after(.milliseconds(50)))) != .cancelled
            else { return result }
        }
    }

    private func descent(of node: String, in snapshot: ClusterSnapshot) -> ProbeResult {
        let way = "bring it back with the runbook \"rejoin\""
        switch assess(snapshot, cluster.thresholds).node(node)?.ancestry {
        case .diverged(let timeline, let position, let fork):
            let left = fork.map { "the primary's history left that at \($0)" } ?? "which the primary's history lacks"
            return ProbeResult(false, "\(node) has WAL up to \(position) on timeline \(timeline), \(left): \(way)")
        case .ahead(let timeline):
            return ProbeResult(false, "\(node) is on timeline \(timeline), beyond the primary's: \(way)")
        case .otherSystem: return ProbeResult(false, "\(node) belongs to another cluster")
        case .descends: return ProbeResult(true, "\(node) has nothing that the primary's history lacks")
        case .unknown(let reason): return ProbeResult(true, "nothing is known against it: \(reason)")
        case nil: return ProbeResult(true, "nothing is known against it")
        }
    }

    func askNotPrimary(_ node: String, until deadline: Deadline) async -> ProbeResult {
        let snapshot = await round(until: deadline)
        switch snapshot.node(node)?.snapshot?.inRecovery {
        case true: return ProbeResult(true, "\(node) is a standby")
        case false: return ProbeResult(false, "\(node) is a primary")
        case nil: return ProbeResult(true, "\(node) does not answer")
        }
    }
}
