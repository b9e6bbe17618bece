import Configuration
import Essentials
import Lab
import SSH
import Testing

extension RealServers {
    /// Commands and files over real sshds.
    @Suite(.timeLimit(.minutes(5)))
    struct SSHSessionTests {
        @Test(arguments: [Command.Shell.own, .shared])
        func wordsReachTheProgramAsTheyAre(shell: Command.Shell) async throws {
            try await Stage.withSession { session in
                let words = [
                    "", " ", "a b", "it's", #"say "hi""#, "$(id)", "`id`", "$HOME", "a\nb", "*", "~", "\\", "a\\'b",
                    "!x",
                    "-n", "%s", "\u{1E}", "ä€😀", "\u{7F}\u{1}", "a;b&c|d>e", "#", "{a,b}", "''",
                    "\n", "'\n'\n", " a \n\n b ", "$newline", "\r\n", "\n\u{301}",
                ]
                // The first starts the shell, and only the second comes to it later.
                let command = Command(["printf", "%s\\0"] + words, shell: shell)
                _ = try await session.run(command, until: .after(.seconds(10)))
                let result = try await session.run(command, until: .after(.seconds(10)))
                #expect(result.end == .exited(0))
                let parts = result.output.split(separator: 0, omittingEmptySubsequences: false).dropLast()
                #expect(parts.map { String(decoding: $0, as: UTF8.self) } == words)
                #expect(result.errors == [])
            }
        }

        @Test func statusesAndSignalsAreToldApart() async throws {
            try await Stage.withSession { session in
                let rows: [(String, CommandEnd)] = [
                    ("exit 0", .exited(0)), ("exit 7", .exited(7)), ("exit 127", .exited(127)),
                    ("exit 255", .exited(255)), ("kill -KILL $$", .signalled("KILL")),
                    ("kill -TERM $$", .signalled("TERM")), ("kill -SEGV $$", .signalled("SEGV")),
                ]
                for (script, end) in rows {
                    let result = try await session.ask(["sh", "-c", "echo out; echo err >&2; \(script)"])
                    #expect(result.end == end, "\(script)")
                    #expect(result.outputText == "out\n", "\(script)")
                    #expect(result.errorText == "err\n", "\(script)")
                }
                let missing = try await session.ask(["no-such-program"])
                #expect(missing.end == .exited(127))
                #expect(missing.errorText.contains("no-such-program"))
            }
        }

        @Test(arguments: [0, 1, 100, 5_000_000])
        func inputReachesTheProgramWhole(count: Int) async throws {
            try await Stage.withSession { session in
                let input = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) }
                let result = try await session.run(
                    Command(["cat"], input: input, outputLimit: 8 << 20), until: .after(.seconds(30)))
                #expect(result.succeeded)
                #expect(result.output == input)
            }
        }

        @Test func filesAreWrittenWholeWithTheirMode() async throws {
            try await Stage.withSession { session in
                let directory = try await session.ask(["mktemp", "-d"]).outputText.filter { $0 != "\n" }
                let path = "\(directory)/it's a \"file\""
                for size in [0, 10, 3_000_000] {
                    let bytes = [UInt8](repeating: 65, count: size)
                    try await session.upload(bytes, to: path, mode: 0o640, until: .after(.seconds(20)))
                    let stat = try await session.ask(["stat", "-c", "%a %s", path])
                    #expect(stat.outputText == "640 \(size)\n")
                }
                let listed = try await session.ask(["ls", directory])
                #expect(listed.outputText.split(separator: "\n").count == 1)
                await #expect(throws: Failure.self) {
                    try await session.upload([1], to: directory, mode: 0o600, until: .after(.seconds(20)))
                }
                _ = try await session.ask(["rm", "-r", directory])
            }
        }
    }
}

extension Session {
    /// Runs a command with a generous deadline.
    mutating func ask(_ words: [String]) async throws(Failure) -> CommandResult {
        try await run(Command(words), until: .after(.seconds(20)))
    }
}

extension Stage {
    /// How to reach a node's sshd.
    func endpoint(_ name: String = "primary") throws -> Endpoint {
        let node = try lab.node(name)
        let user = try #require(cluster.nodes.first { $0.name == name }?.ssh?.user)
        return Endpoint(
            host: node.address, port: node.sshPort, user: user, identityFiles: [lab.identityFile], usesAgent: false,
            knownHostsFiles: [lab.knownHostsFile])
    }

    /// Makes a lab of one node and runs `body` with a session on it.
    static func withSession(_ body: (inout Session) async throws -> Void) async throws {
        try await with(standbys: 0) { stage in
            var session = try await Session.open(stage.endpoint(), until: .after(.seconds(10)))
            try await body(&session)
        }
    }
}
