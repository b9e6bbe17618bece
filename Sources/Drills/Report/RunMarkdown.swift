import Audit
import Failover
import Pages

/// A report of a run as Markdown.
struct RunMarkdown {
    private let report: RunReport

    /// The text of a report.
    init(_ report: RunReport) { self.report = report }

    /// The text.
    var text: String {
        let head = Markdown.head("# Report of \(Markdown.text(report.id))", report.mark, report.headline, report.log)
        return (head + parts("##")).joined(separator: "\n\n") + "\n"
    }

    /// All below the headline, under headings of that level.
    func parts(_ level: String) -> [String] {
        var parts: [String] = []
        if let trouble = report.trouble {
            parts.append(Markdown.text(trouble.text) + (trouble.hint.map { " → \(Markdown.text($0))" } ?? ""))
        }
        parts += [
            "\(level) In figures", Markdown.table(report.figures), "\(level) What was lost",
            Markdown.list(report.losses),
            "\(level) What remains to do", remaining, "\(level) Who and when", Markdown.table(report.who),
        ]
        if !report.grounds.isEmpty {
            parts += ["\(level) What was decided, on which evidence", Markdown.table(report.grounds)]
        }
        if let probe = report.probe { parts += ["\(level) What clients saw", Markdown.list(probe.lines)] }
        parts += ["\(level) What happened", timeline]
        return parts
    }

    private var remaining: String {
        if report.remaining.isEmpty { return "Nothing, as far as the log tells." }
        return report.remaining.map { task in
            "- \(Markdown.text(task.text))" + (task.command.map { " **\(Markdown.text($0))**" } ?? "")
        }.joined(separator: "\n")
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

/// A report of a drill as Markdown: the drill, then each of its runs.
struct DrillMarkdown {
    private let report: DrillReport

    init(_ report: DrillReport) { self.report = report }

    var text: String {
        let name = Markdown.text(report.drill.id)
        var parts = Markdown.head("# Report of drill \(name)", report.mark, report.headline, report.log)
        parts += ["## In figures", Markdown.table(report.figures), "## What was not as it has to be"]
        parts.append(report.drill.problems.isEmpty ? "Nothing." : Markdown.list(report.drill.problems))
        parts += ["## Who and when", Markdown.table(report.who)]
        for run in report.runs {
            parts += ["## Run \(Markdown.text(run.id))", "**\(run.mark.sign) \(Markdown.text(run.headline))**"]
            parts += RunMarkdown(run).parts("###")
        }
        return parts.joined(separator: "\n\n") + "\n"
    }
}

extension Markdown {
    fileprivate static func head(
        _ title: String, _ mark: RunReport.Mark, _ headline: String, _ log: AuditVerification
    ) -> [String] {
        let words = text(RunReport.logText(log))
        return [title, "**\(mark.sign) \(text(headline))**", log.problem == nil ? words : "**✗ \(words)**"]
    }

    fileprivate static func list(_ lines: [String]) -> String {
        lines.map { "- \(text($0))" }.joined(separator: "\n")
    }

    fileprivate static func table(_ rows: [RunReport.Row]) -> String {
        table(["", ""], aligned: "|---|---|", rows.map { [$0.name, $0.text] })
    }

    fileprivate static func table(_ figures: [RunReport.Figure]) -> String {
        table(
            ["", "Measured", "Objective", "Result"], aligned: "|---|---|---|---|",
            figures.map { [$0.name, $0.measured, $0.target, "\($0.mark.sign) \($0.verdict)"] })
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
