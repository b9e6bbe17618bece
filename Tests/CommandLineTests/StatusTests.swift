import Lab
import Testing

extension RealServers.SharedLab {
    @Suite struct StatusTests {
        @Test func tableForPeople() async throws {
            let lab = try await level()
            let outcome = try await Tool.run(["status"], config: lab.configurationFile)
            #expect(outcome.status == 0)
            #expect(outcome.errors == "")
            #expect(outcome.lines.first?.hasPrefix("lab  DR ready: dr is ") == true, "\(outcome.output)")
            let rows = outcome.lines.dropFirst(2).map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
            #expect(rows == ["NODE KIND ROLE", "primary primary primary", "├─ dr dr", "└─ replica replica"])
            #expect(outcome.lines.allSatisfy { $0.count <= 130 }, "\(outcome.output)")
        }

        @Test func documentForScripts() async throws {
            let lab = try await level()
            let outcome = try await Tool.run(["status", "--format", "json"], config: lab.configurationFile)
            #expect(outcome.status == 0)
            let document = try decode(StatusDocument.self, outcome.output)
            #expect(document.schema == 1)
            #expect(document.at.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            let cluster = try #require(document.clusters.first)
            #expect(cluster.name == "lab")
            #expect(cluster.verdict.severity == "ok")
            #expect(cluster.rpo.bytes == 0)
            #expect(cluster.findings.isEmpty)
            #expect(cluster.nodes.map(\.name) == ["primary", "dr", "replica"])
            #expect(cluster.nodes.map(\.role) == ["primary", "standby", "standby"])
            #expect(cluster.nodes.map(\.upstream) == [nil, "primary", "primary"])
            #expect(cluster.nodes.allSatisfy { $0.reachable && $0.timeline == 1 })
            #expect(cluster.nodes.first?.lsn?.wholeMatch(of: /[0-9A-F]+\/[0-9A-F]+/) != nil)
            #expect(cluster.nodes.allSatisfy { $0.silence == nil && $0.rates == nil })
            #expect(cluster.nodes.map { $0.lag == nil } == [true, false, false])
        }

        /// Decoding is what checks that no key is absent, of a node that answers as of one that doesn't; so that it
        /// does is checked too, by taking away each key.
        @Test func noKeyIsAbsent() async throws {
            let lab = try await level()
            let dr = try lab.node("dr")
            try await dr.stop()
            let outcome: Result<Outcome, any Error>
            do {
                outcome = .success(try await Tool.run(["status", "--format", "json"], config: lab.configurationFile))
            } catch { outcome = .failure(error) }
            try await dr.start()
            let text = try outcome.get().output
            let cluster = try #require(try decode(StatusDocument.self, text).clusters.first)
            #expect(cluster.findings.map(\.code).contains("node_unreachable"))
            let silent = try #require(cluster.nodes.first { $0.name == "dr" })
            #expect(!silent.reachable && silent.role == nil && silent.lag != nil)
            #expect(silent.silence?.reason == "refused")
            #expect(cluster.nodes.first { $0.name == "replica" }?.lag?.replay.bytes != nil)
            for key in promisedKeys {
                let without = text.replacing("\"\(key)\" : ", with: "\"no_\(key)\" : ")
                #expect(without != text, "\(key)")
                #expect(throws: DecodingError.self, "\(key)") { try decode(StatusDocument.self, without) }
            }
        }

        @Test func metricsThatPrometheusTakes() async throws {
            let lab = try await level()
            let outcome = try await Tool.bash(
                "\"$0\" status --format openmetrics | promtool check metrics", config: lab.configurationFile)
            #expect(outcome.status == 0)
            #expect(outcome.output + outcome.errors == "")
        }

