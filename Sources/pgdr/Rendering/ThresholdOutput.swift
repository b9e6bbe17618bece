import Failover
import Replication

/// What was measured of the times that failover rests on, for people.
struct ThresholdText {
    var style: Style

    func text(_ advice: ThresholdAdvice) -> String {
        let sample = advice.sample
        let title = style.bold(
            "Thresholds, measured for \(SpanText.measured(sample.span)): \(sample.looks) \(sample.looks == 1 ? "look" : "looks") at each node"
        )
        return ([title] + probes(sample) + [legend] + findings(advice) + outages(advice) + fewLooks(sample))
            .joined(separator: "\n")
    }

    private func probes(_ sample: ThresholdSample) -> [String] {
        var table = TextTable([
            ("PROBE", .left), ("OF", .left), ("COUNT", .right), ("FAILED", .right), ("MEDIAN", .right), ("P99", .right),
            ("MAX", .right), ("HISTOGRAM", .left),
        ])
        for probe in sample.probes {
            let times = [probe.quantile(0.5), probe.quantile(0.99), probe.seconds.max()].map { seconds in
                seconds.map(SpanText.measured) ?? "?"
            }
            table.append(
                [probe.kind.rawValue, probe.place, "\(probe.count)", "\(probe.timeouts + probe.failures)"] + times
                    + [Self.bars(probe.bucketCounts)])
        }
        return table.lines(style: style)
    }

    /// A bar for each bucket, its height the share of the fullest one.
    static func bars(_ counts: [Int]) -> String {
        let most = counts.max() ?? 0
        let heights = Array("▁▂▃▄▅▆▇█")
        return String(
            counts.map { count in
                count == 0 ? "·" : heights[min(count * heights.count / most, heights.count - 1)]
            })
    }

    private var legend: String {
        style.dim(
            "  Columns of the histogram: up to 1, 2, 5, 10, 20, 50, 100, 200, 500 ms, 1, 2, 5 s, and longer.\n"
                + "  look: over a held connection; connection: a new one; view: of the primary, from that host;\n"
                + "  message: the age of the walreceiver's last one, which proves life only where it came after the primary\n"
                + "  was last heard. FAILED are those without an answer in time, too.")
    }

    private func findings(_ advice: ThresholdAdvice) -> [String] {
        let doubts: Set<FailoverReadiness.Finding.Code> = [.timeoutShort, .confirmForShort, .notMeasured]
        let isDoubtful = advice.findings.contains { doubts.contains($0.code) }
        let ok =
            isDoubtful || advice.sample.slowest == nil
            ? [] : [FailoverReadinessText.line("ok", .ok, "the times have room for what was seen", style)]
        return ok + advice.findings.flatMap { FailoverReadinessText.lines($0, style) }
    }

    private func outages(_ advice: ThresholdAdvice) -> [String] {
        var table = TextTable([
            ("CLIENTS CAN WRITE AGAIN AFTER ABOUT", .left), ("SERVER KILLED", .right), ("HOST VANISHED", .right),
        ])
        func append(_ word: String, _ times: ThresholdAdvice.Times, _ outage: ThresholdAdvice.Outage) {
            table.append([
                "\(word): timeout \(SpanText.configured(times.timeout)), confirm_for "
                    + "\(SpanText.configured(times.confirmFor)), interval \(SpanText.configured(times.interval))",
                SpanText.measured(outage.killed),
                outage.vanished.map { "up to \(SpanText.measured($0))" } ?? "nobody is promoted",
            ])
        }
        append("as configured", advice.configured, advice.outage)
        if advice.advised != advice.configured { append("as measured", advice.advised, advice.advisedOutage) }
        let after =
            advice.outage.vanished == nil
            ? "  A host that has vanished can't be fenced over SSH: it needs a fence_command, or a person."
            : "  Of a host that has vanished, what fencing takes comes to it."
        return table.lines(style: style) + [style.dim(after)]
    }

    private func fewLooks(_ sample: ThresholdSample) -> [String] {
        guard sample.looks < ThresholdAdvice.manyLooks else { return [] }
        return [
            style.dim("  That rests on few looks: pgdr check --sample 10min, when much is going on, says more.")
        ]
    }
}

/// The same as a part of `FailoverReadinessDocument`; all times are seconds.
struct ThresholdDocument: Encodable {
    private let advice: ThresholdAdvice

    init(_ advice: ThresholdAdvice) { self.advice = advice }

    enum CodingKeys: String, CodingKey {
        case seconds, looks, primary, probes, findings, configured, advised
        case bucketBounds = "bucket_bounds_seconds"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(advice.sample.span, forKey: .seconds)
        try container.encode(advice.sample.looks, forKey: .looks)
        try container.encode(advice.sample.primary, forKey: .primary)
        try container.encode(ProbeTimes.bucketBounds, forKey: .bucketBounds)
        try container.encode(advice.sample.probes.map(ProbeItem.init), forKey: .probes)
        try container.encode(advice.findings.map(FailoverReadinessDocument.FindingItem.init), forKey: .findings)
        try container.encode(TimesItem(times: advice.configured, outage: advice.outage), forKey: .configured)
        try container.encode(TimesItem(times: advice.advised, outage: advice.advisedOutage), forKey: .advised)
    }

    private struct ProbeItem: Encodable {
        var probe: ProbeTimes

        init(_ probe: ProbeTimes) { self.probe = probe }

        enum CodingKeys: String, CodingKey {
            case kind, place, count, timeouts, failures, reason
            case median = "median_seconds"
            case p99 = "p99_seconds"
            case maximum = "max_seconds"
            case bucketCounts = "bucket_counts"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(probe.kind.rawValue, forKey: .kind)
            try container.encode(probe.place, forKey: .place)
            try container.encode(probe.count, forKey: .count)
            try container.encode(probe.timeouts, forKey: .timeouts)
            try container.encode(probe.failures, forKey: .failures)
            try container.encode(probe.reason, forKey: .reason)
            try container.encode(probe.quantile(0.5), forKey: .median)
            try container.encode(probe.quantile(0.99), forKey: .p99)
            try container.encode(probe.seconds.max(), forKey: .maximum)
            try container.encode(probe.bucketCounts, forKey: .bucketCounts)
        }
    }

    private struct TimesItem: Encodable {
        var times: ThresholdAdvice.Times
        var outage: ThresholdAdvice.Outage

        enum CodingKeys: String, CodingKey {
            case timeout = "timeout_seconds"
            case confirmFor = "confirm_for_seconds"
            case interval = "interval_seconds"
            case killed = "outage_server_killed_seconds"
            case vanished = "outage_host_vanished_seconds"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(times.timeout, forKey: .timeout)
            try container.encode(times.confirmFor, forKey: .confirmFor)
            try container.encode(times.interval, forKey: .interval)
            try container.encode(outage.killed, forKey: .killed)
            try container.encode(outage.vanished, forKey: .vanished)
        }
    }
}
