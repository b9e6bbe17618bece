import Replication
import Testing

/// A change of the healthy cluster that must lead to a finding, and its neighbour that must not.
struct FindingRow: Sendable, CustomTestStringConvertible {
    var code: String
    var expected: Finding
    var ill: Change
    var well: Change
    var testDescription: String { "\(code): \(ill.testDescription)" }

    init(
        _ code: String, _ severity: Severity, _ node: String?, _ diagnosis: Diagnosis, _ ill: Change,
        butNot well: Change
    ) {
        self.code = code
        self.expected = Finding(severity, node, diagnosis)
        self.ill = ill
        self.well = well
    }
}

@Suite struct FindingTests {
    static let rows = membership + following + replay + slots + servers + drills

    @Test("Nothing is found in a healthy cluster")
    func healthy() {
        #expect(Cluster.healthy.findings == [])
    }

    @Test("What is wrong is found, with its evidence", arguments: rows)
    func finds(row: FindingRow) throws {
        let found = row.ill.cluster.findings
        #expect(found.contains(row.expected), "\(found)")
        #expect(found.count { $0.code == row.code && $0.node == row.expected.node } == 1)
        #expect(row.expected.code == row.code)
    }

    @Test("Its healthy neighbour is left alone", arguments: rows)
    func leavesAlone(row: FindingRow) {
        let found = row.well.cluster.findings.filter { $0.code == row.code && $0.node == row.expected.node }
        #expect(found == [], "\(row.well.testDescription)")
    }

    @Test("Every diagnosis has a row, and its name is the one that scripts know")
    func complete() {
        let names: Set = [
            "primary_unreachable", "no_primary", "two_primaries", "node_unreachable", "role_differs_from_kind",
            "same_server", "system_identifier_differs", "version_mismatch", "diverged_timeline", "timeline_ahead",
            "timelines_not_comparable", "not_streaming", "wrong_upstream", "unknown_upstream", "upstream_cycle",
            "replay_paused", "replay_paused_by_target", "replay_paused_by_parameters", "replay_waits_for_query",
            "delayed_standby", "lag_bytes", "lag_seconds", "slot_inactive", "slot_unreserved", "slot_lost",
            "slot_missing", "retained_wal", "slot_holds_vacuum", "logical_slot_lost_on_failover", "archiver_failing",
            "archiver_stuck", "synchronous_commit_waits", "wal_level_unfit", "too_few_wal_senders", "hot_standby_off",
            "rewind_impossible", "parameters_lower", "connections_near_limit", "not_monitor", "clock_offset",
            "drill_overdue", "drills_unknown",
        ]
        #expect(names.count == 42)
        #expect(Set(Self.rows.map(\.expected.code)) == names)
    }

    @Test("Each says in one line what is wrong with which node", arguments: rows)
    func words(row: FindingRow) {
        let message = row.expected.message
        #expect(!message.isEmpty && !message.contains("\n") && !message.hasSuffix("."))
        if let node = row.expected.node {
            #expect(message.contains(node) || row.expected.detail?.contains(node) == true)
        }
        #expect(row.expected.detail != "")
        #expect(row.expected.hint != "")
        // What needs to be done is said wherever something is wrong.
        #expect(row.expected.severity == .ok || row.expected.hint != nil)
    }

    @Test("The worst comes first, then the order of the configuration")
    func order() {
        var cluster = Cluster.healthy
        cluster.set("recovery_min_apply_delay", "60000", on: "dr")
        cluster.change("primary") { $0.monitor = false }
        cluster.silence("replica")
        cluster.set("hot_standby", "off", on: "dr")
        let found = cluster.findings
        #expect(found.first?.code == "node_unreachable")
        #expect(found.map(\.severity) == found.map(\.severity).sorted(by: >))
        #expect(found.filter { $0.severity == .warning }.map(\.node) == ["primary", "dr"])
        #expect(found.last?.code == "delayed_standby")
    }
}

extension FindingTests {
    static let healthy = Change("a healthy cluster") { _ in }

    static func silence(_ reason: String = "connect_timeout", postmasterAlive: Bool = false) -> NodeSilence {
        NodeSilence(reason: reason, detail: "no luck", postmasterAlive: postmasterAlive)
    }

    static func silent(_ name: String) -> Change { Change("\(name) is silent") { $0.silence(name) } }

    static func setting(_ name: String, _ value: String, on node: String) -> Change {
        Change("\(name) = \(value) on \(node)") { $0.set(name, value, on: node) }
    }
}
