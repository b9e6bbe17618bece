import Essentials
import Glibc
import Lab
import SSH
import Testing

extension RealServers {
    /// Servers and accounts that are not as one would like them.
    @Suite(.timeLimit(.minutes(5)))
    struct SSHOddServerTests {
        @Test func bannersAndNoisyLoginScriptsAreNoOutput() async throws {
            try await SSHServer.with { server, session in
                try await noise(server, &session)
                let lines = ["Banner \(server.directory)/banner", "SetEnv HOME=\(server.directory)"]
                try await SSHServer.with(lines) { noisy, _ in
                    var session = try await Session.open(noisy.endpoint(), until: .after(.seconds(10)))
                    // The scripts do run.
                    #expect(try await session.text(["printenv", "NOISE"]) == "made")
                    let result = try await session.ask(["sh", "-c", "echo out; echo err >&2"])
                    #expect(result.outputText == "out\n")
                    #expect(result.errorText == "err\n")
                }
            }
        }

        private func noise(_ server: SSHServer, _ session: inout Session) async throws {
            let script = """
                echo Welcome; echo oops >&2; export NOISE=made
                trap 'echo bye' EXIT; alias exec='echo alias'; printf '\\036'; seq 1 5000
                """
            for (name, text) in [(".bashrc", script), ("banner", "No trespassing\n")] {
                try await session.upload(
                    Array(text.utf8), to: "\(server.directory)/\(name)", mode: 0o644, until: .after(.seconds(10)))
            }
            _ = try await session.text(["chmod", "755", server.directory])
        }

        /// The script must do the same under every shell that is somewhere /bin/sh.
        @Test(arguments: ["dash", "bash", "busybox"])
        func theScriptRunsUnderEveryShell(name: String) async throws {
            let places = ["/bin/\(name)", "/usr/bin/\(name)"]
            guard let path = places.first(where: { access($0, X_OK) == 0 }) else { return }
            try await SSHServer.with { server, session in
                _ = try await session.text(["mkdir", "\(server.directory)/bin"])
                _ = try await session.text(["ln", "-s", path, "\(server.directory)/bin/sh"])
                _ = try await session.text(["chmod", "-R", "755", server.directory])
                try await SSHServer.with(["SetEnv PATH=\(server.directory)/bin:/usr/bin:/bin"]) { other, _ in
                    var session = try await Session.open(other.endpoint(), until: .after(.seconds(10)))
                    let shell = try await session.text(["sh", "-c", "readlink /proc/$$/exe; :"])
                    #expect(shell.hasSuffix("/\(name)"))
                    try await behaves(&session)
                }
            }
        }

        private func behaves(_ session: inout Session) async throws {
            let rows: [(String, CommandEnd)] = [
                ("exit 7", .exited(7)), ("exit 255", .exited(255)), ("kill -KILL $$", .signalled("KILL")),
                ("kill -TERM $$", .signalled("TERM")),
            ]
            for (script, end) in rows {
                for shell in [Command.Shell.own, .shared, .shared] {
                    let command = Command(["sh", "-c", "echo out; echo err >&2; \(script)"], shell: shell)
                    let result = try await session.run(command, until: .after(.seconds(20)))
                    #expect(result == CommandResult(end: end, output: Array("out\n".utf8), errors: Array("err\n".utf8)))
                }
            }
            // All there is but NUL, which no word can hold; the shell may mark things with some of them inside.
            for codes in [1...0x7F, 0x80...0x1FF] as [ClosedRange<UInt32>] {
                let word = codes.compactMap(Unicode.Scalar.init).map { String($0) }.joined()
                let result = try await session.look(["/usr/bin/printf", "%s", word])
                #expect(result.output == Array(word.utf8))
            }
            // Programs, not what the shell has of the same name.
            #expect(try await session.ask(["exit", "3"]).end == .exited(127))
            #expect(try await session.ask(["/usr/bin/printf", "%s", "\\n"]).outputText == "\\n")
            let input = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let echo = try await session.run(Command(["cat"], input: input), until: .after(.seconds(20)))
            #expect(echo.output == input)
            let unread = try await session.run(Command(["true"], input: input), until: .after(.seconds(20)))
            #expect(unread.succeeded)
            let file = try await session.text(["mktemp"])
            let failure = await runFailure(
                of: &session, Command(["sh", "-c", "echo $$ >\"$1\"; sleep 600; :", "sh", file]),
                until: .after(.seconds(1)))
            #expect(failure?.code == .timeout)
            let id = try #require(Int32(String(decoding: try read(file), as: UTF8.self).filter(\.isNumber)))
            #expect(await eventually { !isRunning(id) })
        }

