import Essentials
import FoundationEssentials
import Glibc
import Lab
import Subprocess
import SystemPackage
import Testing

/// What a program left behind.
struct Outcome: Sendable {
    /// The exit status; of a program that a signal ended its number, negative.
    var status: Int32
    /// Standard output.
    var output: String
    /// Standard error.
    var errors: String
    /// How long it ran.
    var elapsed: Duration

    /// The lines of standard output.
    var lines: [Substring] { output.split(separator: "\n", omittingEmptySubsequences: false).dropLast() }
}

/// The real `pgdr`, in an environment made from nothing, so that no configuration of the user's is found.
enum Tool {
    /// The program lies where the tests do; `PGDR_TEST_PROGRAM` names another build of it, to be measured.
    static let path: String = {
        if let other = variable("PGDR_TEST_PROGRAM") { return other }
        let own = FilePath((try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "")
        return own.removingLastComponent().appending("pgdr").string
    }()

    /// Runs pgdr to its end.
    /// - Parameter prefix: the start of a command line that runs the rest of it.
    static func run(
        _ arguments: [String], config: String? = nil, environment: [String: String] = [:], in directory: String = "/",
        by prefix: [String] = []
    ) async throws -> Outcome {
        let line = prefix + [path] + arguments
        return try await run(
            line[0], Array(line.dropFirst()), config: config, environment: environment, in: directory)
    }

    /// Runs a text of bash, in which `$0` is pgdr and `$1` and so on are the arguments.
    static func bash(
        _ script: String, _ arguments: [String] = [], config: String? = nil, environment: [String: String] = [:]
    ) async throws -> Outcome {
        try await run(
            "/bin/bash", ["-c", script, path] + arguments, config: config, environment: environment, in: "/")
    }

    private static func run(
        _ program: String, _ arguments: [String], config: String?, environment: [String: String], in directory: String
    ) async throws -> Outcome {
        let start = ContinuousClock.now
        let result = try await Subprocess.run(
            configuration(program, arguments, config: config, environment: environment, in: directory),
            output: .string(limit: 1 << 22), error: .string(limit: 1 << 22))
        return Outcome(
            status: result.terminationStatus.number, output: result.standardOutput, errors: result.standardError,
            elapsed: start.duration(to: .now))
    }

    /// Runs pgdr, sends it a signal once it has printed so many lines, and returns what it printed in all; `elapsed`
    /// is the time from the signal to its end.
    static func interrupt(
        _ arguments: [String], afterLines count: Int, with signal: Signal, config: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            configuration(path, arguments, config: config, environment: environment, in: "/"), input: .none,
            output: .sequence, error: .string(limit: 1 << 22)
        ) { execution in
            var lines: [String] = []
            var sent: ContinuousClock.Instant?
            for try await line in execution.standardOutput.strings() {
                lines.append(line.trimmingSuffix("\n"))
                if lines.count == count {
                    sent = .now
                    try execution.send(signal: signal)
                }
            }
            return (lines.joined(separator: "\n"), sent)
        }
        let (output, sent) = result.closureResult
        return Outcome(
            status: result.terminationStatus.number, output: output, errors: result.standardError,
            elapsed: try #require(sent).duration(to: ContinuousClock.now))
    }

    static func configuration(
        _ program: String, _ arguments: [String], config: String?, environment: [String: String], in directory: String
    ) -> Subprocess.Configuration {
        var variables: [Environment.Key: String] = [
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
        ]
        for name in ["LD_LIBRARY_PATH", "TMPDIR"] { variables[Environment.Key(rawValue: name) ?? "_"] = variable(name) }
        if let config { variables["PGDR_CONFIG"] = config }
        for (name, value) in environment { variables[Environment.Key(rawValue: name) ?? "_"] = value }
        return Subprocess.Configuration(
            executable: .path(FilePath(program)), arguments: Arguments(arguments), environment: .custom(variables),
            workingDirectory: FilePath(directory))
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

extension TerminationStatus {
    /// The exit status; of a signal its number, negative.
    var number: Int32 {
        switch self {
        case .exited(let status): status
        case .signaled(let signal): -signal
        }
    }
}

extension String {
    /// The text without `suffix` if it ends with it.
    func trimmingSuffix(_ suffix: String) -> String { hasSuffix(suffix) ? String(dropLast(suffix.count)) : self }
}

/// A directory for one test, removed at its end.
func withDirectory(_ body: (String) async throws -> Void) async throws {
    let path = Lab.temporaryDirectory()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    // Servers of another account lie in it.
    chmod(path, 0o755)
    do { try await body(path) } catch {
        try? FileManager.default.removeItem(atPath: path)
        throw error
    }
    try FileManager.default.removeItem(atPath: path)
}

/// Writes a text and returns the file's path.
@discardableResult
func write(_ text: String, to path: String, mode: mode_t = 0o600) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: path))
    chmod(path, mode)
    return path
}

/// Reads a text.
func read(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
}

/// Whether there is a file or directory of that name.
func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// An error as `--format json` prints it.
struct ErrorDocument: Decodable {
    var code: String
    var message: String
    var detail: String?
    var hint: String?
    var node: String?
}

/// Decodes one JSON document.
func decode<Document: Decodable>(_ type: Document.Type, _ text: String) throws -> Document {
    try JSONDecoder().decode(type, from: Data(text.utf8))
}
