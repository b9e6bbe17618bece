import Pages
import Replication

/// A report as one page of HTML that needs nothing else: no script, no font, no picture from elsewhere.
package struct HTMLReport {
    private let report: EstateReport

    /// The page of a report.
    package init(_ report: EstateReport) { self.report = report }

    /// The page.
    package var text: String {
        HTMLPage(
            title: "Estate: \(report.headline)", style: HTMLStyle.sheet,
            """
            <h1>Estate report</h1>
            <p class="headline \(mark.style)"><span class="sign">\(mark.sign)</span> \(report.headline)</p>
            <p class="muted">\(report.moment), looked at for \(report.seconds)\(scope)</p>
            <h2>Summary</h2>
            \(summary)
            <h2>Compared with the check before</h2>
            \(comparison)
            <h2>What fails</h2>
            \(failures)
            <h2>Topology</h2>
            <div class="wide">\(TopologyDrawing(EstatePicture(report)).markup)</div>
            <p class="muted">\(Self.legend)</p>
            <h2>Replication</h2>
            \(report.clusters.isEmpty ? ["<p>No cluster was looked at.</p>"] : report.clusters.map(cluster))
            <h2>Details</h2>
            \(report.results.byCategory.map(details))
            """
        ).text
    }

    private static let legend =
        "✓ as expected, ✗ fails, ! works but needs attention, – not deployed yet. Arrows are pipelines."

    private var mark: Mark {
        let severity = report.results.severity
        return Mark(severity == .ok ? .pass("") : .fail("", severity: severity))
    }

    private var scope: String { report.only.isEmpty ? "" : "; only \(report.only.joined(separator: ", "))" }

    private var summary: Markup {
        let rows = report.summary.enumerated().map { index, row in
            """
            <tr\(index == report.summary.count - 1 ? " class=\"total\"" as Markup : "")><th scope="row">\(row.title)</th><td>\(row.tally.total)</td><td>\(row.tally.passed)</td><td>\(row.tally.failed)</td><td>\(row.tally.skipped)</td><td>\(row.tally.rateText)</td></tr>
            """ as Markup
        }
        return """
            <table class="summary"><thead><tr><th>Category</th><th>Total</th><th>Passed</th><th>Failed</th><th>Skipped</th><th>Rate</th></tr></thead>
            <tbody>
            \(rows)
            </tbody></table>
            """
    }

    private var comparison: Markup {
        guard let comparison = report.comparison else { return "<p>There was none.</p>" }
        let before = comparison.previous.tally
        return """
            <p>\(report.previousMoment): \(before.passed) passed, \(before.failed) failed, \(before.skipped) skipped.</p>
            <ul>\(comparison.lines.map { "<li>\($0)</li>" as Markup })</ul>
            """
    }

    private var failures: Markup {
        let failed = report.results.filter { $0.outcome == .fail }
        if failed.isEmpty { return "<p>Nothing.</p>" }
        let items = failed.map { result in
            let mark = Mark(result.finding)
            let hint: Markup = result.finding.hint.map { "<br><span class=\"muted\">→ \($0)</span>" } ?? ""
            return """
                <li class="\(mark.style)"><span class="sign">\(mark.sign)</span> <strong>\(result.name)</strong>: \(result.finding.reason)\(hint)</li>
                """ as Markup
        }
        return "<ul class=\"failures\">\(items)</ul>"
    }

    private func cluster(_ cluster: ClusterReport) -> Markup {
        """
        <h3>\(cluster.name)</h3>
        <p>\(cluster.verdict.text)</p>
        <div class="wide">\(ReplicationDrawing(name: cluster.name, picture: ReplicationPicture(cluster)).markup)</div>
        """
    }

    private func details(_ category: String, _ results: [EstateResult]) -> Markup {
        let rows = results.map { result in
            let mark = Mark(result.finding)
            return """
                <tr class="\(mark.style)"><td class="mark">\(mark.sign) \(mark.word)</td><th scope="row">\(result.name)</th><td>\(result.kind)</td><td>\(result.server ?? "")</td><td>\(result.place ?? "")</td><td class="number">\(result.latencyText)</td><td>\(result.finding.reason)</td></tr>
                """ as Markup
        }
        return """
            <h3>\(category)</h3>
            <div class="wide"><table class="details"><thead><tr><th>Result</th><th>Name</th><th>Kind</th><th>Server</th><th>Where</th><th>Latency</th><th>Found</th></tr></thead>
            <tbody>
            \(rows)
            </tbody></table></div>
            """
    }
}
