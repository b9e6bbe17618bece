import Audit
import Drills
import Essentials
import Testing

@testable import RunbookEngine
@testable import pgdr

/// What a client saw, for people and scripts.
struct ProbeOutputTests {
    private static func measurement(downAtEnd: Bool = false, runBegan: Duration? = nil) -> ClientMeasurement {
        let times = downAtEnd ? [5, 105] : [5, 105, 1405, 1505]
        let record = WriteRecord(
            run: "r", servers: ["a", "b"],
            commits: times.enumerated().map { index, time in
                WriteRecord.Commit(
                    number: index + 1, sent: .milliseconds(time - 1), acknowledged: .milliseconds(time),
                    server: index / 2)
            },
            refusals: [.init(number: 9, sent: .milliseconds(200), elapsed: .zero, server: 0, reason: "gone")],
            duration: .milliseconds(1600))
        return ClientMeasurement(
            path: "app", interval: .milliseconds(100), began: AuditTime(microseconds: 1_767_225_600_000_000),
            record: record,
            servers: [
                AnsweringServer(node: "nas-1", address: "10.0.0.5", port: 5432, timeline: 1),
                AnsweringServer(address: "10.0.0.6", port: 5432, timeline: 2),
            ], runBegan: runBegan, isDownAtEnd: downAtEnd, kept: downAtEnd ? nil : [1, 3, 4],
            errors: [ClientError(text: "gone"), ClientError(text: "it is a standby", count: 7)])
    }

    @Test func forPeople() {
        let report = ProbeReport(cluster: "shop", measurement: Self.measurement(), rto: .seconds(5), rpo: 0)
        #expect(report.status == 2)
        expect(
            report.text(style: Style(hasColours: false)),
            is: """
                Path "app": 4 commits acknowledged in 1.6 s
                  longest time without one  1.3 s
                  gaps                      1: 00:00:00.105 for 1.3 s
                  acknowledged and gone     1
                  sent, not acknowledged    1
                  answered by               nas-1 (10.0.0.5:5432), timeline 1: 00:00:00.005 to 00:00:00.105, 2 commits
                                            10.0.0.6:5432, timeline 2: 00:00:01.405 to 00:00:01.505, 2 commits
                  errors                    1 × gone
                                            7 × it is a standby
                Beyond the limits: RTO 5.0 s, RPO 0.
                """)
        let down = ProbeReport(cluster: "shop", measurement: Self.measurement(downAtEnd: true))
        #expect(down.status == 3)
        expect(
            down.text(style: Style(hasColours: false)),
            is: """
                Path "app": 2 commits acknowledged in 1.6 s
                  longest time without one  1.5 s at least: there was none at the end
                  gaps                      0
                  acknowledged and gone     not known: the primary could not be asked
                  sent, not acknowledged    1
                  answered by               nas-1 (10.0.0.5:5432), timeline 1: 00:00:00.005 to 00:00:00.105, 2 commits
                  errors                    1 × gone
                                            7 × it is a standby
                Not measured to the end.
                """)
    }

    @Test func forScripts() throws {
        let report = ProbeReport(cluster: "shop", measurement: Self.measurement(), rto: .seconds(5))
        #expect(report.status == 0)
        expect(
            try JSON.text(ProbeReportDocument(report), .oneLine),
            is: #"{"cluster":"shop","probe":{"acknowledged":4,"began_at":"2026-01-01T00:00:00.000000Z","#
                + #""duration_seconds":1.6,"errors":[{"count":1,"text":"gone"},{"count":7,"text":"it is a standby"}],"#
                + #""gaps":[{"began_at":"2026-01-01T00:00:00.105000Z","seconds":1.3}],"interval_seconds":0.1,"lost":1,"#
                + #""not_read_back":0,"path":"app","proven":null,"rto_at_least":false,"rto_seconds":1.3,"#
                + #""servers":[{"address":"10.0.0.5","commits":2,"first_at":"2026-01-01T00:00:00.005000Z","#
                + #""last_at":"2026-01-01T00:00:00.105000Z","node":"nas-1","port":5432,"timeline":1},"#
                + #"{"address":"10.0.0.6","commits":2,"first_at":"2026-01-01T00:00:01.405000Z","#
                + #""last_at":"2026-01-01T00:00:01.505000Z","node":null,"port":5432,"timeline":2}],"unacknowledged":1},"#
                + #""rpo_limit":null,"rto_limit_seconds":5,"schema":1,"verdict":"within"}"#)
    }

    /// A run that was done, and whose role change nobody saw, is not done well.
    @Test func aRunIsJudged() throws {
        let plan = Plan(
            runbook: "switchover", title: "Switch", cluster: "shop", parameters: [:], answers: [:], requirements: [],
            steps: [])
        var ending = RunEnding(id: "r1", plan: plan, outcome: .done(failed: []))
        let seen = Self.measurement(runBegan: .milliseconds(50))
        ending.probe = ProbedRun(measurement: seen, doubt: seen.doubt(promotes: true))
        #expect(ending.status == 0)
        #expect(ending.text.hasPrefix("Done: Switch (run r1).\nPath \"app\": 4 commits acknowledged in 1.6 s\n"))
        #expect(try JSON.text(RunDocument(ending), .oneLine).contains(#""proven":true,"#))
        let down = Self.measurement(downAtEnd: true, runBegan: .milliseconds(50))
        ending.probe = ProbedRun(measurement: down, doubt: down.doubt(promotes: true))
        #expect(ending.status == 3)
        #expect(
            ending.text.hasPrefix(
                """
                Done: Switch (run r1).
                ERROR: the role change is not proven: no write went through path "app" after it
                DETAIL: The last attempt: it is a standby
                HINT: Lead the path to the new primary, then try it: pgdr drill probe --path app
                Path "app": 2 commits
                """), "\(ending.text)")
        let document = try JSON.text(RunDocument(ending), .oneLine)
        #expect(document.contains(#""failure":{"code":"not_proven""#) && document.contains(#""outcome":"done""#))
        #expect(document.contains(#""proven":false,"#))
        ending.outcome = .undone(Failure(.timeout, "too late"))
        #expect(ending.status == 2 && ending.failure?.code == .timeout)
    }
}
