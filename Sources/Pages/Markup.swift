/// A piece of HTML or SVG.
///
/// What is interpolated into it is text and is escaped; only other markup goes in as it is.
package struct Markup: Sendable, Equatable, ExpressibleByStringInterpolation {
    /// The markup.
    package var text: String

    /// Literal markup.
    package init(stringLiteral value: String) { text = value }

    /// Markup with texts in it.
    package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    /// Pieces one after the other, each on a line.
    package init(lines: [Markup]) { text = lines.map(\.text).joined(separator: "\n") }

    /// A text for a place with room for so many characters.
    package static func cut(_ text: String, _ length: Int) -> String {
        text.count > length ? "\(text.prefix(length - 1))…" : text
    }

    /// How texts get into markup.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        /// Nothing yet.
        package init(literalCapacity: Int, interpolationCount: Int) {}

        /// Adds markup.
        package mutating func appendLiteral(_ literal: String) { text += literal }

        /// Adds text: no character of it has a meaning.
        package mutating func appendInterpolation(_ value: String) { text += Markup.escaped(value) }

        /// Adds a number.
        package mutating func appendInterpolation(_ value: Int) { text += "\(value)" }

        /// Adds markup.
        package mutating func appendInterpolation(_ markup: Markup) { text += markup.text }

        /// Adds pieces of markup, each on a line.
        package mutating func appendInterpolation(_ lines: [Markup]) { text += Markup(lines: lines).text }
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case _ where scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t":
                escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
