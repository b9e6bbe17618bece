import Essentials
import Glibc
import Lab
import SSH
import Synchronization
import Testing

extension RealServers {
    /// The keys that let a user in.
    @Suite(.timeLimit(.minutes(5)))
    struct SSHLoginTests {
        @Test func keysOfEveryUsableKindLetIn() async throws {
            try await SSHServer.with { server, session in
                let rows: [(name: String, type: String, options: [String], passphrase: String)] = [
                    ("k1", "ed25519", [], ""), ("k2", "ecdsa", [], ""), ("k3", "ecdsa", ["-b", "384"], ""),
                    ("k4", "rsa", [], ""), ("k5", "rsa", ["-m", "PEM"], ""), ("k6", "rsa", ["-m", "PKCS8"], ""),
                    ("k7", "ecdsa", ["-m", "PEM"], ""), ("k8", "ed25519", [], "open se'same"),
                    ("k9", "ecdsa", [], "open se'same"), ("k10", "rsa", ["-m", "PEM"], "open se'same"),
                    ("k11", "rsa", ["-m", "PKCS8"], "open se'same"),
                ]
                for row in rows {
                    try await server.makeKey(row.name, row.type, row.options, passphrase: row.passphrase, &session)
                    let path = "\(server.directory)/\(row.name)"
                    let key = String(decoding: try read("\(path).pub"), as: UTF8.self)
                    let asked = Mutex(0)
                    let secrets = Secrets { _ in
                        asked.withLock { $0 += 1 }
                        return "open se'same"
                    }
                    let endpoint = try server.endpoint(identities: [path])
                    let before = await openFailure(endpoint, secrets, until: .after(.seconds(10)))
                    #expect(before?.code == .authentication, "\(row)")
                    // A key that the server doesn't take isn't worth a question.
                    #expect(asked.withLock { $0 } == 0, "\(row)")
                    try await server.allow(key, &session)
                    let after = await openFailure(endpoint, secrets, until: .after(.seconds(10)))
                    #expect(after == nil, "\(row)")
                    #expect(asked.withLock { $0 } == (row.passphrase.isEmpty ? 0 : 1), "\(row)")
                }
            }
        }

        @Test func whatIsWrongWithAKeyIsSaid() async throws {
            try await SSHServer.with { server, session in
                try await server.makeKey("locked", "ed25519", [], passphrase: "secret", &session)
                try await server.makeKey("lockedrsa", "rsa", [], passphrase: "secret", &session)
                for name in ["locked", "lockedrsa"] {
                    let key = String(decoding: try read("\(server.directory)/\(name).pub"), as: UTF8.self)
                    try await server.allow(key, &session)
                }
                let rows: [(String, Secrets, String)] = [
                    ("locked", .none, "there is no passphrase"),
                    ("locked", Secrets { _ in "wrong" }, "the passphrase does not open it"),
                    ("lockedrsa", Secrets { _ in "secret" }, "ssh-keygen -p -m PEM"),
                    ("missing", .none, "no such file"), ("config", .none, "holds no private key"),
                ]
                for (name, secrets, words) in rows {
                    let endpoint = try server.endpoint(identities: ["\(server.directory)/\(name)"])
                    let failure = await openFailure(endpoint, secrets, until: .after(.seconds(10)))
                    #expect(failure?.code == .authentication, "\(name)")
                    #expect(failure?.detail?.contains(words) == true, "\(name): \(String(describing: failure))")
                    #expect(failure?.detail?.contains("secret") == false)
                }
            }
        }

        @Test(arguments: ["ed25519", "ecdsa", "rsa"])
        func theAgentLetsInPastKeysTheServerDoesNotTake(type: String) async throws {
            try await SSHServer.with { server, session in
                let socket = "\(server.directory)/agent"
                _ = try await session.text(["ssh-agent", "-a", socket])
                for name in ["a1", "a2", "a3"] {
                    try await server.makeKey(name, "ed25519", [], &session)
                    _ = try await session.text(
                        ["env", "SSH_AUTH_SOCK=\(socket)", "ssh-add", "-q", "\(server.directory)/\(name)"])
                }
                try await server.makeKey("good", type, [], &session)
                _ = try await session.text(
                    ["env", "SSH_AUTH_SOCK=\(socket)", "ssh-add", "-q", "\(server.directory)/good"])
                try await server.allow(
                    String(decoding: try read("\(server.directory)/good.pub"), as: UTF8.self), &session)
                setenv("SSH_AUTH_SOCK", socket, 1)
                defer { unsetenv("SSH_AUTH_SOCK") }
                let endpoint = try server.endpoint(identities: [], usesAgent: true)
                #expect(await openFailure(endpoint, until: .after(.seconds(10))) == nil)
                let without = try server.endpoint(identities: [])
                #expect(await openFailure(without, until: .after(.seconds(10)))?.code == .authentication)
                _ = try await session.ask(["sh", "-c", "kill $(lsof -t \"$1\" || fuser \"$1\")", "sh", socket])
            }
        }
    }
}
