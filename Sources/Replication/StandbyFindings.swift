extension Examination {
    /// What only a standby can have.
    func standbyFindings(_ node: ObservedNode, _ own: NodeSnapshot, _ report: NodeReport) -> [Finding] {
        ancestryFindings(node, own, report) + followingFindings(node, own, report) + replayFindings(node, own, report)
            + lagFindings(node, own, report) + parameterFindings(node, own)
    }

    private func ancestryFindings(_ node: ObservedNode, _ own: NodeSnapshot, _ report: NodeReport) -> [Finding] {
        switch report.ancestry {
        case .diverged(let timeline, let position, let fork):
            return [
                Finding(
                    .critical, node.name, .divergedTimeline(timeline: timeline, position: position, fork: fork))
            ]
        case .ahead(let timeline):
            let primarys = primary?.snapshot?.timeline ?? Timeline(rawValue: 0)
            return [Finding(.critical, node.name, .timelineAhead(own: timeline, primarys: primarys))]
        case .unknown(let reason):
            return [Finding(.warning, node.name, .timelinesNotComparable(reason: reason))]
        case .descends, .otherSystem, nil: return []
        }
    }

    private func followingFindings(_ node: ObservedNode, _ own: NodeSnapshot, _ report: NodeReport) -> [Finding] {
        var findings: [Finding] = []
        let link = topology.links[node.name]
        // A walsender that is stopping still sends what is left; a state that is hidden proves nothing.
        // That a server serves nobody at all is seen by every role.
        let isServed = snapshot.primaries.contains { !($0.snapshot?.standbys ?? []).isEmpty } || link != nil
        let streams = report.state.map(["streaming", "catchup", "stopping"].contains) ?? isServed
        // Without a primary no standby can stream; that is said once, about the primary.
        if !topology.primaries.isEmpty, !streams, !own.isLogShippingOnly {
            findings.append(
                Finding(
                    .critical, node.name,
                    .notStreaming(
                        position: own.position, behind: report.lag?.receive.bytes, receiver: own.receiver?.status)))
        }
        if let other = topology.otherPrimary(followedBy: node.name), let primary = topology.primary {
            findings.append(Finding(.critical, node.name, .wrongUpstream(expected: primary, actual: other)))
        } else if let expected = node.expectedUpstream, let actual = link?.upstream, actual != expected {
            findings.append(Finding(.warning, node.name, .wrongUpstream(expected: expected, actual: actual)))
        }
        if link == nil, own.isStreaming, let host = own.receiver?.senderHost,
            !snapshot.nodes.contains(where: { $0.addresses.contains(host) })
        {
            findings.append(
                Finding(.warning, node.name, .unknownUpstream(host: host, port: own.receiver?.senderPort)))
        }
        if let slot = own.setting("primary_slot_name"), !slot.isEmpty,
            let upstream = link?.upstream ?? (streams ? nil : topology.intendedUpstream(of: node, in: snapshot)),
            let slots = snapshot.node(upstream)?.snapshot?.slots, !slots.contains(where: { $0.slotName == slot })
        {
            findings.append(Finding(.critical, node.name, .slotMissing(slot: slot, upstream: upstream)))
        }
        return findings
    }

    private func replayFindings(_ node: ObservedNode, _ own: NodeSnapshot, _ report: NodeReport) -> [Finding] {
        var findings: [Finding] = []
        if own.isReplayPaused {
            let lower = differences(own)
            if !lower.isEmpty {
                findings.append(Finding(.critical, node.name, .replayPausedByParameters(lower)))
            } else if let target = own.recoveryTarget?.first {
                findings.append(Finding(.warning, node.name, .replayPausedByTarget(target)))
            } else {
                findings.append(Finding(.ok, node.name, .replayPaused(behind: report.lag?.replay.bytes)))
            }
        }
        if let event = own.startupWait, Self.conflictWaits.contains(event), report.lag?.replay.bytes != 0 {
            findings.append(Finding(.warning, node.name, .replayWaitsForQuery(waitEvent: event)))
        }
        if own.applyDelay > 0 { findings.append(Finding(.ok, node.name, .delayedStandby(seconds: own.applyDelay))) }
        return findings
    }

    /// Wait events of the startup process that mean a conflict with a query (`standby.c`, `bufmgr.c`, `lock.c`).
    private static let conflictWaits: Set<String> = [
        "RecoveryConflictSnapshot", "RecoveryConflictTablespace", "BufferPin", "relation", "tuple", "object",
    ]

    private func lagFindings(_ node: ObservedNode, _ own: NodeSnapshot, _ report: NodeReport) -> [Finding] {
        guard let lag = report.lag else { return [] }
        var findings: [Finding] = []
        // A delayed standby is behind in replay for good and on purpose: only what it hasn't received counts. A pause
        // ends; one that was forgotten shows when the limits are passed.
        let stage = own.applyDelay > 0 ? lag.receive : lag.replay
        // The archive never has the segment that is being written.
        if own.isLogShippingOnly, let bytes = stage.bytes, bytes <= own.integerSetting("wal_segment_size") ?? 0 {
            return []
        }
        if let bytes = stage.bytes, let (severity, limit) = thresholds.lagBytes.exceeded(by: bytes) {
            findings.append(Finding(severity, node.name, .lagBytes(bytes, limit: limit)))
        }
        if let seconds = stage.seconds, let source = stage.source,
            let (severity, limit) = thresholds.lagSeconds.exceeded(by: seconds)
        {
            // An upper bound proves no more than that it is worth a look.
            let proven = source == .replayTimestamp ? min(severity, .warning) : severity
            findings.append(Finding(proven, node.name, .lagSeconds(seconds, limit: limit, source: source)))
        }
        return findings
    }

    private func parameterFindings(_ node: ObservedNode, _ own: NodeSnapshot) -> [Finding] {
        let lower = differences(own)
        return lower.isEmpty || own.isReplayPaused ? [] : [Finding(.warning, node.name, .parametersLower(lower))]
    }

    /// The settings that must not be lower on a standby (documentation, "Hot Standby Parameter Reference").
    private func differences(_ own: NodeSnapshot) -> [ParameterDifference] {
        guard let primary = primary?.snapshot else { return [] }
        return [
            "max_connections", "max_prepared_transactions", "max_locks_per_transaction", "max_wal_senders",
            "max_worker_processes",
        ].compactMap { name in
            guard let mine = own.integerSetting(name), let theirs = primary.integerSetting(name), mine < theirs else {
                return nil
            }
            return ParameterDifference(name: name, standby: mine, primary: theirs)
        }
    }
}
