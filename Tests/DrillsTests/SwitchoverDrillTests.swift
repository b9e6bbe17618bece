import Audit
import Drills
import Essentials
import Replication
import RunbookEngine
import Testing

/// What is made of a drill's switchovers and of the looks at the cluster.
@Suite struct SwitchoverDrillTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var legs: [SwitchoverDrill.Leg.End]
        var troubled: DrillLook.Moment?
        var place: SwitchoverDrill.Place
        var problems: [String]

        init(
            _ text: String, _ legs: [SwitchoverDrill.Leg.End], troubled: DrillLook.Moment? = nil,
            _ place: SwitchoverDrill.Place, _ problems: [String]
        ) {
            testDescription = text
            self.legs = legs
            self.troubled = troubled
            self.place = place
            self.problems = problems
        }
    }

    @Test(arguments: [
        Row("there and back", [.moved(failed: []), .moved(failed: [])], .home, []),
        Row("a step failed", [.moved(failed: ["settle"]), .moved(failed: [])], .home, ["step settle of run 0 failed"]),
        Row("no write went through", [.notProven("no write"), .moved(failed: [])], .home, ["no write"]),
        Row("taken back", [.unmoved("no")], .home, ["no"]),
        Row("it stays there", [.moved(failed: []), .unmoved("no")], .away, ["no"]),
        Row("unfinished", [.partWay("cut")], .open, ["cut"]),
        Row("unfinished on the way back", [.moved(failed: []), .partWay("cut")], .open, ["cut"]),
        Row("cut off", [.moved(failed: [])], .away, ["it was cut off"]),
        Row("cut off at once", [], .home, ["it was cut off"]),
        Row("somebody else moved it", [.moved(failed: []), .moved(failed: [])], .away, []),
        Row(
            "something was wrong there", [.moved(failed: []), .moved(failed: [])], troubled: .between, .home,
            ["between: dr is silent"]),
    ])
    func ends(row: Row) {
        var drill = SwitchoverDrill(id: "d", cluster: "c", target: "dr", home: "primary")
        drill.looks = DrillLook.Moment.allCases.map { moment in
            DrillLook(moment, problems: moment == row.troubled ? ["dr is silent"] : [])
        }
        drill.legs = row.legs.enumerated().map { .init(run: "\($0)", end: $1) }
        #expect(drill.place == (row.place == .open ? .open : .unclear))
        drill.roles = RoleSurvey(primaries: [row.place == .home ? "primary" : "dr"], silent: [])
        #expect(drill.place == row.place)
        #expect(drill.problems == row.problems)
        #expect(drill.passed == (row.problems.isEmpty && row.place == .home))
        drill.repoints = [.init(run: "3", end: .unmoved("it does not answer"))]
        drill.troubles = ["no log"]
        #expect(drill.problems == insert("it does not answer", into: row) + ["no log"] && !drill.passed)
        #expect(drill.outage == nil && drill.lost == nil)
    }

    /// What a row's problems are with one more run's among them.
    private func insert(_ problem: String, into row: Row) -> [String] {
        var problems = row.problems
        let isLast = problems.last == "it was cut off"
        problems.insert(problem, at: isLast ? problems.count - 1 : problems.count)
        return problems
    }

    /// Milliseconds from commit to commit, which of them are kept, and whether that is within 500 ms and no loss.
    @Test(arguments: [
        (100, [1, 2], [String]()), (500, [1, 2], []),
        (501, [1, 2], ["clients waited for longer, or lost more, than the drill allows"]),
        (100, [1], ["clients waited for longer, or lost more, than the drill allows"]),
        (100, nil, ["what clients saw was not measured"]),
    ])
    func isJudgedByWhatClientsSaw(gap: Int, kept: [Int]?, problems: [String]) {
        var drill = SwitchoverDrill(id: "d", cluster: "c", target: "dr", home: "primary")
        drill.limits = .init(outage: .milliseconds(500), loss: 0)
        let good = measurement(gap: 100, kept: [1, 2])
        drill.legs = [
            .init(run: "1", end: .moved(failed: []), measurement: good),
            .init(run: "2", end: .moved(failed: []), measurement: measurement(gap: gap, kept: kept)),
        ]
        #expect(drill.problems == problems)
        #expect(drill.outage == .init(length: .milliseconds(gap)))
        #expect(drill.lost == kept.map { 2 - $0.count })
        // Of a way that was not measured nobody knows.
        drill.legs[0].measurement = nil
        #expect(drill.outage == .init(length: .milliseconds(gap), isAtLeast: true) && drill.lost == nil)
    }

    private func measurement(gap: Int, kept: [Int]?) -> ClientMeasurement {
        let commits = [0, gap].enumerated().map { index, at in
            WriteRecord.Commit(number: index + 1, sent: .zero, acknowledged: .milliseconds(at), server: 0)
        }
        return ClientMeasurement(
            path: "app", interval: .milliseconds(10), began: AuditTime(microseconds: 0),
            record: WriteRecord(run: "r", servers: ["a"], commits: commits, refusals: [], duration: .seconds(1)),
            servers: [AnsweringServer(node: "a")], runBegan: .zero, kept: kept.map { Set($0) })
    }

    // MARK: Looks

    private static func report(
        primary: String? = "primary", upstreams: [String: String] = [:],
        standbys: [String: String] = ["dr": "streaming", "replica": "streaming"],
        findings: [Finding] = []
    ) -> ClusterReport {
        let names = ["primary", "dr", "replica"]
        let silence = NodeSilence(reason: "other", detail: "", postmasterAlive: false)
        let nodes = names.map { ObservedNode(name: $0, kind: .replica, answer: .silent(silence)) }
        var report = assess(ClusterSnapshot(name: "c", at: Moment(rawValue: 0), nodes: nodes))
        report.primary = primary
        report.findings = findings
        for index in report.nodes.indices {
            let name = report.nodes[index].name
            if name == primary {
                report.nodes[index].role = RecoveryState.primary
                report.nodes[index].state = "in production"
            } else if let state = standbys[name] {
                report.nodes[index].role = RecoveryState.standby
                report.nodes[index].state = state
                report.nodes[index].upstream = upstreams[name]
            }
        }
        return report
    }

    private static let old = Finding(.warning, "replica", .replayPaused(behind: 1))
    private static let worse = Finding(.critical, nil, .noPrimary(silent: []))

    @Test func beforeItNothingIsCritical() {
        #expect(DrillLook(before: Self.report(findings: [Self.old])).problems == [])
        #expect(DrillLook(before: Self.report(findings: [Self.worse])).problems == [Self.worse.message])
        #expect(DrillLook(before: Self.report(primary: nil)).problems == ["there is no primary"])
    }

    @Test func afterwardsNothingIsWorse() {
        let before = Self.report(findings: [Self.old])
        func problems(_ report: ClusterReport) -> [String] {
            DrillLook(.between, report, primary: "dr", before: before).problems
        }
        let moved: [String: String] = ["primary": "streaming", "replica": "streaming"]
        #expect(problems(Self.report(primary: "dr", standbys: moved, findings: [Self.old])) == [])
        #expect(
            problems(Self.report(primary: "dr", standbys: moved, findings: [Self.worse])) == [Self.worse.message])
        #expect(
            problems(Self.report(primary: "dr", standbys: ["primary": "catchup"])) == [
                "primary is catchup instead of streaming", "replica is silent instead of streaming",
            ])
        #expect(
            problems(Self.report(primary: "primary")) == [
                "primary is the primary instead of dr", "primary is in production instead of streaming",
            ])
    }

    /// Which findings before and now are a problem, each a number of times; all are of node dr but those of the primary.
    @Test(arguments: [
        ([old], [old], 0), ([old], [old, old], 2), ([], [old], 1),
        ([old], [Finding(.critical, "replica", old.diagnosis)], 1),
        ([Finding(.critical, "replica", old.diagnosis)], [old], 0),
        // It goes with the role.
        ([Finding(.warning, "primary", old.diagnosis)], [Finding(.warning, "dr", old.diagnosis)], 0),
        // Whether a drill is due, and who is meant to follow whom while the role is away, says nothing.
        ([], [Finding(.warning, nil, .drillOverdue(.clone, age: nil, limit: 1))], 0),
        ([], [Finding(.warning, nil, .drillsUnknown(reason: ""))], 0),
        ([], [Finding(.warning, "replica", .wrongUpstream(expected: "primary", actual: "dr"))], 0),
    ])
    func whatIsWorseIsSaid(before: [Finding], now: [Finding], problems: Int) {
        let moved = ["primary": "streaming", "replica": "streaming"]
        let look = DrillLook(
            .between, Self.report(primary: "dr", standbys: moved, findings: now), primary: "dr",
            before: Self.report(findings: before))
        #expect(look.problems.count == problems, "\(look.problems)")
    }

    /// In the end everybody follows whom they followed; meanwhile they needn't.
    @Test func whoFollowedAnotherFollowsItAgain() {
        let before = Self.report(upstreams: ["dr": "primary", "replica": "dr"])
        let now = Self.report(upstreams: ["dr": "primary", "replica": "primary"])
        #expect(DrillLook(.between, now, primary: "primary", before: before).problems == [])
        #expect(
            DrillLook(.after, now, primary: "primary", before: before).problems == [
                "replica follows primary instead of dr"
            ])
        #expect(DrillLook(.after, before, primary: "primary", before: before).problems == [])
        let wrong = Finding(.warning, "replica", .wrongUpstream(expected: "dr", actual: "primary"))
        let found = Self.report(upstreams: ["dr": "primary", "replica": "dr"], findings: [wrong])
        #expect(DrillLook(.after, found, primary: "primary", before: before).problems == [wrong.message])
    }

    /// A node that did not stream before needn't.
    @Test func whoWasAwayMayStayAway() {
        let before = Self.report(standbys: ["dr": "streaming"])
        let now = Self.report(primary: "dr", standbys: ["primary": "streaming"])
        #expect(DrillLook(.after, now, primary: "dr", before: before).problems == [])
    }
}
