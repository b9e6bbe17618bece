import Essentials
import Lab
import Testing

extension RealServers.SharedLab {
    @Suite struct PauseTests {
        /// A configuration with an audit log of its own, whose `change` makes another one of its text.
        private func with(
            _ change: (String) -> String = { $0 }, _ body: (_ lab: Lab, _ config: String) async throws -> Void
        ) async throws {
            let lab = try await level()
            try await withDirectory { directory in
                let lines = try read(lab.configurationFile).split(separator: "\n").filter {
                    !$0.hasPrefix("audit_directory:")
                }
                let config = try write(
                    change(lines.joined(separator: "\n")) + "\n", to: "\(directory)/pgdr.yaml")
                do { try await body(lab, config) } catch {
                    try await lab.primary.psql("DELETE FROM pgdr.control")
                    throw error
                }
                try await lab.primary.psql("DELETE FROM pgdr.control")
            }
        }

        private struct Document: Decodable {
            var schema: Int
            var cluster: String
            var changed: Bool
            @Nullable var paused: Pause?
            @Nullable var before: Pause?
        }

        private struct Pause: Decodable {
            @Nullable var until: String?
            @Nullable var reason: String?
            var actor: String
        }

        @Test func aPauseBeginsAndEnds() async throws {
            try await with { lab, config in
                let paused = try await Tool.run(["pause", "--for", "2h", "--reason", "new\nswitch"], config: config)
                #expect(paused.status == 0 && paused.errors == "", "\(paused)")
                #expect(
                    paused.output.wholeMatch(
                        of: /Failover of lab is paused until \S+Z\. Its mode is manual anyway\.\n/) != nil,
                    "\(paused.output)")
                let row = """
                    SELECT (value ->> 'until')::timestamptz BETWEEN now() + '119min' AND now() + '2h', reason,
                        at BETWEEN now() - interval '1min' AND now()
                    FROM pgdr.control
                    """
                #expect(try await lab.primary.psql(row) == "t|new\nswitch|t")

                let again = try await Tool.run(["pause", "--for", "30min", "--reason", "shorter"], config: config)
                #expect(again.output.contains("It was paused until "), "\(again.output)")
                #expect(again.output.contains(": new\\u000aswitch. "), "\(again.output)")

                let ended = try await Tool.run(["unpause", "--format", "json"], config: config)
                #expect(ended.status == 0 && ended.errors == "", "\(ended)")
                let document = try decode(Document.self, ended.output)
                #expect(document.schema == 1 && document.cluster == "lab" && document.changed)
                #expect(document.paused == nil && document.before?.reason == "shorter")
                #expect(try await lab.primary.psql("SELECT value IS NULL FROM pgdr.control") == "t")

                let nothing = try await Tool.run(["unpause", "--reason", "twice"], config: config)
                #expect(nothing.status == 0)
                #expect(nothing.output == "Nothing to do: failover of lab is not paused.\n")
                let log = try await Tool.run(["audit", "show", "--format", "json"], config: config)
                #expect(log.lines.count == 3, "\(log.output)")
                #expect(log.lines.filter { $0.contains("\"event\":\"failover.paused\"") }.count == 2)
                #expect(log.output.contains("\"event\":\"failover.unpaused\""))
            }
        }

        @Test func forScripts() async throws {
            try await with({ $0.replacing("lab:", with: "lab:\n    failover: {mode: automatic}") }) { _, config in
                let words = ["pause", "--for", "30d", "--reason", "x"]
                let text = try await Tool.run(words, config: config)
                #expect(text.status == 0 && !text.output.contains("mode"), "\(text)")
                let paused = try await Tool.run(words + ["--format", "json"], config: config)
                let document = try decode(Document.self, paused.output)
                #expect(document.changed && document.paused?.reason == "x" && document.before?.reason == "x")
                #expect(document.paused?.until?.hasSuffix("Z") == true)
            }
        }

        /// What a check of the whole cluster says of failover changes its exit status only where that happens by itself.
        @Test func aCheckTellsOfFailover() async throws {
            try await with { lab, config in
                _ = try await Tool.run(["pause", "--for", "1h", "--reason", "why"], config: config)
                let quiet = try await Tool.run(["check", "--sql-only"], config: config)
                #expect(quiet.status == 0, "\(quiet)")
                #expect(
                    quiet.output.contains(
                        """


                        Failover, mode manual
                          primary as the primary: of dr and replica 2 must agree
                          ok       survives the loss of primary

                        """), "\(quiet.output)")
                #expect(quiet.lines.last?.hasSuffix(": why") == true, "\(quiet.output)")
                #expect(try await !Tool.run(["check", "dr", "--sql-only"], config: config).output.contains("Failover"))
                for mode in ["manual", "automatic"] {
                    let text = try read(config).replacing("lab:", with: "lab:\n    failover: {mode: \(mode)}")
                        .replacing(/\n {8}ssh: .*/, with: "")
                    let other = try write(text, to: "\(config).\(mode)")
                    let outcome = try await Tool.run(["check", "--sql-only"], config: other)
                    #expect(outcome.status == (mode == "manual" ? 0 : 1), "\(outcome)")
                    let word = mode == "manual" ? "note   " : "LOOK AT"
                    #expect(outcome.output.contains("  \(word)  node \"dr\" has a vote"), "\(outcome.output)")
                    #expect(outcome.output.contains("  \(word)  node \"primary\" can't be fenced"))
                }
            }
        }

        /// Nothing is written where it is not sure to be right, nor before the log has it.
        @Test func whatIsRefused() async throws {
            let words = ["pause", "--for", "1h", "--reason", "x", "--format", "json"]
            try await with { lab, config in
                try write("", to: "\(config.dropLast("pgdr.yaml".count))audit")
                let outcome = try await Tool.run(words, config: config)
                #expect(outcome.status == 1 && outcome.output == "")
                #expect(try decode(ErrorDocument.self, outcome.errors).code == "audit")
                #expect(try await lab.primary.psql("SELECT count(*) FROM pgdr.control") == "0")
            }
            // Standbys only, and the role that only looks.
            let noPrimary = { (text: String) in
                text.replacing(/\ {6}primary:\n(?: {8}.*\n)*/, with: "")
            }
            for (change, status, code) in [
                (noPrimary, 1, "refused"),
                ({ text in text.replacing(/\n {4}admin: .*/, with: "") }, 2, "server"),
                ({ text in text.replacing("user=pgdr_admin", with: "user=nobody") }, 1, "connection"),
            ] as [((String) -> String, Int32, String)] {
                try await with(change) { lab, config in
                    let outcome = try await Tool.run(words, config: config)
                    #expect(outcome.status == status && outcome.output == "", "\(outcome)")
                    #expect(try decode(ErrorDocument.self, outcome.errors).code == code)
                    #expect(try await lab.primary.psql("SELECT count(*) FROM pgdr.control") == "0")
                }
            }
        }
    }
}
