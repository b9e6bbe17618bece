import Essentials
import FoundationEssentials
import Glibc
import Lab
import Subprocess
import Synchronization
import SystemPackage
import Testing

extension Outage {
    /// Where pgdr runs, with a configuration and an audit log of its own.
    struct Observer: Sendable {
        let name: String
        fileprivate let outage: Outage
        /// The directory of its audit log.
        var auditDirectory: String { "\(directory)/audit" }
        fileprivate var directory: String { "\(outage.lab.directory)/\(name)" }
        fileprivate var configuration: String { "\(directory)/pgdr.yaml" }
    }

    /// A policy that acts by itself and at once.
    private static let policy = [
        "mode": "automatic", "confirm_for": "1s", "interval": "500ms", "cooldown": "0s",
        "at_most": "{failovers: 100, within: 1h}", "prefer_sites": "[b]",
    ]

    /// Writes an observer's configuration.
    /// - Parameters:
    ///   - number: 1 or 2; another observer is another host.
    ///   - failover: keys that its policy has besides, or otherwise, in YAML.
    ///   - nodes: further lines about nodes.
    ///   - cluster: further lines about the cluster.
    ///   - isWitnessed: whether it knows of the witness.
    func observer(
        _ number: Int = 1, failover: [String: String] = [:], nodes: [String: [String]] = [:], cluster: [String] = [],
        isWitnessed: Bool = true
    ) throws -> Observer {
        let observer = Observer(name: "observer\(number)", outage: self)
        try FileManager.default.createDirectory(atPath: observer.directory, withIntermediateDirectories: true)
        let policy = Self.policy.merging(failover) { $1 }.map { "\($0): \($1)" }.sorted().joined(separator: ", ")
        try lab.writeConfiguration(
            to: observer.configuration, auditDirectory: observer.auditDirectory,
            cluster: ["timeout: 2s", "failover: {\(policy)}"] + cluster, nodes: nodes, isWitnessed: isWitnessed)
        return observer
    }

    /// A fence command for a policy: it switches off the host of the node that it reads of, and its server with it.
    var fenceCommand: String {
        // Which node it is follows what is the same for all.
        let words = network.switchingOff("")
        let script = #"name=$(sed -n 's/.*"node":"\([a-z0-9]*\)".*/\1/p') && all=$1 && shift && exec "$@" "$all$name""#
        let command = ["/bin/sh", "-c", script, "fence", words.last ?? ""] + words.dropLast()
        let quoted = command.map { word in
            "\"" + word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
        }
        return "[\(quoted.joined(separator: ", "))]"
    }
}

extension Outage.Observer {
    private var environment: [String: String] { ["PGDR_LAB": outage.lab.directory] }
    private var prefix: [String] { outage.network.entering(name) }

    /// Runs pgdr there to its end.
    func run(_ words: String...) async throws -> Outcome {
        try await Tool.run(words, config: configuration, environment: environment, by: prefix)
    }

    /// Runs `pgdr monitor` there while `body` runs, from when it has seen the primary.
    /// - Parameter additions: further variables of its environment.
    func watching<Result: Sendable>(
        environment additions: [String: String] = [:], _ body: (Outage.Monitor) async throws -> Result,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> Result {
        let log = "\(directory)/monitor.log"
        let file = try FileDescriptor.open(
            FilePath(log), .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
        let line = prefix + [Tool.path, "monitor"]
        let result = try await Subprocess.run(
            Tool.configuration(
                line[0], Array(line.dropFirst()), config: configuration,
                environment: environment.merging(additions) { $1 }, in: "/"),
            input: .none, output: .fileDescriptor(file, closeAfterSpawningProcess: true),
            error: .fileDescriptor(file, closeAfterSpawningProcess: false)
        ) { execution in
            do {
                let monitor = Outage.Monitor(log)
                try await monitor.next("condition", ["condition": "alive"])
                let result = try await body(monitor)
                try? execution.send(signal: .interrupt)
                return result
            } catch {
                try? execution.send(signal: .kill)
                throw error
            }
        }
        // It ends in order, unless its environment kills it.
        #expect([0, -SIGKILL].contains(result.terminationStatus.number))
        return result.closureResult
    }

    /// The decisions that its audit log tells of, after proving that nobody changed the log and that each evidence leads
    /// to the same decision again.
    func decisions(sourceLocation: Testing.SourceLocation = #_sourceLocation) async throws -> [Outage.Decision] {
        guard exists(auditDirectory) else { return [] }
        let verified = try await run("audit", "verify")
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)", sourceLocation: sourceLocation)
        let history = try await run("failover", "--history", "--format", "json")
        let list = try decode(Outage.History.self, history.output).decisions
        for item in list {
            let explained = try await run("explain", item.run, "--format", "json")
            #expect(explained.status == 0, "\(explained.errors)", sourceLocation: sourceLocation)
            let explanation = try decode(Outage.Explanation.self, explained.output)
            #expect(explanation.reproduced && explanation.event == item.event, sourceLocation: sourceLocation)
            #expect(explanation.decision.verdict == item.decision.verdict, sourceLocation: sourceLocation)
        }
        return list
    }
}

extension Outcome {
    /// How many commits that a node alone had a rejoin has kept, as it tells; nil when it tells of none.
    var commitsKept: Int? {
        let words = (output + errors).split(whereSeparator: \.isWhitespace)
        return words.firstIndex(of: "commits").flatMap { $0 > 0 ? Int(words[$0 - 1]) : nil }
    }
}

extension Outage {
    /// What a monitor says.
    final class Monitor: Sendable {
        fileprivate let log: String
        private let known = Mutex((lines: 0, events: [[String: String]]()))

