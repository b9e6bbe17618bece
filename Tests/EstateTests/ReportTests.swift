import Configuration
import Essentials
import Estate
import Pages
import Testing

@testable import Replication

@Suite struct ReportTests {
    /// A text that would do harm in HTML, in Markdown and in Mermaid.
    private static let hostile = "</text><script>alert('1')</script>\"& | `x` [a](http://b) --> \u{1B}\n# end"

    private static func report(hostile: String? = nil) -> EstateReport {
        var sights = Estates.goodSights
        sights.services["cache"] = Observation(
            .failure(Failure(.server, hostile ?? "refuses: LOADING", hint: hostile)), latency: 1)
        var estate = Estates.shop
        if let hostile {
            estate.servers[0].title = hostile
            estate.services[3].category = hostile
        }
        let results = EstatePlan(estate).results(sights, at: 0)
        var node = NodeReport(name: hostile ?? "db1", kind: .primary)
        node.role = .primary
        node.state = "in production"
        var standby = NodeReport(name: "db2", kind: .dr)
        standby.role = .standby
        standby.state = hostile ?? "streaming"
        standby.upstream = node.name
        standby.lag = Lag()
        standby.lag?.replay = StageLag(bytes: 2048, seconds: 1.5, source: .primaryLag)
        var silent = NodeReport(name: "db3", kind: .replica)
        silent.silence = NodeSilence(reason: "refused", detail: hostile ?? "Connection refused", postmasterAlive: false)
        let cluster = ClusterReport(
            name: hostile ?? "main", at: Moment(rawValue: 0), took: 0.1,
            verdict: Verdict(severity: .ok, text: hostile ?? "DR ready"), rpo: RecoveryPoint(), skew: 0,
            primary: node.name, nodes: [node, standby, silent], findings: [])
        let previous = EstateRun(
            at: "2026-01-01T10:00:00.123456Z", only: [], tally: EstateTally(passed: 5, failed: 2, skipped: 3),
            failed: ["one", hostile ?? "gone"])
        return EstateReport(
            at: "2026-01-02T03:04:05.678901Z", took: 1.26, only: hostile.map { [$0] } ?? [], estate: estate,
            results: results, previous: previous, clusters: [cluster])
    }

    @Test func markdown() {
        let text = MarkdownReport(Self.report()).text
        #expect(
            text.hasPrefix(
                """
                # Estate report

                **1 of 6 fail, 4 skipped: cache**

                2026-01-02 03:04:05 UTC, looked at for 1.3 s.

                ## Summary

                | Category | Total | Passed | Failed | Skipped | Rate |
                |---|---:|---:|---:|---:|---:|
                | servers | 2 | 1 | 0 | 1 | 100 % |
                | databases | 1 | 1 | 0 | 0 | 100 % |
                | caches | 1 | 0 | 1 | 0 | 0 % |
                | messaging | 1 | 0 | 0 | 1 | – |
                | telemetry | 2 | 2 | 0 | 0 | 100 % |
                | pipelines | 3 | 1 | 0 | 2 | 100 % |
                | total | 10 | 5 | 1 | 4 | 83 % |

                ## Compared with the check before

                2026-01-01 10:00:00 UTC: 5 passed, 2 failed, 3 skipped.

                - newly failed: cache
                - recovered: one
                - failed before, not checked now: gone

                ## What fails

                - ✗ **cache**: refuses: LOADING

                ## Topology

                ```mermaid
                flowchart LR
                    subgraph b0["✓ Number #60;one#62;"]
                        b0r0["✗ cache (redis)"]
                        class b0r0 fail
                        b0r1["✓ ingest (pipeline)"]
                        class b0r1 pass
                """), "\(text)")
        let rest = [
            "    b0r1 -->|\"✓\"| b3r0\n    b0r1 -.->|\"–\"| b1r0\n",
            "    n0[\"✓ db1: primary, in production\"]\n",
            "    n0 -->|\"2.00 kB, 1.5 s behind\"| n1\n", "    n2[\"✗ db3: no answer, refused, for replica\"]\n",
            "| ✗ FAIL | cache | redis | one | one:6379 |  | refuses: LOADING |\n",
            "| ✓ PASS | ingest:database | pipeline | one | db1:5432, db2:5432 | 3.0 ms | one is answered by db2:5432 |\n",
        ]
        for part in rest { #expect(text.contains(part), "\(part) in \(text)") }
    }

