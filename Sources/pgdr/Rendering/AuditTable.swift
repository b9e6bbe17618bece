import Audit

/// Events for people: one line an event, in columns that grow with what comes.
struct AuditTable {
    private let style: Style
    private var widths = ["TIME", "ACTOR", "RUN", "EVENT", "NODE"].map(\.count)
    private var hasTitles = false

    init(style: Style) { self.style = style }

    /// The lines of these events, before the first ones the titles.
    mutating func text(_ lines: [AuditLine]) -> String {
        let rows = lines.map(Row.init)
        for row in rows {
            for (index, cell) in row.cells.enumerated() { widths[index] = max(widths[index], cell.count) }
        }
        var texts = rows.map { line($0.cells, $0.summary) }
        if !hasTitles, !rows.isEmpty {
            texts.insert(style.dim(line(["TIME", "ACTOR", "RUN", "EVENT", "NODE"], "DETAILS")), at: 0)
            hasTitles = true
        }
        return texts.joined(separator: "\n")
    }

    private func line(_ cells: [String], _ summary: String) -> String {
        var text = ""
        for (cell, width) in zip(cells, widths) {
            text += cell
            text += String(repeating: " ", count: width - cell.count + 2)
        }
        text += summary
        while text.last == " " { text.removeLast() }
        return text
    }

    private struct Row {
        var cells: [String]
        var summary: String

        init(_ line: AuditLine) {
            guard let event = line.event else {
                cells = ["?", "", "", "", ""]
                summary = "line \(line.number) of \(line.file) is no event"
                return
            }
            let texts = [Self.time(event.at), event.actor, event.run ?? "", event.event, event.node ?? ""]
            cells = texts.map(printable)
            summary = Self.summary(event)
        }

        /// To the millisecond, in UTC.
        private static func time(_ text: String) -> String {
            text.count == 27 ? "\(text.prefix(23))Z" : text
        }

        private static func summary(_ event: AuditEvent) -> String {
            var parts = event.cluster.map { ["cluster=\(printable($0))"] } ?? []
            if case .object(let details) = event.details {
                for (key, value) in details.sorted(by: { $0.key < $1.key }) {
                    parts.append("\(printable(key))=\(printable(value.text ?? value.json))")
                }
            } else {
                parts.append(printable(event.details.json))
            }
            let text = parts.joined(separator: " ")
            return text.count > longest ? "\(text.prefix(longest))…" : text
        }

        /// A statement or an output can be long; the whole of it is there with `--format json`.
        private static let longest = 400
    }
}

/// A text whose control characters can't do anything to a terminal: they are shown as JSON writes them.
func printable(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: max(4 - digits.count, 0)) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}
