import Essentials
import Testing

@testable import RunbookEngine

/// A runbook that is refused, and the words of the refusal.
struct RunbookRefusal: Sendable, CustomTestStringConvertible {
    var text: String
    var message: String
    var detail: String?
    var hint: String?

    init(_ text: String, _ message: String, detail: String? = nil, hint: String? = nil) {
        self.text = text
        self.message = message
        self.detail = detail
        self.hint = hint
    }

    var testDescription: String { message }

    /// Checks the failure that parsing gives, part by part.
    func check(_ location: SourceLocation = #_sourceLocation) throws {
        let failure = try #require(throws: Failure.self, sourceLocation: location) { try runbook(text) }
        #expect(failure.code == .configuration, sourceLocation: location)
        #expect(failure.message == message, sourceLocation: location)
        #expect(failure.detail == detail, sourceLocation: location)
        #expect(failure.hint == hint, sourceLocation: location)
    }
}

/// The runbook, parsed.
@discardableResult
func runbook(_ text: String) throws -> RunbookDefinition {
    try RunbookDefinition(parsing: text, name: "own", path: "own.yaml")
}

/// A runbook of one step `a` with these lines, the first of which is line 4, column 5.
func step(_ lines: String...) -> String {
    (["title: T", "steps:", "  - name: a"] + lines.map { "    \($0)" }).joined(separator: "\n") + "\n"
}

/// A runbook with these lines before its one step; the first is line 2.
func head(_ lines: String...) -> String {
    (["title: T"] + lines + ["steps:", "  - name: a", "    wait: 1s"]).joined(separator: "\n") + "\n"
}

/// A runbook whose one parameter `p` is this flow mapping, which stands in line 3, column 6.
func parameter(_ text: String) -> String { head("parameters:", "  p: \(text)") }
