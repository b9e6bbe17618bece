package import Audit
package import Essentials
package import Replication
package import RunbookEngine

/// The events of a drill that is more than one run.
enum DrillEvent: String {
    /// It begins.
    case began = "drill.began"
    /// One of its runs begins.
    case leg = "drill.leg"
    /// It has ended.
    case ended = "drill.ended"
}

/// A drill as the audit log tells of it.
package struct DrillRecord: Sendable, Equatable {
    /// How it ended.
    package enum Outcome: String, Sendable {
        /// All was as it has to be.
        case passed
        /// Something wasn't, and everything is as it was before, or a person's to see to.
        case failed
        /// It has not ended, or was cut off.
        case unfinished
    }

    /// What identifies it in the audit log.
    package var id: String
    /// What it practised.
    package var kind: DrillKind
    /// The node it was practised on.
    package var node: String
    /// The primary before, which it has to be again; nil: it moves no role.
    package var home: String?
    /// Who did it.
    package var actor: String
    /// When it began, as the log writes it.
    package var beganAt: String
    /// When it ended; nil: it hasn't.
    package var endedAt: String?
    /// How it ended.
    package var outcome: Outcome
    /// What was not as it has to be.
    package var problems: [String] = []
    /// Its runs.
    package var runs: [String] = []
    /// How long clients could not commit, in seconds; nil: not measured.
    package var outage: Double?
    /// Whether it was longer in truth.
    package var isAtLeast = false
    /// How many acknowledged commits are gone; nil: not known.
    package var lost: Int?

    /// The drill that a run is; nil: it is none.
    package init?(_ run: RunRecord) {
        guard let kind = DrillKind(runbook: run.plan.runbook) else { return nil }
        id = run.id
        self.kind = kind
        node = run.plan.parameters[kind.nodeParameter] ?? ""
        actor = run.actor
        beganAt = run.beganAt
        endedAt = run.isUnfinished ? nil : run.lastAt
        let failed = zip(run.plan.steps, run.steps).filter { [.failed, .refused].contains($1) }.map(\.0.id)
        outcome = run.isUnfinished ? .unfinished : run.phase == .done && failed.isEmpty ? .passed : .failed
        problems = failed.map { "step \($0) failed" } + (outcome == .passed ? [] : [run.failure].compactMap(\.self))
        runs = [run.id]
    }

    /// The drill that an event tells the beginning of; nil: it is another event.
    package init?(_ event: AuditEvent) {
        guard event.event == DrillEvent.began.rawValue, let id = event.run,
            let kind = event.details["kind"]?.text.flatMap({ DrillKind(rawValue: $0) }),
            let node = event.details["node"]?.text
        else { return nil }
        self.id = id
        self.kind = kind
        self.node = node
        home = event.details["home"]?.text
        actor = event.actor
        beganAt = event.at
        outcome = .unfinished
    }

    /// Takes its runs and its end into account; other events are passed over.
    package mutating func apply(_ event: AuditEvent) {
        guard event.run == id else { return }
        if event.event == DrillEvent.leg.rawValue { runs += [event.details["run"]?.text].compactMap(\.self) }
        guard event.event == DrillEvent.ended.rawValue else { return }
        endedAt = event.at
        outcome = event.details["passed"] == .bool(true) ? .passed : .failed
        problems = Self.texts(event.details["problems"])
        runs = Self.texts(event.details["runs"])
        outage = event.details["rto_seconds"]?.number
        isAtLeast = event.details["rto_at_least"]?.bool ?? false
        lost = event.details["lost"]?.integer.map(Int.init)
    }

    private static func texts(_ value: AuditValue?) -> [String] {
        guard case .list(let list) = value else { return [] }
        return list.compactMap(\.text)
    }
}

extension RunDesk {
    /// The drills of the cluster, in the order in which they began.
    package func drills() throws(Failure) -> [DrillRecord] {
        var drills = try runs().compactMap(DrillRecord.init)
        var others: [DrillRecord] = []
        try forEachEvent(containing: "\"drill.") { event in
            if let drill = DrillRecord(event) { others.append(drill) }
            if let index = others.firstIndex(where: { $0.id == event.run }) { others[index].apply(event) }
        }
        drills += others
        return drills.sorted { $0.beganAt < $1.beganAt }
    }
}
