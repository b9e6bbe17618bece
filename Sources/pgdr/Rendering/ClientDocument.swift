import Audit
import Drills
import Essentials

/// What a client saw, as JSON; the same promises as `StatusDocument`.
struct MeasurementDocument: Encodable {
    private let measurement: ClientMeasurement
    /// Of a probe beside a run.
    private let run: ProbedRun?

    init(_ measurement: ClientMeasurement) {
        self.measurement = measurement
        run = nil
    }

    init(_ run: ProbedRun) {
        measurement = run.measurement
        self.run = run
    }

    enum CodingKeys: String, CodingKey {
        case path, acknowledged, unacknowledged, gaps, lost, servers, errors, proven
        case interval = "interval_seconds", beganAt = "began_at", duration = "duration_seconds"
        case outage = "rto_seconds", isAtLeast = "rto_at_least", unread = "not_read_back"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let record = measurement.record
        try container.encode(measurement.path, forKey: .path)
        try container.encode(measurement.interval.seconds, forKey: .interval)
        try container.encode(measurement.began.text, forKey: .beganAt)
        try container.encode(record.duration.seconds, forKey: .duration)
        try container.encode(record.commits.count, forKey: .acknowledged)
        try container.encode(record.refusals.count, forKey: .unacknowledged)
        try container.encode(measurement.unread.count, forKey: .unread)
        try container.encode(measurement.longestOutage?.seconds, forKey: .outage)
        try container.encode(measurement.longestOutage?.isAtLeast, forKey: .isAtLeast)
        try container.encode(
            measurement.gaps.map { Gap(at: measurement.time(at: $0.began).text, seconds: $0.length.seconds) },
            forKey: .gaps)
        try container.encode(measurement.lost?.count, forKey: .lost)
        try container.encode(measurement.stretches.map { Server($0, of: measurement) }, forKey: .servers)
        try container.encode(measurement.errors.map { ErrorCount(text: $0.text, count: $0.count) }, forKey: .errors)
        try container.encode(run.map { $0.doubt == nil }, forKey: .proven)
    }

    private struct Gap: Encodable {
        var at: String
        var seconds: Double

        enum CodingKeys: String, CodingKey { case at = "began_at", seconds }
    }

    private struct ErrorCount: Encodable {
        var text: String
        var count: Int
    }

    private struct Server: Encodable {
        var server: AnsweringServer
        var first: String
        var last: String
        var commits: Int

        init(_ stretch: ClientMeasurement.Stretch, of measurement: ClientMeasurement) {
            server = stretch.server
            first = measurement.time(at: stretch.first).text
            last = measurement.time(at: stretch.last).text
            commits = stretch.commits
        }

        enum CodingKeys: String, CodingKey {
            case node, address, port, timeline, commits, first = "first_at", last = "last_at"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(server.node, forKey: .node)
            try container.encode(server.address, forKey: .address)
            try container.encode(server.port, forKey: .port)
            try container.encode(server.timeline, forKey: .timeline)
            try container.encode(commits, forKey: .commits)
            try container.encode(first, forKey: .first)
            try container.encode(last, forKey: .last)
        }
    }
}

/// What `pgdr drill probe` has to say, as JSON.
struct ProbeReportDocument: Encodable {
    private let report: ProbeReport

    init(_ report: ProbeReport) { self.report = report }

    enum CodingKeys: String, CodingKey {
        case schema, cluster, probe, verdict, rto = "rto_limit_seconds", rpo = "rpo_limit"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(report.cluster, forKey: .cluster)
        try container.encode(MeasurementDocument(report.measurement), forKey: .probe)
        try container.encode(report.verdict.rawValue, forKey: .verdict)
        try container.encode(report.rto?.seconds, forKey: .rto)
        try container.encode(report.rpo, forKey: .rpo)
    }
}
