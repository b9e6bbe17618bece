package import Essentials

/// A YAML value with its place in the file: aliases replaced, merge keys applied, no tags left.
package struct YAMLValue: Sendable {
    /// What it is.
    package var content: Content
    /// Where it stands.
    package var location: SourceLocation

    /// What a value is.
    package enum Content: Sendable {
        /// A key without a value, `~` or `null`.
        case nothing
        /// A scalar; numbers and truth values too.
        case text(String)
        /// A sequence.
        case list([YAMLValue])
        /// A mapping, in the file's order.
        case mapping([Entry])
    }

    /// One key of a mapping, in the file's order.
    package struct Entry: Sendable {
        /// Its name.
        package var key: String
        /// Where it stands.
        package var location: SourceLocation
        /// What stands under it.
        package var value: YAMLValue
    }

    /// What it is, as an error says it; a text only where it can't be a secret.
    package var kind: String {
        switch content {
        case .nothing: "nothing"
        case .text(let text): text.echo.isEmpty ? "text" : String(text.echo.dropFirst())
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }

    /// The failure that `expected` ought to stand here.
    package func unexpected(_ expected: String, for key: String) -> Failure {
        .configuration(at: location, "expected \(expected) for \"\(key)\", found \(kind)")
    }

    /// The text of a scalar, never empty.
    package func text(_ expected: String, for key: String) throws(Failure) -> String {
        guard case .text(let text) = content, !text.isEmpty else { throw unexpected(expected, for: key) }
        return text
    }

    /// A mapping's entries.
    package func entries(_ expected: String, for key: String) throws(Failure) -> [Entry] {
        guard case .mapping(let entries) = content else { throw unexpected(expected, for: key) }
        return entries
    }

    /// A mapping of which all keys are among `known`.
    package func fields(_ expected: String, for key: String, known: [String]) throws(Failure) -> Fields {
        let entries = try entries(expected, for: key)
        for entry in entries where !known.contains(entry.key) {
            let hint = NearestName.hint(for: entry.key, among: known)
            throw .configuration(
                at: entry.location, "unknown key\(entry.key.echo)",
                detail: hint == nil ? "Known keys here: \(quotedList(known))." : nil, hint: hint)
        }
        return Fields(entries: entries)
    }

    /// The values of a mapping whose keys are known.
    package struct Fields: Sendable {
        fileprivate var entries: [Entry]

        /// The value of `key`, nil when the key is absent.
        package subscript(key: String) -> YAMLValue? { entries.first { $0.key == key }?.value }

        /// Its entries, in the file's order.
        package var all: [Entry] { entries }
    }
}
