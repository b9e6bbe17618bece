// What was proved.

extension Diagnosis.Text {
    static func drillOverdue(_ kind: DrillKind, _ age: Double?, _ limit: Double) -> Self {
        Self(
            age.map { "the last successful \(kind.rawValue) drill was \(Quantity.seconds($0)) ago" }
                ?? "there was no successful \(kind.rawValue) drill yet",
            detail: "One is wanted every \(Quantity.seconds(limit)).", hint: "Run: pgdr drill \(kind.rawValue)")
    }

    static func drillsUnknown(_ reason: String) -> Self {
        Self(
            "when the last drills were can't be told", detail: reason,
            hint: "Run sql/schema.sql on the primary; this pgdr's own, should an older one have been run.")
    }
}
