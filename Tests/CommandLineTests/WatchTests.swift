import Lab
import Subprocess
import Testing

extension RealServers.SharedLab {
    @Suite struct WatchTests {
        @Test(arguments: [2, 15]) func aSignalEndsItCleanly(signal: Int32) async throws {
            let lab = try await level()
            let outcome = try await Tool.interrupt(
                ["status", "--watch", "0.2", "--format", "json"], afterLines: 3, with: Signal(rawValue: signal),
                config: lab.configurationFile)
            #expect(outcome.status == 0)
            #expect(outcome.errors == "")
            #expect(outcome.elapsed < .seconds(1))
            let lines = outcome.output.split(separator: "\n").map(String.init)
            let documents = try lines.map { try decode(StatusDocument.self, $0) }
            #expect(documents.count >= 3)
            #expect(Set(documents.map(\.at)).count == documents.count)
        }

        @Test func aTableSaysOfWhenItIs() async throws {
            let lab = try await level()
            let outcome = try await Tool.interrupt(
                ["status", "--watch", "200ms"], afterLines: 16, with: .interrupt, config: lab.configurationFile)
            #expect(outcome.status == 0)
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.count { $0.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil } >= 2)
            #expect(lines.count { $0.hasPrefix("lab  DR ready: ") } >= 2)
        }

        /// The signal comes while a round waits for a server that doesn't answer.
        @Test func aSignalEndsARoundThatWaits() async throws {
            let lab = try await level()
            let dr = try lab.node("dr")
            try dr.freeze()
            defer { #expect(throws: Never.self) { try dr.thaw() } }
            let outcome = try await Tool.interrupt(
                ["status", "--watch", "0.1", "--timeout", "2s", "--format", "json"], afterLines: 1, with: .interrupt,
                config: lab.configurationFile)
            #expect(outcome.status == 0)
            #expect(outcome.elapsed < .seconds(1))
        }
    }
}
