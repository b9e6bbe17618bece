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

/// A value that may be null but whose key is never absent: decoding fails without the key.
@propertyWrapper
struct Nullable<Value: Decodable>: Decodable {
    var wrappedValue: Value?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }
}

/// The keys of `pgdr status --format json` that scripts rely on; decoding fails when one is missing.
struct StatusDocument: Decodable {
    var schema: Int
    var at: String
    var round_ms: Double
    var clusters: [Cluster]

    struct Cluster: Decodable {
        var name: String
        var verdict: Verdict
        @Nullable var primary: String?
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
        @Nullable var bytes: UInt64?
        @Nullable var seconds: Double?
        @Nullable var source: String?
        @Nullable var node: String?
    }

    struct Node: Decodable {
        var name: String
        var kind: String
        @Nullable var role: String?
        @Nullable var state: String?
        var reachable: Bool
        @Nullable var silence: Silence?
        @Nullable var server_version: String?
        @Nullable var system_identifier: String?
        @Nullable var timeline: Int?
        @Nullable var lsn: String?
        @Nullable var upstream: String?
        @Nullable var matched_by: String?
        @Nullable var sync_state: String?
        @Nullable var sampled_after_primary_ms: Double?
        @Nullable var lag: Lag?
        @Nullable var rates: Rates?
    }

    struct Silence: Decodable {
        var reason: String
        var detail: String
    }

    struct Lag: Decodable {
        var sent: Stage
        var write: Stage
        var flush: Stage
        var receive: Stage
        var replay: Stage
    }

    struct Stage: Decodable {
        @Nullable var bytes: UInt64?
        @Nullable var seconds: Double?
        @Nullable var source: String?
        @Nullable var upstream_bytes: UInt64?
    }

    struct Rates: Decodable {
        @Nullable var wal_bytes_per_second: Double?
        @Nullable var replay_bytes_per_second: Double?
        @Nullable var catch_up_seconds: Double?
    }

    struct Finding: Decodable {
        var code: String
        var severity: String
        @Nullable var node: String?
        var message: String
        @Nullable var detail: String?
        @Nullable var hint: String?
    }
}

/// Every key of a text in the form of the document, but those of a silence and of rates, which may be null as a whole.
let promisedKeys: Set = [
    "schema", "at", "round_ms", "clusters", "name", "verdict", "severity", "text", "primary", "rpo", "bytes", "seconds",
    "source", "node", "skew_ms", "nodes", "findings", "kind", "role", "state", "reachable", "silence", "server_version",
    "system_identifier", "timeline", "lsn", "upstream", "matched_by", "sync_state", "sampled_after_primary_ms", "lag",
    "sent", "write", "flush", "receive", "replay", "upstream_bytes", "rates", "code", "message", "detail", "hint",
]
