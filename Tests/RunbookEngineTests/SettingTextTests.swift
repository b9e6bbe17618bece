import Essentials
import Testing

@testable import RunbookEngine

struct SettingTextTests {
    /// The quote is what counts, whatever Swift takes for one character with it.
    @Test(arguments: [
        ("", "''"), ("a b", "'a b'"), ("it's", "'it''s'"), ("''", "''''''"), ("a\\b", "'a\\b'"),
        ("$(reboot); --", "'$(reboot); --'"), ("x'\u{301}; DROP", "'x''\u{301}; DROP'"), ("'\u{200D}", "'''\u{200D}'"),
        ("a\nb", "'a\nb'"),
    ]) func literals(text: String, literal: String) {
        #expect(Array(SettingText.literal(text).utf8) == Array(literal.utf8))
    }

    @Test(arguments: [
        ("", "n = ''\n"), ("a b", "n = 'a b'\n"), ("it's", "n = 'it''s'\n"), ("a\\b\\", "n = 'a\\\\b\\\\'\n"),
        ("\\'", "n = '\\\\'''\n"), ("x'\u{301}", "n = 'x''\u{301}'\n"), ("\\\u{301}", "n = '\\\\\u{301}'\n"),
        // A line break would end the value, and what follows it would be a setting of its own.
        ("a\nshared_preload_libraries = x", "n = 'a\\nshared_preload_libraries = x'\n"),
        ("a\r\nb\r", "n = 'a\\r\\nb\\r'\n"), ("# no comment", "n = '# no comment'\n"),
    ]) func lines(value: String, line: String) {
        #expect(Array(SettingText.line("n", value).utf8) == Array(line.utf8))
    }

    @Test(arguments: ["work_mem", "a", "pg_stat_statements.track", "A1", "allow_system_table_mods"])
    func names(name: String) throws {
        #expect(try SettingText.name(name) == name)
    }

    /// `ALTER SYSTEM RESET ALL` is another statement than that for one setting.
    @Test(arguments: [
        "", "1a", "_a", ".a", "a b", "a;b", "a'", "a\"", "a=b", "ä", "a\u{301}", "a\n", "all", "ALL",
        String(repeating: "a", count: 127),
    ]) func noNames(name: String) throws {
        let failure = try #require(throws: Failure.self) { try SettingText.name(name) }
        #expect(failure.code == .configuration)
        #expect(failure.message.hasPrefix("a setting can't have this name"))
    }
}
