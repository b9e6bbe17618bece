import Audit
import Failover
import Pages

/// A report of a run as one page of HTML that needs nothing else.
struct RunPage {
    private let report: RunReport

    /// The page of a report.
    init(_ report: RunReport) { self.report = report }

    /// The page.
    var text: String {
        HTMLPage(
            title: "\(report.id): \(report.headline)", style: .report,
            """
            <h1>Report of \(report.id)</h1>
            \(Markup.headline(report.mark, report.headline))
            \(Markup.log(report.log))
            \(content(2))
            """
        ).text
    }

    /// All below the headline, under headings of that level.
    func content(_ level: Int) -> Markup {
        func heading(_ title: String) -> Markup { "<h\(level)>\(title)</h\(level)>" }
        var parts = [trouble, heading("In figures"), .table(report.figures), heading("Lag, writes and steps"), chart]
        parts += [heading("What was lost"), .list(report.losses), heading("What remains to do"), remaining]
        parts += [heading("Who and when"), .table(report.who, "Who had a part in it, and when")]
        if !report.grounds.isEmpty {
            parts.append(heading("What was decided, on which evidence"))
            parts.append(.table(report.grounds, "The evidence as it was recorded before anything was done"))
        }
        if let probe = report.probe { parts += [heading("What clients saw"), .list(probe.lines)] }
        parts += [heading("What happened"), timeline]
        return Markup(lines: parts)
    }

    private var trouble: Markup {
        guard let trouble = report.trouble else { return "" }
        let hint: Markup = trouble.hint.map { "<br><span class=\"muted\">→ \($0)</span>" } ?? ""
        return "<p>\(trouble.text)\(hint)</p>"
    }

    private var chart: Markup {
        guard let chart = RunChart(report) else { return "<p>Nothing was run.</p>" }
        let missing = report.probe == nil ? " Writes and lag were not measured: no probe ran." : ""
        return """
            <div class="wide">\(chart.markup)</div>
            <p class="muted">Seconds from the first event. A red field is a time without an acknowledged commit; a dashed line, where the primary role ended or began.\(missing)</p>
            """
    }

    private var remaining: Markup {
        if report.remaining.isEmpty { return "<p>Nothing, as far as the log tells.</p>" }
        let items = report.remaining.map { task -> Markup in
            let command: Markup = task.command.map { " <code>\($0)</code>" } ?? ""
            return "<li>\(task.text)\(command)</li>"
        }
        return "<ul class=\"remaining\">\(items)</ul>"
    }

    private var timeline: Markup {
        let rows = report.timeline.map { entry -> Markup in
            let style: Markup = entry.isTrouble ? " class=\"fail\"" : ""
            let sign: Markup = entry.isTrouble ? "<span class=\"sign\">✗</span> " : ""
            let step = entry.step.map { "\($0)" } ?? ""
            let took = entry.seconds.map(SpanText.measured) ?? ""
            let (node, note) = (entry.node ?? "", entry.note ?? "")
            return """
                <tr\(style)><td class="number">\(entry.time)</td><td class="number">\(RunReport.relative(entry.offset))</td><td class="number">\(step)</td><td>\(sign)\(entry.text)</td><td>\(node)</td><td class="number">\(took)</td><td>\(note)</td></tr>
                """
        }
        return """
            <div class="wide"><table class="timeline"><caption>Every event in order; times are UTC, and from the first event on</caption><thead><tr><th scope="col">At</th><th scope="col">From start</th><th scope="col">Step</th><th scope="col">What</th><th scope="col">Node</th><th scope="col">Took</th><th scope="col">More</th></tr></thead>
            <tbody>
            \(rows)
            </tbody></table></div>
            """
    }
}

/// A report of a drill as one page of HTML: the drill, then each of its runs.
struct DrillPage {
    private let report: DrillReport

    init(_ report: DrillReport) { self.report = report }

