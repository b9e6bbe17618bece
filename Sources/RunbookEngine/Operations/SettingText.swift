import Essentials

/// Values as PostgreSQL's own syntax wants them, where no parameter can stand: ALTER SYSTEM takes none.
enum SettingText {
    /// A text as an SQL literal.
    ///
    /// pgdr's sessions have `standard_conforming_strings` on (see `SessionSettings`), so only the quote is special.
    static func literal(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

    /// A line of `postgresql.auto.conf`, as ALTER SYSTEM would write it.
    ///
    /// The server takes backslashes in that file for escapes (guc-file.l).
    static func line(_ name: String, _ value: String) -> String {
        "\(name) = '" + value.replacing("\\", with: "\\\\").replacing("'", with: "''") + "'\n"
    }

    /// The name of a setting.
    /// - Throws: `configuration` when it can't be one.
    static func name(_ text: String) throws(Failure) -> String {
        let allowed = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
        guard allowed, text.first?.isLetter == true, text.utf8.count <= 126 else {
            throw Failure(
                .configuration, "a setting can't have this name", detail: "It has letters, digits, \"_\" and \".\".")
        }
        return text
    }
}
