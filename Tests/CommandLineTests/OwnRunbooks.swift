import Essentials
import FoundationEssentials
import Glibc
import Lab
import Subprocess
import SystemPackage
import Testing

/// Runbooks of one's own on the shared lab, with an audit log of their own, in a directory into which the servers'
/// account may write too.
struct OwnRunbooks: Sendable {
    let lab: Lab
    /// Where everything lies.
    let directory: String
    /// pgdr's configuration.
    let config: String

    /// Writes runbooks, by name, and a configuration that finds them, and removes them after `body`.
    /// - Parameter audit: the audit log's directory, as it is or below the directory of everything.
    static func with(
        _ runbooks: [String: String], audit: String = "audit", _ body: (OwnRunbooks) async throws -> Void
    ) async throws {
        let lab = try #require(RealServers.SharedLab.current)
        try await withDirectory { directory in
            chmod(directory, 0o777)
            let place = "\(directory)/run books"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
            for (name, text) in runbooks { try CommandLineTests.write(text, to: "\(place)/\(name).yaml") }
            let log = audit.hasPrefix("/") ? audit : "\(directory)/\(audit)"
            let lines = try read(lab.configurationFile).split(separator: "\n").filter {
                !$0.hasPrefix("audit_directory:")
            }
            let head = ["audit_directory: \"\(log)\"", "runbooks: \"\(place)\""]
            let config = try CommandLineTests.write(
                (head + lines.map(String.init)).joined(separator: "\n") + "\n", to: "\(directory)/pgdr.yaml")
            try await body(OwnRunbooks(lab: lab, directory: directory, config: config))
        }
    }

    /// Runs pgdr to its end.
    func pgdr(_ words: [String]) async throws -> Outcome { try await Tool.run(words, config: config) }

    /// Runs pgdr and sends it signals, each so long after the one before or after its start; `elapsed` is the time from
    /// the last one to its end.
    func pgdr(_ words: [String], sending signals: [(Duration, Signal)]) async throws -> Outcome {
        var last = ContinuousClock.now
        let result = try await Subprocess.run(
            Tool.configuration(Tool.path, words, config: config, environment: [:], in: "/"), input: .none,
            output: .string(limit: 1 << 22), error: .string(limit: 1 << 22)
        ) { execution in
            for (delay, signal) in signals {
                _ = await ReadinessLoop.shared.sleep(until: .after(delay))
                try execution.send(signal: signal)
            }
            return ContinuousClock.now
        }
        last = result.closureResult
        return Outcome(
            status: result.terminationStatus.number, output: result.standardOutput, errors: result.standardError,
            elapsed: last.duration(to: .now))
    }

    /// The runs that the log tells of, oldest first: their identifiers and states.
    func runs() async throws -> [Run] {
        try decode(Runs.self, try await pgdr(["runs", "--format", "json"]).output).runs
    }

    struct Run: Decodable {
        var run: String
        var state: String
        var steps: [[String: String]]
    }

    private struct Runs: Decodable { var runs: [Run] }

    /// The text of a file in the directory; nil when it isn't there.
    func text(_ name: String) -> String? { try? read("\(directory)/\(name)") }

    /// The processes that have a word in their command line, once there is none or time is up.
    func processes(with word: String, patience: Duration = .seconds(10)) async throws -> [Int32] {
        let deadline = Deadline.after(patience)
        while true {
            let found = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(Int32.init).filter {
                let line = try? Data(contentsOf: URL(filePath: "/proc/\($0)/cmdline"))
                return line?.split(separator: 0).contains(Data(word.utf8)) == true
            }
            if found.isEmpty || deadline.hasPassed { return found }
            _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(100)))
        }
    }
}
