import Configuration
import Essentials

/// Values as PostgreSQL's own syntax wants them, where no parameter can stand: ALTER SYSTEM takes none.
enum SettingText {
    /// A text as an SQL literal.
    ///
    /// pgdr's sessions have `standard_conforming_strings` on (see `SessionSettings`), so only the quote is special.
    static func literal(_ text: String) -> String { "'" + escaped(text) { $0 == "'" ? "''" : nil } + "'" }

    /// A line of `postgresql.auto.conf`, as ALTER SYSTEM would write it.
    ///
    /// The server takes backslashes in that file for escapes, and a value ends with its line (guc-file.l).
    static func line(_ name: String, _ value: String) -> String {
        let text = escaped(value) { scalar in
            switch scalar {
            case "'": "''"
            case "\\": #"\\"#
            case "\n": #"\n"#
            case "\r": #"\r"#
            default: nil
            }
        }
        return "\(name) = '\(text)'\n"
    }

    /// Scalar by scalar: a quote with a combining mark after it is one character to Swift, and a quote to PostgreSQL.
    private static func escaped(_ text: String, _ escape: (Unicode.Scalar) -> String?) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let replacement = escape(scalar) {
                escaped.append(contentsOf: replacement.unicodeScalars)
            } else {
                escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// The name of a setting.
    /// - Throws: `configuration` when it can't be one.
    static func name(_ text: String) throws(Failure) -> String {
        let allowed = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
        // ALTER SYSTEM RESET ALL would be another statement.
        guard allowed, text.first?.isLetter == true, text.utf8.count <= 126, text.lowercased() != "all" else {
            throw Failure(
                .configuration, "a setting can't have this name\(text.echo)",
                detail: "It begins with a letter and has letters, digits, \"_\" and \".\".")
        }
        return text
    }
}
