package import Audit
package import Essentials

/// A check of the estate as the audit log keeps it.
package struct EstateRun: Sendable, Equatable {
    /// When it was written, RFC 3339.
    package var at: String
    /// The categories that it was about, sorted; empty: all.
    package var only: [String]
    /// How many parts passed, failed and were left out.
    package var tally: EstateTally
    /// The names of those that failed, in the configuration's order.
    package var failed: [String]

    /// A run by its parts.
    package init(at: String, only: [String], tally: EstateTally, failed: [String]) {
        self.at = at
        self.only = only
        self.tally = tally
        self.failed = failed
    }

    private static let event = "estate.checked"

    /// What is written to the audit log of a check: counts and names.
    package static func entry(_ results: [EstateResult], only: [String], took: Double) -> AuditEntry {
        let tally = EstateTally(results)
        return AuditEntry(
            event,
            details: [
                "only": .list(only.sorted().map(AuditValue.text)), "total": .integer(Int64(tally.total)),
                "passed": .integer(Int64(tally.passed)), "failed": .integer(Int64(tally.failed)),
                "skipped": .integer(Int64(tally.skipped)),
                "failures": .list(results.filter { $0.outcome == .fail }.map { .text($0.name) }),
                "took_ms": .integer(Int64((took * 1000).rounded())),
            ])
    }

    /// The run that an event tells of; nil when it is another event.
    package init?(_ event: AuditEvent) {
        guard event.event == Self.event, let passed = event.details["passed"]?.integer,
            let failed = event.details["failed"]?.integer, let skipped = event.details["skipped"]?.integer,
            case .list(let failures) = event.details["failures"], case .list(let only) = event.details["only"]
        else { return nil }
        self.init(
            at: event.at, only: only.compactMap(\.text),
            tally: EstateTally(passed: Int(passed), failed: Int(failed), skipped: Int(skipped)),
            failed: failures.compactMap(\.text))
    }

    /// The newest run of the same categories in an audit log; nil when there is none, or no log.
    /// - Throws: `audit` when the log can't be read.
    package static func newest(of only: [String], in directory: String) throws(Failure) -> EstateRun? {
        let only = only.sorted()
        return try AuditReader.newest(event, in: directory) { EstateRun($0)?.only == only }.flatMap { EstateRun($0) }
    }
}

/// What changed from one check to the next.
package struct EstateComparison: Sendable, Equatable {
    /// The check before.
    package var previous: EstateRun
    /// What failed now and not before.
    package var newlyFailed: [String]
    /// What failed before and passed now.
    package var recovered: [String]
    /// What failed both times.
    package var stillFailed: [String]
    /// What failed before, and was left out now or is no longer declared.
    package var notChecked: [String]

    /// Compares results with the check before.
    package init(_ results: [EstateResult], with previous: EstateRun) {
        let before = Set(previous.failed)
        let outcomes = Dictionary(results.map { ($0.name, $0.outcome) }) { first, _ in first }
        self.previous = previous
        let failed = results.filter { $0.outcome == .fail }.map(\.name)
        newlyFailed = failed.filter { !before.contains($0) }
        stillFailed = failed.filter { before.contains($0) }
        recovered = previous.failed.filter { outcomes[$0] == .pass }
        notChecked = previous.failed.filter { outcomes[$0] == nil || outcomes[$0] == .skip }
    }

    /// Each kind of change with its names, as a line says it; those without names are left out.
    package var lines: [String] {
        let groups = [
            ("newly failed", newlyFailed), ("recovered", recovered), ("still failing", stillFailed),
            ("failed before, not checked now", notChecked),
        ]
        let lines = groups.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.joined(separator: ", "))" }
        return lines.isEmpty ? ["nothing failed then or now"] : lines
    }
}
