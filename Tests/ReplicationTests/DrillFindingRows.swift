import Replication

extension FindingTests {
    /// A cluster that tells when its last drills were; a snapshot drill is wanted every ten seconds.
    private static func told(_ text: String, _ reading: DrillReading) -> Change {
        Change(text) {
            $0.thresholds.drillAge = [.snapshot: 10]
            $0.snapshot.drills = reading
        }
    }

    static let drills: [FindingRow] = [
        FindingRow(
            "drill_overdue", .warning, nil, .drillOverdue(.snapshot, age: 11, limit: 10),
            told("it was 11 s ago", .told([.snapshot: 11, .clone: 1])),
            butNot: told("it was 10 s ago", .told([.snapshot: 10, .clone: 99]))),
        FindingRow(
            "drill_overdue", .warning, nil, .drillOverdue(.snapshot, age: nil, limit: 10),
            told("there was none of that kind", .told([.switchover: 1])),
            butNot: Change("nobody wants one") { $0.snapshot.drills = .told([:]) }),
        FindingRow(
            "drills_unknown", .warning, nil, .drillsUnknown(reason: "no table"),
            told("it doesn't tell", .untold("no table")), butNot: told("it tells", .told([.snapshot: 0]))),
    ]
}
