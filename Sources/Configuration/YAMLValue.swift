import Essentials

/// A YAML value with its place in the file: aliases replaced, merge keys applied, no tags left.
struct YAMLValue {
    var content: Content
    var location: SourceLocation

    enum Content {
        /// A key without a value, `~` or `null`.
        case nothing
        case text(String)
        case list([YAMLValue])
        case mapping([Entry])
    }

    /// One key of a mapping, in the file's order.
    struct Entry {
        var key: String
        var location: SourceLocation
        var value: YAMLValue
    }

    /// What it is, as an error says it; a text only where it can't be a secret.
    var kind: String {
        switch content {
        case .nothing: "nothing"
        case .text(let text): text.echo.isEmpty ? "text" : String(text.echo.dropFirst())
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }

    /// The failure that `expected` ought to stand here.
    func unexpected(_ expected: String, for key: String) -> Failure {
        .configuration(at: location, "expected \(expected) for \"\(key)\", found \(kind)")
    }

    /// The text of a scalar, never empty.
    func text(_ expected: String, for key: String) throws(Failure) -> String {
        guard case .text(let text) = content, !text.isEmpty else { throw unexpected(expected, for: key) }
        return text
    }

    /// A mapping's entries.
    func entries(_ expected: String, for key: String) throws(Failure) -> [Entry] {
        guard case .mapping(let entries) = content else { throw unexpected(expected, for: key) }
        return entries
    }

    /// A mapping of which all keys are among `known`.
    func fields(_ expected: String, for key: String, known: [String]) throws(Failure) -> Fields {
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
    struct Fields {
        fileprivate var entries: [Entry]

        /// The value of `key`, nil when the key is absent.
        subscript(key: String) -> YAMLValue? { entries.first { $0.key == key }?.value }

        /// Its entries, in the file's order.
        var all: [Entry] { entries }
    }
}
