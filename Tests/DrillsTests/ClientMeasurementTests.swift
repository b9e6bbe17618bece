import Audit
import Drills
import Essentials
import Testing

/// What follows from what a client saw.
@Suite struct ClientMeasurementTests {
    /// Commits by the moments of their acknowledgement in milliseconds, and what else was seen.
    struct Row: Sendable {
        var times: [Int]
        var downAtStart = false
        var downAtEnd = false
        var kept: Set<Int>?
        var runBegan: Int?
        /// The longest time without a commit in milliseconds; negative: at least that.
        var outage: Int?
        var lost: [Int]?
    }

    /// A probe of 100 ms that ended after 1000 ms; its commits are numbered from 1.
    private static func measurement(_ row: Row) -> ClientMeasurement {
        measurement(
            row.times.map { (0, $0) }, [AnsweringServer(node: "a", timeline: 1)], downAtStart: row.downAtStart,
            downAtEnd: row.downAtEnd, kept: row.kept, runBegan: row.runBegan)
    }

    /// The same, of each commit the server's place and the moment.
    private static func measurement(
        _ commits: [(server: Int, at: Int)], _ servers: [AnsweringServer], downAtStart: Bool = false,
        downAtEnd: Bool = false, kept: Set<Int>? = [], runBegan: Int? = nil, refused: [Int] = [],
        errors: [ClientError] = []
    ) -> ClientMeasurement {
        let record = WriteRecord(
            run: "r", servers: servers.map(\.text),
            commits: commits.enumerated().map { index, commit in
                WriteRecord.Commit(
                    number: index + 1, sent: .milliseconds(commit.at - 1), acknowledged: .milliseconds(commit.at),
                    server: commit.server)
            },
            refusals: refused.map { number in
                WriteRecord.Refusal(number: number, sent: .zero, elapsed: .zero, server: 0, reason: "gone")
            }, duration: .milliseconds(1000))
        return ClientMeasurement(
            path: "app", interval: .milliseconds(100), began: AuditTime(microseconds: 1_767_225_600_000_000),
            record: record, servers: servers, runBegan: runBegan.map { .milliseconds($0) }, failedFirst: downAtStart,
            isDownAtEnd: downAtEnd, kept: kept, errors: errors)
    }

    @Test(arguments: [
        Row(times: [], kept: []),
        Row(times: [5], kept: [1], lost: []),
        Row(times: [5, 105, 205], kept: [1, 2, 3], outage: 100, lost: []),
        Row(times: [5, 105, 605, 705], kept: [1, 3, 4], outage: 500, lost: [2]),
        // What is there and was never acknowledged is no gain.
        Row(times: [5, 105], kept: [1, 2, 77], outage: 100, lost: []),
        // The outage at an end was longer than what was seen of it.
        Row(times: [700, 800], downAtStart: true, kept: [1, 2], outage: -700, lost: []),
        Row(times: [5, 105], downAtEnd: true, outage: -895),
        Row(times: [50, 650, 750], downAtStart: true, kept: [1, 2, 3], outage: -600, lost: []),
        Row(times: [5, 605, 705], downAtEnd: true, kept: nil, outage: -600),
        // A commit that came only after the run began says nothing of what the run lost.
        Row(times: [605, 705], downAtStart: true, kept: [1, 2], runBegan: 10, outage: -605),
        // The first attempt may have hung at a host that is gone, and have gone through elsewhere without an error.
        Row(times: [605, 705], kept: [1, 2], runBegan: 10, outage: -605),
        Row(times: [5, 605], kept: [2], runBegan: 10, outage: 600, lost: [1]),
    ])
    func outagesAndLosses(row: Row) {
        let measurement = Self.measurement(row)
        let outage = row.outage.map {
            ClientMeasurement.Outage(length: .milliseconds(abs($0)), isAtLeast: $0 < 0)
        }
        #expect(measurement.longestOutage == outage)
        #expect(measurement.lost == row.lost)
    }

    @Test func aCommitInFlightIsNeitherAcknowledgedNorLost() {
        let servers = [AnsweringServer(node: "a")]
        let measurement = Self.measurement([(0, 5), (0, 105)], servers, kept: [1], refused: [3])
        #expect(measurement.lost == [2])
        #expect(measurement.record.commits.map(\.number) == [1, 2])
    }

    @Test(
        arguments: [
            (Row(times: [5, 105], kept: [1, 2]), nil, nil, ClientVerdict.within),
            (Row(times: [5, 105], kept: [1, 2]), 100, 0, .within),
            (Row(times: [5, 106], kept: [1, 2]), 100, nil, .exceeded),
            (Row(times: [5, 105], kept: [2]), nil, 0, .exceeded), (Row(times: [5, 105], kept: [2]), nil, 1, .within),
            (Row(times: [], kept: []), nil, nil, .notMeasured), (Row(times: [5], kept: [1]), nil, nil, .notMeasured),
            (Row(times: [5, 105], kept: nil), nil, nil, .notMeasured),
            // Longer than the limit already, however long it was in truth.
            (Row(times: [5, 105], downAtEnd: true), 800, nil, .exceeded),
            (Row(times: [5, 105], downAtEnd: true), 900, nil, .notMeasured),
            (Row(times: [5, 105], downAtEnd: true), nil, nil, .notMeasured),
            (Row(times: [500, 600], downAtStart: true, kept: [1, 2]), 600, nil, .notMeasured),
            (Row(times: [500, 600], downAtStart: true, kept: [1, 2]), nil, 0, .within),
        ] as [(Row, Int?, Int?, ClientVerdict)])
    func verdicts(row: Row, outage: Int?, loss: Int?, verdict: ClientVerdict) {
        let measurement = Self.measurement(row)
        #expect(measurement.verdict(outage: outage.map { .milliseconds($0) }, loss: loss) == verdict)
    }