        @Test func filesAreUploadedWithoutSFTPToo() async throws {
            try await SSHServer.with(["Subsystem other /bin/false"]) { server, _ in
                var session = try await Session.open(server.endpoint(), until: .after(.seconds(10)))
                let path = "\(server.directory)/it's a file"
                for size in [0, 1_000_000] {
                    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 13) }
                    try await session.upload(bytes, to: path, mode: 0o604, until: .after(.seconds(20)))
                    #expect(try read(path) == bytes)
                    #expect(try await session.text(["stat", "-c", "%a", path]) == "604")
                }
                #expect(!(try await session.ask(["ls", server.directory]).outputText.contains("file.")))
            }
        }

        @Test func aServerThatAllowsNoCommandsIsNamed() async throws {
            try await SSHServer.with(["ForceCommand echo 'This account is not available.'; exit 1"]) { server, _ in
                var session = try await Session.open(server.endpoint(), until: .after(.seconds(10)))
                let failure = await runFailure(of: &session, Command(["true"]), until: .after(.seconds(5)))
                #expect(failure?.code == .ssh)
                #expect(failure?.message.contains("did not start command \"true\"") == true)
                #expect(failure?.detail == "This account is not available.")
            }
        }

        @Test func aShellWithoutAProcessGroupOfItsOwnGetsOne() async throws {
            // The forced command stays the leader, and what it starts isn't one.
            try await SSHServer.with(["ForceCommand sh -c \"$SSH_ORIGINAL_COMMAND\"; exit $?"]) { server, _ in
                var session = try await Session.open(server.endpoint(), until: .after(.seconds(10)))
                #expect(try await session.ask(["sh", "-c", "exit 7"]).end == .exited(7))
                let file = try await session.text(["mktemp"])
                let failure = await runFailure(
                    of: &session, Command(["sh", "-c", "echo $$ >\"$1\"; sleep 600; :", "sh", file]),
                    until: .after(.seconds(1)))
                #expect(failure?.code == .timeout)
                let id = try #require(Int32(String(decoding: try read(file), as: UTF8.self).filter(\.isNumber)))
                #expect(await eventually { !isRunning(id) })
            }
        }

        /// env stands for sudo, which not every machine has and no test may configure.
        @Test func whatBecomesAnotherAccountComesFirst() async throws {
            try await Stage.withSession { session in
                let become = ["env", "AS=it's another"]
                let command = Command(["sh", "-c", "echo \"$AS\"; exit 7"], become: become)
                let result = try await session.run(command, until: .after(.seconds(10)))
                #expect(result.outputText == "it's another\n")
                #expect(result.end == .exited(7))
                let path = "\(try await session.text(["mktemp", "-d"]))/file"
                try await session.upload([1, 0, 2], to: path, mode: 0o640, become: become, until: .after(.seconds(10)))
                #expect(try read(path) == [1, 0, 2])
                #expect(try await session.text(["stat", "-c", "%a", path]) == "640")
            }
        }

        @Test func jumpHostsAreCrossed() async throws {
            try await SSHServer.with { first, _ in
                try await SSHServer.with { second, _ in
                    try await SSHServer.with { last, _ in
                        var endpoint = try last.endpoint()
                        endpoint.jumps = [try first.endpoint(), try second.endpoint()]
                        var session = try await Session.open(endpoint, until: .after(.seconds(20)))
                        #expect(try await session.ask(["sh", "-c", "exit 7"]).end == .exited(7))
                        let input = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) }
                        let echo = try await session.run(
                            Command(["cat"], input: input, outputLimit: 4 << 20), until: .after(.seconds(30)))
                        #expect(echo.output == input)
                        try await session.upload(
                            input, to: "\(last.directory)/file", mode: 0o600, until: .after(.seconds(20)))
                        #expect(try read("\(last.directory)/file") == input)
                        try await session.keepAlive(until: .after(.seconds(5)))
                        #expect(try await HostKey.fetch(endpoint, until: .after(.seconds(20))).count == 1)

                        let failure = await runFailure(
                            of: &session, Command(["sleep", "600"]), until: .after(.seconds(1)))
                        #expect(failure?.code == .timeout)
                        let listener = try last.processes()[0]
                        #expect(await eventually { children(of: listener).isEmpty })

                        endpoint.jumps[0].knownHostsFiles = []
                        #expect(await openFailure(endpoint, until: .after(.seconds(10)))?.code == .hostKey)
                    }
                }
            }
        }

        @Test func aJumpHostThatForwardsNothingIsNamed() async throws {
            try await SSHServer.with(["AllowTcpForwarding no"]) { jump, _ in
                var endpoint = try jump.endpoint()
                endpoint.jumps = [endpoint]
                let failure = await openFailure(endpoint, until: .after(.seconds(10)))
                #expect(failure?.code == .connection)
                #expect(failure?.hint?.contains("AllowTcpForwarding") == true)
            }
        }

        @Test func oneSessionAtATimeIsEnough() async throws {
            try await SSHServer.with(["MaxSessions 1"]) { server, _ in
                var session = try await Session.open(server.endpoint(), until: .after(.seconds(10)))
                for _ in 0..<20 { #expect(try await session.ask(["true"]).succeeded) }
                try await session.upload([1], to: "\(server.directory)/x", mode: 0o600, until: .after(.seconds(10)))
                try await session.keepAlive(until: .after(.seconds(5)))
            }
        }

        /// Far more than anybody keeps, and only the kept part costs memory.
        @Test func aGigabyteOfOutputStreamsThrough() async throws {
            try await Stage.withSession { session in
                let before = try residentBytes()
                let result = try await session.run(
                    Command(["sh", "-c", "head -c 1000000000 /dev/zero; echo end >&2; head -c 5000000 /dev/zero >&2"]),
                    until: .after(.seconds(60)))
                #expect(result.succeeded)
                #expect(result.output.count == 1 << 20)
                #expect(result.errors.count == 1 << 20)
                #expect(result.dropped == 1_005_000_004 - 2 << 20)
                #expect(try residentBytes() - before < 64 << 20)
            }
        }

        private func residentBytes() throws -> Int {
            let fields = String(decoding: try read("/proc/self/statm"), as: UTF8.self).split(separator: " ")
            return (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
        }
    }
}
