import Replication
import Testing

/// `synchronous_standby_names` for a new primary, which was `dr` among `primary`, `dr`, `replica` and `far`.
struct SynchronousStandbyNamesCorrectionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var setting: String
        var former: String?
        var followers: [String]
        var corrected: String?
        var testDescription: String { "\(setting), former \(former ?? "gone"), followers \(followers)" }

        init(
            _ setting: String, _ corrected: String?, former: String? = "primary",
            followers: [String] = ["replica", "far"]
        ) {
            self.setting = setting
            self.former = former
            self.followers = followers
            self.corrected = corrected
        }
    }

    @Test(arguments: [
        // The former primary takes the place of the new one.
        Row("dr", #"FIRST 1 ("primary")"#), Row("DR", #"FIRST 1 ("primary")"#),
        Row("FIRST 1 (dr, replica)", #"FIRST 1 ("primary", "replica")"#),
        Row("ANY 2 (replica, dr, far)", #"ANY 2 ("replica", "primary", "far")"#),
        Row("2 (dr, replica)", #"FIRST 2 ("primary", "replica")"#),
        // It isn't listed twice.
        Row("ANY 1 (primary, dr)", #"ANY 1 ("primary")"#, followers: ["primary", "replica"]),
        Row("ANY 1 (dr, primary)", #"ANY 1 ("primary")"#, followers: ["primary", "replica"]),
        // One that doesn't come back confirms nothing.
        Row("dr", "", former: nil), Row("FIRST 1 (dr, replica)", #"FIRST 1 ("replica")"#, former: nil),
        Row("FIRST 2 (dr, replica)", #"FIRST 1 ("replica")"#, former: nil),
        Row("ANY 2 (dr, replica, far)", #"ANY 2 ("replica", "far")"#, former: nil),
        // Nor does one that follows nobody.
        Row("ANY 2 (replica, gone, far)", #"ANY 2 ("replica", "far")"#),
        Row("ANY 3 (replica, gone, far)", #"ANY 2 ("replica", "far")"#), Row("gone", ""),
        Row("FIRST 1 (dr, replica)", #"FIRST 1 ("primary")"#, followers: []), Row("replica", "", followers: []),
        // What may stay as it is does.
        Row("replica", nil), Row("ANY 2 (far, replica)", nil), Row("REPLICA", nil), Row("*", nil), Row("\"*\"", nil),
        Row("FIRST 2 (replica, *)", nil),
        // Names are quoted as PostgreSQL reads them.
        Row("ANY 1 (\"any\", dr)", #"ANY 1 ("any", "primary")"#, followers: ["any"]),
        Row("FIRST 1 (dr, replica)", #"FIRST 1 ("a ""b"", c", "replica")"#, former: "a \"b\", c"),
        Row("FIRST 1 (dr)", "FIRST 1 (\"a\"\"\u{301}\")", former: "a\"\u{301}"),
    ])
    func corrects(_ row: Row) throws {
        let names = try #require(SynchronousStandbyNames(row.setting))
        let corrected = names.corrected(own: "dr", former: row.former, followers: row.followers)
        #expect(corrected == row.corrected)
        guard let corrected, !corrected.isEmpty else { return }
        // What was written reads as what was meant.
        let again = try #require(SynchronousStandbyNames(corrected))
        #expect(again.method == names.method)
        #expect(again.count <= min(names.count, again.names.count))
        #expect(!again.includes("dr"))
    }
}
