package import Configuration
package import Replication

/// A check of the estate with all that a person wants to see beside it: the value that HTML and Markdown are renderings of.
package struct EstateReport: Sendable {
    /// When it was made, RFC 3339.
    package var at: String
    /// How long the check took, in seconds.
    package var took: Double
    /// The categories that it is about; empty: all.
    package var only: [String]
    /// The estate as it is meant.
    package var estate: EstateConfiguration
    /// What was found.
    package var results: [EstateResult]
    /// The check before; nil when there was none.
    package var previous: EstateRun?
    /// How the clusters stand.
    package var clusters: [ClusterReport]

    /// A report by its parts.
    package init(
        at: String, took: Double, only: [String] = [], estate: EstateConfiguration, results: [EstateResult],
        previous: EstateRun? = nil, clusters: [ClusterReport] = []
    ) {
        self.at = at
        self.took = took
        self.only = only
        self.estate = estate
        self.results = results
        self.previous = previous
        self.clusters = clusters
    }

    /// What changed since the check before.
    package var comparison: EstateComparison? { previous.map { EstateComparison(results, with: $0) } }

    /// The whole in one line.
    package var headline: String { Self.headline(results) }

    /// Results in one line.
    package static func headline(_ results: [EstateResult]) -> String {
        let tally = EstateTally(results)
        let checked = tally.passed + tally.failed
        let skipped = tally.skipped > 0 ? ", \(tally.skipped) skipped" : ""
        return tally.failed == 0
            ? "\(tally.passed) of \(checked) pass\(skipped)"
            : "\(tally.failed) of \(checked) fail\(skipped): "
                + results.filter { $0.outcome == .fail }.map(\.name).joined(separator: ", ")
    }

    /// The date and the time to the second, without the rest.
    var moment: String { Self.moment(at) }

    /// When the check before was made.
    var previousMoment: String { previous.map { Self.moment($0.at) } ?? "" }

    private static func moment(_ time: String) -> String {
        "\(time.replacing("T", with: " ").prefix { $0 != "." && $0 != "Z" }) UTC"
    }

    /// How long the check took.
    var seconds: String { "\(Quantity.fixed(took, 1)) s" }

    /// The rows of the summary table: each category, then all of them.
    var summary: [(title: String, tally: EstateTally)] {
        results.byCategory.map { ($0.category, EstateTally($0.results)) } + [("total", EstateTally(results))]
    }
}

extension EstateTally {
    /// The rate as a percentage; a dash when nothing was looked at.
    package var rateText: String { rate.map { "\(Quantity.fixed(($0 * 100).rounded(.down), 0)) %" } ?? "–" }
}

extension EstateResult {
    /// The latency as people read it; empty without one.
    package var latencyText: String { latency.map { "\(Quantity.fixed($0 * 1000, $0 < 0.1 ? 1 : 0)) ms" } ?? "" }
}

/// How a mark shows an outcome: by a sign, a word and a class, never by colour alone.
struct Mark: Sendable, Equatable {
    var sign: String
    var word: String
    /// The name of its style.
    var style: String

    init(_ finding: EstateFinding) {
        switch finding.outcome {
        case .pass: self.init(sign: "✓", word: "PASS", style: "pass")
        case .fail where finding.severity == .critical: self.init(sign: "✗", word: "FAIL", style: "fail")
        case .fail: self.init(sign: "!", word: "FAIL", style: "warn")
        case .skip: self.init(sign: "–", word: "SKIP", style: "skip")
        }
    }

    private init(sign: String, word: String, style: String) {
        self.sign = sign
        self.word = word
        self.style = style
    }

    /// What nobody asked.
    static let none = Mark(sign: "·", word: "", style: "skip")
}