    private static let old = AnsweringServer(node: "a", address: "10.0.0.1", port: 5432, timeline: 1)
    private static let new = AnsweringServer(address: "fd00::2", port: 6432, timeline: 2)

    @Test func whoAnsweredWhen() {
        let measurement = Self.measurement(
            [(0, 5), (0, 105), (1, 500), (0, 600), (0, 700)], [Self.old, Self.new], kept: [])
        let stretches = measurement.stretches
        #expect(stretches.map(\.server) == [Self.old, Self.new, Self.old])
        #expect(stretches.map(\.commits) == [2, 1, 2])
        #expect(stretches.map(\.first) == [.milliseconds(5), .milliseconds(500), .milliseconds(600)])
        #expect(stretches.map(\.last) == [.milliseconds(105), .milliseconds(500), .milliseconds(700)])
        #expect(measurement.gaps.map(\.length) == [.milliseconds(395)])
        #expect(measurement.time(at: .milliseconds(1500)).text == "2026-01-01T00:00:01.500000Z")
    }

    @Test(arguments: [
        (old, "a (10.0.0.1:5432), timeline 1"), (new, "[fd00::2]:6432, timeline 2"),
        (AnsweringServer(node: "a"), "a"), (AnsweringServer(), "a server on a Unix socket"),
    ]) func serversByTheirNames(server: AnsweringServer, text: String) { #expect(server.text == text) }

    @Test func onlyAWriteThroughThePathToTheNewPrimaryProvesAChange() {
        let change = Self.measurement([(0, 5), (1, 600)], [Self.old, Self.new], runBegan: 10)
        #expect(change.doubt(promotes: true) == nil)
        #expect(change.doubt(promotes: true, replacing: 1) == nil)
        let stale = Self.measurement([(0, 5), (0, 600)], [Self.old], runBegan: 10)
        let doubt = stale.doubt(promotes: true)
        #expect(
            doubt?.message == "the role change is not proven: path \"app\" still leads to the old primary")
        #expect(doubt?.detail == "The last write was acknowledged by a (10.0.0.1:5432), timeline 1.")
        #expect(stale.doubt(promotes: false) == nil)
        // Of a failover the decision tells which timeline ends: no client may have written before.
        let late = Self.measurement([(0, 600)], [Self.old], downAtStart: true, runBegan: 10)
        #expect(late.doubt(promotes: true) == nil)
        #expect(late.doubt(promotes: true, replacing: 1)?.code == .notProven)
        let down = Self.measurement(
            [(0, 5)], [Self.old], downAtEnd: true, runBegan: 10,
            errors: [ClientError(text: "first"), ClientError(text: "it is a standby", count: 3)])
        let silence = down.doubt(promotes: true)
        #expect(
            silence?.message == "the role change is not proven: no write went through path \"app\" after it")
        #expect(silence?.detail == "The last attempt: it is a standby")
        #expect(silence?.hint?.hasSuffix("pgdr drill probe --path app") == true)
    }

    @Test func theAuditLogTellsWhatWasMeasured() {
        let change = Self.measurement([(0, 5), (1, 605)], [Self.old, Self.new], kept: [2], runBegan: 10)
        let writes: [AuditValue] = (0..<200).map { [1, 121].contains($0) ? 1 : 0 }
        #expect(
            change.summary(doubt: nil).auditDetails == [
                "path": "app", "proven": true, "doubt": nil, "rto_seconds": .number(0.6), "rto_at_least": false,
                "acknowledged": 2, "unacknowledged": 0, "lost": 1, "first_server": "a (10.0.0.1:5432), timeline 1",
                "last_server": "[fd00::2]:6432, timeline 2", "began_at": "2026-01-01T00:00:00.000000Z",
                "duration_seconds": .number(1),
                "gaps": [["at": .number(0.005), "seconds": .number(0.6), "at_least": false]],
                "gap_threshold_seconds": .number(0.2), "role_changes": 1,
                "writes": ["bucket_seconds": .number(0.005), "commits": .list(writes)],
                "lag": ["at_seconds": [], "replay_bytes": [:]], "errors": [],
            ])
        let nothing = Self.measurement(
            [], [], downAtEnd: true, kept: nil, runBegan: 10, errors: [ClientError(text: "gone", count: 2)])
        let details = nothing.summary(doubt: nothing.doubt(promotes: true)).auditDetails
        #expect(details["proven"] == false && details["rto_seconds"] == .null && details["lost"] == .null)
        #expect(details["doubt"]?["detail"] == "The last attempt: gone" && details["first_server"] == .null)
        #expect(details["errors"] == [["text": "gone", "count": 2]])
    }
}
