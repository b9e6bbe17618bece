import Essentials
import Lab
import Testing

extension RealServers {
    /// Reports of real runs, also as a browser shows them.
    @Suite(.timeLimit(.minutes(5)))
    struct RunReportTests {
        /// What of a report's JSON is looked at; decoding fails when a key is missing.
        private struct Report: Decodable {
            var schema: Int
            var run: String
            var outcome: String
            @Nullable var from: String?
            @Nullable var to: String?
            var promoted: Bool
            @Nullable var proven: Bool?
            var objectives: Objectives
            @Nullable var probe: Probe?
            var steps: [Step]
            var timeline: [Entry]
            var losses: [String]
            var returns: [Return]
            var remaining: [Remainder]
            @Nullable var decision: Decision?
            @Nullable var reproduced: Bool?
            var log: Log

            struct Objectives: Decodable {
                var rto: RTO
                var rpo: RPO
            }

            struct RTO: Decodable {
                @Nullable var target_seconds: Double?
                @Nullable var measured_seconds: Double?
                @Nullable var verdict: String?
            }

            struct RPO: Decodable {
                @Nullable var target: Int?
                @Nullable var lost: Int?
                @Nullable var lost_at_most: Int?
                @Nullable var verdict: String?
            }

            struct Probe: Decodable {
                var writes: Writes
                var lag: Lag

                struct Writes: Decodable { var commits: [Int] }
                struct Lag: Decodable { var replay_bytes: [String: [UInt64?]] }
            }

            struct Step: Decodable {
                var state: String
                @Nullable var began_seconds: Double?
            }

            struct Entry: Decodable {
                var event: String
                var offset_seconds: Double
            }

            struct Return: Decodable {
                var run: String
                var node: String
                @Nullable var commits_kept: Int?
            }

            struct Remainder: Decodable {
                var text: String
                @Nullable var command: String?
            }

            struct Decision: Decodable { var condition: String }
            struct Log: Decodable { var verdict: String }
        }

        /// What a person would notice on the page.
        private static let look = """
            <script>
            const inside = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
            const box = e => e.getBoundingClientRect();
            const all = s => [...document.querySelectorAll(s)];
            const svg = document.querySelector('svg.chart');
            const axis = document.querySelector('svg .axis') ?? svg;
            const out = all('svg text, svg rect, svg path').filter(e => !inside(box(e), box(svg)));
            const labels = all('svg g.step text, svg .title, svg .panel .muted, svg .key');
            const over = labels.filter((a, i) => labels.some((b, j) => i < j && box(a).left < box(b).right && box(b).left < box(a).right && box(a).top + 2 < box(b).bottom && box(b).top + 2 < box(a).bottom));
            document.body.setAttribute('data-seen', JSON.stringify({
                steps: all('svg g.step').length, bars: all('svg rect.bar').filter(e => box(e).width >= 2).length,
                writes: all('svg rect.writes').length, gaps: all('svg rect.gap').filter(e => box(e).width > 1 && box(e).height > 50).length,
                lengths: all('svg text.length').map(e => e.textContent), lags: all('svg path.lag').length,
                keys: all('svg .key').map(e => e.textContent), roles: all('svg path.role').length,
                ticks: all('svg g.tick').length, rows: all('table.timeline tbody tr').length,
                out: out.map(e => e.outerHTML.slice(0, 80)), over: over.map(e => e.textContent),
                wide: labels.filter(e => box(e).right > box(axis).left).map(e => e.textContent),
                beyond: all('body *').filter(e => !e.closest('.wide') && box(e).right > window.innerWidth + 1).map(e => e.outerHTML.slice(0, 80)), scripts: document.scripts.length,
                captions: all('table').filter(t => !t.caption).length, named: svg.querySelector('title') != null && svg.querySelector('desc') != null,
                headline: document.querySelector('.headline').textContent, elsewhere: performance.getEntriesByType('resource').length,
                colours: [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('svg .bar.pass')).fill],
            }));
            </script>
            """

