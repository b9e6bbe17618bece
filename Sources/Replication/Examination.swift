/// Looks at a round's answers for everything that has a name in `Diagnosis`.
struct Examination {
    let snapshot: ClusterSnapshot
    let topology: Topology
    /// The primary that lag is measured against.
    let primary: ObservedNode?
    let reports: [NodeReport]
    let thresholds: Thresholds

    /// All findings, the worst first, then in the order of the configuration.
    func findings() -> [Finding] {
        var findings = clusterFindings()
        for (node, report) in zip(snapshot.nodes, reports) {
            findings += membershipFindings(node)
            guard let own = node.snapshot else { continue }
            findings += viewFindings(node, own)
            findings += serverFindings(node, own)
            findings += own.inRecovery ? standbyFindings(node, own, report) : primaryFindings(node, own)
        }
        // Stable: among equals the order in which they were found stays.
        return findings.enumerated()
            .sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }
            .map(\.element)
    }

    // MARK: Who is there

    private func clusterFindings() -> [Finding] {
        var findings: [Finding] = []
        if topology.primaries.count > 1 { findings.append(Finding(.critical, nil, .twoPrimaries(topology.primaries))) }
        let silent = snapshot.nodes.filter { $0.silence != nil }.map(\.name)
        let expectedIsSilent = snapshot.nodes.contains { $0.kind == .primary && $0.silence != nil }
        if topology.primaries.isEmpty, !expectedIsSilent {
            findings.append(Finding(.critical, nil, .noPrimary(silent: silent)))
        }
        if let cycle = snapshot.nodes.lazy.compactMap({ self.cycle(from: $0.name) }).first {
            findings.append(Finding(.critical, nil, .upstreamCycle(cycle)))
        }
        return findings + drillFindings()
    }

    private func drillFindings() -> [Finding] {
        switch snapshot.drills {
        case nil: return []
        case .untold(let reason): return [Finding(.warning, nil, .drillsUnknown(reason: reason))]
        case .told(let ages):
            return DrillKind.allCases.compactMap { kind in
                guard let limit = thresholds.drillAge[kind], ages[kind] ?? .infinity > limit else { return nil }
                return Finding(.warning, nil, .drillOverdue(kind, age: ages[kind], limit: limit))
            }
        }
    }

    private func cycle(from name: String) -> [String]? {
        let chain = topology.upstreams(of: name)
        guard let last = chain.last, topology.links[last]?.upstream == name else { return nil }
        return [name] + chain + [name]
    }

    private func membershipFindings(_ node: ObservedNode) -> [Finding] {
        if let silence = node.silence {
            guard node.kind == .primary, topology.primaries.isEmpty else {
                return [Finding(node.kind == .backup ? .warning : .critical, node.name, .nodeUnreachable(silence))]
            }
            let streaming = snapshot.nodes.filter { other in
                receives(other, from: node)
            }
            return [
                Finding(.critical, node.name, .primaryUnreachable(silence, stillStreaming: streaming.map(receiver)))
            ]
        }
        guard let own = node.snapshot else { return [] }
        var findings: [Finding] = []
        if !own.inRecovery, node.kind != .primary {
            findings.append(Finding(.ok, node.name, .roleDiffersFromKind))
        }
        let twin = snapshot.nodes.prefix { $0.name != node.name }.first { other in
            other.snapshot?.isSameServer(as: own) ?? false
        }
        if let twin { findings.append(Finding(.critical, node.name, .sameServer(other: twin.name))) }
        guard let theirs = primary?.snapshot, primary?.name != node.name else { return findings }
        if let mine = own.systemIdentifier, let other = theirs.systemIdentifier, mine != other {
            findings.append(Finding(.critical, node.name, .systemIdentifierDiffers(own: mine, primarys: other)))
        }
        if own.serverVersionNum != theirs.serverVersionNum {
            findings.append(
                Finding(
                    own.majorVersion == theirs.majorVersion ? .ok : .critical, node.name,
                    .versionMismatch(own: own.serverVersion, primarys: theirs.serverVersion)))
        }
        return findings
    }

    private func receiver(_ standby: ObservedNode) -> Receiver {
        let message = standby.snapshot?.receiver?.lastMessageReceiptTime
        let age = message.flatMap { message in standby.snapshot.map { max(0, $0.now - message) } }
        return Receiver(standby: standby.name, silentFor: age)
    }

    /// Whether a walreceiver is connected to a node that doesn't answer us: to its address and port, and to none that
    /// answers.
    private func receives(_ standby: ObservedNode, from node: ObservedNode) -> Bool {
        guard let own = standby.snapshot, own.isStreaming, let receiver = own.receiver, let host = receiver.senderHost
        else { return false }
        let isPort = node.ports.isEmpty || receiver.senderPort.map(node.ports.contains) ?? true
        return isPort && node.addresses.contains(host) && topology.links[standby.name] == nil
    }

    // MARK: What we see with

    private func viewFindings(_ node: ObservedNode, _ own: NodeSnapshot) -> [Finding] {
        var findings: [Finding] = []
        if !own.monitor { findings.append(Finding(.warning, node.name, .notMonitor)) }
        if let mine = node.clockOffset, let primary, primary.name != node.name, let theirs = primary.clockOffset {
            let uncertainty = mine.uncertainty + theirs.uncertainty
            let difference = mine.seconds - theirs.seconds
            if let (severity, limit) = thresholds.clockOffset.exceeded(by: abs(difference) - uncertainty) {
                findings.append(
                    Finding(
                        severity, node.name,
                        .clockOffset(seconds: difference, uncertainty: uncertainty, limit: limit)))
            }
        }
        return findings
    }
}
