import Essentials
import Lab
import Testing

/// All tests on real servers; one after the other, since they share the machine's cores.
@Suite(.serialized)
enum RealServers {}

extension RealServers {
    /// Tests on one lab that is made before the first of them and taken down after the last; each leaves it whole.
    @Suite(.serialized, .sharedLab, .timeLimit(.minutes(5)))
    enum SharedLab {
        /// The lab.
        @TaskLocal static var current: Lab?

        /// The lab, once both standbys have everything.
        static func level() async throws -> Lab {
            let lab = try #require(current)
            let deadline = Deadline.after(.seconds(20))
            while true {
                let outcome = try await Tool.run(["status", "--format", "json"], config: lab.configurationFile)
                let nodes = try decode(StatusDocument.self, outcome.output).clusters.flatMap(\.nodes)
                if outcome.status == 0, nodes.allSatisfy({ $0.lag?.replay.bytes ?? 0 == 0 }) { return lab }
                try #require(!deadline.hasPassed, "\(outcome.output)")
                _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(100)))
            }
        }
    }
}

/// Makes the lab around a suite.
struct SharedLabTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await Lab.with { lab in try await RealServers.SharedLab.$current.withValue(lab) { try await function() } }
    }
}

extension Trait where Self == SharedLabTrait {
    /// One lab for all tests of the suite.
    static var sharedLab: Self { Self() }
}

/// The keys of `pgdr status --format json` that scripts rely on; decoding fails when one is missing.
struct StatusDocument: Decodable {
    var schema: Int
    var at: String
    var clusters: [Cluster]

    struct Cluster: Decodable {
        var name: String
        var verdict: Verdict
        var rpo: RecoveryPoint
        var skew_ms: Double
        var nodes: [Node]
        var findings: [Finding]
    }

    struct Verdict: Decodable {
        var severity: String
        var text: String
    }

    struct RecoveryPoint: Decodable {
        var bytes: UInt64?
        var seconds: Double?
        var source: String?
    }

    struct Node: Decodable {
        var name: String
        var kind: String
        var role: String?
        var state: String?
        var reachable: Bool
        var server_version: String?
        var system_identifier: String?
        var timeline: Int?
        var lsn: String?
        var upstream: String?
        var sync_state: String?
        var lag: Lag?
    }

    struct Lag: Decodable {
        var sent: Stage
        var write: Stage
        var flush: Stage
        var receive: Stage
        var replay: Stage
    }

    struct Stage: Decodable {
        var bytes: UInt64?
        var seconds: Double?
        var source: String?
    }

    struct Finding: Decodable {
        var code: String
        var severity: String
        var node: String?
        var message: String
        var detail: String?
        var hint: String?
    }
}
