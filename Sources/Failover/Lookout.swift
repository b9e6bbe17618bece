internal import Configuration
package import Essentials
internal import Observation
package import RunbookEngine
package import Replication
internal import Synchronization

/// Looks at a cluster from every vantage point, over connections that it keeps, and knows what it last saw of the primary.
///
/// As long as the primary answers, a look is a round of statements and nothing more; only when it doesn't, the other
/// nodes' hosts and the witnesses are asked too.
package final class Lookout: Sendable {
    private let cluster: ClusterConfiguration
    private let hosts: LookoutHosts
    private let observer: ClusterObserver
    private let memory = Mutex(Memory())
    private let began = ContinuousClock.now

    private struct Memory: Sendable {
        var primary: String?
        var heard: ContinuousClock.Instant?
        var last: LastKnown?
        var clock = LSNClock()
        /// When, on their own clocks, standbys had had their last message from the primary at the look before.
        var messages: [String: Moment] = [:]
        /// Whether no primary gave an answer at the look before.
        var isSilent = false
    }

    /// A lookout that has seen nothing yet.
    /// - Parameter sessions: through which the hosts are asked.
    package init(_ sessions: RunSessions) {
        cluster = sessions.cluster
        observer = sessions.observer
        hosts = LookoutHosts(sessions)
    }

    /// What a look found.
    package struct Look: Sendable {
        /// What the nodes answered.
        package var snapshot: ClusterSnapshot
        /// The nodes that take writes, in the configuration's order.
        package var primaries: [String]
        /// What is to be said of the primary: of the one that takes writes, else of the one that did.
        package var evidence: Evidence
    }

    /// Looks once; it takes no longer than until the deadline, whatever hangs.
    /// - Parameter named: the primary that is lost, where a person says which one it was.
    package func look(named: String? = nil, until deadline: Deadline) async -> Look {
        // Half of the time for the servers, so that the hosts of silent ones can be asked too.
        var snapshot = await observer.round(until: deadline.share(of: 2))
        if snapshot.primaries.isEmpty, snapshot.took > Self.moment, memory.withLock({ !$0.isSilent }) {
            // It was there at the last look: what standbys heard before all that time may have been its last words.
            keepMessages(snapshot)
            snapshot = await observer.round(until: deadline.share(of: 2), after: snapshot)
        }
        let primaries = snapshot.primaries.map(\.name)
        memory.withLock { $0.isSilent = primaries.isEmpty }
        if primaries.count == 1 { remember(primaries[0], snapshot) }
        return Look(
            snapshot: snapshot, primaries: primaries,
            evidence: await evidence(snapshot, primaries.first, named, until: deadline))
    }

    /// How long, in seconds, a round takes at most that nobody kept waiting.
    private static let moment = 0.1

    /// Waits until the connection to the primary ends, at the longest until the deadline: that it has died shows there
    /// at once.
    package func waitForEnd(until deadline: Deadline) async {
        guard let primary = memory.withLock(\.primary) else {
            _ = await ReadinessLoop.shared.sleep(until: deadline)
            return
        }
        await observer.waitForEnd(of: primary, until: deadline)
    }

    /// Has ready what is only needed once the primary is lost: sessions with the hosts, and what they say of themselves.
    package func prepare(until deadline: Deadline) async { await hosts.prepare(until: deadline) }

    private func remember(_ name: String, _ snapshot: ClusterSnapshot) {
        guard let own = snapshot.node(name)?.snapshot, let lsn = own.currentLSN, let timeline = own.timeline else {
            return
        }
        memory.withLock { memory in
            memory.primary = name
            memory.heard = .now
            memory.clock.record(snapshot)
            memory.last = LastKnown(
                lsn: lsn, timeline: timeline, at: snapshot.at,
                synchronousStandbyNames: own.setting("synchronous_standby_names"),
                systemIdentifier: own.systemIdentifier)
        }
    }

    /// Remembers when standbys had had their last message from the primary.
    private func keepMessages(_ snapshot: ClusterSnapshot) {
        let messages = snapshot.nodes.compactMap { node in
            node.snapshot?.receiver?.lastMessageReceiptTime.map { (node.name, $0) }
        }
        memory.withLock { $0.messages.merge(messages) { $1 } }
    }

    private func evidence(
        _ snapshot: ClusterSnapshot, _ writable: String?, _ named: String?, until deadline: Deadline
    ) async -> Evidence {
        let memory = memory.withLock(\.self)
        defer { keepMessages(snapshot) }
        let primary =
            writable ?? named ?? memory.primary ?? likelyPrimary(snapshot) ?? cluster.nodes.first?.name ?? ""
        let silence = memory.heard.map { $0.duration(to: .now).seconds }
        let (views, host) = await hosts.views(
            of: primary, in: snapshot, silentFor: silence ?? began.duration(to: .now).seconds,
            before: memory.messages, isLost: writable == nil, until: deadline)
        let last = memory.primary == primary ? memory.last : nil
        var evidence = Evidence(
            cluster: cluster.name, at: .wallClock, ticks: began.duration(to: .now).seconds, primary: primary,
            applicationName: cluster.node(named: primary)?.applicationName,
            silentFor: silence, views: views, host: host,
            standbys: cluster.standbyEvidence(snapshot, besides: primary, last: last, clock: memory.clock), last: last)
        if let last, last.timeline == evidence.timeline { evidence.identification.append(.seen) }
        if named == primary { evidence.identification.append(.named) }
        return evidence
    }

    /// The silent node that standbys are told to follow, for want of one the one that is configured as the primary: no
    /// proof, but where to look for one.
    private func likelyPrimary(_ snapshot: ClusterSnapshot) -> String? {
        let followed = snapshot.nodes.filter { $0.snapshot?.inRecovery == true }.compactMap { node in
            cluster.namedUpstream(of: node.name, in: snapshot)
        }
        let silent = Set(followed).filter { snapshot.node($0)?.snapshot == nil }
        if silent.count == 1 { return silent.first }
        return snapshot.nodes.first { $0.kind == .primary }?.name
    }
}
