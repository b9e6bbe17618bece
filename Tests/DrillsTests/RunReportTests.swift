import Configuration
import Essentials
import Failover
import Testing

@testable import Audit
@testable import Drills
@testable import RunbookEngine

/// What a report makes of a run's events.
@Suite struct RunReportTests {
    private static let objectives = Objectives(rto: .milliseconds(500), rpo: 0)

    @Test func aSwitchoverThatIsProven() throws {
        let report = try #require(try RunStories.switched().report(Self.objectives))
        #expect(report.headline == "Switch from nas-1 to nas-2: done, proven by a client's write")
        #expect(report.from == "nas-1" && report.to == "nas-2" && report.isPromoted && report.outcome == .done)
        #expect(report.rtoVerdict == .within && report.rpoVerdict == .within && report.mostLost == 0)
        #expect(report.remaining.isEmpty && report.returns.isEmpty && report.decision == nil)
        #expect(report.seconds == 1.5 && report.probeBegan == -1)
        // The step's own time, not the time until the next one began, with which its end is written.
        #expect(
            report.steps.map(\.began) == [0.5, 0.65, 0.8, 0.95] && report.steps.map(\.seconds) == [0.1, 0.1, 0.1, 0.5])
        #expect(report.timeline.map(\.offset) == report.timeline.map(\.offset).sorted())
        let gap = report.timeline.filter { $0.event.hasPrefix("probe.gap") }
        #expect(gap.map(\.event) == ["probe.gap_began", "probe.gap_ended"] && gap.map(\.offset) == [0.5, 0.9])
        #expect(
            gap[0].at == RunStories.at(500) && gap[0].text == "probe: no commit is acknowledged from here on for 400 ms"
        )
        #expect(
            report.losses == [
                "Of 26 commits that the probe was told of, 0 are gone.",
                "nas-2 had replayed the last byte that nas-1 wrote before it was promoted (step 2).",
            ])
    }

    @Test func asMarkdown() throws {
        let text = RunMarkdown(try #require(try RunStories.switched().report(Self.objectives))).text
        let expected = """
            # Report of r1

            **✓ Switch from nas-1 to nas-2: done, proven by a client's write**

            The audit log is intact: 11 events, head 11:ab.

            ## In figures

            |  | Measured | Objective | Result |
            |---|---|---|---|
            | RTO: longest time without a commit | 400 ms | 500ms | ✓ met |
            | RPO: acknowledged commits that are gone | 0 of the probe's 26; proved to be none | 0 | ✓ met |

            ## What was lost

            - Of 26 commits that the probe was told of, 0 are gone.
            - nas-2 had replayed the last byte that nas-1 wrote before it was promoted (step 2).

            ## What remains to do

            Nothing, as far as the log tells.

            ## Who and when

            |  |  |
            |---|---|
            | Run | r1, runbook switchover |
            | Cluster | shop |
            | Began | 2026-01-01T00:00:00.000000Z |
            | Last event | 2026-01-01T00:00:01.500000Z, 1.5 s later |
            | Primary | from nas-1 to nas-2 |
            | Begun by | ann, on desk |

            ## What clients saw

            - Path app: 26 commits were acknowledged in 3.0 s, 1 were sent and not acknowledged.
            - The first was acknowledged by nas-1, timeline 1, the last by nas-2, timeline 2.
            - No commit for 400 ms, 1.5 s after the probe's start.
            - 3 × refused

            ## What happened

            | At (UTC) | From start | Step | What | Node | Took | More |
            |---|---:|---:|---|---|---:|---|
            | 2026-01-01 00:00:00.000 | +0.000 s |  | planned, 4 steps: Switch from nas-1 to nas-2 |  |  |  |
            | 2026-01-01 00:00:00.500 | +0.500 s | 1 | begins: Stop nas-1; clients are cut off from here on |  |  |  |
            | 2026-01-01 00:00:00.500 | +0.500 s |  | ✗ probe: no commit is acknowledged from here on for 400 ms |  |  |  |

            """
        #expect(text.hasPrefix(expected), "\(text)")
    }

    @Test func withoutAProbe() throws {
        let report = try #require(try RunStories.switched(nil).report(Self.objectives))
        #expect(report.headline == "Switch from nas-1 to nas-2: done")
        // The steps prove that nothing was lost; how long clients waited nobody knows.
        #expect(report.rtoVerdict == .notMeasured && report.rpoVerdict == .within)
        #expect(RunMarkdown(report).text.contains("without a commit | not measured | 500ms | ! not proven |"))
        #expect(RunPage(report).text.contains("no probe ran"))
    }

    @Test func aRoleChangeThatIsNotProven() throws {
        let report = try #require(
            try RunStories.switched(RunStories.probe(lost: nil, doubt: "the role change is not proven")).report())
        #expect(report.headline.hasSuffix("done, NOT PROVEN by a client's write") && report.mark.style == "fail")
        #expect(report.remaining.map(\.text) == ["The role change is not proven. Look."])
        #expect(report.rtoVerdict == nil && report.rpoVerdict == nil)
        #expect(RunMarkdown(report).text.contains("| 400 ms | no objective | –  |"))
    }

    @Test func aFailoverBeforeAndAfterTheOldPrimaryIsBack() throws {
        var story = try RunStories.failedOver(RunStories.situation(), RunStories.probe(lost: 2))
        let before = try #require(story.report(Self.objectives))
        #expect(before.headline == "Fail over from nas-1 to nas-2: done, proven by a client's write")
        #expect(before.rpoVerdict == .exceeded && before.mostLost == nil && before.decision?.isReproduced == true)
        #expect(before.remaining.map(\.command) == ["pgdr run rejoin nas-1", "pgdr run rejoin reports"])
        #expect(before.losses.contains("What nas-1's own WAL holds that nas-2 lacks is told when it is brought back."))
        #expect(before.losses.contains { $0.hasPrefix("When it was decided: Lost: 1.00 kB, the last 0.5 s") })
        let text = RunMarkdown(before).text
        for part in [
            "| Wanted by | the policy, mode automatic |", "| Trigger | alert-7 |", "| Reason | no answer |",
            "| condition | shop: primary nas-1 is down, its host is there |",
            "| seen by | this observer: nobody listens on its port (Connection refused) |",
            "| voters | nas-2, third, 2 needed; locked: nas-2, third |", "| reports | no answer, timed out |",
            "| decided again | from this evidence: the same |",
            "decided, since primary nas-1 is down, its host is there: nas-2 is promoted",
        ] { #expect(text.contains(part), "\(part) in \(text)") }

        try story.bringBack(
            "rewind", said: "5 commits beyond 0/5000000 are kept and listed in /srv/pg.r2-wal/transactions.txt")
        let after = try #require(story.report(Self.objectives))
        #expect(after.returns.map(\.run) == ["r2"] && after.mostLost == 5 && after.rpoVerdict == .exceeded)
        #expect(
            after.remaining.map(\.text) == [
                "reports is not back yet, as far as the log tells. To bring it back:",
                "See which of the 5 commits that nas-1 alone had are still wanted: /srv/pg.r2-wal/transactions.txt on its host.",
            ])
        #expect(
            after.losses.contains(
                "nas-1's own WAL held 5 commits that nobody else had, acknowledged or not: /srv/pg.r2-wal/transactions.txt."
            ))
        #expect(after.timeline.map(\.at) == before.timeline.map(\.at))
    }

    /// What of the old primary's WAL is told bounds what the probe's own commits can only suggest.
    @Test(
        arguments: [
            ("follow", nil, 0, 0, ClientVerdict.within),
            ("rewind", "0 commits beyond 0/5 are kept and listed in /a", 0, 0, .within),
            ("rewind", "5 commits beyond 0/5 are kept and listed in /a", 0, 5, .notMeasured),
            ("rewind", "5 commits beyond 0/5 are kept and listed in /a", 1, 5, .exceeded),
            // Who knows less of what was given up has proved no more.
            ("rewind", "0 commits beyond 0/5 are kept and listed in /a\nthere may be more", 0, nil, .notMeasured),
            ("rebuild", "0 commits are kept and listed in /a", 0, nil, .notMeasured),
            ("rewind", "something else", 0, nil, .notMeasured), ("rebuild", nil, nil, nil, .notMeasured),
        ] as [(String, String?, Int?, Int?, ClientVerdict)])
    func bounds(method: String, said: String?, lost: Int?, most: Int?, verdict: ClientVerdict) throws {
        var story = try RunStories.failedOver(RunStories.situation(), RunStories.probe(lost: lost))
        try story.bringBack(method, said: said)
        let report = try #require(story.report(Self.objectives))
        #expect(report.mostLost == most && report.rpoVerdict == verdict)
    }

    /// A way back that ended before its end, another role change, then the way back that was done.
    struct WayBack: Sendable {
        var first: String?
        var movesOn = false
        var method: String
        var second: String?
        var most: Int?
        var verdict: ClientVerdict
    }

    @Test(arguments: [
        // What the first has given up the second finds no more.
        WayBack(
            first: "5 commits beyond 0/5 are kept and listed in /a", method: "follow", most: 5, verdict: .notMeasured),
        WayBack(
            first: "5 commits beyond 0/5 are kept and listed in /a", method: "rewind",
            second: "0 commits beyond 0/5 are kept and listed in /b", most: 5, verdict: .notMeasured),
        WayBack(
            first: "something else", method: "rewind", second: "0 commits beyond 0/5 are kept and listed in /b",
            verdict: .notMeasured),
        // It may have been back meanwhile, and have lost what the other role change cost.
        WayBack(movesOn: true, method: "follow", verdict: .within),
        WayBack(
            movesOn: true, method: "rewind", second: "0 commits beyond 0/5 are kept and listed in /b",
            verdict: .notMeasured),
    ])
    func boundsOfMoreThanOneWayBack(row: WayBack) throws {
        var story = try RunStories.failedOver(RunStories.situation(), RunStories.probe(lost: 0))
        if let first = row.first { try story.bringBack("rewind", said: first, run: "r7", isDone: false) }
        if row.movesOn { try story.moveOn() }
        try story.bringBack(row.method, said: row.second)
        // Once it is back, what becomes of it later is not this run's.
        try story.bringBack("follow", said: nil, run: "r3")
        try story.bringBack("rewind", said: "9 commits beyond 0/9 are kept and listed in /c", run: "r4")
        let report = try #require(story.report(Self.objectives))
        #expect(report.returns.map(\.run) == (row.first == nil ? [] : ["r7"]) + ["r2"])
        #expect(report.mostLost == row.most && report.rpoVerdict == row.verdict)
    }

    /// A primary that the run itself has started again was not lost with what a later failover cost.
    @Test func aSwitchoverBeforeAFailover() throws {
        var story = try RunStories.switched()
        try story.bringBack("rewind", said: "5 commits beyond 0/5 are kept and listed in /a")
        let report = try #require(story.report(Self.objectives))
        #expect(report.returns.isEmpty && report.losses.count == 2 && report.remaining.isEmpty)
    }

    /// Of a copy that was made without a known fork all WAL is kept.
    @Test func aForkThatIsNotKnown() throws {
        var story = try RunStories.failedOver(RunStories.situation(), RunStories.probe(lost: 0))
        try story.bringBack("rebuild", said: "5 commits are kept and listed in /a")
        let report = try #require(story.report(Self.objectives))
        #expect(
            report.losses.contains(
                "nas-1's own WAL held 5 commits in all; from where on nobody else had them is not known: /a."))
        #expect(
            report.remaining.map(\.text).contains(
                "See which of the 5 commits in nas-1's own WAL nobody else has, and are still wanted: /a on its host."))
    }

    /// A standby that a later run promoted, or had follow the primary, is not left behind.
    @Test func whoIsBackOtherwise() throws {
        var story = try RunStories.failedOver(RunStories.situation())
        let before = try #require(story.report())
        #expect(before.remaining.map(\.command) == ["pgdr run rejoin nas-1", "pgdr run rejoin reports"])
        try story.moveOn()
        #expect(try #require(story.report()).remaining.map(\.command) == ["pgdr run rejoin nas-1"])
        var repoint = RunStories.failover
        repoint.steps = [RunStories.step("repoint", "repoint", on: "nas-1")]
        try story.plan(repoint, at: 56_000, run: "r5")
        story.done("repoint", at: 56_100, run: "r5")
        try story.bringBack("rewind", said: "5 commits beyond 0/5 are kept and listed in /a")
        let after = try #require(story.report())
        #expect(after.remaining.isEmpty && after.returns.isEmpty)
    }

    @Test(
        arguments: [
            (.allAnswer(acceptsSilence: true), "all answer", "reports (timed out) does not answer, and is left out"),
            (
                .mostAdvanced(node: "nas-2", within: 0, former: "nas-1", acceptsSilence: true), "nas-2 has all",
                "nas-2 has all; what reports had beyond that is not known"
            ),
        ] as [(Probe, String, String)])
    func whoWasLeftOut(probe: Probe, answered: String, silent: String) throws {
        func remaining(_ evidence: String) throws -> [String] {
            var plan = RunStories.switchover
            plan.parameters["accept_silent"] = "true"
            plan.requirements = [.init(title: "", probe: probe, result: ProbeResult(true, evidence))]
            return try #require(try RunStories.switched(plan: plan).report()).remaining.map(\.text)
        }
        #expect(try remaining(answered).isEmpty)
        #expect(
            try remaining(silent) == [
                "Bring back who was left out, unless that is done. When it was planned: \(silent)."
            ])
    }

    /// What a probe saw of a run that went on without it is not all.
    @Test(arguments: [false, true]) func aProbeOfAPartOfTheRun(isLate: Bool) throws {
        var probe = RunStories.probe()
        if isLate { probe.began = AuditTime(RunStories.at(39_000)) }
        var story = RunStories()
        try story.plan(RunStories.switchover, at: 0)
        story.done("stop", at: 500)
        story.add("run.stopped", at: 700)
        if !isLate { story.add(probe, at: 800) }
        story.add("run.resumed", at: 40_000)
        story.done("promote", at: 40_100)
        story.done("start", at: 40_300)
        story.add("run.done", at: 40_500, ["failed": []])
        if isLate { story.add(probe, at: 41_000) }
        let report = try #require(story.report(Self.objectives))
        #expect(report.probe?.isAtLeast == true && report.probe?.lost == nil && report.probe?.outage == 0.4)
        #expect(report.rtoVerdict == .notMeasured && report.rpoVerdict == .notMeasured)
        // One that saw all of it tells more.
        story.probeBeside([.init(began: 10.6, seconds: 30)], lost: 2)
        let later = try #require(story.report(Self.objectives))
        #expect(later.probe?.outage == 30 && later.probe?.isAtLeast == false && later.probe?.isProven == true)
        #expect(later.rtoVerdict == .exceeded && later.rpoVerdict == .exceeded)
    }

    /// A clock that is put back changes nothing of the order, and makes no step quick.
    @Test func aClockThatIsPutBack() throws {
        var story = RunStories()
        try story.plan(RunStories.switchover, at: 0)
        story.add("step.started", at: 500, step: "stop")
        story.add("step.done", at: -9000, step: "stop", ["seconds": .number(0.3)])
        story.add("step.started", at: -9000, step: "last-wal")
        let report = try #require(story.report())
        #expect(report.timeline.map(\.event) == ["run.planned", "step.started", "step.done", "step.started"])
        #expect(report.steps[0].seconds == 0.3)
    }

    @Test func aPlanThatIsNotUnderstood() throws {
        var story = RunStories()
        story.add("run.planned", at: 0, ["plan": ["steps": "of another version"]])
        story.add("run.done", at: 900)
        let report = try #require(story.report())
        #expect(report.losses == ["Whether another primary was made, and what was lost, only the nodes can tell."])
        var unknown = RunStories.failover
        (unknown.parameters["old"], unknown.steps) = ("", [unknown.steps[1]])
        var promoted = RunStories()
        try promoted.plan(unknown, at: 0)
        promoted.done("promote", at: 100)
        #expect(
            try #require(promoted.report()).losses == [
                "Whom nas-2 replaced, and what was lost by that, the log doesn't tell."
            ])
    }

    /// One that began with a failover can't tell when the outage began, unlike one that ran all the time.
    @Test func aProbeThatRanBesideIt() throws {
        let gaps = [ProbeSummary.Gap(began: 9.8, seconds: 0.6), ProbeSummary.Gap(began: 40, seconds: 5)]
        var own = RunStories.probe(lost: nil)
        (own.isAtLeast, own.outage) = (true, 0.2)
        for (judge, ending) in [(nil, "done"), (own, "done, proven by a client's write")] {
            var story = try RunStories.failedOver(RunStories.situation(), judge)
            story.probeBeside(gaps, lost: 3)
            let report = try #require(story.report(Objectives(rto: .seconds(1), rpo: 0)))
            #expect(report.headline.hasSuffix(": \(ending)"))
            #expect(report.rtoVerdict == .within && report.rpoVerdict == .exceeded && report.probe?.outage == 0.6)
            #expect(report.timeline.filter { $0.event.hasPrefix("probe.gap") }.map(\.offset) == [-0.2, 0.4])
            let page = RunPage(report).text
            #expect(page.matches(of: /<rect class="gap"/).count == 1 && !page.contains(">20 s<"))
        }
        // What it saw at another time, or may have lost to another role change, is not the run's.
        for (gaps, outage) in [([gaps[1]], 0.2), (Array(repeating: gaps[1], count: 20), nil)] as [(_, Double?)] {
            var story = try RunStories.failedOver(RunStories.situation())
            story.probeBeside(gaps, lost: 3, roleChanges: 2)
            let report = try #require(story.report(Objectives(rto: .seconds(1), rpo: 0)))
            #expect(report.probe?.outage == outage && report.probe?.isAtLeast == false)
            #expect(report.rpoVerdict == .notMeasured && report.probe?.lost == nil)
        }
        // It must have run from before the first event on.
        var late = try RunStories.failedOver(RunStories.situation())
        late.probeBeside(gaps, lost: 3, from: 1)
        #expect(try #require(late.report(Self.objectives)).probe == nil)
    }

    /// What became of a node after it was the primary once more belongs to another story.
    @Test func anotherPromotionEndsTheStory() throws {
        var story = try RunStories.failedOver(RunStories.situation())
        var back = RunStories.failover
        back.steps[1].node = "nas-1"
        try story.plan(back, at: 1000, run: "r3")
        story.done("promote", at: 1100, run: "r3")
        try story.bringBack("rewind", said: "5 commits are kept and listed in /a")
        #expect(try #require(story.report()).returns.isEmpty)
    }

    @Test func oneThatWasTakenBack() throws {
        var story = RunStories()
        try story.plan(RunStories.switchover, at: 0)
        story.done("stop", at: 500)
        story.add("step.started", at: 700, step: "last-wal", node: "nas-2")
        let failure: [String: AuditValue] = ["message": "timed out", "detail": "0/1 of 0/2", "hint": "Wait."]
        story.add("step.failed", at: 900, step: "last-wal", failure)
        story.add("run.undoing", at: 900, failure)
        story.add("undo.started", at: 910, step: "stop")
        story.add("undo.done", at: 1000, step: "stop")
        story.add("run.undone", at: 1000)
        let report = try #require(story.report(Self.objectives))
        #expect(report.outcome == .undone && !report.isPromoted && report.mark.style == "warn")
        #expect(report.headline == "Switch from nas-1 to nas-2: failed, and taken back")
        #expect(report.trouble == .init(message: "timed out", detail: "0/1 of 0/2", hint: "Wait."))
        #expect(
            report.losses == ["No other primary was made, so that nothing was lost by it."] && report.remaining.isEmpty)
        #expect(report.steps.map(\.state) == [.undone, .failed, .pending, .pending])
        #expect(report.steps[0].began == 0.91 && report.steps[2].began == nil)
        #expect(RunMarkdown(report).text.contains("timed out: 0/1 of 0/2 → Wait."))
    }

    @Test(arguments: [false, true]) func oneThatIsUnfinished(beyond: Bool) throws {
        var story = RunStories()
        try story.plan(RunStories.switchover, at: 0)
        story.done("stop", at: 500)
        if beyond { story.add("step.started", at: 700, step: "promote") }
        let report = try #require(story.report())
        #expect(report.outcome == .open && report.headline.hasSuffix("UNFINISHED: it goes on, or its process is gone"))
        #expect(report.remaining.map(\.command) == ["pgdr resume r1"] + (beyond ? [] : ["pgdr abort r1"]))
        #expect(!report.isPromoted && report.losses.count == 1)
        #expect(report.losses[0].hasPrefix(beyond ? "Whether another primary was made" : "No other primary was made"))
        story.add("run.failed", at: 800, actor: "bob", ["message": "no disk"])
        let failed = try #require(story.report())
        #expect(failed.outcome == .partWay && failed.trouble?.text == "no disk")
        #expect(failed.people.map(\.actor) == ["ann", "bob"])
        story.add("run.left", at: 900, ["successor": "r9"])
        let left = try #require(story.report())
        #expect(left.outcome == .left && left.remaining.isEmpty)
    }

    @Test func oneThatWasNotBegun() throws {
        var story = RunStories()
        story.add(
            "run.refused", at: 0,
            ["runbook": "switchover", "reasons": ["nas-2 replays: it is paused", "no backup: one runs"]])
        let report = try #require(story.report())
        #expect(report.headline == "Runbook switchover: refused, nothing was changed" && report.outcome == .refused)
        #expect(report.trouble?.message == "nas-2 replays: it is paused; no backup: one runs")
        #expect(report.timeline.map(\.isTrouble) == [true] && report.remaining.count == 1)
        #expect(RunPage(report).text.contains("<p>Nothing was run.</p>"))
        #expect(story.report(on: "r2") == nil)
    }

    @Test func aDecisionOnly() throws {
        var situation = try RunStories.situation()
        situation.quorum.locked = []
        var story = RunStories()
        story.add(AuditEntry(situation, situation.decide(), as: "r1"), at: 0)
        let report = try #require(story.report())
        #expect(report.headline == "Failover from nas-1: refused, nothing was run" && report.outcome == .decided)
        #expect(report.from == "nas-1" && report.to == nil && report.runbook == nil)
        #expect(report.remaining.map(\.text).first?.hasSuffix("--accept-no-quorum") == true)
    }

    @Test(arguments: [
        (AuditProblem.Kind.edited, "The audit log was TAMPERED WITH (edited): audit-000001.jsonl, line 4: It is not."),
        (.torn, "The audit log is INCOMPLETE (torn): audit-000001.jsonl, line 4: It is not."),
    ]) func aLogThatIsNotIntact(kind: AuditProblem.Kind, text: String) throws {
        let problem = AuditProblem(kind: kind, file: "audit-000001.jsonl", line: 4, seq: 4, text: "It is not.")
        let report = try #require(try RunStories.switched().report(problem: problem))
        #expect(report.mark.style == "fail" && report.remaining.map(\.command) == ["pgdr audit verify"])
        #expect(RunMarkdown(report).text.contains("**✗ \(Self.escaped(text))"))
        #expect(RunPage(report).text.contains("<p class=\"log fail\"><span class=\"sign\">✗</span> \(text)"))
    }

    private static func escaped(_ text: String) -> String { text.replacing("_", with: "\\_") }

    /// Of a server's or a person's words no character has a meaning, in Markdown and in HTML.
    @Test func hostileTexts() throws {
        let hostile = "</title></text><script>alert('1')</script>\"& | `x` [a](http://b) \u{1B}[31m\n# end\n| a | b |"
        func report(_ text: String) throws -> RunReport {
            var probe = RunStories.probe(doubt: text)
            probe.path = text
            probe.lastServer = text
            probe.errors = [ClientError(text: text)]
            probe.lag.nodes[0] = text
            var story = try RunStories.failedOver(RunStories.situation(seen: text), probe)
            try story.bringBack("rewind", said: "5 commits beyond 0/5 are kept and listed in \(text)")
            story.add(
                "step.failed", at: 500, step: "fence", node: text, actor: text,
                ["message": .text(text), "hint": .text(text)])
            story.add(text, at: 600, ["said": .text(text)])
            let problem = AuditProblem(kind: .edited, file: text, line: 1, seq: 1, text: text)
            return try #require(story.report(problem: problem))
        }
        let (plain, bad) = (try report("a"), try report(hostile))
        let markdown = RunMarkdown(bad).text
        #expect(!markdown.contains("<script") && !markdown.contains("[a](") && !markdown.contains("\n# end"))
        #expect(!markdown.contains("\u{1B}") && !markdown.contains("`x`") && !markdown.contains("\n| a | b |"))
        // A table has as many cells as its head.
        let cells = markdown.split(separator: "\n").filter { $0.hasPrefix("| 2026") }.map { line in
            line.replacing("\\|", with: "").count { $0 == "|" }
        }
        #expect(Set(cells) == [8], "\(markdown)")
        let page = RunPage(bad).text
        #expect(page.count { $0 == "<" } == RunPage(plain).text.count { $0 == "<" })
        #expect(!page.contains("<script") && !page.contains("\u{1B}"))
    }

    /// All that is opened is closed, and drawn once a step.
    @Test func thePage() throws {
        let text = RunPage(try #require(try RunStories.switched().report(Self.objectives))).text
        #expect(text.hasPrefix("<!DOCTYPE html>\n") && text.hasSuffix("</html>\n"))
        for element in ["svg", "g", "table", "caption", "tr", "td", "ul", "li", "p", "title", "desc"] {
            let opened = text.matches(of: try Regex("<\(element)[ >]")).count
            #expect(opened == text.matches(of: try Regex("</\(element)>")).count, "\(element)")
        }
        #expect(text.matches(of: /<g class="step">/).count == 4)
        #expect(text.matches(of: /<rect class="bar pass"/).count == 4)
        #expect(text.matches(of: /<rect class="gap"/).count == 1)
        #expect(text.matches(of: /<path class="role"/).count == 2)
        #expect(text.matches(of: /<path class="lag"/).count == 2)
        #expect(text.matches(of: /<rect class="writes"/).count == 6)
        #expect(text.matches(of: /<caption>/).count == text.matches(of: /<table/).count)
    }
}
