import Essentials
import FoundationEssentials
import Lab
import Testing

extension RealServers {
    /// What follows a promotion, as scripts and monitors see it.
    @Suite(.timeLimit(.minutes(5)))
    struct AfterPromotionTests {
        /// Killed between the promotion and what leads clients to it, a run is completed, and what it leaves is what
        /// one that wasn't killed leaves: clients are led once, and the same alert comes too late.
        @Test func aFailoverThatWasKilledIsCompletedOnce() async throws {
            try await withDirectory { directory in
                let lab = try await Lab.up(LabOptions(directory: "\(directory)/lab"))
                do { try await check(lab, in: directory) } catch {
                    _ = try? await Lab.down(lab.directory)
                    throw error
                }
                _ = try await Lab.down(lab.directory)
            }
        }

        private func check(_ lab: Lab, in directory: String) async throws {
            try configure(lab, in: directory)
            let tool = try await CrashingTool(lab, in: directory)
            try await lab.primary.kill()
            let words = ["run", "failover", "dr", "primary", "--yes", "--set", "trigger=alert-9"]
            let killed = try await tool.run(words, killedIn: "routes", after: .zero)
            #expect(killed.status == -9, "\(killed.output)\(killed.errors)")
            #expect(lines("routes", in: directory) == [])
            let run = try #require(try await tool.unfinishedRun())
            let resumed = try await tool.run(["resume", run, "--yes"])
            #expect(resumed.status == 0, "\(resumed.output)\(resumed.errors)")
            #expect(lines("routes", in: directory).count == 1)
            #expect(lines("routes", in: directory).allSatisfy { $0.contains("\"run\":\"\(run)\"") })
            #expect(try await lab.node("dr").psql("SELECT run, trigger_id FROM pgdr.failover") == "\(run)|alert-9")

            let late = try await tool.run(["failover", "--auto", "--trigger-id", "alert-9"])
            #expect(late.status == 4 && late.output.contains("by run \(run)"), "\(late.output)\(late.errors)")
            let back = try await tool.run(["run", "rejoin", "primary", "--yes"])
            #expect(back.status == 0, "\(back.output)\(back.errors)")
            try await lab.node("dr").kill()
            // A monitor asks again and again.
            for _ in 0..<2 {
                let refused = try await tool.run(["failover", "--auto", "--trigger-id", "alert-10"])
                #expect(refused.status == 1 && refused.output.contains("(cooldown)"), "\(refused.output)")
            }
            let news = lines("news", in: directory)
            #expect(news.count == 2, "\(news)")
            #expect(news.first?.contains("\"event\":\"failover_done\"") == true)
            #expect(news.last?.contains("\"event\":\"failover_refused\"") == true)
            #expect(news.last?.contains("\"reason\":\"cooldown\"") == true)
        }

        /// The lab's file ends within its only cluster's nodes.
        private func configure(_ lab: Lab, in directory: String) throws {
            func append(_ name: String) -> String {
                "[/bin/sh, -c, 'cat >>\"$1\"', sh, \"\(directory)/\(name)\"]"
            }
            let text = """
                    failover:
                      mode: automatic
                      confirm_for: 0s
                      routes: [\(append("routes"))]
                      notify: [\(append("news"))]

                """
            try write(try read(lab.configurationFile) + text, to: lab.configurationFile)
        }

        private func lines(_ name: String, in directory: String) -> [Substring] {
            (try? read("\(directory)/\(name)"))?.split(separator: "\n") ?? []
        }
    }
}
