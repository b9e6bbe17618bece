package import Configuration
package import Essentials

/// A text in a runbook with places that planning fills: `${target}`, `${target.data_directory}`.
///
/// What fills a place stays a value: a word of a command, a parameter of a statement, the name of a node. It is never
/// read as shell, SQL or another template.
package struct Template: Sendable, Equatable {
    /// A piece of a template.
    package enum Part: Sendable, Equatable {
        /// Text as it stands.
        case literal(String)
        /// A name, and the attribute after its dot.
        case reference(name: String, attribute: String?)
    }

    /// The pieces, in order.
    package var parts: [Part]
    /// Where the text stands.
    package var location: SourceLocation

    /// Parses a text; `$$` stands for a dollar sign before a brace.
    package init(_ text: String, at location: SourceLocation) throws(Failure) {
        self.location = location
        parts = []
        var rest = text[...]
        var literal = ""
        while let dollar = rest.firstIndex(of: "$") {
            literal += rest[..<dollar]
            let after = rest[rest.index(after: dollar)...]
            if after.hasPrefix("${") {
                literal += "${"
                rest = after.dropFirst(2)
                continue
            }
            guard after.hasPrefix("{") else {
                literal += "$"
                rest = after
                continue
            }
            guard let end = after.firstIndex(of: "}") else {
                throw .configuration(
                    at: location, "a \"${\" is not closed", hint: "For the characters themselves write $${.")
            }
            let words = after[after.index(after: after.startIndex)..<end].split(
                separator: ".", omittingEmptySubsequences: false)
            guard (1...2).contains(words.count), words.allSatisfy({ Self.isName($0) }) else {
                throw .configuration(
                    at: location, "a \"${}\" holds no name",
                    detail: "It takes a name such as ${target} or a name and an attribute such as ${target.host}.")
            }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            parts.append(.reference(name: String(words[0]), attribute: words.count == 2 ? String(words[1]) : nil))
            rest = after[after.index(after: end)...]
        }
        literal += rest
        if !literal.isEmpty { parts.append(.literal(literal)) }
    }

    /// A text as it stands.
    init(literal: String, at location: SourceLocation) {
        parts = [.literal(literal)]
        self.location = location
    }

    /// The names it refers to.
    package var references: [String] {
        parts.compactMap { if case .reference(let name, _) = $0 { name } else { nil } }
    }

    /// What a name must be, as a sentence.
    static func nameRule(_ taken: [String]) -> String {
        "It is a letter followed by letters, digits and \"_\"; \(quotedList(taken)) have a meaning already."
    }

    /// Whether a name may stand in `${}`: a letter, then letters, digits and `_`.
    static func isName(_ text: some StringProtocol) -> Bool {
        text.first.map { $0.isASCII && $0.isLetter } == true
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}
