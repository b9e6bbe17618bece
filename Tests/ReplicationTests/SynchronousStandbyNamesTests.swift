import Replication
import Testing

@Suite struct SynchronousStandbyNamesTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var setting: String
        var method: SynchronousStandbyNames.Method
        var count: Int
        var names: [String]
        var testDescription: String { setting }

        init(_ setting: String, _ method: SynchronousStandbyNames.Method, _ count: Int, _ names: [String]) {
            (self.setting, self.method, self.count, self.names) = (setting, method, count, names)
        }
    }

    @Test(
        "Every form of PostgreSQL's grammar",
        arguments: [
            Row("dr", .first, 1, ["dr"]), Row("dr, replica", .first, 1, ["dr", "replica"]), Row("*", .first, 1, ["*"]),
            Row("2 (a, b,c)", .first, 2, ["a", "b", "c"]), Row("FIRST 2 (a, b)", .first, 2, ["a", "b"]),
            Row("first 1(a)", .first, 1, ["a"]), Row("ANY 1 (a, b)", .any, 1, ["a", "b"]),
            Row("aNy 3 ( * )", .any, 3, ["*"]), Row("\"any\"", .first, 1, ["any"]),
            Row("ANY 1 (\"any\", \"FIRST\")", .any, 1, ["any", "FIRST"]), Row("\"dr-1\", b", .first, 1, ["dr-1", "b"]),
            Row("\"a \"\"b\"\" (c), d\"", .first, 1, ["a \"b\" (c), d"]), Row("anyone", .first, 1, ["anyone"]),
            Row("first_dr, any1", .first, 1, ["first_dr", "any1"]), Row("1, 2", .first, 1, ["1", "2"]),
            Row("  dr\t,\n b ", .first, 1, ["dr", "b"]), Row("größe$1", .first, 1, ["größe$1"]),
        ])
    func parses(row: Row) throws {
        let parsed = try #require(SynchronousStandbyNames(row.setting))
        #expect(parsed.method == row.method)
        #expect(parsed.count == row.count)
        #expect(parsed.names == row.names)
    }

    @Test(
        "An empty setting makes nothing synchronous; what PostgreSQL would refuse is refused",
        arguments: [
            "", "  ", ",", "a,", "a b", "ANY (a)", "ANY 2 a", "ANY 2 (a", "ANY 2 ()", "FIRST 0 (a)", "0 (a)", "\"a",
            "(a)", "ANY 1 (a))", "any, b", "FIRST", "dr-1", "\"ANY\" 1 (a)", "ANY \"1\" (a)", "+1 (a)",
        ])
    func refuses(setting: String) {
        #expect(SynchronousStandbyNames(setting) == nil)
    }

    @Test(
        "Names compare without regard to case, quoted ones too; * stands for any",
        arguments: [
            ("dr", "DR", true), ("\"DR\"", "dr", true), ("dr", "dr2", false), ("*", "whatever", true),
            ("\"*\"", "whatever", true), ("ANY 1 (a, b)", "b", true), ("ANY 1 (a, b)", "c", false), ("dr", "", false),
        ])
    func includes(setting: String, name: String, expected: Bool) throws {
        #expect(try #require(SynchronousStandbyNames(setting)).includes(name) == expected)
    }
}
