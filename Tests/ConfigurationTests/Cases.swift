import Configuration
import Essentials
import Testing

/// A text that is refused, and the words of the refusal.
struct Refusal: Sendable, CustomTestStringConvertible {
    var yaml: String
    var message: String
    var detail: String?
    var hint: String?

    init(_ yaml: String, _ message: String, detail: String? = nil, hint: String? = nil) {
        self.yaml = yaml
        self.message = message
        self.detail = detail
        self.hint = hint
    }

    var testDescription: String { message }

    /// Checks the failure that parsing gives, part by part.
    func check(_ location: Testing.SourceLocation = #_sourceLocation) throws {
        let failure = try #require(throws: Failure.self, sourceLocation: location) {
            try ConfigurationFile.parse(yaml: yaml, path: "pgdr.yaml")
        }
        #expect(failure.code == .configuration, sourceLocation: location)
        #expect(failure.message == message, sourceLocation: location)
        #expect(failure.detail == detail, sourceLocation: location)
        #expect(failure.hint == hint, sourceLocation: location)
    }
}

/// A file with one cluster `c` and one node `n` to which `lines` are added; the first of them is line 6.
func node(_ lines: String...) -> String {
    (["clusters:", "  c:", "    nodes:", "      n:", "        connection: host=h user=u", "        kind: dr"]
        .dropLast(lines.contains { $0.hasPrefix("kind") } ? 1 : 0) + lines.map { "        \($0)" })
        .joined(separator: "\n") + "\n"
}

/// A file with one cluster `c` that has `lines` before one node; the first of them is line 3.
func cluster(_ lines: String...) -> String {
    (["clusters:", "  c:"] + lines.map { "    \($0)" } + ["    nodes: {n: {connection: host=h, kind: dr}}"])
        .joined(separator: "\n") + "\n"
}

/// A file with one cluster `c` and these nodes, each the flow mapping after its name; the first is line 4.
func nodes(_ nodes: String...) -> String {
    (["clusters:", "  c:", "    nodes:"] + nodes.map { "      \($0)" }).joined(separator: "\n") + "\n"
}

/// The file, parsed.
func parsed(_ yaml: String) throws -> ConfigurationFile {
    try ConfigurationFile.parse(yaml: yaml, path: "pgdr.yaml")
}

/// The failure of choosing among the clusters `lab` and `prod`.
func failure(_ message: String, hint: String?) -> Failure {
    Failure(.configuration, message, detail: "Clusters: \"lab\" and \"prod\".", hint: hint)
}