        private struct Seen: Decodable {
            var steps: Int
            var bars: Int
            var writes: Int
            var gaps: Int
            var lengths: [String]
            var lags: Int
            var keys: [String]
            var roles: Int
            var ticks: Int
            var rows: Int
            var out: [String]
            var over: [String]
            var wide: [String]
            var beyond: [String]
            var scripts: Int
            var captions: Int
            var named: Bool
            var headline: String
            var elsewhere: Int
            var colours: [String]
        }

        /// What is on a page, and that nothing on it lies over or beyond anything else.
        private func look(
            at page: String, in directory: String, size: String = "1400,2600", isDark: Bool = false,
            sourceLocation: Testing.SourceLocation = #_sourceLocation
        ) async throws -> Seen {
            let html = try read(page)
            #expect(!html.contains("<script") && !html.contains("http"), sourceLocation: sourceLocation)
            let watched = try write(
                html.replacing("</body>", with: Self.look + "</body>"), to: "\(directory)/watched.html")
            let document = try await Browser.document(of: watched, in: directory, size: size, isDark: isDark)
            let seen = try Browser.seen(Seen.self, in: document)
            #expect(
                seen.out == [] && seen.over == [] && seen.wide == [] && seen.beyond == [],
                sourceLocation: sourceLocation)
            #expect(seen.scripts == 1 && seen.elsewhere == 0, sourceLocation: sourceLocation)
            #expect(seen.captions == 0 && seen.named && seen.ticks > 1, sourceLocation: sourceLocation)
            return seen
        }

