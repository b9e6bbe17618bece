import Essentials
import Glibc
import Lab
import Testing

extension RealServers.SharedLab {
    /// The report as a browser shows it.
    @Suite struct EstateReportTests {
        /// The lab's configuration with an estate in which a title would be a script if it were not escaped.
        private func configuration(_ lab: Lab, _ directory: String) throws -> String {
            let shells = try read(lab.configurationFile).split(separator: "\n").filter { $0.hasPrefix("        ssh: ") }
            let estate = """
                estate:
                  servers:
                    one: {title: "One <script>document.title='x'</script> & \\"more\\"", \(shells[0].dropFirst(8))}
                    two: {title: Two, \(shells[1].dropFirst(8))}
                    three: {title: Three, deployed: false}
                  services:
                    database: {kind: postgres, server: one, node: primary, role: primary}
                    standby: {kind: postgres, server: two, node: dr, role: standby}
                    closed: {kind: tcp, server: two, address: "127.0.0.1:1", category: "<b>telemetry</b>"}
                    bus: {kind: nats, server: three, address: "127.0.0.1:2"}
                  pipelines:
                    ingest: {from: two, to: [database, closed, bus]}
                    copy: {from: one, to: database}

                """
            return try write(read(lab.configurationFile) + estate, to: "\(directory)/pgdr.yaml")
        }

        /// A script of the test's own: what a person would notice on the page.
        private static let look = """
            <script>
            const shown = e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0; };
            const inside = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
            const boxes = [...document.querySelectorAll('svg g.server, svg g.node')];
            const cut = boxes.flatMap(g => [...g.querySelectorAll('text')].filter(t => t.textContent && !inside(t.getBoundingClientRect(), g.querySelector('rect').getBoundingClientRect())));
            const rects = boxes.map(g => g.querySelector('rect').getBoundingClientRect());
            const over = rects.filter((a, i) => rects.some((b, j) => i < j && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom));
            const overlaps = [...document.querySelectorAll('svg g.row')].filter(g => { const t = g.querySelectorAll('text'); return t[1].getBoundingClientRect().right > t[2].getBoundingClientRect().left; });
            const out = [...document.querySelectorAll('svg text, svg rect, svg path')].filter(e => e.closest('svg') && !e.closest('marker') && shown(e) && !inside(e.getBoundingClientRect(), e.closest('svg').getBoundingClientRect()));
            document.body.setAttribute('data-seen', JSON.stringify({
                boxes: boxes.length, cut: cut.map(t => t.textContent), over: over.length, overlaps: overlaps.length, out: out.length,
                ways: document.querySelectorAll('svg g.way').length, title: document.title, scripts: document.scripts.length,
                wide: document.documentElement.scrollWidth <= window.innerWidth,
                colours: [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,
                    getComputedStyle(document.querySelector('svg .sign.fail')).fill, getComputedStyle(document.querySelector('svg .sign.pass')).fill],
                elsewhere: performance.getEntriesByType('resource').length,
            }));
            </script>
            """

        private struct Seen: Decodable {
            var boxes: Int
            var cut: [String]
            var over: Int
            var overlaps: Int
            var out: Int
            var ways: Int
            var title: String
            var scripts: Int
            var wide: Bool
            var colours: [String]
            var elsewhere: Int
        }

        @Test func inABrowser() async throws {
            let lab = try await level()
            try await withDirectory { directory in
                let file = try configuration(lab, directory)
                let page = "\(directory)/estate.html"
                let made = try await Tool.run(["estate", "report", "--output", page], config: file)
                #expect(made.status == 2 && made.output.isEmpty && made.errors == "Written to \(page).\n", "\(made)")
                let html = try read(page)
                #expect(!html.contains("<script"))

                let watched = try write(
                    html.replacing("</body>", with: Self.look + "</body>"), to: "\(directory)/watched.html")
                let dump = try await Browser.document(of: watched, in: directory)
                let light = try Browser.seen(Seen.self, in: dump)
                // Three servers; the lab's primary and its two standbys.
                #expect(light.boxes == 3 + 3 && light.ways == 4 + 2)
                #expect(
                    light.cut == [] && light.over == 0 && light.overlaps == 0 && light.out == 0 && light.wide,
                    "\(light)")
                // The test's own script is the only one, and nobody changed the title.
                #expect(light.scripts == 1 && light.title == "Estate: 2 of 8 fail, 2 skipped: closed, ingest:closed")
                #expect(light.elsewhere == 0)
                for text in [
                    "One &lt;script&gt;document.title", "&lt;b&gt;telemetry&lt;/b&gt;",
                    "There was none.",
                    "arrives at a primary", "two is answered by ", ">total</th>", "<h3>lab</h3>",
                ] {
                    #expect(dump.contains(text), "\(text)")
                }
                let dark = try Browser.seen(
                    Seen.self, in: try await Browser.document(of: watched, in: directory, isDark: true))
                #expect(
                    light.colours[0] == "rgb(255, 255, 255)" && dark.colours[0] == "rgb(13, 17, 23)", "\(dark.colours)")
                #expect(zip(light.colours, dark.colours).allSatisfy { $0 != $1 })
                #expect(light.colours[2] != light.colours[3] && dark.colours[2] != dark.colours[3])

                // The next report compares itself with this one.
                let next = try await Tool.run(["estate", "report", "--format", "markdown"], config: file)
                #expect(next.output.contains("\n- still failing: closed, ingest:closed\n"), "\(next.output)")
            }
        }
    }
}
