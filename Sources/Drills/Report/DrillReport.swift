package import Audit
package import Configuration
internal import Essentials
internal import Failover
internal import Replication

/// What the audit log and the probes tell of a drill that is more than one run.
package struct DrillReport: Sendable {
    /// The drill.
    package var drill: DrillRecord
    /// Its cluster.
    package var cluster: String
    /// The primary before; nil: the log doesn't tell.
    package var home: String?
    /// The machine that pgdr ran on.
    package var host: String
    /// What it may have cost: the limits that it was given, or else the cluster's objectives.
    package var objectives: Objectives
    /// The reports on its runs, in their order.
    package var runs: [RunReport]
    /// What became of the whole log.
    package var log: AuditVerification

    /// The report on a drill; nil: the events tell of none of that name in the cluster.
    /// - Parameters:
    ///   - events: those of the drill and of what came after its beginning, in the log's order.
    ///   - log: what became of the whole log.
    package init?(
        on id: String, of cluster: String, _ objectives: Objectives, _ events: [AuditEvent], _ log: AuditVerification
    ) {
        let own = events.filter { $0.run == id && $0.cluster == cluster }
        guard let first = own.first, var drill = DrillRecord(first) else { return nil }
        for event in own { drill.apply(event) }
        let outage = first.details["rto_limit_seconds"]?.number.map { Duration.seconds($0) }
        let loss = first.details["rpo_limit"]?.integer.map { Int($0) }
        self.drill = drill
        self.cluster = cluster
        home = first.details["home"]?.text
        host = first.host
        let limits = outage == nil && loss == nil ? objectives : Objectives(rto: outage, rpo: loss)
        self.objectives = limits
        runs = drill.runs.compactMap { RunReport(on: $0, of: cluster, limits, events, log) }
        self.log = log
    }

    /// How its worst outage stands to the objective; nil: there is none.
    package var rtoVerdict: ClientVerdict? { worst(roleChanges.map(\.rtoVerdict), objectives.rto != nil) }

    /// How its worst loss stands to the objective; nil: there is none.
    package var rpoVerdict: ClientVerdict? { worst(roleChanges.map(\.rpoVerdict), objectives.rpo != nil) }

    /// The runs that were to move the primary role: in others no client is cut off.
    private var roleChanges: [RunReport] { runs.filter { $0.to != nil } }

    private func worst(_ verdicts: [ClientVerdict?], _ isWanted: Bool) -> ClientVerdict? {
        guard isWanted else { return nil }
        if verdicts.contains(.exceeded) { return .exceeded }
        // There, and back.
        return verdicts.count >= 2 && verdicts.allSatisfy { $0 == .within } ? .within : .notMeasured
    }

    /// The whole in one line.
    package var headline: String {
        let way = home.map { "the primary role from \($0) to \(drill.node) and back" } ?? "on \(drill.node)"
        let ending =
            switch drill.outcome {
            case .passed: "passed"
            case .failed: "FAILED"
            case .unfinished: "UNFINISHED: it goes on, or its process is gone"
            }
        return "Drill, \(way): \(ending)"
    }

    var mark: RunReport.Mark {
        if log.problem != nil { return .bad }
        return drill.outcome == .passed ? .good : .bad
    }

    var figures: [RunReport.Figure] {
        [
            RunReport.Figure(
                RunReport.Figure.rto,
                drill.outage.map { "\(SpanText.measured($0))\(drill.isAtLeast ? " at least" : "")" },
                objectives.rto.map { SpanText.configured($0.seconds) },
                rtoVerdict),
            RunReport.Figure(
                RunReport.Figure.rpo, drill.lost.map { "\($0)" }, objectives.rpo.map { "\($0)" }, rpoVerdict),
        ]
    }

    var who: [RunReport.Row] {
        [
            .init("Drill", "\(drill.id), \(drill.kind.rawValue)"), .init("Cluster", cluster),
            .init("Began", drill.beganAt), .init("Ended", drill.endedAt ?? "not yet"),
            .init("Begun by", "\(drill.actor), on \(host)"),
            .init("Runs", drill.runs.isEmpty ? "none that it tells of" : drill.runs.joined(separator: ", ")),
        ]
    }
}
