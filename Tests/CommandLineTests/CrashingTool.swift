import Essentials
import FoundationEssentials
import Lab
import Testing

/// pgdr with its life bound to its audit log: it is killed once so many entries are on the disk.
struct CrashingTool: Sendable {
    let lab: Lab
    private let library: String

    /// Compiles what kills it, `crash.c`; `directory` is where the library goes.
    init(_ lab: Lab, in directory: String) async throws {
        self.lab = lab
        library = "\(directory)/crash.so"
        let source = #filePath.prefix(through: #filePath.lastIndex(of: "/") ?? #filePath.startIndex) + "crash.c"
        let made = try await Tool.bash(
            "cc -std=c17 -O1 -Wall -Wextra -Werror -shared -fPIC -pthread -o \"$2\" \"$1\"", [String(source), library])
        try #require(made.status == 0, "\(made.errors)")
    }

    /// Runs pgdr to its end, or until so many entries are on the disk.
    func run(_ words: [String], killedAfter count: Int, _ instant: CrashMatrix.Instant) async throws -> Outcome {
        try await Tool.run(
            words, config: lab.configurationFile,
            environment: [
                "LD_PRELOAD": library, "PGDR_CRASH_DIRECTORY": "\(lab.directory)/audit",
                "PGDR_CRASH_WHEN": instant == .announced ? "after" : "before",
                "PGDR_CRASH_AT": "\(instant == .announced ? count : count + 1)",
            ])
    }

    /// Runs pgdr to its end, or until so long after a step was announced.
    func run(_ words: [String], killedIn step: String, after delay: Duration) async throws -> Outcome {
        try await Tool.run(
            words, config: lab.configurationFile,
            environment: environment(killedIn: step, after: delay, log: "\(lab.directory)/audit"))
    }

    private func environment(
        killedIn step: String, after delay: Duration, log directory: String
    ) -> [String: String] {
        [
            "LD_PRELOAD": library, "PGDR_CRASH_DIRECTORY": directory, "PGDR_CRASH_WHEN": "during",
            "PGDR_CRASH_STEP": step, "PGDR_CRASH_DELAY": "\(Int(delay.seconds * 1_000_000))",
        ]
    }

    /// What ends a pgdr that writes to that audit log in one of its steps.
    func environment(
        killedIn step: String, _ instant: CrashMatrix.Instant, log directory: String
    ) -> [String: String] {
        var variables = environment(killedIn: step, after: .zero, log: directory)
        if instant == .acted { variables["PGDR_CRASH_WHEN"] = "acted" }
        return variables
    }

    /// Runs pgdr to its end.
    func run(_ words: [String]) async throws -> Outcome { try await Tool.run(words, config: lab.configurationFile) }

    /// The last event of the audit log, and its step: what a killed pgdr wrote last.
    func lastEntry() async throws -> String { try await Self.lastEntry(of: "\(lab.directory)/audit") }

    /// The last event of the audit log in that directory, and its step.
    static func lastEntry(of directory: String) async throws -> String {
        let tail = try await Tool.bash("cat \"$1\"/*.jsonl | tail -n 1", [directory])
        let entry = try decode(Entry.self, tail.output)
        return [entry.event, entry.details.step].compactMap(\.self).joined(separator: " ")
    }

    /// The identifier of the only unfinished run; nil when there is none.
    func unfinishedRun() async throws -> String? {
        let outcome = try await run(["runs", "--unfinished", "--format", "json"])
        let runs = try decode(Runs.self, outcome.output).runs
        try #require(runs.count < 2, "\(outcome.output)")
        return runs.first?.run
    }

    private struct Entry: Decodable {
        var event: String
        var details: Details

        struct Details: Decodable { var step: String? }
    }

    private struct Runs: Decodable {
        var runs: [Run]

        struct Run: Decodable { var run: String }
    }
}
