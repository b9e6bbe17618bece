import Testing

@testable import SSH

struct KnownHostsTests {
    private static let first = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
    private static let second = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC"

    private static func key(_ text: String) throws -> HostKey {
        try #require(Base64.decode(text.split(separator: " ")[1]).flatMap { HostKey(blob: $0) })
    }

    /// What ssh-keygen -F says of the same file, asked for `host` or `[host]:port`.
    @Test(
        arguments: [
            ("db", 22, "db", true), ("db", 22, "DB,x", true), ("DB", 22, "db", true), ("db", 22, "[db]:22", false),
            ("db", 2222, "[db]:2222", true), ("db", 2222, "db", true), ("db", 22, "[db]:2222", false),
            ("10.0.0.7", 22, "10.0.0.*", true), ("10.0.0.7", 22, "10.0.0.?", true),
            ("10.0.0.17", 22, "10.0.0.?", false),
            ("10.0.0.7", 22, "10.0.0.*,!10.0.0.7", false), ("10.0.0.8", 22, "!10.0.0.7,10.0.0.*", true),
            ("10.0.0.7", 22, "!10.0.0.8", false), ("db", 22, "*", true), ("db.example.org", 22, "*.example.*", true),
            ("fe80::1", 22, "fe80::1", true), ("fe80::1", 2222, "[fe80::1]:2222", true), ("db", 22, "d", false),
            ("db", 22, "***b", true), ("db", 22, "", false),
        ] as [(String, Int, String, Bool)])
    func patternsMatchAsForOpenSSH(host: String, port: Int, pattern: String, isKnown: Bool) throws {
        let known = KnownHosts("\(pattern) \(Self.first)\n")
        let verdict = known.verdict(on: try Self.key(Self.first), of: host, port: port)
        #expect(verdict == (isKnown ? .trusted : .unknown))
    }

    @Test func linesMeanWhatTheySay() throws {
        let (first, second) = (try Self.key(Self.first), try Self.key(Self.second))
        let rows: [(String, KnownHosts.Verdict)] = [
            ("", .unknown), ("# db \(Self.first)", .unknown), ("db \(Self.first)", .trusted),
            ("  db\t\(Self.first) comment with words", .trusted), ("db \(Self.first)\r\n", .trusted),
            ("db \(Self.second)", .changed(fingerprint: second.fingerprint, place: "f:1")),
            ("db \(Self.second)\ndb \(Self.first)", .trusted),
            ("@revoked db \(Self.first)\ndb \(Self.first)", .revoked(place: "f:1")),
            ("db \(Self.first)\n@revoked * \(Self.first)", .revoked(place: "f:2")),
            ("@revoked other \(Self.first)\ndb \(Self.first)", .trusted),
            ("@cert-authority db \(Self.first)", .unknown), ("@future db \(Self.first)", .unknown),
            ("db ssh-rsa \(Self.first.split(separator: " ")[1])", .unknown), ("db ssh-ed25519 AAAA", .unknown),
            ("db ssh-ed25519", .unknown), ("|1|x|y \(Self.first)", .unknown),
            ("db ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=", .otherType(known: ["ecdsa-sha2-nistp256"])),
        ]
        for (text, verdict) in rows {
            #expect(KnownHosts(text, file: "f").verdict(on: first, of: "db", port: 22) == verdict, "\(text)")
        }
    }

    /// Made by ssh-keygen -H from `db.example.org` and `[db.example.org]:2222`.
    @Test func hashedNamesAreFound() throws {
        let salt = Array(0..<20).map { UInt8($0) }
        for (name, port) in [("db.example.org", 22), ("[db.example.org]:2222", 2222)] {
            let text = "|1|\(Base64.encode(salt))|\(try hash(name, salt)) \(Self.first)"
            let known = KnownHosts(text)
            #expect(known.verdict(on: try Self.key(Self.first), of: "db.example.org", port: port) == .trusted)
            #expect(known.verdict(on: try Self.key(Self.first), of: "db.example.com", port: port) == .unknown)
        }
    }

    /// HMAC-SHA1 of the two names under the salt 00 01 … 13, by `openssl dgst -sha1 -mac HMAC`.
    private func hash(_ name: String, _ salt: [UInt8]) throws -> String {
        try #require(
            [
                "db.example.org": "NBy/GTn6gndJZcf+8e0V/maplm8=",
                "[db.example.org]:2222": "Gs0AQ9dqkYx2tfKgnOpbmMOoQKE=",
            ][name])
    }

    @Test func theTypesOnFileAreAskedFor() {
        let known = KnownHosts(
            """
            db ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=
            db \(Self.first)
            [db]:2222 ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=
            """)
        #expect(known.types(of: "db", port: 22) == ["ssh-ed25519", "ecdsa-sha2-nistp256"])
        #expect(known.types(of: "db", port: 2222) == ["ecdsa-sha2-nistp256"])
        #expect(known.types(of: "other", port: 22) == [])
    }

    /// As ssh-keygen -lf prints it.
    @Test func fingerprintsAreOpenSSHs() throws {
        #expect(try Self.key(Self.first).fingerprint == "SHA256:ycecTFElO4tMaWgqfHQDEUjUete0Tsl0wmvU/kkDXFc")
    }
}
