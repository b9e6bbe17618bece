internal import Audit
internal import Essentials

/// A run on its way: its record, and what of it isn't in the log yet.
struct Course {
    var record: RunRecord
    private var unwritten: [AuditEntry] = []

    var plan: Plan { record.plan }

    init(_ record: RunRecord) { self.record = record }

    mutating func note(_ event: RunEvent, step: Int? = nil, details: [String: AuditValue] = [:]) {
        var details = details
        if let step { details["step"] = .text(plan.steps[step].id) }
        unwritten.append(
            AuditEntry(
                event.rawValue, cluster: plan.cluster, run: record.id, node: step.flatMap { plan.steps[$0].node },
                details: .object(details)))
        record.apply(event, step: step)
    }

    /// What ended is written together with what begins next: should the process end before, the step is looked at
    /// again, and found done.
    mutating func write(to log: AuditLog) throws(Failure) {
        guard !unwritten.isEmpty else { return }
        try log.append(unwritten)
        unwritten = []
    }
}
