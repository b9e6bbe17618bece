import Essentials
import Testing

@testable import Audit
@testable import Drills

/// What the audit log keeps of a probe.
@Suite struct ProbeSummaryTests {
    @Test(arguments: [RunStories.probe(), RunStories.probe(lost: nil, doubt: "not proven")])
    func isReadAsItWasWritten(summary: ProbeSummary) throws {
        #expect(ProbeSummary(summary.auditDetails) == summary)
    }

    @Test func whatAnEarlierVersionWrote() throws {
        let summary = try #require(
            ProbeSummary([
                "path": "app", "proven": true, "rto_seconds": 1, "rto_at_least": false, "acknowledged": 9, "lost": nil,
                "first_server": nil, "last_server": "b",
            ]))
        #expect(summary.outage == 1 && summary.lost == nil && summary.lastServer == "b" && summary.isProven == true)
        #expect(summary.began == nil && summary.writes == nil && summary.gaps.isEmpty && summary.lag.nodes.isEmpty)
        #expect(ProbeSummary(["path": "app"]) == nil)
    }

    /// A probe that ran for long keeps its worst gaps and no more points than a picture has room for.
    @Test func isBounded() {
        // Each hundredth pause is longer than the one before.
        let times: [Duration] = (0..<3000).map { index in
            let pauses = index / 100
            return .milliseconds(index * 100 + pauses * pauses * 50)
        }
        let record = WriteRecord(
            run: "r", servers: ["a"],
            commits: times.enumerated().map { index, time in
                WriteRecord.Commit(number: index, sent: time, acknowledged: time, server: 0)
            }, refusals: [],
            duration: (times.last ?? .zero) + .seconds(2))
        var lag = LagSeries(nodes: ["a", "b"])
        for index in 0..<5000 { lag.add(.init(at: Double(index), bytes: [index == 7 ? 999 : UInt64(index % 3), nil])) }
        let measurement = ClientMeasurement(
            path: "app", interval: .milliseconds(100), began: AuditTime(microseconds: 0), record: record,
            servers: [AnsweringServer(node: "a")], isDownAtEnd: true, lag: lag)
        let summary = measurement.summary(doubt: nil)
        #expect(summary.gaps.count == 20 && summary.gaps.last?.isAtLeast == true)
        #expect(summary.gaps.map(\.began) == summary.gaps.map(\.began).sorted())
        #expect(summary.writes?.commits.count ?? 0 <= 200 && summary.writes?.commits.reduce(0, +) == 3000)
        let series = summary.lag
        #expect(series.nodes == ["a"] && (100...200).contains(series.samples.count))
        #expect(series.samples.compactMap { $0.bytes[0] }.max() == 999)
        #expect(series.samples.map(\.at) == series.samples.map(\.at).sorted())
    }
}
