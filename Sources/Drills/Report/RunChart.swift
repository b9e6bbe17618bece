import RunbookEngine
import Failover
import Pages
import Replication

/// Lag, writes and steps over time as SVG, one below the other over one axis.
struct RunChart {
    private let report: RunReport
    /// What is shown, in seconds from the report's start.
    private let time: ClosedRange<Double>
    /// Where the panels lie.
    private let writes: Panel?
    private let lag: Panel?
    private let steps: Panel

    private struct Panel {
        var top: Double
        var height: Double
        var bottom: Double { top + height }
    }

    private static let left = 320.0
    private static let width = 900.0
    private static let margin = 14.0
    private static let row = 18.0
    private static let gap = 30.0

    /// nil: there is nothing to show over time.
    init?(_ report: RunReport) {
        guard !report.steps.isEmpty else { return nil }
        self.report = report
        let probe = report.probe.flatMap { probe in report.probeBegan.map { $0...($0 + max(probe.duration, 0)) } }
        let end = report.steps.compactMap { step in step.began.map { $0 + (step.seconds ?? 0) } }.max() ?? 0
        let gaps = report.probe?.gaps.compactMap { gap in
            report.probeBegan.map { ($0 + gap.began, $0 + gap.began + gap.seconds) }
        }
        let from = gaps?.map(\.0).reduce(0, min) ?? 0
        let to = gaps?.map(\.1).reduce(max(report.seconds, end, 0.001), max) ?? max(report.seconds, end, 0.001)
        // Of a probe that ran for longer only what is near.
        let pad = max(2, (to - from) / 2)
        time = min(from, max(probe?.lowerBound ?? 0, from - pad))...max(to, min(probe?.upperBound ?? 0, to + pad))
        var top = Self.margin + 6
        func panel(_ height: Double) -> Panel {
            defer { top += height + Self.gap }
            return Panel(top: top, height: height)
        }
        writes = probe != nil && report.probe?.writes != nil ? panel(100) : nil
        lag = probe != nil && report.probe?.lag.nodes.isEmpty == false ? panel(90) : nil
        steps = panel(Double(report.steps.count) * Self.row)
    }

    var markup: Markup {
        let width = Self.number(Self.left + Self.width + 2 * Self.margin)
        let height = Self.number(steps.bottom + 34)
        return """
            <svg class="picture chart" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" role="img" aria-labelledby="title-\(report.id) description-\(report.id)">
            <title id="title-\(report.id)">Lag, writes and steps of \(report.id) over time</title>
            <desc id="description-\(report.id)">\(description)</desc>
            \(axis)
            \(roles)
            \(writesPanel)
            \(lagPanel)
            \(report.steps.enumerated().map(step))
            </svg>
            """
    }

    private var description: String {
        let gaps = report.probe?.gaps.map { "no commit for \(SpanText.measured($0.seconds))" } ?? []
        return ([report.headline] + gaps).joined(separator: "; ")
    }

    // MARK: Places

    private func x(_ seconds: Double) -> Double {
        let share = (seconds - time.lowerBound) / (time.upperBound - time.lowerBound)
        return Self.left + min(max(share, 0), 1) * Self.width
    }

    private static func number(_ value: Double) -> String { Quantity.fixed(value, 1) }

    // MARK: Time

    private var axis: Markup {
        let length = time.upperBound - time.lowerBound
        let ticks = Self.ticks(time)
        let marks = ticks.map { tick -> Markup in
            let place = Self.number(x(tick))
            let text =
                length > 600
                ? Quantity.seconds(tick) : "\(Quantity.fixed(tick, length < 1 ? 2 : length < 10 ? 1 : 0)) s"
            return """
                <g class="tick"><path class="line" d="M\(place) \(Self.number(Self.margin))V\(Self.number(steps.bottom + 4))"/><text class="muted" x="\(place)" y="\(Self.number(steps.bottom + 20))" text-anchor="middle">\(text)</text></g>
                """
        }
        return Markup(lines: marks)
    }

    /// Round moments, at most ten.
    private static func ticks(_ time: ClosedRange<Double>) -> [Double] {
        let length = time.upperBound - time.lowerBound
        var power = 0.0001
        while power * 100 < length { power *= 10 }
        let step = [1, 2, 5, 10, 20, 50, 100].map { $0 * power }.first { length / $0 <= 9 } ?? length
        let first = Int((time.lowerBound / step).rounded(.up))
        let last = Int((time.upperBound / step).rounded(.down))
        return first <= last ? (first...last).map { Double($0) * step } : []
    }

    /// Where the primary role ended, and where it began.
    private var roles: Markup {
        let promotion = report.steps.firstIndex { $0.action == "promote" }
        let lost = report.steps.prefix(promotion ?? 0).last { ["stop", "fence", "fence_command"].contains($0.action) }
        let won = promotion.map { report.steps[$0] }.flatMap { step in
            step.began.flatMap { began in step.seconds.map { began + $0 } }
        }
        let lines = [lost?.began, won].compactMap(\.self).map { moment -> Markup in
            let place = Self.number(x(moment))
            return "<path class=\"role\" d=\"M\(place) \(Self.number(Self.margin))V\(Self.number(steps.bottom))\"/>"
        }
        return Markup(lines: lines)
    }

