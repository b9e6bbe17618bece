import Configuration
import Essentials
import Testing

@testable import RunbookEngine

struct TemplateTests {
    private static let place = SourceLocation(path: "own.yaml", line: 3, column: 7)

    struct Row: Sendable, CustomTestStringConvertible {
        var text: String
        var parts: [Template.Part]
        var testDescription: String { text }

        init(_ text: String, _ parts: Template.Part...) {
            self.text = text
            self.parts = parts
        }
    }

    private static func name(_ name: String, _ attribute: String? = nil) -> Template.Part {
        .reference(name: name, attribute: attribute)
    }

    @Test(arguments: [
        Row(""), Row("plain", .literal("plain")), Row("${target}", name("target")),
        Row("${target.host}", name("target", "host")),
        Row("a ${b} c${d.e}f", .literal("a "), name("b"), .literal(" c"), name("d", "e"), .literal("f")),
        Row("${a}${b}", name("a"), name("b")), Row("${a_1}", name("a_1")),
        // A dollar sign without a brace is one.
        Row("$", .literal("$")), Row("$a $1 $$ a$", .literal("$a $1 $$ a$")), Row("$(reboot)", .literal("$(reboot)")),
        Row("{a} }", .literal("{a} }")),
        // A doubled one before a brace stands for one.
        Row("$${a}", .literal("${a}")), Row("$$${a}", .literal("$${a}")), Row("$${", .literal("${")),
        Row("$${a} ${a}", .literal("${a} "), name("a")),
        // What fills it, and what follows it, is no template.
        Row("${a}}", name("a"), .literal("}")),
    ])
    func parses(_ row: Row) throws {
        #expect(try Template(row.text, at: Self.place).parts == row.parts)
    }

    @Test(arguments: ["${", "${a", "a ${b", "${a ${b"]) func isNotClosed(text: String) throws {
        let failure = try #require(throws: Failure.self) { try Template(text, at: Self.place) }
        #expect(failure.code == .configuration)
        #expect(failure.message == "own.yaml:3:7: a \"${\" is not closed")
        #expect(failure.hint == "For the characters themselves write $${.")
    }

    @Test(arguments: [
        "${}", "${ a }", "${a b}", "${1a}", "${_a}", "${a-b}", "${a.}", "${.a}", "${a.b.c}", "${ä}", "${a\u{301}}",
        "${a\n}", "${a ${b}", "${a;b}", "${${a}}",
    ]) func holdsNoName(text: String) throws {
        let failure = try #require(throws: Failure.self) { try Template(text, at: Self.place) }
        #expect(failure.message == "own.yaml:3:7: a \"${}\" holds no name")
    }

    @Test func knowsWhatItRefersTo() throws {
        #expect(try Template("${a}, ${b.host} and ${a} $${c}", at: Self.place).references == ["a", "b", "a"])
    }
}
