import Pages
import Replication

/// A report as Markdown, with diagrams for Mermaid.
package struct MarkdownReport {
    private let report: EstateReport

    /// The text of a report.
    package init(_ report: EstateReport) { self.report = report }

    /// The text.
    package var text: String {
        var parts = ["# Estate report", "**\(Markdown.text(report.headline))**"]
        let scope = report.only.isEmpty ? "" : "; only \(Markdown.text(report.only.joined(separator: ", ")))"
        parts.append("\(report.moment), looked at for \(report.seconds)\(scope).")
        parts += ["## Summary", summary, "## Compared with the check before", comparison, "## What fails", failures]
        parts += ["## Topology", Mermaid.topology(EstatePicture(report)), "## Replication"]
        parts += report.clusters.isEmpty ? ["No cluster was looked at."] : report.clusters.flatMap(cluster)
        parts.append("## Details")
        parts += report.results.byCategory.flatMap { ["### \(Markdown.text($0.category))", details($0.results)] }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private var summary: String {
        let rows = report.summary.map { row in
            let tally = row.tally
            return Markdown.row([
                row.title, "\(tally.total)", "\(tally.passed)", "\(tally.failed)", "\(tally.skipped)", tally.rateText,
            ])
        }
        let head = [
            Markdown.row(["Category", "Total", "Passed", "Failed", "Skipped", "Rate"]),
            "|---|---:|---:|---:|---:|---:|",
        ]
        return (head + rows).joined(separator: "\n")
    }

    private var comparison: String {
        guard let comparison = report.comparison else { return "There was none." }
        let before = comparison.previous.tally
        let lines = comparison.lines.map { "- \(Markdown.text($0))" }
        let first =
            "\(report.previousMoment): \(before.passed) passed, \(before.failed) failed, \(before.skipped) skipped."
        return ([first, ""] + lines).joined(separator: "\n")
    }

    private var failures: String {
        let failed = report.results.filter { $0.outcome == .fail }
        if failed.isEmpty { return "Nothing." }
        return failed.map { result in
            let hint = result.finding.hint.map { " → \(Markdown.text($0))" } ?? ""
            return "- \(Mark(result.finding).sign) **\(Markdown.text(result.name))**: "
                + Markdown.text(result.finding.reason) + hint
        }.joined(separator: "\n")
    }

    private func cluster(_ cluster: ClusterReport) -> [String] {
        [
            "### \(Markdown.text(cluster.name))", Markdown.text(cluster.verdict.text),
            Mermaid.replication(ReplicationPicture(cluster)),
        ]
    }

    private func details(_ results: [EstateResult]) -> String {
        let rows = results.map { result in
            let mark = Mark(result.finding)
            return Markdown.row([
                "\(mark.sign) \(mark.word)", result.name, result.kind, result.server ?? "", result.place ?? "",
                result.latencyText, result.finding.reason,
            ])
        }
        let head = [
            Markdown.row(["Result", "Name", "Kind", "Server", "Where", "Latency", "Found"]),
            "|---|---|---|---|---|---:|---|",
        ]
        return (head + rows).joined(separator: "\n")
    }
}
