import Testing

/// Debian's chromium, as a person's browser.
enum Browser {
    /// What a page comes to, as the text of its document.
    static func document(
        of page: String, in directory: String, size: String = "1400,2600", isDark: Bool = false
    ) async throws -> String {
        let script = #"""
            directory=$1; page=$2; shift 2
            HOME=$directory timeout 60 chromium --headless --no-sandbox --disable-gpu --no-first-run \
                --user-data-dir="$directory/profile" --dump-dom "$@" "file://$page" 2>"$directory/chromium.log"
            """#
        let options = ["--window-size=\(size)"] + (isDark ? ["--force-dark-mode"] : [])
        let outcome = try await Tool.bash(script, [directory, page] + options)
        try #require(outcome.status == 0, "\((try? read("\(directory)/chromium.log")) ?? "")")
        return outcome.output
    }

    /// What a script of the test's own has left in the body's attribute `data-seen`.
    static func seen<Seen: Decodable>(_ type: Seen.Type, in document: String) throws -> Seen {
        let start = try #require(document.firstRange(of: "data-seen=\"")).upperBound
        let text = String(document[start...].prefix { $0 != "\"" })
        return try decode(
            Seen.self,
            text.replacing("&quot;", with: "\"").replacing("&lt;", with: "<").replacing("&amp;", with: "&"))
    }
}
