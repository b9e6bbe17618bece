/// Writes texts so that every YAML reader gets the same text back.
enum YAMLQuoting {
    /// A scalar for a block or flow collection: plain where nothing can misread it, else in double quotes.
    static func scalar(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    /// A list on one line.
    static func list(_ words: [String]) -> String { "[\(words.map(scalar).joined(separator: ", "))]" }

    /// Narrower than YAML's rule: it begins with a letter or `/`, so it is no number and no date, it has no indicator
    /// that could count, and it is none of the words that YAML 1.1 or 1.2 take for something else.
    private static func isPlain(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        guard let first = scalars.first, isLetter(first) || first == "/", scalars.last != " " else { return false }
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case " ": if scalars[index - 1] == " " { return false }
            // "key: value" and, at the end of a text, "key:".
            case ":": if index + 1 == scalars.count || scalars[index + 1] == " " { return false }
            case _ where isLetter(scalar): continue
            case "0"..."9", "_", ".", "/", "=", "-", "+", "@": continue
            default: return false
            }
        }
        return !reserved.contains(text.lowercased())
    }

    private static let reserved: Set<String> = ["yes", "no", "y", "n", "true", "false", "on", "off", "null"]

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case _ where isPrintable(scalar): quoted.unicodeScalars.append(scalar)
            default: quoted += escaped(scalar)
            }
        }
        return quoted + "\""
    }

    /// What may stand in a YAML file as it is, without the characters that some readers take for line breaks.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16, uppercase: true)
        return "\\u" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
    }
}
