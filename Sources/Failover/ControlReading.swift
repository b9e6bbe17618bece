internal import Configuration
package import Replication

/// What the nodes of a cluster say of its control state.
package struct ControlReading: Sendable, Equatable {
    /// The state; not known where `source` is no node.
    package var state: ControlState
    /// Who told it.
    package var source: Source
    /// The pause, whether it is over or not; nil: there is none, or it isn't known.
    package var pause: Pause?
    /// The nodes that take writes, in the configuration's order.
    package var primaries: [String]
    /// Why others told nothing, by node.
    package var reasons: [String: String]

    /// Who told the state.
    package enum Source: Sendable, Equatable {
        /// That node: of those that answer the one that knows most of the cluster's history.
        case node(String)
        /// Nobody: nodes answer, and none of them has the tables of `sql/schema.sql`.
        case noSchema
        /// Nobody: no node answers.
        case nobody
        /// Nobody: nodes of several clusters answer, and none of these has more than another.
        case severalClusters
    }

    /// A time in which no failover happens by itself.
    package struct Pause: Sendable, Equatable, Codable {
        /// Until when, by the clock of the cluster's servers; in the year 9999: without an end.
        package var until: Moment
        /// Why, in a person's words; nil: not said.
        package var reason: String?
        /// Who wants it, as the audit log names actors.
        package var actor: String

        /// A pause by its parts.
        package init(until: Moment, reason: String?, actor: String) {
            self.until = until
            self.reason = reason
            self.actor = actor
        }

        /// Whether it has no end: `sql/control_read.sql` puts that into the last year that RFC 3339 can write.
        package var isEndless: Bool { until >= Moment(rawValue: 253_402_214_400) }
    }

    /// The pause that is in force; nil: none is, or it isn't known.
    package var pauseInForce: Pause? { pause.flatMap { $0.until > state.at ? $0 : nil } }
}

extension ControlReading {
    /// How many of the latest failovers are told.
    static let memory = 100

    /// Makes one state of what the nodes know.
    ///
    /// The pause is the one that the most advanced node knows: a later timeline counts before a greater LSN, since a
    /// primary that was replaced may have written on. Failovers are taken from all nodes: rows are only ever added, and
    /// what any of them knows of did happen. Nodes of another cluster than most of those that answer are left out.
    init(of cluster: ClusterConfiguration, _ answers: [String: ControlAnswer], observedAt now: Moment) {
        state = ControlState(isKnown: false, at: now)
        source = .nobody
        primaries = []
        reasons = [:]
        var told: [(name: String, document: ControlDocument)] = []
        for name in cluster.nodes.map(\.name) {
            switch answers[name] {
            case .told(let document):
                told.append((name, document))
                if !document.inRecovery { primaries.append(name) }
            case .noSchema(let isPrimary):
                reasons[name] = "sql/schema.sql was not run there, or only that of an older pgdr"
                if isPrimary { primaries.append(name) }
                source = .noSchema
            case .silent(let reason): reasons[name] = reason
            case nil: reasons[name] = "not asked"
            }
        }
        let systems = Dictionary(grouping: told, by: \.document.systemIdentifier)
        let most = systems.values.map(\.count).max() ?? 0
        let largest = systems.filter { $0.value.count == most }
        guard largest.count <= 1 else {
            source = .severalClusters
            return
        }
        guard let system = largest.first?.key else { return }
        for (name, document) in told where document.systemIdentifier != system {
            reasons[name] = "it belongs to another cluster"
            primaries.removeAll { $0 == name }
        }
        told.removeAll { $0.document.systemIdentifier != system }
        guard let best = told.max(by: { $0.document.isLess(advancedThan: $1.document) }) else { return }
        source = .node(best.name)
        pause = best.document.pause
        state = ControlState(
            isKnown: true, at: best.document.at, pausedUntil: pause?.until, pauseReason: pause?.reason,
            failovers: Self.united(told.map { $0.document.failovers.map(\.past) }))
    }

    /// All of them, each run once, the latest last.
    ///
    /// Each replaces a later timeline than the one before it; clocks of different servers prove less.
    private static func united(_ lists: [[ControlState.PastFailover]]) -> [ControlState.PastFailover] {
        let byRun = Dictionary(lists.joined().map { ($0.run, $0) }) { first, _ in first }
        let ordered = byRun.values.sorted { ($0.timeline, $0.at, $0.run) < ($1.timeline, $1.at, $1.run) }
        return ordered.suffix(memory)
    }
}

extension ControlDocument {
    /// Whether the other node knows more of the cluster's history.
    func isLess(advancedThan other: ControlDocument) -> Bool {
        let zero = Timeline(rawValue: 0)
        let own = (timeline ?? zero, lsn ?? .invalid)
        let theirs = (other.timeline ?? zero, other.lsn ?? .invalid)
        // Of two that are level a primary's word counts: it has written what a standby is about to replay.
        return own == theirs ? inRecovery && !other.inRecovery : own < theirs
    }
}