    @Test func nothingToCompareWith() {
        var report = Self.report()
        report.previous = nil
        report.clusters = []
        report.results = report.results.filter { $0.outcome == .pass }
        for text in [MarkdownReport(report).text, HTMLReport(report).text] {
            #expect(text.contains("There was none.") && text.contains("Nothing."))
            #expect(text.contains("No cluster was looked at.") && text.contains("5 of 5 pass"))
        }
    }

    /// In Markdown a character with a meaning is escaped, and a line break ends nothing.
    @Test func hostileTextsInMarkdown() {
        let text = MarkdownReport(Self.report(hostile: Self.hostile)).text
        #expect(!text.contains("<script") && !text.contains("[a](") && !text.contains("\n# end"))
        #expect(!text.contains("\u{1B}") && !text.contains("`x`"))
        let blocks = text.components(between: "```mermaid", and: "```")
        #expect(blocks.count == 2)
        for line in blocks.flatMap({ $0.split(separator: "\n") }) {
            #expect(line.count { $0 == "\"" } % 2 == 0, "\(line)")
            #expect(!line.contains("alert('"), "\(line)")
        }
    }

    /// The page has the same elements whatever the texts are, all closed, and takes nothing from elsewhere.
    @Test(arguments: [nil, hostile]) func page(hostile: String?) throws {
        let text = HTMLReport(Self.report(hostile: hostile)).text
        #expect(text.hasPrefix("<!DOCTYPE html>\n") && text.hasSuffix("</html>\n"))
        let elements = try Elements(of: text)
        #expect(elements.unclosed.isEmpty, "\(elements.unclosed)")
        let known: Set = [
            "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "span", "br", "table", "thead",
            "tbody", "tr", "th", "td", "ul", "li", "strong", "div", "svg", "defs", "marker", "path", "g", "rect",
            "text",
            "circle",
        ]
        #expect(Set(elements.names).subtracting(known).isEmpty, "\(Set(elements.names).subtracting(known))")
        #expect(elements.names.count { $0 == "svg" } == 2)
        #expect(elements.names.count { $0 == "rect" } == 4 + 3)
        // Four ways of pipelines with an arrow each, and one between nodes.
        #expect(elements.attributes.count { $0.contains("marker-end=") } == 4)
        for attribute in elements.attributes {
            #expect(!attribute.contains("src=") && !attribute.contains("href=") && !attribute.contains(" on"))
        }
        #expect(!text.contains("@import") && !text.contains("url(http"))
        #expect(!text.contains("\u{1B}"))
    }

    @Test func whatIsInterpolatedIsText() {
        let markup: Markup = "<b title=\"\("\"x'")\">\("<&>")\(1)\("a\u{0}b" as String)</b>\(["<i>" as Markup, "</i>"])"
        #expect(markup.text == "<b title=\"&quot;x&#39;\">&lt;&amp;&gt;1a\u{FFFD}b</b><i>\n</i>")
    }
}

/// The elements of a page, as its tags say.
private struct Elements {
    var names: [String] = []
    var attributes: [String] = []
    /// Those that are open where another one ends, or at the end.
    var unclosed: [String] = []

    init(of text: String) throws {
        var open: [String] = []
        for part in text.split(separator: "<").dropFirst(1) {
            let tag = try #require(part.split(separator: ">", maxSplits: 1, omittingEmptySubsequences: false).first)
            let name = String(tag.prefix { $0.isLetter || $0.isNumber || $0 == "/" })
            if name.isEmpty { continue }
            if name.hasPrefix("/") {
                let last = open.popLast()
                if last != String(name.dropFirst()) { unclosed.append("\(last ?? "nothing") before \(name)") }
                continue
            }
            names.append(name.filter { $0 != "/" })
            attributes.append(String(tag.dropFirst(name.count)))
            if !["meta", "br"].contains(name), !tag.hasSuffix("/") { open.append(name) }
        }
        unclosed += open
    }
}

extension String {
    fileprivate func components(between start: String, and end: String) -> [String] {
        var found: [String] = []
        var rest = self[...]
        while let from = rest.firstRange(of: start) {
            rest = rest[from.upperBound...]
            guard let to = rest.firstRange(of: end) else { break }
            found.append(String(rest[..<to.lowerBound]))
            rest = rest[to.upperBound...]
        }
        return found
    }
}
