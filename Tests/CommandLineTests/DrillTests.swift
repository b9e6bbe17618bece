import Essentials
import Lab
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct DrillTests {
        /// The keys of `pgdr drill switchover --format json` that scripts rely on.
        private struct Drill: Decodable {
            var schema: Int
            var drill: String
            var kind: String
            var cluster: String
            var node: String
            var home: String
            var passed: Bool
            @Nullable var primary: String?
            var problems: [String]
            var looks: [Look]
            var runs: [String]
            @Nullable var rto_seconds: Double?
            @Nullable var lost: Int?
            var probes: [Probe]

            struct Look: Decodable {
                var when: String
                var problems: [String]
            }

            struct Probe: Decodable { var acknowledged: Int }
        }

        /// Those of `pgdr drill history --format json`.
        private struct History: Decodable {
            var schema: Int
            var cluster: String
            var drills: [Item]

            struct Item: Decodable {
                var drill: String
                var kind: String
                var node: String
                @Nullable var home: String?
                var outcome: String
                var actor: String
                var began_at: String
                @Nullable var ended_at: String?
                var problems: [String]
                var runs: [String]
                @Nullable var rto_seconds: Double?
                @Nullable var lost: Int?
            }
        }

        private func findings(_ config: String) async throws -> [String] {
            let outcome = try await Tool.run(["status", "--format", "json"], config: config)
            return try decode(StatusDocument.self, outcome.output).clusters.flatMap(\.findings).map(\.code)
        }

        /// The role goes there and back, each time with a look at the estate; then the cluster knows of the drill.
        @Test func theRoleGoesThereAndBack() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory())) { lab in
                let config = "\(lab.directory)/drilled.yaml"
                try lab.writeConfiguration(
                    to: config, auditDirectory: "\(lab.directory)/audit",
                    cluster: ["drills: {switchover: 1h}", "failover: {after: estate}"])
                let dr = try lab.node("dr")
                let estate = """
                    estate:
                      services:
                        database: {kind: postgres, node: dr, role: primary}
                        dr: {kind: tcp, address: "\(dr.address):\(dr.port)"}

                    """
                try write(try read(config) + estate, to: config)
                #expect(try await findings(config) == ["drill_overdue"])

                let refused = try await Tool.run(["drill", "switchover", "primary", "--yes"], config: config)
                #expect(refused.status == 1 && refused.errors.hasPrefix("pgdr: primary is the primary already"))
                let plan = try await Tool.run(["drill", "switchover", "--plan"], config: config)
                #expect(plan.status == 0 && plan.output.contains("here$ pgdr estate check"), "\(plan)")
                #expect(try await Tool.run(["drill", "history"], config: config).output == "No drills.\n")

                let done = try await Tool.run(
                    ["drill", "switchover", "--yes", "--format", "json", "--rto", "20s", "--rpo", "0"], config: config)
                let drill = try decode(Drill.self, done.output)
                // Back home, dr is no primary: the estate that wants it to be one says so.
                #expect(done.status == 2 && !drill.passed && drill.primary == "primary", "\(done)")
                #expect(drill.problems == ["step estate of run \(drill.runs.last ?? "") failed"], "\(drill.problems)")
                #expect(drill.looks.map(\.when) == ["before", "between", "after"])
                #expect(drill.lost == 0 && (0.001...20).contains(drill.rto_seconds ?? 0), "\(done.output)")
                #expect(drill.probes.count == 2 && drill.probes.allSatisfy { $0.acknowledged > 2 })
                #expect(try await lab.primary.psql("SELECT pg_is_in_recovery()") == "f")
                #expect(try await findings(config) == ["drill_overdue"])
                let log = try await Tool.run(["audit", "show", "--format", "json"], config: config)
                #expect(log.lines.count { $0.contains("\"estate.checked\"") } == 2)

                try write(
                    try read(config).replacing("role: primary", with: "node: dr").replacing(
                        "node: dr, node: dr", with: "node: dr"), to: config)
                let again = try await Tool.run(
                    [
                        "drill", "switchover", "dr", "--yes", "--stay", "1s", "--rpo", "0", "--report",
                        "\(lab.directory)/drill.html",
                    ], config: config)
                #expect(again.status == 0 && again.output.contains("Passed: to dr and back to primary"), "\(again)")
                #expect(again.errors.contains("The role stays there for 1.0 s."), "\(again.errors)")
                #expect(!again.errors.contains("keep"), "\(again.errors)")
                let page = try read("\(lab.directory)/drill.html")
                #expect(page.contains("</span> Drill, the primary role from primary to dr and back: passed</p>"))
                #expect(page.matches(of: /<svg class="picture chart"/).count == 2 && !page.contains("MISSED"))
                #expect(try await findings(config) == [])
                let kept = "SELECT string_agg(kind || node || passed, ' ' ORDER BY at) FROM pgdr.drill"
                #expect(try await dr.psql(kept) == "switchoverdrfalse switchoverdrtrue")

                let history = try decode(
                    History.self,
                    try await Tool.run(["drill", "history", "--format", "json"], config: config).output)
                #expect(history.drills.map(\.outcome) == ["failed", "passed"])
                #expect(history.drills.first?.drill == drill.drill && history.drills.first?.runs == drill.runs)
                #expect(history.drills.map(\.lost) == [0, 0])

                // What the cluster can't tell is no success.
                try await lab.primary.psql("DROP TABLE pgdr.drill")
                #expect(try await findings(config) == ["drills_unknown"])
                #expect(try await Tool.run(["audit", "verify"], config: config).status == 0)
            }
        }

        /// Killed between the switchovers it is unfinished, and it is said how the role goes back.
        @Test func aDrillThatIsCutOffIsUnfinished() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 1)) { lab in
                let config = lab.configurationFile
                let cut = try await signalled("KILL", "dr", "--stay 1min", lab)
                #expect(cut.status == 137, "\(cut)")
                let history = try await Tool.run(["drill", "history", "--format", "json"], config: config)
                let drill = try #require(try decode(History.self, history.output).drills.first)
                #expect(drill.outcome == "unfinished" && drill.ended_at == nil && drill.home == "primary")
                #expect(drill.runs.count == 1, "\(history)")
                let table = try await Tool.run(["drill", "history"], config: config)
                #expect(table.output.contains("to go back: pgdr run switchover primary"), "\(table)")
                #expect(try await lab.node("dr").psql("SELECT pg_is_in_recovery()") == "f")

                // Ctrl-C sends the role home at once; so does a terminal that is closed, which doesn't stop it on its way.
                for signals in ["INT", "HUP HUP HUP"] {
                    let began = ContinuousClock.now
                    let back = try await signalled(signals, "primary", "--stay 1min --no-probe", lab)
                    #expect(began.duration(to: .now) < .seconds(45))
                    #expect(back.status == 0 && back.output.contains("back to dr (drill"), "\(back)")
                    #expect(try await lab.node("dr").psql("SELECT pg_is_in_recovery()") == "f")
                }
            }
        }

        /// The drill, sent signals one after the other while the role stays at the other node.
        private func signalled(_ signals: String, _ node: String, _ more: String, _ lab: Lab) async throws -> Outcome {
            try await Tool.bash(
                """
                errors=$(mktemp -p "$1")
                "$0" drill switchover \(node) --yes \(more) 2>"$errors" & pid=$!
                for i in $(seq 600); do grep -q "The role stays" "$errors" && break; sleep 0.1; done
                for signal in \(signals); do kill -$signal $pid; sleep 0.3; done
                wait $pid
                """, [lab.directory], config: lab.configurationFile)
        }

        /// Where the clients' path doesn't follow the role, it comes back all the same; and so does who followed whom.
        @Test func theRoleComesBackThoughNobodyLedClientsOn() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory())) { lab in
                let config = "\(lab.directory)/fixed.yaml"
                let primary = lab.primary
                let path =
                    "host=\(primary.address) port=\(primary.port) dbname=postgres user=pgdr passfile='\(lab.passfile)'"
                try lab.writeConfiguration(
                    to: config, auditDirectory: "\(lab.directory)/audit", cluster: ["clients: \"\(path)\""])
                let cascade = try await Tool.run(["run", "repoint", "replica", "dr", "--yes"], config: config)
                #expect(cascade.status == 0, "\(cascade)")
                let done = try await Tool.run(
                    ["drill", "switchover", "dr", "--yes", "--format", "json"], config: config)
                let drill = try decode(Drill.self, done.output)
                #expect(done.status == 2 && !drill.passed && drill.primary == "primary", "\(done)")
                // Nor is what the way back cost, since nothing was committed before it.
                #expect(drill.problems.last == "what clients saw was not measured" && drill.problems.count == 2)
                #expect(drill.problems.first?.contains("the role change is not proven") == true, "\(drill.problems)")
                #expect(drill.runs.count == 3 && drill.looks.allSatisfy { $0.problems.isEmpty }, "\(drill.looks)")
                let state = try await Tool.run(["status", "--format", "json"], config: config)
                let nodes = try decode(StatusDocument.self, state.output).clusters.flatMap(\.nodes)
                #expect(nodes.map(\.upstream) == [nil, "primary", "dr"], "\(nodes)")
            }
        }
    }
}
