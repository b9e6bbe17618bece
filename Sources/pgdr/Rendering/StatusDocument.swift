import Replication

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The document of `pgdr status --format json`.
///
/// Scripts rely on its keys: keys are only ever added, and what is unknown is null, never absent and never 0; anything
/// else raises `schema`.
struct StatusDocument: Encodable {
    var schema = 1
    /// When the round ended, RFC 3339 in UTC.
    var at: String
    var clusters: [Cluster]
    /// Milliseconds the round took.
    var roundMilliseconds: Double

    enum CodingKeys: String, CodingKey {
        case schema, at, clusters
        case roundMilliseconds = "round_ms"
    }

    init(_ reports: [ClusterReport]) {
        at = Self.timestamp(reports.map(\.at).max() ?? Moment(rawValue: 0))
        clusters = reports.map(Cluster.init)
        roundMilliseconds = Self.rounded((reports.map(\.took).max() ?? 0) * 1000, to: 3)
    }

    struct Cluster: Encodable {
        var report: ClusterReport

        enum CodingKeys: String, CodingKey {
            case name, verdict, rpo, nodes, findings, primary
            case skew = "skew_ms"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(report.name, forKey: .name)
            try container.encode(
                ["severity": report.verdict.severity.rawValue, "text": report.verdict.text], forKey: .verdict)
            try container.encode(RecoveryPointDocument(rpo: report.rpo), forKey: .rpo)
            try container.encode(StatusDocument.rounded(report.skew * 1000, to: 3), forKey: .skew)
            try container.encode(report.primary, forKey: .primary)
            try container.encode(report.nodes.map(Node.init), forKey: .nodes)
            try container.encode(report.findings.map(FindingDocument.init), forKey: .findings)
        }
    }

    struct RecoveryPointDocument: Encodable {
        var rpo: RecoveryPoint

        enum CodingKeys: String, CodingKey { case bytes, seconds, source, node }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(rpo.bytes, forKey: .bytes)
            try container.encode(StatusDocument.rounded(rpo.seconds), forKey: .seconds)
            try container.encode(rpo.source?.rawValue, forKey: .source)
            try container.encode(rpo.node, forKey: .node)
        }
    }

    struct Node: Encodable {
        var report: NodeReport

        enum CodingKeys: String, CodingKey {
            case name, kind, role, state, reachable, silence, timeline, lsn, upstream, lag, rates
            case serverVersion = "server_version"
            case systemIdentifier = "system_identifier"
            case syncState = "sync_state"
            case matchedBy = "matched_by"
            case sampledAfterPrimary = "sampled_after_primary_ms"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(report.name, forKey: .name)
            try container.encode(report.kind.rawValue, forKey: .kind)
            try container.encode(report.role?.rawValue, forKey: .role)
            try container.encode(report.state, forKey: .state)
            try container.encode(report.silence == nil, forKey: .reachable)
            try container.encode(
                report.silence.map { ["reason": $0.reason, "detail": $0.detail] }, forKey: .silence)
            try container.encode(report.serverVersion, forKey: .serverVersion)
            try container.encode(report.systemIdentifier?.rawValue, forKey: .systemIdentifier)
            try container.encode(report.timeline?.rawValue, forKey: .timeline)
            try container.encode(report.lsn?.description, forKey: .lsn)
            try container.encode(report.upstream, forKey: .upstream)
            try container.encode(report.matchedBy?.rawValue, forKey: .matchedBy)
            try container.encode(report.syncState, forKey: .syncState)
            try container.encode(
                StatusDocument.rounded(report.sampledAfterPrimary.map { $0 * 1000 }), forKey: .sampledAfterPrimary)
            try container.encode(LagDocument(lag: report.role == .primary ? nil : report.lag ?? Lag()), forKey: .lag)
            try container.encode(report.rates.map(RatesDocument.init), forKey: .rates)
        }
    }

    struct LagDocument: Encodable {
        var lag: Lag?

        func encode(to encoder: any Encoder) throws {
            guard let lag else {
                var container = encoder.singleValueContainer()
                return try container.encodeNil()
            }
            var container = encoder.container(keyedBy: StageKey.self)
            for stage in Lag.Stage.allCases {
                try container.encode(StageDocument(lag: lag[stage]), forKey: StageKey(stringValue: stage.rawValue))
            }
        }

        struct StageKey: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        struct StageDocument: Encodable {
            var lag: StageLag

            enum CodingKeys: String, CodingKey {
                case bytes, seconds, source
                case upstreamBytes = "upstream_bytes"
            }

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(lag.bytes, forKey: .bytes)
                try container.encode(StatusDocument.rounded(lag.seconds), forKey: .seconds)
                try container.encode(lag.source?.rawValue, forKey: .source)
                try container.encode(lag.upstreamBytes, forKey: .upstreamBytes)
            }
        }
    }

    struct RatesDocument: Encodable {
        var rates: Rates

        enum CodingKeys: String, CodingKey {
            case wal = "wal_bytes_per_second"
            case replay = "replay_bytes_per_second"
            case catchUp = "catch_up_seconds"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(StatusDocument.rounded(rates.walBytesPerSecond, to: 1), forKey: .wal)
            try container.encode(StatusDocument.rounded(rates.replayBytesPerSecond, to: 1), forKey: .replay)
            try container.encode(StatusDocument.rounded(rates.catchUpSeconds, to: 1), forKey: .catchUp)
        }
    }

    struct FindingDocument: Encodable {
        var finding: Finding

        enum CodingKeys: String, CodingKey { case code, severity, node, message, detail, hint }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(finding.code, forKey: .code)
            try container.encode(finding.severity.rawValue, forKey: .severity)
            try container.encode(finding.node, forKey: .node)
            try container.encode(finding.message, forKey: .message)
            try container.encode(finding.detail, forKey: .detail)
            try container.encode(finding.hint, forKey: .hint)
        }
    }

    /// RFC 3339 in UTC with milliseconds.
    static func timestamp(_ moment: Moment) -> String {
        Date(timeIntervalSince1970: moment.rawValue)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Decimal places enough for microseconds, so that no artefact of floating point is printed.
    static func rounded(_ value: Double?, to places: Int = 6) -> Double? {
        guard let value, value.isFinite else { return nil }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        return (value * scale).rounded() / scale
    }

    static func rounded(_ value: Double, to places: Int) -> Double { rounded(value as Double?, to: places) ?? 0 }
}
