import Estate
import Replication

/// `pgdr estate check` for people: a row a part, what to do about what fails, then the counts.
struct EstateTable {
    var style: Style

    func text(_ check: CheckedEstate) -> String {
        let results = check.results
        var table = TextTable([
            ("RESULT", .left), ("CATEGORY", .left), ("NAME", .left), ("KIND", .left), ("SERVER", .left),
            ("LATENCY", .right), ("FOUND", .left),
        ])
        for result in results.byCategory.flatMap(\.results) { table.append(row(result)) }
        var summary = TextTable([
            ("CATEGORY", .left), ("TOTAL", .right), ("PASSED", .right), ("FAILED", .right), ("SKIPPED", .right),
            ("RATE", .right),
        ])
        let groups = results.byCategory.map { ($0.category, EstateTally($0.results)) }
        for (title, tally) in groups + [("total", EstateTally(results))] {
            summary.append([
                title, "\(tally.total)", "\(tally.passed)", "\(tally.failed)", "\(tally.skipped)", tally.rateText,
            ])
        }
        let hints = results.compactMap { result in
            result.finding.hint.map { "\(style.coloured(result.name, result.finding.severity)): → \($0)" }
        }
        let headline = style.bold(style.coloured(EstateReport.headline(results), results.severity))
        return
            ([headline, ""] + table.lines(style: style) + (hints.isEmpty ? [] : [""] + hints) + [""]
            + summary.lines(style: style)).joined(separator: "\n")
    }

    private func row(_ result: EstateResult) -> [String] {
        let word = result.outcome.rawValue.uppercased()
        let shown = result.outcome == .skip ? style.dim(word) : style.coloured(word, result.finding.severity)
        return [
            shown, result.category, result.name, result.kind, result.server ?? "", result.latencyText,
            result.finding.reason,
        ]
    }
}

extension NagiosOutput {
    /// `pgdr estate check` for a monitor: one line with performance data, then what fails.
    static func text(_ check: CheckedEstate) -> String {
        let results = check.results
        let tally = EstateTally(results)
        let counts = [
            ("total", tally.total), ("passed", tally.passed), ("failed", tally.failed), ("skipped", tally.skipped),
        ]
        let performance =
            counts.map { "'\($0.0)'=\($0.1);;;0" } + ["'took'=\(Quantity.fixed(check.took, 3))s;;;0"]
            + results.filter { $0.outcome != .skip }.map { result in
                "'\(result.name)'=\(result.latency.map { "\(Quantity.fixed($0, 3))s" } ?? "U");;;0"
            }
        let headline = escaped("estate: \(EstateReport.headline(results))")
        let first = "\(title(results.severity)) - \(headline) | \(performance.joined(separator: " "))"
        let failures = results.filter { $0.outcome == .fail }.map { result in
            let parts = [result.finding.reason, result.finding.hint].compactMap(\.self)
            return "[\(result.finding.severity.rawValue.uppercased())] "
                + escaped("\(result.name): \(parts.joined(separator: " - "))")
        }
        return ([first] + failures).joined(separator: "\n")
    }
}

/// The document of `pgdr estate check --format json`; the same promises as `StatusDocument`.
struct EstateDocument: Encodable {
    private var check: CheckedEstate

    init(_ check: CheckedEstate) { self.check = check }

    enum CodingKeys: String, CodingKey {
        case schema, at, only, severity, total, categories, checks
        case took = "took_ms"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(check.at, forKey: .at)
        try container.encode(StatusDocument.rounded(check.took * 1000, to: 3), forKey: .took)
        try container.encode(check.only, forKey: .only)
        try container.encode(check.results.severity.rawValue, forKey: .severity)
        try container.encode(Tally(tally: EstateTally(check.results)), forKey: .total)
        let categories = check.results.byCategory.map { Category(name: $0.category, tally: EstateTally($0.results)) }
        try container.encode(categories, forKey: .categories)
        try container.encode(check.results.map(Check.init), forKey: .checks)
    }

    struct Category: Encodable {
        var name: String
        var tally: EstateTally

        enum CodingKeys: String, CodingKey { case name }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try Tally(tally: tally).encode(to: encoder)
        }
    }

    struct Tally: Encodable {
        var tally: EstateTally

        enum CodingKeys: String, CodingKey { case total, passed, failed, skipped, rate }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(tally.total, forKey: .total)
            try container.encode(tally.passed, forKey: .passed)
            try container.encode(tally.failed, forKey: .failed)
            try container.encode(tally.skipped, forKey: .skipped)
            try container.encode(StatusDocument.rounded(tally.rate, to: 4), forKey: .rate)
        }
    }

    struct Check: Encodable {
        var result: EstateResult

        init(_ result: EstateResult) { self.result = result }

        enum CodingKeys: String, CodingKey {
            case name, subject, kind, category, server, target, address, result, severity, reason, hint
            case latency = "latency_ms"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(result.name, forKey: .name)
            try container.encode(result.subject.rawValue, forKey: .subject)
            try container.encode(result.kind, forKey: .kind)
            try container.encode(result.category, forKey: .category)
            try container.encode(result.server, forKey: .server)
            try container.encode(result.target, forKey: .target)
            try container.encode(result.place, forKey: .address)
            try container.encode(result.outcome.rawValue, forKey: .result)
            try container.encode(result.finding.severity.rawValue, forKey: .severity)
            try container.encode(result.finding.reason, forKey: .reason)
            try container.encode(result.finding.hint, forKey: .hint)
            try container.encode(StatusDocument.rounded(result.latency.map { $0 * 1000 }, to: 3), forKey: .latency)
        }
    }
}