        fileprivate init(_ log: String) { self.log = log }

        /// All of it so far.
        var events: [[String: String]] {
            let lines = ((try? read(log)) ?? "").split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            return known.withLock { known in
                known.events += lines.dropFirst(known.lines).compactMap {
                    try? decode([String: String].self, String($0))
                }
                known.lines = max(known.lines, lines.count)
                return known.events
            }
        }

        /// What was decided so far.
        var decisions: [[String: String]] { events.filter { $0["event"] == "decision" } }

        /// The condition that was seen last.
        var lastCondition: String? { events.last { $0["event"] == "condition" }?["condition"] }

        /// Waits for the first event with such details.
        @discardableResult
        func next(
            _ event: String, _ details: [String: String] = [:], within limit: Duration = .seconds(40),
            sourceLocation: Testing.SourceLocation = #_sourceLocation
        ) async throws -> [String: String] {
            let deadline = Deadline.after(limit)
            while true {
                let found = events.first { candidate in
                    candidate["event"] == event && details.allSatisfy { candidate[$0.key]?.contains($0.value) == true }
                }
                if let found { return found }
                let said = deadline.hasPassed ? try read(log) : ""
                try #require(!deadline.hasPassed, "no \(event) \(details): \(said)", sourceLocation: sourceLocation)
                await pause(.milliseconds(10))
            }
        }

        /// Waits until so many of its runs have ended, all of them well.
        func awaitRuns(_ count: Int = 1, sourceLocation: Testing.SourceLocation = #_sourceLocation) async throws {
            let deadline = Deadline.after(.seconds(60))
            var ended: [[String: String]] = []
            while true {
                ended = events.filter { $0["event"] == "run_ended" }
                if ended.count >= count { break }
                let said = deadline.hasPassed ? try read(log) : ""
                try #require(!deadline.hasPassed, "\(ended.count) of \(count): \(said)", sourceLocation: sourceLocation)
                await pause(.milliseconds(10))
            }
            let said = try read(log)
            #expect(ended.allSatisfy { $0["outcome"] == "done" }, "\(said)", sourceLocation: sourceLocation)
        }
    }

    /// A decision in the audit log, as `pgdr failover --history --format json` has it.
    struct Decision: Decodable {
        var run: String
        var event: String
        var decision: Verdict
    }

    /// A decision as `pgdr failover --format json` has it.
    struct Verdict: Decodable {
        var primary: String
        var condition: String
        var verdict: String
        var reason: String?
        var refusals: [Refusal]
        var nominee: String?
        var source: String?
        var loss: Loss?
    }

    struct Refusal: Decodable {
        var rule: String
        var node: String?
        var evidence: String
    }

    struct Loss: Decodable {
        var bytes: UInt64?
        var acknowledged_commits_safe: Bool
    }

    fileprivate struct History: Decodable { var decisions: [Decision] }

    fileprivate struct Explanation: Decodable {
        var event: String
        var decision: Verdict
        var reproduced: Bool
    }
}
