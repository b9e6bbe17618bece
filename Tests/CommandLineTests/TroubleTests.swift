import Essentials
import Lab
import Testing

extension RealServers.SharedLab {
    @Suite struct TroubleTests {
        @Test func aStoppedStandbyIsCritical() async throws {
            let lab = try await level()
            let dr = try lab.node("dr")
            try await dr.stop()
            let outcome: Result<[Outcome], any Error>
            do {
                outcome = .success([
                    try await Tool.run(["status"], config: lab.configurationFile),
                    try await Tool.run(["status", "--format", "nagios"], config: lab.configurationFile),
                    try await Tool.run(["check", "dr"], config: lab.configurationFile),
                    try await Tool.run(["lab", "status", "--dir", lab.directory]),
                ])
            } catch { outcome = .failure(error) }
            try await dr.start()
            let outcomes = try outcome.get()
            #expect(outcomes.map(\.status) == [2, 2, 2, 0])
            #expect(outcomes[0].output.hasPrefix("lab  DR NOT READY: node \"dr\" gives no answer (refused)"))
            #expect(outcomes[0].output.contains("  CRITICAL  node \"dr\" gives no answer (refused)\n"))
            #expect(outcomes[0].output.contains("            HINT: "), "\(outcomes[0].output)")
            #expect(outcomes[1].output.hasPrefix("PGDR CRITICAL - lab: DR NOT READY: "))
            #expect(outcomes[1].lines.dropFirst().allSatisfy { $0.hasPrefix("[") }, "\(outcomes[1].output)")
            #expect(outcomes[2].output.contains("  NO       Answers: refused: "), "\(outcomes[2].output)")
            #expect(outcomes[3].output.contains("stopped"))
        }

        @Test func anUnusedSlotIsAWarning() async throws {
            let lab = try await level()
            try await lab.primary.psql("SELECT pg_create_physical_replication_slot('unused', true)")
            let table = try await Tool.run(["status"], config: lab.configurationFile)
            let monitor = try await Tool.run(["status", "--format", "nagios"], config: lab.configurationFile)
            try await lab.primary.psql("SELECT pg_drop_replication_slot('unused')")
            #expect(table.status == 1)
            #expect(table.output.contains("   WARNING  nobody uses replication slot \"unused\" on \"primary\"\n"))
            #expect(monitor.status == 1)
            #expect(monitor.output.hasPrefix("PGDR WARNING - "))
        }

        @Test func aFrozenServerCostsTheTimeout() async throws {
            let lab = try await level()
            let dr = try lab.node("dr")
            try dr.freeze()
            defer { #expect(throws: Never.self) { try dr.thaw() } }
            let outcome = try await Tool.run(["status", "--timeout", "1s"], config: lab.configurationFile)
            #expect(outcome.status == 2)
            #expect(outcome.elapsed >= .seconds(1) && outcome.elapsed < .milliseconds(1500), "\(outcome.elapsed)")
            #expect(outcome.output.contains("node \"dr\" gives no answer (connect_timeout)"), "\(outcome.output)")
        }

        @Test func aNodeIsChecked() async throws {
            let lab = try await level()
            let dr = try await Tool.run(["check", "dr"], config: lab.configurationFile)
            #expect(dr.status <= 1, "\(dr.output)")
            #expect(dr.output.hasPrefix("dr may be promoted; a switchover would lose nothing"), "\(dr.output)")
            #expect(!dr.output.contains("replica may be promoted"))
            let all = try await Tool.run(["check"], config: lab.configurationFile)
            #expect(all.output.contains("dr may be promoted") && all.output.contains("replica may be promoted"))
            let document = try await Tool.run(["check", "dr", "--format", "json"], config: lab.configurationFile)
            #expect(document.status == dr.status)
            #expect(document.output.contains("\"schema\" : 1"))
            let primary = try await Tool.run(["check", "primary"], config: lab.configurationFile)
            #expect(primary.status == 0)
            #expect(primary.output == "primary is the primary already\n")
        }

        /// The threads' own library would end pgdr without a word.
        @Test(arguments: [4, 8, 15]) func tooFewOpenFilesAreSaid(limit: Int) async throws {
            let lab = try await level()
            for words in ["status", "run promote dr --plan"] {
                let outcome = try await Tool.bash(
                    "ulimit -n \(limit); exec \"$0\" \(words)", config: lab.configurationFile)
                #expect(outcome.status == 3 && outcome.output == "", "\(outcome)")
                #expect(
                    outcome.errors == """
                        pgdr: at most \(limit) open files are allowed, pgdr needs 16
                        HINT: Raise the limit of open files (ulimit -n).

                        """)
            }
        }

        /// With a few more it says what it could not do, or does it.
        @Test(arguments: [16, 18, 22]) func fewOpenFilesEndNothing(limit: Int) async throws {
            let lab = try await level()
            let outcome = try await Tool.bash(
                "ulimit -n \(limit); exec \"$0\" status --format json", config: lab.configurationFile)
            #expect([0, 1, 2, 3].contains(outcome.status), "\(outcome)")
            #expect(throws: Never.self) { try decode(StatusDocument.self, outcome.output) }
        }

        @Test func anUnknownNodeHasANearestName() async throws {
            let lab = try await level()
            let far = try await Tool.run(["check", "nosuch"], config: lab.configurationFile)
            #expect(far.status == 3)
            #expect(
                far.errors == """
                    pgdr: there is no node "nosuch" in cluster "lab"
                    DETAIL: Nodes: "primary", "dr" and "replica".

                    """)
            let near = try await Tool.run(["check", "replcia", "--format", "json"], config: lab.configurationFile)
            #expect(near.status == 3)
            #expect(try decode(ErrorDocument.self, near.errors).hint == "Did you mean \"replica\"?")
        }
    }
}
