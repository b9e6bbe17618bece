import Essentials
import Testing

@testable import SSH

struct RemoteScriptTests {
    @Test(arguments: [
        ("", "''"), ("abc", "abc"), ("/usr/bin/x-1.2_3", "/usr/bin/x-1.2_3"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#),
        ("'", #"''\'''"#), ("$HOME", "'$HOME'"), ("a\nb", "'a\nb'"), ("-n", "-n"), ("ä", "'ä'"), ("a=b", "'a=b'"),
        // A quote is one to a shell, whatever mark is combined with it.
        ("'\u{301};x", "''\\''\u{301};x'"),
    ])
    func wordsAreQuotedForAPOSIXShell(word: String, quoted: String) {
        #expect(RemoteScript.quoted(word) == quoted)
    }

    @Test(
        arguments: [
            ([], "needs the name of a program"), ([""], "needs the name of a program"), (["-x"], "needs the name"),
            (["a", "b\0c"], "NUL"), (["a", String(repeating: "x", count: 40000)], "too long"),
        ] as [([String], String)])
    func wordsThatCannotBePassedOnAreRefused(words: [String], message: String) {
        let setting = RemoteScript.Setting(token: "t", inputLength: 0, checksGroup: false, prefix: [])
        let failure = #expect(throws: Failure.self) { try RemoteScript.line(words, setting) }
        #expect(failure?.code == .refused)
        #expect(failure?.message.contains(message) == true)
    }

    @Test func aFurtherCommandIsOneLine() throws {
        let words = ["printf", "it's\n\nnew", "", "\r\n"]
        #expect(
            try RemoteScript.furtherLine(words, token: "T")
                == #"T printf 'it'\''s'"$newline"''"$newline"'new' '' '"# + "\r" + #"'"$newline"''"# + "\n")
        #expect(
            try RemoteScript.furtherLine(["a", String(repeating: "x", count: 1995)], token: "T")?.utf8.count == 2000)
        #expect(try RemoteScript.furtherLine(["a", String(repeating: "x", count: 1996)], token: "T") == nil)
        for words in [["-x"], ["a", "b\0c"], []] {
            #expect(throws: Failure.self) { try RemoteScript.furtherLine(words, token: "T") }
        }
    }

    @Test func theLineHoldsNoRecord() throws {
        let token = RemoteScript.newToken()
        let setting = RemoteScript.Setting(
            token: token, inputLength: 3, checksGroup: true, prefix: ["sudo", "-n", "-u", "o'b", "--"])
        let line = try RemoteScript.line(["true"], setting)
        #expect(token.utf8.count == 32)
        #expect(!line.utf8.contains(RemoteScript.separator))
        #expect(line.hasPrefix(#"exec sudo -n -u 'o'\''b' -- sh -c '"#))
        #expect(line.hasSuffix("sh \(token) 3 check once true"))
        #expect(RemoteScript.newToken() != token)
    }
}