        @Test func lineForMonitors() async throws {
            let lab = try await level()
            let outcome = try await Tool.run(["status", "--format", "nagios"], config: lab.configurationFile)
            #expect(outcome.status == 0)
            #expect(outcome.lines.count == 1)
            let parts = outcome.output.split(separator: " | ")
            #expect(parts.first?.hasPrefix("PGDR OK - lab: DR ready: dr is ") == true, "\(outcome.output)")
            let data = try #require(parts.last).split(separator: " ")
            #expect(parts.count == 2 && data.count == 6)
            for entry in data {
                let form = /'[\w-]+'=(U|[\d.]+(B|s|ms));[\d.]*;[\d.]*;0\n?/
                #expect(entry.wholeMatch(of: form) != nil, "\(entry)")
            }
        }

        @Test func allClustersOfAFile() async throws {
            let lab = try await level()
            try await withDirectory { directory in
                let nodes = try read(lab.configurationFile).split(separator: "lab:\n", maxSplits: 1)
                let cluster = try #require(nodes.last)
                let text = "clusters:\n  east:\n\(cluster)  west:\n\(cluster)"
                let file = try write(text, to: "\(directory)/pgdr.yaml")
                let both = try await Tool.run(["status", "--all", "--format", "json"], config: file)
                #expect(both.status == 0)
                #expect(try decode(StatusDocument.self, both.output).clusters.map(\.name) == ["east", "west"])
                let west = try await Tool.run(["status", "--cluster", "west"], config: file)
                #expect(west.status == 0)
                #expect(west.output.hasPrefix("west  DR ready: ") && !west.output.contains("east"))
                #expect(try await Tool.run(["status"], config: file).status == 3)
            }
        }

        @Test func ratesFromTwoLooks() async throws {
            let lab = try await level()
            let outcome = try await Tool.run(["status", "--sample", "1s"], config: lab.configurationFile)
            #expect(outcome.status == 0)
            #expect(outcome.elapsed >= .seconds(1) && outcome.elapsed < .seconds(4))
            #expect(outcome.output.contains("WAL RATE  REPLAY RATE  CATCHES UP IN"), "\(outcome.output)")
        }

        @Test(arguments: ["", "1"]) func noColoursWithoutATerminal(setting: String) async throws {
            let lab = try await level()
            for words in [["status"], ["check"], ["lab", "status", "--dir", lab.directory]] {
                let outcome = try await Tool.run(
                    words, config: lab.configurationFile, environment: ["NO_COLOR": setting, "TERM": "xterm-256color"])
                #expect(!(outcome.output + outcome.errors).contains("\u{1B}"), "\(words)")
            }
        }

        /// `script` gives it a terminal.
        @Test(arguments: [("", true), ("NO_COLOR=1", false), ("TERM=dumb", false)])
        func coloursOnATerminal(setting: String, expected: Bool) async throws {
            let lab = try await level()
            let outcome = try await Tool.bash(
                "export TERM=xterm; export $1; script -qec \"'$0' status\" /dev/null </dev/null", [setting],
                config: lab.configurationFile)
            #expect(outcome.output.contains("DR ready: "), "\(outcome.output)\(outcome.errors)")
            #expect(outcome.output.contains("\u{1B}[") == expected, "\(outcome.output)")
        }

        @Test func aReaderThatLeavesIsNoError() async throws {
            let lab = try await level()
            for command in ["status", "status --watch 0.2", "check"] {
                // Once as a shell starts it, once as a service manager does: with SIGPIPE ignored.
                for disposition in ["-", "''"] {
                    let outcome = try await Tool.bash(
                        "trap \(disposition) PIPE; timeout 10 \"$0\" \(command) | head -n 0; echo \"${PIPESTATUS[0]}\"",
                        config: lab.configurationFile)
                    #expect(outcome.errors == "", "\(command)")
                    #expect(outcome.output != "124\n", "\(command) went on")
                }
            }
        }

        @Test func resultsThatCannotBeWrittenAreAnError() async throws {
            let lab = try await level()
            let full = try await Tool.bash("\"$0\" status > /dev/full", config: lab.configurationFile)
            #expect(full.status != 0)
            #expect(full.errors.contains("could not write to standard output: No space left on device"))
            let closed = try await Tool.bash("\"$0\" status >&-", config: lab.configurationFile)
            #expect(closed.errors == "")
        }
    }
}
