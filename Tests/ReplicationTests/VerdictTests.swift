import Replication
import Testing

@Suite struct VerdictTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var change: Change
        var severity: Severity
        var text: String
        var testDescription: String { change.testDescription }

        init(_ change: Change, _ severity: Severity, _ text: String) {
            (self.change, self.severity, self.text) = (change, severity, text)
        }
    }

    static let rows: [Row] = [
        Row(FindingTests.healthy, .ok, "DR ready: dr is 0 B, 0.0 s behind; losing the primary now would lose 0 B"),
        Row(
            Change("some lag") {
                LagTests.delay(&$0, received: 1 << 20, replayed: 17 << 20)
                $0.changeRow(of: "dr") { $0.replayLag = 0.4 }
            }, .warning,
            "DR ready: dr is 17.0 MB, 0.4 s behind; losing the primary now would lose 0 B; 1 warning below"),
        Row(
            Change("no time known") { LagTests.delay(&$0, replayed: 1 << 20, stamp: nil) }, .ok,
            "DR ready: dr is 1.00 MB, an unknown time behind; losing the primary now would lose 0 B"),
        Row(
            Change("field case 12: dr stopped streaming") {
                $0.disconnect("dr")
                LagTests.delay(&$0, received: 3 << 30, replayed: 3 << 30, stamp: nil)
            }, .critical, "DR NOT READY: standby \"dr\" is not streaming; 1 critical, 1 warning below"),
        Row(
            Change("dr is silent") { $0.silence("dr") }, .critical,
            "DR NOT READY: node \"dr\" gives no answer (connect_timeout)"),
        Row(
            Change("replica is silent") { $0.silence("replica", "refused") }, .critical,
            "DR ready: dr is 0 B, 0.0 s behind; losing the primary now would lose 0 B; 1 critical below"),
        Row(
            Change("whether dr has diverged can't be told") {
                AncestryTests.onTen(&$0)
                AncestryTests.place(&$0, control: 1, received: 1, at: 1)
                $0.change("replica") { $0.receiver?.receivedTimeline = Timeline(rawValue: 10) }
                $0.observe("primary") { $0.histories = [] }
            }, .warning,
            "DR NOT PROVEN READY: whether node \"dr\" is behind or has diverged could not be told"),
        Row(
            Change("the primary is silent") { $0.silence("primary") }, .critical,
            "PRIMARY NOT REACHED: primary \"primary\" gives no answer (connect_timeout); \"dr\" has most WAL of the"
                + " standbys that answered"),
        Row(
            Change("the primary is silent, and nobody receives from it") {
                $0.silence("primary")
                for name in ["dr", "replica"] { $0.change(name) { $0.receiver = nil } }
            }, .critical,
            "NO PRIMARY: primary \"primary\" gives no answer (connect_timeout); \"dr\" has most WAL of the standbys"
                + " that answered"),
        Row(
            Change("the primary refuses, and nobody receives from it") {
                $0.silence("primary", "too_many_clients", postmasterAlive: true)
                for name in ["dr", "replica"] { $0.change(name) { $0.receiver = nil } }
            }, .critical,
            "PRIMARY LIVES BUT REFUSES US: primary \"primary\" gives no answer (too_many_clients); \"dr\" has most"
                + " WAL of the standbys that answered"),
        Row(
            Change("everything is silent") {
                for name in ["primary", "dr", "replica"] { $0.silence(name, "refused") }
            }, .critical, "NO PRIMARY: primary \"primary\" gives no answer (refused)"),
        Row(
            Change("two primaries that nothing tells apart") {
                $0.promote("replica", to: 1)
                $0.disconnect("dr")
            }, .critical, "TWO PRIMARIES: primary and replica both take writes; 1 critical, 1 warning below"),
        Row(
            Change("two primaries on two timelines") {
                $0.promote("replica", to: 2)
                $0.change("dr") { $0.receiver?.receivedTimeline = Timeline(rawValue: 2) }
                $0.set("primary_slot_name", "", on: "dr")
            }, .critical, "TWO PRIMARIES: primary and replica both take writes; 1 critical below"),
        Row(
            Change("no node for disaster recovery") { $0.observe("dr") { $0.kind = .replica } }, .ok,
            "Standby ready: dr is 0 B, 0.0 s behind; losing the primary now would lose 0 B"),
        Row(
            Change("a primary alone") { $0.snapshot.nodes.removeLast(2) }, .ok, "primary \"primary\" has no standby"),
        Row(
            Change("a primary and a server for backups") {
                $0.snapshot.nodes.removeLast()
                $0.observe("dr") { $0.kind = .backup }
            }, .ok, "primary \"primary\" has no standby"),
        Row(
            Change("all others are primaries") {
                $0.promote("replica", to: 3)
                $0.promote("dr", to: 2)
            }, .critical, "TWO PRIMARIES: primary, dr and replica all take writes"),
    ]

    @Test("The cluster in one line", arguments: rows)
    func line(row: Row) {
        let verdict = row.change.cluster.report.verdict
        #expect(verdict.severity == row.severity)
        #expect(verdict.text == row.text)
    }

    @Test("The severity is that of the worst finding", arguments: FindingTests.rows)
    func worst(row: FindingRow) {
        let report = row.ill.cluster.report
        #expect(report.verdict.severity >= row.expected.severity)
        #expect(report.findings.allSatisfy { $0.severity <= report.verdict.severity })
    }

    @Test("Unknown is worse than ok and better than a proven warning")
    func severities() {
        #expect(Severity.allCases.sorted() == [.ok, .unknown, .warning, .critical])
    }
}
