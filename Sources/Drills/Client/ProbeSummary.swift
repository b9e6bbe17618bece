package import Audit
internal import Essentials

/// What a probe measured, as the audit log keeps it.
package struct ProbeSummary: Sendable, Equatable {
    /// A time in which no commit was acknowledged.
    package struct Gap: Sendable, Equatable {
        /// When it began, in seconds since the probe's start.
        package var began: Double
        /// How long it was, in seconds.
        package var seconds: Double
        /// Whether the probe's start or end cuts it off, so that it was longer in truth.
        package var isAtLeast: Bool

        /// A gap by its parts.
        package init(began: Double, seconds: Double, isAtLeast: Bool = false) {
            self.began = began
            self.seconds = seconds
            self.isAtLeast = isAtLeast
        }
    }

    /// Why the role change is not proven.
    package struct Doubt: Sendable, Equatable {
        /// In a line.
        package var message: String
        /// What was seen.
        package var detail: String?
        /// What a person can do.
        package var hint: String?
    }

    /// The path's name.
    package var path: String
    /// Whether a write went through the path to the new primary; nil: it was beside no run of its own.
    package var isProven: Bool?
    /// Why not; nil: it is, or the log doesn't tell.
    package var doubt: Doubt?
    /// The longest time without an acknowledged commit, in seconds, the RTO; nil: not known.
    package var outage: Double?
    /// Whether it was longer in truth.
    package var isAtLeast: Bool
    /// How many commits were acknowledged.
    package var acknowledged: Int
    /// How many attempts were not; nil: the log doesn't tell.
    package var unacknowledged: Int?
    /// How many acknowledged commits are gone, the RPO; nil: not known.
    package var lost: Int?
    /// Who acknowledged the first commit; nil: nobody.
    package var firstServer: String?
    /// Who acknowledged the last one; nil: nobody.
    package var lastServer: String?
    /// When the probe began, by this machine's clock; nil: the log doesn't tell.
    package var began: AuditTime?
    /// How long it ran, in seconds.
    package var duration: Double
    /// The longest gaps, in the order in which they began.
    package var gaps: [Gap]
    /// How long a time without a commit is at most that is no gap, in seconds; nil: the log doesn't tell.
    package var gapThreshold: Double?
    /// How often the primary role moved from the first commit to the last; nil: not known.
    package var roleChanges: Int?
    /// The commits over time; nil: the log doesn't tell.
    package var writes: WriteSeries?
    /// How far standbys were behind over time.
    package var lag: LagSeries
    /// What went wrong, in the order in which it first did.
    package var errors: [ClientError]
}

extension ProbeSummary {
    /// How many gaps and errors are kept at most.
    private static let mostKept = 20
    /// Into how many parts the time is cut at most.
    private static let mostBuckets = 200

    /// What is kept of a measurement.
    init(_ measurement: ClientMeasurement, isProven: Bool?, doubt: Failure?) {
        let record = measurement.record
        let outage = measurement.longestOutage
        let first = record.commits.first.flatMap { measurement.server(of: $0) }
        let last = record.commits.last.flatMap { measurement.server(of: $0) }
        self.init(
            path: measurement.path, isProven: isProven,
            doubt: doubt.map { Doubt(message: $0.message, detail: $0.detail, hint: $0.hint) },
            outage: outage?.seconds, isAtLeast: outage?.isAtLeast ?? false, acknowledged: record.commits.count,
            unacknowledged: record.refusals.count, lost: measurement.lost?.count, firstServer: first?.text,
            lastServer: last?.text, began: measurement.began, duration: record.duration.milliseconds,
            gaps: Self.gaps(measurement), gapThreshold: measurement.gapThreshold.seconds,
            roleChanges: first?.timeline.flatMap { first in last?.timeline.map { $0 - first } },
            writes: Self.writes(measurement), lag: measurement.lag.bounded,
            errors: Array(measurement.errors.prefix(Self.mostKept)))
    }

    /// The same for a part of its time, in seconds since its start: of that only the gaps count, and what was lost where
    /// nothing else can have lost it.
    /// - Parameter isRoleChange: whether the primary role moved then.
    func during(_ time: ClosedRange<Double>, isRoleChange: Bool) -> ProbeSummary {
        var summary = self
        summary.gaps = gaps.filter { $0.began <= time.upperBound && $0.began + $0.seconds >= time.lowerBound }
        // Without one that is kept it was no longer than what is no gap, unless there were more than are kept.
        summary.outage = summary.gaps.map(\.seconds).max() ?? (gaps.count < Self.mostKept ? gapThreshold : nil)
        summary.isAtLeast = summary.gaps.contains(where: \.isAtLeast)
        if lost != 0, !isRoleChange || roleChanges != 1 { summary.lost = nil }
        return summary
    }

    private static func gaps(_ measurement: ClientMeasurement) -> [Gap] {
        var gaps = measurement.gaps.map { Gap(began: $0.began.milliseconds, seconds: $0.length.milliseconds) }
        let commits = measurement.record.commits
        let duration = measurement.record.duration
        if measurement.wasDownAtStart {
            let end = commits.first?.acknowledged ?? duration
            gaps.append(Gap(began: 0, seconds: end.milliseconds, isAtLeast: true))
        }
        if measurement.isDownAtEnd, let last = commits.last?.acknowledged {
            gaps.append(
                Gap(began: last.milliseconds, seconds: (duration - last).milliseconds, isAtLeast: true))
        }
        return gaps.sorted { $0.seconds > $1.seconds }.prefix(mostKept).sorted { $0.began < $1.began }
    }

