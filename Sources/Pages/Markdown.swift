/// Texts inside Markdown.
package enum Markdown {
    /// A text in which no character has a meaning, on one line.
    package static func text(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\\", "`", "*", "_", "[", "]", "|", "#", "~", "$":
                escaped += "\\"
                escaped.unicodeScalars.append(scalar)
            case _ where scalar.properties.generalCategory == .control: escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// A row of a table.
    package static func row(_ cells: [String]) -> String { "| \(cells.map(text).joined(separator: " | ")) |" }

    /// A table; `aligned` is a line such as `|---|---:|`.
    package static func table(_ head: [String], aligned: String, _ rows: [[String]]) -> String {
        ([row(head), aligned] + rows.map(row)).joined(separator: "\n")
    }
}
