import Audit
import Essentials
import Observation
import Replication
import Testing

@testable import pgdr

struct AuditOutputTests {
    private static let hash = String(repeating: "a", count: 64)

    private func line(_ event: String, _ rest: String = #""run":null,"event":"#, details: String = "{}") -> AuditLine {
        let start = #"{"seq":1,"at":"2026-01-02T03:04:05.678901Z","actor":"root (sudo by ann)","host":"h","cluster":"#
        return AuditLine(
            text: start
                + "\"main\",\(rest)\"\(event)\",\"node\":\"dr\",\"details\":\(details),\"prev\":\"\(Self.hash)\"}",
            file: "audit-000001.jsonl", number: 7)
    }

    @Test func eventsForPeople() {
        var table = AuditTable(style: Style(hasColours: false))
        let lines = [
            line("run.started", #""run":"r-1","event":"#, details: #"{"runbook":"switchover","to":"dr"}"#),
            line("step.started", details: #"{"argv":["a b","c"],"n":3,"x":null,"text":"one\ntwo\u001b[2J"}"#),
            AuditLine(text: "hello", file: "audit-000001.jsonl", number: 9),
        ]
        expect(
            table.text(lines),
            is: #"""
                TIME                      ACTOR               RUN  EVENT         NODE  DETAILS
                2026-01-02T03:04:05.678Z  root (sudo by ann)  r-1  run.started   dr    cluster=main runbook=switchover to=dr
                2026-01-02T03:04:05.678Z  root (sudo by ann)       step.started  dr    cluster=main argv=["a b","c"] n=3 text=one\u000atwo\u001b[2J x=null
                ?                                                                      line 9 of audit-000001.jsonl is no event
                """#)
        // What comes later has the same columns, and no titles.
        expect(
            table.text([line("a")]),
            is: """
                2026-01-02T03:04:05.678Z  root (sudo by ann)       a             dr    cluster=main
                """)
        #expect(table.text([]) == "")
    }

    @Test func longDetailsAreCut() {
        var table = AuditTable(style: Style(hasColours: false))
        let text = table.text([line("a", details: "{\"text\":\"\(String(repeating: "x", count: 5000))\"}")])
        #expect(text.hasSuffix("xxx…"))
        #expect(text.count < 700)
    }

    @Test(arguments: [
        ("plain", "plain"), ("é🐘", "é🐘"), ("a\u{1B}[31m", #"a\u001b[31m"#), ("\u{9B}1m", #"\u009b1m"#),
        ("\u{202E}x", #"\u202ex"#), ("a\tb\r\n", #"a\u0009b\u000d\u000a"#), ("\u{7F}", #"\u007f"#), ("", ""),
    ]) func noTextControlsATerminal(text: String, shown: String) { #expect(printable(text) == shown) }

    @Test(arguments: [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z"),
        ("2026-01-02T03:04:05.25Z", "2026-01-02T03:04:05.250000Z"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000000Z"),
    ]) func momentsOfThePast(argument: String, text: String) {
        #expect(PastMoment(argument: argument)?.time.text == text)
    }

    @Test(arguments: [("2h", 7200.0), ("30min", 1800), ("10", 10), ("1.5h", 5400)])
    func spansBeforeNow(argument: String, seconds: Double) throws {
        let time = try #require(PastMoment(argument: argument)?.time)
        let ago = Double(AuditTime.now.microseconds - time.microseconds) / 1e6
        #expect(ago >= seconds && ago < seconds + 10)
    }

    @Test(arguments: ["", "yesterday", "-2h", "2026-01-02", "2026-13-02T03:04:05Z", "2026-01-02T03:04:05"])
    func noMoments(argument: String) { #expect(PastMoment(argument: argument) == nil) }

    // MARK: Verification

    private func report(
        count: UInt64 = 12, files: Int = 1, problem: AuditProblem? = nil, anchors: [CheckedAnchor] = [],
        given: [AuditHead] = [], stored: [StoredAnchors] = []
    ) -> AuditReport {
        AuditReport(
            directory: "/var/log/pgdr", observer: "h:/var/log/pgdr", given: given, stored: stored,
            verification: AuditVerification(
                count: count, head: AuditHead(seq: count, hash: Self.hash), files: files, problem: problem,
                anchors: anchors))
    }

    private func text(_ report: AuditReport) -> String {
        AuditVerificationText(style: Style(hasColours: false)).text(report)
    }

    private func checked(_ seq: UInt64, _ outcome: CheckedAnchor.Outcome) -> CheckedAnchor {
        CheckedAnchor(anchor: AuditHead(seq: seq, hash: Self.hash), outcome: outcome)
    }

    @Test func anIntactLog() {
        expect(
            text(report()),
            is: """
                intact: 12 events in 1 file in /var/log/pgdr
                head     12:\(Self.hash)
                anchors  none
                """)
        expect(
            text(report(count: 1, files: 2, anchors: [checked(1, .matches)])),
            is: """
                intact: 1 event in 2 files in /var/log/pgdr
                head     1:\(Self.hash)
                anchors  1 matches
                """)
        let stored = StoredAnchors(
            cluster: "main", anchors: [], nodes: ["dr"],
            problems: [StoredAnchors.Problem(node: "primary", text: "Connection refused")])
        expect(
            text(report(anchors: [checked(3, .matches), checked(9, .matches)], stored: [stored])),
            is: """
                intact: 12 events in 1 file in /var/log/pgdr
                head     12:\(Self.hash)
                anchors  2 match; no anchor is newer than event 9
                         main: node "primary" could not be asked: Connection refused
                """)
        #expect(text(report(stored: [stored])).contains("anchors  none of h:/var/log/pgdr in the cluster\n"))
        expect(
            text(report(count: 0, files: 0)),
            is: """
                intact: no events in /var/log/pgdr
                anchors  none
                """)
    }

    @Test func aLogThatWasTamperedWith() {
        let problem = AuditProblem(
            kind: .edited, file: "audit-000001.jsonl", line: 13, seq: 13, text: "Its SHA-256 is another one.")
        let broken = report(problem: problem, anchors: [checked(3, .matches), checked(20, .unknown)])
        expect(
            text(broken),
            is: """
                TAMPERED: edited: line 13 of /var/log/pgdr/audit-000001.jsonl, event 13
                  Its SHA-256 is another one.
                  The 12 events before it hold together.
                head     12:\(Self.hash)
                anchors  1 matches, 1 behind the break, not checked
                """)
        #expect(broken.severity == .critical)
        let cut = AuditProblem(kind: .truncated, file: "audit-000001.jsonl", line: 2, seq: 2, text: "Lines are gone.")
        #expect(
            text(report(count: 1, problem: cut, anchors: [checked(9, .missing)])).contains(
                "anchors  1 beyond the end of the log"))
    }

    @Test func aLogWithATornLine() {
        let problem = AuditProblem(kind: .torn, file: "audit-000001.jsonl", line: 2, seq: 2, text: "It was cut.")
        let torn = report(count: 1, problem: problem)
        expect(
            text(torn),
            is: """
                INCOMPLETE: line 2 of /var/log/pgdr/audit-000001.jsonl, event 2
                  It was cut.
                  The event before it holds.
                head     1:\(Self.hash)
                anchors  none
                """)
        #expect(torn.severity == .warning)
    }

    @Test func aVerificationForScripts() throws {
        let anchor = AuditHead(seq: 20, hash: Self.hash)
        let stored = StoredAnchors(
            cluster: "main", anchors: [StoredAnchor(seq: 20, hash: Self.hash)], nodes: ["dr"],
            problems: [StoredAnchors.Problem(node: "primary", text: "refused")])
        let problem = AuditProblem(kind: .truncated, file: "audit-000001.jsonl", line: 13, seq: 13, text: "Gone.")
        let broken = report(problem: problem, anchors: [checked(20, .missing)], stored: [stored])
        expect(
            try JSON.text(AuditVerificationDocument(broken), .oneLine),
            is: """
                {"anchors":[{"cluster":"main","hash":"\(Self.hash)","outcome":"missing","seq":20}],\
                "clusters":[{"name":"main","nodes":["dr"],"problems":[{"message":"refused","node":"primary"}]}],\
                "count":12,"directory":"/var/log/pgdr","files":1,"head":{"hash":"\(Self.hash)","seq":12},\
                "observer":"h:/var/log/pgdr","problem":{"file":"audit-000001.jsonl","kind":"truncated","line":13,\
                "message":"Gone.","seq":13},"schema":1,"verdict":"tampered"}
                """)
        let whole = report(anchors: [checked(20, .matches)], given: [anchor], stored: [stored])
        let document = try JSON.text(AuditVerificationDocument(whole), .oneLine)
        #expect(document.contains("\"cluster\":null") && document.contains("\"problem\":null"))
        #expect(document.contains("\"verdict\":\"intact\""))
    }

    @Test func whatIsToldOfAnExport() {
        let export = AuditExport(count: 12, first: 3, last: 14, bytes: 4000, sha256: Self.hash)
        let head = AuditHead(seq: 20, hash: Self.hash)
        expect(
            AuditExportSummary(export: export, head: head).text,
            is: """
                exported 12 events, 3 to 14, 4000 bytes
                sha256   \(Self.hash)
                head     20:\(Self.hash)
                """)
        let none = AuditExport(count: 0, first: nil, last: nil, bytes: 0, sha256: Self.hash)
        #expect(AuditExportSummary(export: none, head: head).text.hasPrefix("exported 0 events, 0 bytes\n"))
    }
}