    private static func writes(_ measurement: ClientMeasurement) -> WriteSeries {
        let duration = measurement.record.duration.seconds
        let bucket = max((duration / Double(mostBuckets) * 1000).rounded(.up), 1) / 1000
        let count = min(max(Int((duration / bucket).rounded(.up)), 1), mostBuckets)
        var commits = [Int](repeating: 0, count: count)
        for commit in measurement.record.commits {
            commits[min(Int(commit.acknowledged.seconds / bucket), count - 1)] += 1
        }
        return WriteSeries(bucket: bucket, commits: commits)
    }
}

extension Duration {
    /// Seconds to the millisecond.
    fileprivate var milliseconds: Double { (seconds * 1000).rounded() / 1000 }
}

extension ProbeSummary {
    /// The event by which the audit log tells of it.
    package static let event = "probe.measured"

    /// Its details.
    package var auditDetails: AuditValue {
        [
            "path": .text(path), "proven": isProven.map { .bool($0) } ?? .null, "doubt": doubtDetails,
            "rto_seconds": .optional(outage),
            "rto_at_least": outage == nil ? .null : .bool(isAtLeast), "acknowledged": .optional(acknowledged),
            "unacknowledged": .optional(unacknowledged), "lost": .optional(lost),
            "first_server": .optional(firstServer),
            "last_server": .optional(lastServer), "began_at": .optional(began?.text),
            "duration_seconds": .number(duration),
            "gaps": .list(gaps.map(\.auditDetails)), "gap_threshold_seconds": .optional(gapThreshold),
            "role_changes": .optional(roleChanges), "writes": writes?.auditDetails ?? .null, "lag": lag.auditDetails,
            "errors": .list(errors.map(\.auditDetails)),
        ]
    }

    private var doubtDetails: AuditValue {
        guard let doubt else { return .null }
        return ["message": .text(doubt.message), "detail": .optional(doubt.detail), "hint": .optional(doubt.hint)]
    }

    /// What such details tell; nil when they are of another form.
    ///
    /// Earlier versions wrote fewer of them.
    init?(_ details: AuditValue) {
        guard let path = details["path"]?.text, let acknowledged = details["acknowledged"]?.integer else { return nil }
        let doubt = details["doubt"]
        let gaps = (details["gaps"]?.list ?? []).compactMap { gap -> Gap? in
            guard let began = gap["at"]?.number, let seconds = gap["seconds"]?.number else { return nil }
            return Gap(began: began, seconds: seconds, isAtLeast: gap["at_least"]?.bool ?? false)
        }
        let errors = (details["errors"]?.list ?? []).compactMap { error in
            error["text"]?.text.map { ClientError(text: $0, count: Int(error["count"]?.integer ?? 1)) }
        }
        self.init(
            path: path, isProven: details["proven"]?.bool,
            doubt: doubt?["message"]?.text.map {
                Doubt(message: $0, detail: doubt?["detail"]?.text, hint: doubt?["hint"]?.text)
            },
            outage: details["rto_seconds"]?.number, isAtLeast: details["rto_at_least"]?.bool ?? false,
            acknowledged: Int(acknowledged), unacknowledged: details["unacknowledged"]?.integer.map { Int($0) },
            lost: details["lost"]?.integer.map { Int($0) }, firstServer: details["first_server"]?.text,
            lastServer: details["last_server"]?.text, began: details["began_at"]?.text.flatMap { AuditTime($0) },
            duration: details["duration_seconds"]?.number ?? 0, gaps: gaps,
            gapThreshold: details["gap_threshold_seconds"]?.number,
            roleChanges: details["role_changes"]?.integer.map { Int($0) },
            writes: details["writes"].flatMap { WriteSeries($0) },
            lag: details["lag"].map { LagSeries($0) } ?? LagSeries(), errors: errors)
    }
}

extension ProbeSummary.Gap {
    fileprivate var auditDetails: AuditValue {
        ["at": .number(began), "seconds": .number(seconds), "at_least": .bool(isAtLeast)]
    }
}

extension ClientError {
    fileprivate var auditDetails: AuditValue { ["text": .text(text), "count": .optional(count)] }
}

extension WriteSeries {
    fileprivate var auditDetails: AuditValue {
        ["bucket_seconds": .number(bucket), "commits": .list(commits.map { .optional($0) })]
    }

    fileprivate init?(_ value: AuditValue) {
        guard let bucket = value["bucket_seconds"]?.number, bucket > 0, let commits = value["commits"]?.list else {
            return nil
        }
        self.init(bucket: bucket, commits: commits.map { Int($0.integer ?? 0) })
    }
}

extension LagSeries {
    fileprivate var auditDetails: AuditValue {
        let columns = nodes.enumerated().map { index, node in
            let values = samples.map { AuditValue.optional($0.bytes[index].map { Int(clamping: $0) }) }
            return (node, AuditValue.list(values))
        }
        return [
            "at_seconds": .list(samples.map { .number($0.at) }),
            "replay_bytes": .object(Dictionary(uniqueKeysWithValues: columns)),
        ]
    }

    fileprivate init(_ value: AuditValue) {
        guard case .object(let bytes)? = value["replay_bytes"] else {
            self.init()
            return
        }
        let times = value["at_seconds"]?.list?.compactMap(\.number) ?? []
        let nodes = bytes.keys.sorted().filter { bytes[$0]?.list?.count == times.count }
        let samples = times.enumerated().map { index, at in
            Sample(at: at, bytes: nodes.map { bytes[$0]?.list?[index].integer.map { UInt64(clamping: $0) } })
        }
        self.init(nodes: nodes, samples: samples)
    }
}