    var text: String {
        let runs = report.runs.map { run -> Markup in
            """
            <section>
            <h2>Run \(run.id)</h2>
            \(Markup.headline(run.mark, run.headline))
            \(RunPage(run).content(3))
            </section>
            """
        }
        let problems: Markup = report.drill.problems.isEmpty ? "<p>Nothing.</p>" : .list(report.drill.problems)
        return HTMLPage(
            title: "\(report.drill.id): \(report.headline)", style: .report,
            """
            <h1>Report of drill \(report.drill.id)</h1>
            \(Markup.headline(report.mark, report.headline))
            \(Markup.log(report.log))
            <h2>In figures</h2>
            \(Markup.table(report.figures))
            <h2>What was not as it has to be</h2>
            \(problems)
            <h2>Who and when</h2>
            \(Markup.table(report.who, "Who practised what, and when"))
            \(runs)
            """
        ).text
    }
}

extension Markup {
    fileprivate static let report: Markup = """
        caption { text-align: left; color: var(--muted); padding: 4px 0; } .headline, .log, li, .facts td, .timeline td:last-child { overflow-wrap: anywhere; } .timeline td:nth-child(4), .timeline td:last-child { min-width: 14em; } .facts th { white-space: nowrap; font-weight: 500; color: var(--muted); }
        .log.fail { border: 2px solid var(--fail); padding: 8px 12px; font-weight: 600; } .log .sign { font-weight: 700; } .log.pass { color: var(--muted); } code { font-size: 14px; }
        svg .line { stroke: var(--line); } svg .axis { stroke: var(--muted); } svg .writes { fill: var(--pass); fill-opacity: 0.55; } svg .gap { fill: var(--fail); fill-opacity: 0.25; stroke: var(--fail); }
        svg .lag { fill: none; stroke-width: 1.8; stroke: var(--series); } svg .lag0 { --series: #0969da; } svg .lag1 { --series: #bf8700; stroke-dasharray: 6 3; } svg .lag2 { --series: #8250df; stroke-dasharray: 2 3; } svg .lag3 { --series: #bc4c00; stroke-dasharray: 9 3 2 3; }
        svg text.key { fill: var(--series); font-weight: 600; font-size: 11.5px; } svg .bar { fill: var(--skip); } svg .bar.pass { fill: var(--pass); } svg .bar.fail { fill: var(--fail); } svg .bar.warn { fill: var(--warn); } svg .role { stroke: var(--fg); stroke-dasharray: 3 3; }
        @media (prefers-color-scheme: dark) { svg .lag0 { --series: #58a6ff; } svg .lag1 { --series: #e3b341; } svg .lag2 { --series: #bc8cff; } svg .lag3 { --series: #f0883e; } }
        @media print { body { max-width: none; padding: 0; } .wide { overflow: visible; } svg.picture { width: 100%; height: auto; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
        """

    fileprivate static func headline(_ mark: RunReport.Mark, _ text: String) -> Markup {
        "<p class=\"headline \(mark.style)\"><span class=\"sign\">\(mark.sign)</span> \(text)</p>"
    }

    fileprivate static func log(_ log: AuditVerification) -> Markup {
        let mark = log.problem == nil ? RunReport.Mark.good : .bad
        return """
            <p class="log \(mark.style)"><span class="sign">\(mark.sign)</span> \(RunReport.logText(log))</p>
            """
    }

    fileprivate static func list(_ lines: [String]) -> Markup {
        "<ul>\(lines.map { "<li>\($0)</li>" as Markup })</ul>"
    }

    fileprivate static func table(_ rows: [RunReport.Row], _ caption: String) -> Markup {
        let lines = rows.map { row in
            "<tr><th scope=\"row\">\(row.name)</th><td>\(row.text)</td></tr>" as Markup
        }
        return """
            <div class="wide"><table class="facts"><caption>\(caption)</caption><tbody>
            \(lines)
            </tbody></table></div>
            """
    }

    fileprivate static func table(_ figures: [RunReport.Figure]) -> Markup {
        let rows = figures.map { figure in
            """
            <tr class="\(figure.mark.style)"><th scope="row">\(figure.name)</th><td>\(figure.measured)</td><td>\(figure.target)</td><td class="mark">\(figure.mark.sign) \(figure.verdict)</td></tr>
            """ as Markup
        }
        return """
            <div class="wide"><table class="figures"><caption>What it cost, and what it may cost</caption><thead><tr><th scope="col">Figure</th><th scope="col">Measured</th><th scope="col">Objective</th><th scope="col">Result</th></tr></thead>
            <tbody>
            \(rows)
            </tbody></table></div>
            """
    }
}
