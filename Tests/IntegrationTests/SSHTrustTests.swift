import Essentials
import Lab
import SSH
import Testing

extension RealServers {
    /// Whom a session believes, and whom it tells what is wrong.
    @Suite(.timeLimit(.minutes(5)))
    struct SSHTrustTests {
        @Test func knownHostsDecideAsForOpenSSH() async throws {
            try await SSHServer.with(hostKeys: ["ed25519", "ecdsa"]) { server, session in
                let (ed25519, ecdsa) = (try server.hostKey(), try server.hostKey("ecdsa"))
                try await server.makeKey("other", "ed25519", [], &session)
                let text = String(decoding: try read("\(server.directory)/other.pub"), as: UTF8.self)
                let other = text.split(separator: " ").prefix(2).joined(separator: " ")
                let name = "[127.0.0.1]:\(server.port)"

                _ = try server.endpoint(known: "\(name) \(ed25519)\n")
                _ = try await session.text(["cp", "\(server.directory)/known_hosts", "\(server.directory)/hashed"])
                _ = try await session.ask(["ssh-keygen", "-H", "-f", "\(server.directory)/hashed"])
                let hashed = String(decoding: try read("\(server.directory)/hashed"), as: UTF8.self)
                #expect(hashed.hasPrefix("|1|"))

                let good = [
                    "\(name) \(ed25519)", "\(name) \(ecdsa)", "127.0.0.1 \(ed25519)",
                    "other,\(name),more \(ed25519) a comment", "[127.0.0.*]:\(server.port) \(ed25519)",
                    "* \(ed25519)", hashed, "# \(other)\n@cert-authority * \(other)\n\(name) \(ed25519)",
                    "\(name) \(other)\n\(name) \(ed25519)", "@revoked * \(other)\n\(name) \(ed25519)",
                ]
                for known in good {
                    let failure = await openFailure(
                        try server.endpoint(known: known), until: .after(.seconds(10)))
                    #expect(failure == nil, "\(known)")
                }
                let bad: [(String, String)] = [
                    ("", "is not known"), ("\(name) \(other)", "has changed"),
                    ("!127.0.0.1,127.* \(ed25519)", "is not known"),
                    ("127.0.0.1 \(other)", "is not known"), ("* !\(ed25519)", "is not known"),
                    ("\(name) \(ed25519)\n@revoked * \(ed25519)", "is revoked"),
                    ("@cert-authority \(name) \(ed25519)", "is not known"),
                ]
                for (known, words) in bad {
                    let failure = await openFailure(
                        try server.endpoint(known: known), until: .after(.seconds(10)))
                    #expect(failure?.code == .hostKey, "\(known)")
                    #expect(failure?.message.contains(words) == true, "\(known): \(String(describing: failure))")
                }
            }
        }

        @Test func aChangedKeyShowsBothFingerprintsAndTrustingHelps() async throws {
            try await SSHServer.with(hostKeys: ["ed25519", "ecdsa"]) { server, session in
                try await server.makeKey("other", "ed25519", [], &session)
                let text = String(decoding: try read("\(server.directory)/other.pub"), as: UTF8.self)
                let other = text.split(separator: " ").prefix(2).joined(separator: " ")
                func fingerprint(_ file: String) async throws -> String {
                    let line = try await session.text(["ssh-keygen", "-lf", "\(server.directory)/\(file).pub"])
                    return String(line.split(separator: " ")[1])
                }
                let known = "[127.0.0.1]:\(server.port) \(other)"
                let failure = await openFailure(try server.endpoint(known: known), until: .after(.seconds(10)))
                #expect(failure?.detail?.contains(try await fingerprint("other")) == true)
                #expect(failure?.detail?.contains(try await fingerprint("host_ed25519")) == true)

                var endpoint = try server.endpoint(known: "")
                let keys = try await HostKey.fetch(endpoint, until: .after(.seconds(10)))
                #expect(keys.map(\.type) == ["ssh-ed25519", "ecdsa-sha2-nistp256"])
                #expect(keys.first?.fingerprint == (try await fingerprint("host_ed25519")))
                let file = "\(Lab.temporaryDirectory())/new/known_hosts"
                for key in keys { try KnownHosts.add(key, of: "127.0.0.1", port: server.port, to: file) }
                endpoint.knownHostsFiles = ["/nonexistent", file]
                #expect(await openFailure(endpoint, until: .after(.seconds(10))) == nil)
                #expect(try read(file).count { $0 == 10 } == 2)
            }
        }

        @Test func aKeyOfAnotherTypeIsRefused() async throws {
            try await SSHServer.with(hostKeys: ["ecdsa"]) { server, session in
                try await server.makeKey("other", "ed25519", [], &session)
                let text = String(decoding: try read("\(server.directory)/other.pub"), as: UTF8.self)
                let other = text.split(separator: " ").prefix(2).joined(separator: " ")
                let endpoint = try server.endpoint(known: "[127.0.0.1]:\(server.port) \(other)")
                let failure = await openFailure(endpoint, until: .after(.seconds(10)))
                #expect(failure?.code == .hostKey)
                #expect(failure?.message.contains("no host key of a type it is known by") == true)
            }
        }

        @Test(
            arguments: [
                (["rsa"], [], "has no host key that libssh2", "ssh-keygen -A"),
                (["ed25519"], ["MACs hmac-sha2-256-etm@openssh.com"], "no message authentication code", "MACs +"),
                (
                    ["ed25519"], ["Ciphers aes256-gcm@openssh.com,chacha20-poly1305@openssh.com"], "no cipher",
                    "Ciphers +"
                ),
                (
                    ["ed25519"], ["KexAlgorithms sntrup761x25519-sha512@openssh.com"], "no key exchange",
                    "KexAlgorithms +"
                ),
            ] as [([String], [String], String, String)])
        func whatCannotWorkIsNamed(keys: [String], lines: [String], words: String, hint: String) async throws {
            try await SSHServer.with(hostKeys: keys, lines) { server, _ in
                let endpoint = try server.endpoint(known: "")
                let failure = await openFailure(endpoint, until: .after(.seconds(10)))
                #expect(failure?.code == .ssh)
                #expect(failure?.message.contains(words) == true, "\(String(describing: failure))")
                #expect(failure?.hint?.contains(hint) == true, "\(String(describing: failure))")
            }
        }

        @Test func otherServersAreToldFromSSH() async throws {
            try await Stage.with(standbys: 0) { stage in
                var endpoint = try stage.endpoint()
                endpoint.port = stage.lab.primary.port
                let postgres = await openFailure(endpoint, until: .after(.seconds(2)))
                #expect(postgres?.code == .timeout || postgres?.code == .connection || postgres?.code == .ssh)
                endpoint.port = try freePort()
                let nobody = await openFailure(endpoint, until: .after(.seconds(2)))
                #expect(nobody?.code == .connection)
                #expect(nobody?.detail?.contains("Connection refused") == true)
                endpoint.host = "no-such-host.invalid"
                let nowhere = await openFailure(endpoint, until: .after(.seconds(5)))
                #expect(nowhere?.code == .connection || nowhere?.code == .timeout)
                #expect(nowhere?.message.contains("no-such-host.invalid") == true)
            }
        }
    }
}
