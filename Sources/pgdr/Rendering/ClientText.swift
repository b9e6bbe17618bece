import Audit
import Drills
import Essentials
import Replication

/// What a client saw, for people.
struct ClientText {
    var style: Style

    func text(_ measurement: ClientMeasurement) -> String {
        let record = measurement.record
        var lines = [
            style.bold("Path \"\(measurement.path)\"")
                + ": \(record.commits.count) commits acknowledged in \(Quantity.seconds(record.duration.seconds))",
            line("longest time without one", outage(measurement)), line("gaps", gaps(measurement)),
            line("acknowledged and gone", lost(measurement)),
        ]
        if !record.refusals.isEmpty {
            lines.append(line("sent, not acknowledged", "\(record.refusals.count)"))
        }
        if !measurement.unread.isEmpty {
            lines.append(line("not there when read back", style.red("\(measurement.unread.count)")))
        }
        lines += list("answered by", measurement.stretches) { stretch in
            let (first, last) = (time(stretch.first, of: measurement), time(stretch.last, of: measurement))
            return "\(stretch.server.text): \(first) to \(last), \(stretch.commits) commits"
        }
        lines += list("errors", measurement.errors) { "\($0.count) × \($0.text)" }
        return lines.joined(separator: "\n")
    }

    private func outage(_ measurement: ClientMeasurement) -> String {
        guard let outage = measurement.longestOutage else { return "not known" }
        guard outage.isAtLeast else { return Self.duration(outage.length) }
        let missing = measurement.isDownAtEnd ? "there was none at the end" : "there was none at the start"
        return "\(Self.duration(outage.length)) at least: \(missing)"
    }

    private func gaps(_ measurement: ClientMeasurement) -> String {
        let gaps = measurement.gaps
        guard !gaps.isEmpty else { return "0" }
        let shown = gaps.prefix(Self.mostShown).map { gap in
            "\(time(gap.began, of: measurement)) for \(Self.duration(gap.length))"
        }
        let more = gaps.count > shown.count ? ["\(gaps.count - shown.count) more"] : []
        return "\(gaps.count): \((shown + more).joined(separator: ", "))"
    }

    private func lost(_ measurement: ClientMeasurement) -> String {
        guard let lost = measurement.lost else {
            return measurement.kept == nil
                ? "not known: the primary could not be asked"
                : "not known: no commit was acknowledged before the run began"
        }
        return lost.isEmpty ? "0" : style.red("\(lost.count)")
    }

    private static let mostShown = 10

    /// A time of the day, UTC.
    private func time(_ offset: Duration, of measurement: ClientMeasurement) -> String {
        String(measurement.time(at: offset).text.dropFirst(11).prefix(12))
    }

    private func line(_ title: String, _ text: String) -> String {
        "  \(title)\(String(repeating: " ", count: max(26 - title.count, 1)))\(text)"
    }

    private func list<Item>(_ title: String, _ items: [Item], _ text: (Item) -> String) -> [String] {
        let shown = items.prefix(Self.mostShown).map(text)
        let more = items.count > shown.count ? ["\(items.count - shown.count) more"] : []
        return (shown + more).enumerated().map { index, text in line(index == 0 ? title : "", text) }
    }

    /// A duration such as `87 ms` or `3.2 s`.
    static func duration(_ duration: Duration) -> String {
        duration < .seconds(1)
            ? "\(Int((duration.seconds * 1000).rounded())) ms" : Quantity.seconds(duration.seconds)
    }
}

/// What `pgdr drill probe` has to say.
struct ProbeReport {
    var cluster: String
    var measurement: ClientMeasurement
    /// The limits; nil: none.
    var rto: Duration?
    var rpo: Int?

    var verdict: ClientVerdict { measurement.verdict(outage: rto, loss: rpo) }

    /// The exit status that says so.
    var status: Int32 {
        switch verdict {
        case .within: 0
        case .exceeded: 2
        case .notMeasured: ExitStatus.checkImpossible
        }
    }

    func text(style: Style) -> String {
        let last =
            switch verdict {
            case .within: rto == nil && rpo == nil ? nil : style.green("Within the limits") + limits
            case .exceeded: style.red("Beyond the limits") + limits
            case .notMeasured: style.yellow("Not measured to the end") + limits
            }
        return [ClientText(style: style).text(measurement), last].compactMap(\.self).joined(separator: "\n")
    }

    private var limits: String {
        let parts = [rto.map { "RTO \(ClientText.duration($0))" }, rpo.map { "RPO \($0)" }].compactMap(\.self)
        return parts.isEmpty ? "." : ": \(parts.joined(separator: ", "))."
    }
}
