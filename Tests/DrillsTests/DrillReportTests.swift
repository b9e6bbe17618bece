import Configuration
import Essentials
import Testing

@testable import Audit
@testable import Drills

/// What a report makes of a drill's events and those of its runs.
@Suite struct DrillReportTests {
    /// A drill there and back; its runs are alike.
    private static func story(
        _ problem: String? = nil, limit: Double? = nil, isEnded: Bool = true, isAtLeast: Bool = false,
        runs: [String] = ["r1", "r2", "r3"]
    ) throws -> RunStories {
        var story = RunStories()
        story.add(
            "drill.began", at: -2000, run: "d1",
            [
                "kind": "switchover", "node": "nas-2", "home": "nas-1", "rto_limit_seconds": .optional(limit),
                "rpo_limit": nil,
            ])
        for run in ["r1", "r2"] { try story.addSwitchover(run: run) }
        // What has standbys follow again moves no role, and needs no probe.
        try story.plan(RunStories.rejoin("follow"), at: 3000, run: "r3")
        story.add("run.done", at: 3100, run: "r3", ["failed": []])
        guard isEnded else { return story }
        story.add(
            "drill.ended", at: 5000, run: "d1",
            [
                "passed": .bool(problem == nil), "problems": .list([problem].compactMap(\.self).map { .text($0) }),
                "runs": .list(runs.map { .text($0) }), "rto_seconds": .number(0.4), "rto_at_least": .bool(isAtLeast),
                "lost": 0,
            ])
        return story
    }

    private static func report(_ story: RunStories, _ objectives: Objectives = Objectives()) -> DrillReport? {
        let log = AuditVerification(
            count: 9, head: AuditHead(seq: 9, hash: "ab"), files: 1, problem: nil, anchors: [])
        return DrillReport(on: "d1", of: "shop", objectives, story.events, log)
    }

    @Test func oneThatPassed() throws {
        let report = try #require(Self.report(try Self.story(), Objectives(rto: .seconds(1), rpo: 0)))
        #expect(report.headline == "Drill, the primary role from nas-1 to nas-2 and back: passed")
        #expect(report.runs.map(\.id) == ["r1", "r2", "r3"] && report.runs.allSatisfy { $0.outcome == .done })
        #expect(report.rtoVerdict == .within && report.rpoVerdict == .within)
        let text = DrillMarkdown(report).text
        #expect(
            text.hasPrefix(
                "# Report of drill d1\n\n**✓ Drill, the primary role from nas-1 to nas-2 and back: passed**\n"))
        for part in [
            "| RTO: longest time without a commit | 400 ms | 1s | ✓ met |", "\n## Run r2\n", "\n### What happened\n",
            "## What was not as it has to be\n\nNothing.\n", "| Runs | r1, r2, r3 |",
        ] { #expect(text.contains(part), "\(part) in \(text)") }
        let page = DrillPage(report).text
        for element in ["svg", "section", "table", "h2", "h3", "p", "title"] {
            let opened = page.matches(of: try Regex("<\(element)[ >]")).count
            #expect(opened == page.matches(of: try Regex("</\(element)>")).count, "\(element)")
        }
        #expect(page.matches(of: /<svg class="picture chart"/).count == 3)
        #expect(page.contains("id=\"title-r1\"") && page.contains("id=\"title-r2\""))
    }

    /// The limits that a drill was given count, not those of the configuration.
    @Test func oneThatFailed() throws {
        let story = try Self.story("after: \"b\" <lags> | `x`", limit: 0.2)
        let report = try #require(Self.report(story, Objectives(rto: .seconds(9), rpo: 5)))
        #expect(report.headline.hasSuffix("FAILED") && report.rtoVerdict == .exceeded && report.rpoVerdict == nil)
        #expect(report.runs.allSatisfy { $0.objectives == Objectives(rto: .milliseconds(200)) })
        #expect(DrillMarkdown(report).text.contains("- after: \"b\" &lt;lags&gt; \\| \\`x\\`\n"))
        #expect(DrillPage(report).text.contains("<li>after: &quot;b&quot; &lt;lags&gt; | `x`</li>"))
    }

    /// One way alone says nothing of the other.
    @Test func oneThatWentThereOnly() throws {
        let story = try Self.story("it was cut off", isAtLeast: true, runs: ["r1"])
        let report = try #require(Self.report(story, Objectives(rto: .seconds(9), rpo: 0)))
        #expect(report.rtoVerdict == .notMeasured && report.rpoVerdict == .notMeasured)
        #expect(DrillMarkdown(report).text.contains("| 400 ms at least | 9s | ! not proven |"))
    }

    @Test func oneThatWasCutOff() throws {
        let report = try #require(Self.report(try Self.story(isEnded: false), Objectives(rto: .seconds(9))))
        #expect(report.headline.hasSuffix("UNFINISHED: it goes on, or its process is gone"))
        #expect(report.runs.isEmpty && report.rtoVerdict == .notMeasured)
        #expect(DrillMarkdown(report).text.contains("| Runs | none that it tells of |"))
        #expect(Self.report(try RunStories.switched()) == nil)
    }
}