        /// A switchover, then the loss of the new primary with commits that nobody else has, and its return.
        @Test func ofASwitchoverAndAFailover() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 1)) { lab in
                let (primary, dr) = (lab.primary, try lab.node("dr"))
                let config = "\(lab.directory)/reported.yaml"
                try lab.writeConfiguration(
                    to: config, auditDirectory: "\(lab.directory)/audit",
                    cluster: ["objectives: {rto: 30s, rpo: 0}", "failover: {confirm_for: 0s}"])
                func pgdr(_ words: String...) async throws -> Outcome { try await Tool.run(words, config: config) }
                func file(_ name: String) -> String { "\(lab.directory)/\(name)" }

                let refused = try await pgdr("run", "switchover", "nobody", "--yes", "--report", file("no.md"))
                #expect(refused.errors.contains("No report is written: nothing was begun."), "\(refused)")
                #expect(refused.status == 1 && !exists(file("no.md")))

                let switched = try await pgdr(
                    "run", "switchover", "dr", "--probe", "--yes", "--report", file("s.html"), "--report",
                    file("s.md"), "--report", file("s.json"), "--report", file("none/s.md"))
                // All is done, but for one report.
                #expect(switched.status == 3 && switched.output.hasPrefix("Done: "), "\(switched)")
                #expect(switched.errors.contains("pgdr: warning: no report: could not write \"\(file("none/s.md"))\""))
                let first = try decode(Report.self, read(file("s.json")))
                #expect(first.schema == 1 && first.outcome == "done" && first.proven == true && first.promoted)
                #expect(first.from == "primary" && first.to == "dr" && first.log.verdict == "intact")
                #expect(first.objectives.rto.verdict == "within" && first.objectives.rpo.verdict == "within")
                #expect(first.objectives.rpo.lost == 0 && first.objectives.rpo.lost_at_most == 0)
                #expect(first.remaining.isEmpty && first.decision == nil, "\(first.remaining)")
                #expect(first.timeline.map(\.offset_seconds) == first.timeline.map(\.offset_seconds).sorted())
                #expect(first.timeline.contains { $0.event == "probe.measured" })
                let probe = try #require(first.probe)
                #expect(probe.writes.commits.reduce(0, +) > 1 && (2...200).contains(probe.writes.commits.count))
                #expect(probe.lag.replay_bytes["dr"]?.isEmpty == false, "\(probe.lag)")
                let markdown = try read(file("s.md"))
                #expect(
                    markdown.hasPrefix(
                        "# Report of \(first.run)\n\n**✓ Switch the primary role from primary to dr: done, proven by a client's write**\n"
                    ))
                #expect(
                    markdown.contains("| RTO: longest time without a commit | ")
                        && markdown.contains(" | 30s | ✓ met |"))
                let page = try await look(at: file("s.html"), in: lab.directory)
                #expect(page.steps == first.steps.count && page.rows == first.timeline.count)
                #expect(page.bars == first.steps.count { $0.began_seconds != nil } && page.bars > 5)
                #expect(page.writes > 0 && page.lags >= 1 && page.keys.contains("dr") && page.roles == 2)
                #expect(page.headline.hasPrefix("✓ Switch the primary role from primary to dr: done"))
                let small = try await look(at: file("s.html"), in: lab.directory, size: "520,2600", isDark: true)
                #expect(small.colours != page.colours && page.colours[0] == "rgb(255, 255, 255)")

                // What is written now is on nobody else.
                try await primary.setParameter("primary_conninfo", "")
                try await dr.psql("CREATE TABLE alone (n int)")
                async let beside = pgdr("drill", "probe", "--interval", "20ms", "--for", "10s")
                let deadline = Deadline.after(.seconds(20))
                while try await Int(dr.psql("SELECT count(*) FROM pgdr.heartbeat")) ?? 0 < 10 {
                    try #require(!deadline.hasPassed)
                    _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(50)))
                }
                try await dr.kill()
                let lost = try await pgdr(
                    "failover", "--primary", "dr", "--probe", "--accept-data-loss", "1GB", "--yes", "--report",
                    file("f.html"), "--report",
                    file("f.json"))
                #expect(lost.status == 0, "\(lost.output)\(lost.errors)")
                let second = try decode(Report.self, read(file("f.json")))
                #expect(second.from == "dr" && second.to == "primary" && second.outcome == "done")
                #expect(second.decision?.condition == "postgres_down" && second.reproduced == true)
                #expect(second.objectives.rpo.verdict == "not_measured" && second.objectives.rpo.lost == nil)
                #expect(second.remaining.map(\.command) == ["pgdr run rejoin dr"], "\(second.remaining)")
                let outage = try await look(at: file("f.html"), in: lab.directory)
                #expect(outage.gaps >= 1 && outage.lengths.count == 1 && outage.roles == 2, "\(outage)")

                let measured = try await beside
                #expect(measured.status == 2 && measured.errors == "", "\(measured)")
                let back = try await pgdr("run", "rejoin", "dr", "--yes")
                #expect(back.status == 0, "\(back.output)\(back.errors)")
                let later = try await pgdr("report", second.run, "--format", "json")
                let third = try decode(Report.self, later.output)
                let kept = try #require(third.returns.first?.commits_kept)
                #expect(kept == back.commitsKept && third.objectives.rpo.lost_at_most == kept)
                // The probe that ran from before the loss on has counted it.
                #expect(third.objectives.rpo.verdict == "exceeded" && third.objectives.rto.verdict == "within")
                let gone = try #require(third.objectives.rpo.lost)
                #expect(gone > 9 && gone < kept && third.objectives.rto.measured_seconds ?? 0 > 0.1, "\(later.output)")
                #expect(third.remaining.map(\.command) == [nil] && third.remaining[0].text.contains("transactions.txt"))
                #expect(third.losses.contains { $0.hasPrefix("dr's own WAL held \(kept) commits") }, "\(third.losses)")

                let unknown = try await pgdr("report", "nosuch")
                #expect(
                    unknown.status == 3 && unknown.errors.hasPrefix("pgdr: there is no run \"nosuch\""), "\(unknown)")
                let changed = try await Tool.bash(
                    "sed -i '2s/primary/primarx/' \"$1\"/audit-*.jsonl", ["\(lab.directory)/audit"])
                #expect(changed.status == 0)
                let tampered = try await pgdr("report", second.run)
                #expect(tampered.status == 0 && tampered.errors.contains("TAMPERED"), "\(tampered)")
                #expect(tampered.output.contains("**✗ The audit log was TAMPERED WITH"), "\(tampered)")
            }
        }
    }
}
