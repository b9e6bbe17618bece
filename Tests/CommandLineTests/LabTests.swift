import FoundationEssentials
import Lab
import Subprocess
import Testing

extension RealServers {
    @Suite(.serialized, .timeLimit(.minutes(5)))
    struct LabTests {
        /// Labs whose directories begin so that still run something.
        private func processes(below directory: String) async throws -> String {
            try await Tool.bash("grep -ls -- \"PGDR_LAB=$1\" /proc/[0-9]*/environ || true", [directory]).output
        }

        @Test func upStatusLoadDown() async throws {
            try await withDirectory { parent in
                let directory = "\(parent)/lab"
                let up = try await Tool.run(["lab", "up", "--dir", directory, "--nodes", "2"])
                #expect(up.status == 0, "\(up.errors)")
                #expect(up.output.contains("running, pid "))
                #expect(up.errors == "Next: PGDR_CONFIG=\(directory)/pgdr.yaml pgdr status\n")

                let status = try await Tool.run(["lab", "status", "--dir", directory, "--format", "json"])
                #expect(status.status == 0)
                #expect(status.output.contains("\"name\" : \"dr\"") && !status.output.contains("\"replica\""))
                let again = try await Tool.run(["lab", "up", "--dir", directory])
                #expect(again.status == 1)
                #expect(again.errors.contains("HINT: Take it down with: pgdr lab down --dir \(directory)"))

                let load = try await Tool.run(["lab", "load", "--dir", directory, "--rate", "50", "--duration", "1s"])
                #expect(load.status == 0)
                #expect(load.output == "50 rows acknowledged in 1.0 s\n", "\(load.output)")
                #expect(load.errors.contains("100 %  50 rows\n"), "\(load.errors)")
                let nobody = try await Tool.run(["lab", "load", "--dir", directory, "--node", "nosuch"])
                #expect(nobody.status == 1)
                #expect(nobody.errors.contains("HINT: It has: primary, dr."), "\(nobody.errors)")
                let words = ["lab", "load", "--dir", directory, "--node", "dr", "--duration", "1s"]
                let standby = try await Tool.run(words)
                #expect(standby.status == 3)

                let down = try await Tool.run(["lab", "down", "--dir", directory])
                #expect(down.status == 0)
                #expect(down.errors == "The lab in \(directory) is gone.\n")
                #expect(!exists(directory))
                #expect(try await processes(below: directory) == "")
                let twice = try await Tool.run(["lab", "down", "--dir", directory])
                #expect(twice.status == 0)
                #expect(twice.errors == "There is no lab in \(directory).\n")
            }
        }

        @Test func whereNoLabIs() async throws {
            try await withDirectory { directory in
                try write("", to: "\(directory)/precious")
                for words in [["up"], ["down"], ["status"], ["load"]] {
                    let outcome = try await Tool.run(["lab"] + words + ["--dir", directory])
                    #expect(outcome.status == 1, "\(words)")
                    #expect(outcome.errors.hasPrefix("pgdr: "), "\(outcome.errors)")
                }
                #expect(exists("\(directory)/precious"))
                let missing = try await Tool.run(["lab", "up", "--dir", "\(directory)/lab", "--postgres-bin", "/bin"])
                #expect(missing.status == 1)
                #expect(!exists("\(directory)/lab"))
            }
        }

        @Test func demoShowsAllThatItPromisesAndLeavesNothing() async throws {
            try await withDirectory { directory in
                let outcome = try await Tool.run(["demo"], environment: ["TMPDIR": directory])
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(!outcome.errors.contains("✗") && !outcome.errors.contains("pgdr:"), "\(outcome.errors)")
                #expect(outcome.output.split(separator: "lab  DR ").count == 4, "\(outcome.output)")
                #expect(outcome.output.contains("lab  Standby ready: primary is 0 B"), "\(outcome.output)")
                // A failover may lose what no standby had received, a switchover may not.
                let waits = outcome.lines.filter { $0.contains("The client's longest wait was") }
                #expect(waits.count == 3, "\(outcome.output)")
                #expect(waits.prefix(2).allSatisfy { $0.hasSuffix("commits 0 are lost.") }, "\(waits)")
                #expect(outcome.output.contains("dr is promoted out of timeline 3."), "\(outcome.output)")
                #expect(outcome.output.contains("in a read-only transaction"), "\(outcome.output)")
                #expect(outcome.output.contains("Decided again from this evidence: the same."), "\(outcome.output)")
                #expect(outcome.output.contains("\nintact: "), "\(outcome.output)")
                #expect(outcome.output.contains("\nTAMPERED: edited: line "), "\(outcome.output)")
                #expect(outcome.output.contains("replay is paused on standby \"dr\""))
                #expect(outcome.output.hasSuffix("— Everything is taken down again.\n"), "\(outcome.output)")
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
                #expect(try await processes(below: directory) == "")
            }
        }

        @Test func anInterruptedDemoLeavesNothing() async throws {
            try await withDirectory { directory in
                // The second line comes once the servers run.
                let outcome = try await Tool.interrupt(
                    ["demo"], afterLines: 2, with: .interrupt, environment: ["TMPDIR": directory])
                #expect(outcome.status == 2, "\(outcome.errors)")
                #expect(outcome.errors.hasPrefix("pgdr: "), "\(outcome.errors)")
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
                #expect(try await processes(below: directory) == "")
            }
        }

        @Test func aDemoThatNobodyReadsLeavesNothing() async throws {
            try await withDirectory { directory in
                let outcome = try await Tool.bash("\"$0\" demo | head -n 1", environment: ["TMPDIR": directory])
                #expect(outcome.output.split(separator: "\n").count == 1)
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
                #expect(try await processes(below: directory) == "")
            }
        }
    }
}