    // MARK: Writes

    private var writesPanel: Markup {
        guard let panel = writes, let probe = report.probe, let began = report.probeBegan, let series = probe.writes
        else {
            return ""
        }
        let most = max(series.commits.max() ?? 0, 1)
        let scale = most == 1 ? "each line is a commit" : "up to \(most) commits in \(SpanText.measured(series.bucket))"
        let bars = series.commits.enumerated().filter { index, commits in
            commits > 0 && time.contains(began + (Double(index) + 0.5) * series.bucket)
        }.map { index, commits -> Markup in
            let (start, end) = (x(began + Double(index) * series.bucket), x(began + Double(index + 1) * series.bucket))
            let height = panel.height * Double(commits) / Double(most)
            return """
                <rect class="writes" x="\(Self.number(start))" y="\(Self.number(panel.bottom - height))" width="\(Self.number(max(end - start - 0.5, 1.5)))" height="\(Self.number(height))"/>
                """
        }
        let gaps = probe.gaps.map { gap -> Markup in
            let (start, end) = (x(began + gap.began), x(began + gap.began + gap.seconds))
            let words = "No commit for \(SpanText.measured(gap.seconds))\(gap.isAtLeast ? " at least" : "")"
            return """
                <rect class="gap" x="\(Self.number(start))" y="\(Self.number(panel.top))" width="\(Self.number(max(end - start, 1.5)))" height="\(Self.number(panel.height))"><title>\(words)</title></rect>
                """
        }
        let longest = probe.gaps.max { $0.seconds < $1.seconds }.map { gap -> Markup in
            let middle = x(began + gap.began + gap.seconds / 2)
            let place = min(max(middle, Self.left + 30), Self.left + Self.width - 30)
            return """
                <text class="length" x="\(Self.number(place))" y="\(Self.number(panel.top - 5))" text-anchor="middle">\(SpanText.measured(gap.seconds))\(gap.isAtLeast ? " at least" : "")</text>
                """
        }
        return """
            <g class="panel">\(frame(panel, "Writes", scale))
            \(bars)
            \(gaps)
            \(longest ?? "")
            </g>
            """
    }

    // MARK: Lag

    private var lagPanel: Markup {
        guard let panel = lag, let series = report.probe?.lag, let began = report.probeBegan else { return "" }
        let most = series.samples.flatMap(\.bytes).compactMap(\.self).max() ?? 0
        let lines = series.nodes.enumerated().map { index, node -> Markup in
            var path = ""
            var isDrawn = false
            for sample in series.samples where time.contains(began + sample.at) {
                guard let bytes = sample.bytes[index] else {
                    isDrawn = false
                    continue
                }
                let y = panel.bottom - panel.height * Double(bytes) / Double(max(most, 1))
                // One that stands alone is a dot.
                path +=
                    "\(isDrawn ? "L" : "M")\(Self.number(x(began + sample.at))) \(Self.number(y))\(isDrawn ? "" : "h3")"
                isDrawn = true
            }
            let style = "lag\(index % 4)"
            return """
                <g class="\(style)"><path class="lag" d="\(path)"/><text class="key" x="\(Self.number(Self.margin))" y="\(Self.number(panel.top + 46 + Double(index) * 15))">\(Markup.cut(node, 40))</text></g>
                """
        }
        return """
            <g class="panel">\(frame(panel, "Lag: WAL not replayed", "up to \(Quantity.bytes(most))"))
            \(Array(lines.prefix(Self.mostLines)))
            </g>
            """
    }

    /// As many as have room for their names.
    private static let mostLines = 4

    private func frame(_ panel: Panel, _ title: String, _ scale: String) -> Markup {
        """
        <text class="title" x="\(Self.number(Self.margin))" y="\(Self.number(panel.top + 12))">\(title)</text><text class="muted" x="\(Self.number(Self.margin))" y="\(Self.number(panel.top + 29))">\(scale)</text><path class="axis" d="M\(Self.number(Self.left)) \(Self.number(panel.bottom))H\(Self.number(Self.left + Self.width))"/>
        """
    }

    // MARK: Steps

    private func step(_ index: Int, _ step: RunReport.Step) -> Markup {
        let top = steps.top + Double(index) * Self.row
        let style =
            switch step.state {
            case .done: "pass"
            case .skipped, .pending: "skip"
            case .failed, .undoFailed, .refused: "fail"
            case .started, .undoing, .undone: "warn"
            }
        let label = Markup.cut("\(step.number) \(step.title)", 48)
        let took = step.seconds.map { ", \(SpanText.measured($0))" } ?? ""
        let bar = step.began.map { began -> Markup in
            let (start, end) = (x(began), x(began + (step.seconds ?? 0)))
            return """
                <rect class="bar \(style)" x="\(Self.number(start))" y="\(Self.number(top + 4))" width="\(Self.number(max(end - start, 3)))" height="\(Self.number(Self.row - 7))" rx="1.5"/>
                """
        }
        return """
            <g class="step"><title>\(step.number) \(step.title): \(step.state.rawValue)\(took)</title><text class="muted" x="\(Self.number(Self.margin))" y="\(Self.number(top + 13))">\(label)</text>\(bar ?? "")</g>
            """
    }
}
