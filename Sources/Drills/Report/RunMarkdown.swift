import Audit
import Failover
import Pages

/// A report of a run as Markdown.
package struct RunMarkdown {
    private let report: RunReport

    /// The text of a report.
    package init(_ report: RunReport) { self.report = report }

    /// The text.
    package var text: String {
        var parts = [
            "# Report of \(Markdown.text(report.id))", "**\(report.mark.sign) \(Markdown.text(report.headline))**",
        ]
        if let trouble = report.trouble {
            parts.append(Markdown.text(trouble.text) + (trouble.hint.map { " → \(Markdown.text($0))" } ?? ""))
        }
        let log = Markdown.text(report.logText)
        parts.append(report.log.problem == nil ? log : "**✗ \(log)**")
        parts += [
            "## In figures", figures, "## What was lost", list(report.losses), "## What remains to do", remaining,
        ]
        parts += ["## Who and when", rows(report.who)]
        if !report.grounds.isEmpty { parts += ["## What was decided, on which evidence", rows(report.grounds)] }
        if let probe = report.probe { parts += ["## What clients saw", list(probe.lines)] }
        parts += ["## What happened", timeline]
        return parts.joined(separator: "\n\n") + "\n"
    }

    private var figures: String {
        Markdown.table(
            ["", "Measured", "Objective", "Result"], aligned: "|---|---|---|---|",
            report.figures.map { [$0.name, $0.measured, $0.target, "\($0.mark.sign) \($0.verdict)"] })
    }

    private var remaining: String {
        if report.remaining.isEmpty { return "Nothing, as far as the log tells." }
        return report.remaining.map { task in
            "- \(Markdown.text(task.text))" + (task.command.map { " **\(Markdown.text($0))**" } ?? "")
        }.joined(separator: "\n")
    }

    private func list(_ lines: [String]) -> String { lines.map { "- \(Markdown.text($0))" }.joined(separator: "\n") }

    private func rows(_ rows: [RunReport.Row]) -> String {
        Markdown.table(["", ""], aligned: "|---|---|", rows.map { [$0.name, $0.text] })
    }

    private var timeline: String {
        Markdown.table(
            ["At (UTC)", "From start", "Step", "What", "Node", "Took", "More"],
            aligned: "|---|---:|---:|---|---|---:|---|",
            report.timeline.map { entry in
                [
                    entry.time, RunReport.relative(entry.offset), entry.step.map { "\($0)" } ?? "",
                    (entry.isTrouble ? "✗ " : "") + entry.text, entry.node ?? "",
                    entry.seconds.map(SpanText.measured) ?? "", entry.note ?? "",
                ]
            })
    }
}

extension RunReport.Entry {
    /// The date and the time to the millisecond.
    var time: String { String(at.replacing("T", with: " ").prefix(23)) }
}

extension ProbeSummary {
    /// What clients saw, a line each.
    var lines: [String] {
        let missing = unacknowledged.map { ", \($0) were sent and not acknowledged" } ?? ""
        let servers = [firstServer, lastServer].compactMap(\.self)
        return [
            "Path \(path): \(acknowledged) commits were acknowledged in \(SpanText.measured(duration))\(missing).",
            servers.isEmpty
                ? "Nobody answered."
                : "The first was acknowledged by \(servers[0]), the last by \(servers[servers.count - 1]).",
        ]
            + gaps.map { gap in
                "No commit for \(SpanText.measured(gap.seconds))\(gap.isAtLeast ? " at least" : "")"
                    + ", \(SpanText.measured(gap.began)) after the probe's start."
            } + errors.map { "\($0.count) × \($0.text)" }
    }
}
