import Essentials
import Glibc
import SSH
import Testing

extension RealServers {
    /// Commands that run in one remote shell, one after the other.
    @Suite(.timeLimit(.minutes(5)))
    struct SSHSharedShellTests {
        /// The shell that runs a command: the parent of its process.
        private static let whoRuns = ["sh", "-c", "echo $PPID"]

        @Test func eachCommandHasItsOwnOutputAndEnd() async throws {
            try await Stage.withSession { session in
                let first = try await session.look(Self.whoRuns).outputText
                let rows: [(String, CommandEnd)] = [
                    ("exit 0", .exited(0)), ("exit 7", .exited(7)), ("exit 255", .exited(255)),
                    ("kill -KILL $$", .signalled("KILL")), ("kill -SEGV $$", .signalled("SEGV")),
                ]
                for (number, (script, end)) in rows.enumerated() {
                    let text = "echo out \(number); echo err \(number) >&2; cat; exec 3>&1; \(script)"
                    let result = try await session.look(["sh", "-c", text])
                    #expect(
                        result
                            == CommandResult(
                                end: end, output: Array("out \(number)\n".utf8), errors: Array("err \(number)\n".utf8)))
                }
                #expect(try await session.look(["no-such-program"]).end == .exited(127))
                // A program, not what the shell has of the same name.
                #expect(try await session.look(["exit"]).end == .exited(127))
                #expect(try await session.look(["printf", "no newline"]).outputText == "no newline")
                #expect(try await session.look(Self.whoRuns).outputText == first)
                #expect(try await session.ask(Self.whoRuns).outputText != first)
            }
        }

        /// A shell for each way to become another account; env stands for sudo.
        @Test func eachAccountHasAShellOfItsOwn() async throws {
            try await Stage.withSession { session in
                let script = ["sh", "-c", "echo $PPID \"$AS\""]
                var seen: [String] = []
                for _ in 0..<2 {
                    for become in [[], ["env", "AS=it's another"], ["env", "AS=a third"]] {
                        let result = try await session.run(
                            Command(script, become: become, shell: .shared), until: .after(.seconds(10)))
                        seen.append(result.outputText)
                    }
                }
                #expect(seen[0].hasSuffix(" \n") && seen[1].hasSuffix(" it's another\n"))
                #expect(Set(seen).count == 3)
                #expect(seen.prefix(3) == seen.suffix(3))
            }
        }

        @Test func muchOutputStreamsThrough() async throws {
            try await Stage.withSession { session in
                let script = "head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2; echo end"
                for _ in 0..<2 {
                    let result = try await session.run(
                        Command(["sh", "-c", script], outputLimit: 8 << 20, shell: .shared), until: .after(.seconds(30))
                    )
                    #expect(result.output.count == 5_000_004)
                    #expect(result.output.suffix(4) == Array("end\n".utf8)[...])
                    #expect(result.errors.count == 5_000_000)
                }
            }
        }

        @Test func theDeadlineEndsTheProcessGroup() async throws {
            try await Stage.withSession { session in
                let file = try await session.look(["mktemp"]).outputText.filter { $0 != "\n" }
                let shell = try #require(Int32(try await session.look(Self.whoRuns).outputText.filter(\.isNumber)))
                let script = "sleep 600 & echo $$ $! >\"$1\"; trap '' HUP INT; sleep 601; echo never"
                let failure = await runFailure(
                    of: &session, Command(["sh", "-c", script, "sh", file], shell: .shared), until: .after(.seconds(1)))
                #expect(failure?.code == .timeout)
                let ids = try Self.numbers(in: file)
                #expect(ids.count == 2)
                #expect(await eventually { !(ids + [shell]).contains(where: isRunning) })
            }
        }

        /// As when pgdr is killed between two commands: the shell ends, and by itself.
        @Test func whatACommandLeftBehindLivesOn() async throws {
            try await Stage.with(standbys: 0) { stage in
                var (left, shell): (Int32?, Int32?)
                do {
                    var session = try await Session.open(stage.endpoint(), until: .after(.seconds(10)))
                    // In the shell's process group.
                    let script = "nohup sleep 600 >/dev/null 2>&1 & echo $!"
                    left = Int32(try await session.look(["sh", "-c", script]).outputText.filter(\.isNumber))
                    shell = Int32(try await session.look(Self.whoRuns).outputText.filter(\.isNumber))
                    #expect(shell.map(isRunning) == true)
                }
                let process = try #require(left)
                defer { kill(process, SIGKILL) }
                #expect(await eventually { shell.map(isRunning) == false })
                // Longer than the time between the two signals that end a group.
                _ = await ReadinessLoop.shared.sleep(until: .after(.seconds(6)))
                #expect(isRunning(process))
            }
        }

        @Test func aShellThatIsGoneIsReplaced() async throws {
            try await Stage.withSession { session in
                let first = try #require(Int32(try await session.look(Self.whoRuns).outputText.filter(\.isNumber)))
                kill(first, SIGKILL)
                // Before the end of the channel is here, and after it.
                let second = try #require(Int32(try await session.look(Self.whoRuns).outputText.filter(\.isNumber)))
                #expect(second != first)
                kill(second, SIGKILL)
                _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(300)))
                #expect(try await session.look(["sh", "-c", "exit 7"]).end == .exited(7))
            }
        }

        @Test func aCommandThatKillsItsShellIsNeitherDoneNorRunTwice() async throws {
            try await Stage.withSession { session in
                let file = try await session.look(["mktemp"]).outputText.filter { $0 != "\n" }
                let script = "echo 1 >>\"$1\"; kill -KILL $PPID; sleep 1"
                let failure = await runFailure(
                    of: &session, Command(["sh", "-c", script, "sh", file], shell: .shared),
                    until: .after(.seconds(20)))
                #expect(failure?.code == .ssh)
                #expect(failure?.message.contains("is unknown") == true)
                #expect(try Self.numbers(in: file) == [1])
            }
        }

        /// What a command left behind writes must not stand in the output of a later one.
        @Test func aShellInWhichSomethingStillWritesIsLeft() async throws {
            try await Stage.withSession { session in
                let first = try await session.look(Self.whoRuns).outputText
                let script = "( sleep 0.3; echo late; sleep 0.7; echo later ) & echo done"
                #expect(try await session.look(["sh", "-c", script]).outputText == "done\n")
                _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(600)))
                let second = try await session.look(["sh", "-c", "echo $PPID; sleep 1"]).outputText
                #expect(second != first)
                #expect(second.split(separator: "\n").count == 1)
                #expect(try await session.look(Self.whoRuns).outputText == second)
            }
        }

        /// sshd closes the channel of a shell that lies idle.
        @Test func aShellClosedForItsIdlenessIsReplaced() async throws {
            try await SSHServer.with(["ChannelTimeout session:*=1s"]) { server, _ in
                var session = try await Session.open(server.endpoint(), until: .after(.seconds(10)))
                for _ in 0..<2 {
                    #expect(try await session.look(["sh", "-c", "exit 7"]).end == .exited(7))
                    _ = await ReadinessLoop.shared.sleep(until: .after(.seconds(3)))
                }
            }
        }

        /// The shell that waits takes the only session there may be.
        @Test func oneSessionAtATimeIsEnough() async throws {
            try await SSHServer.with(["MaxSessions 1"]) { server, _ in
                var session = try await Session.open(server.endpoint(), until: .after(.seconds(10)))
                for become in [[], ["env", "X=1"], []] {
                    for _ in 0..<2 {
                        let looking = Command(["true"], become: become, shell: .shared)
                        #expect(try await session.run(looking, until: .after(.seconds(5))).succeeded)
                    }
                    #expect(try await session.ask(["true"]).succeeded)
                }
                _ = try await session.look(["true"])
                try await session.upload([1], to: "\(server.directory)/x", mode: 0o600, until: .after(.seconds(10)))
                _ = try await session.look(["true"])
                try await session.keepAlive(until: .after(.seconds(5)))
            }
        }

        private static func numbers(in file: String) throws -> [Int32] {
            String(decoding: try read(file), as: UTF8.self).split { $0.isWhitespace }.compactMap { Int32($0) }
        }
    }
}

extension Session {
    /// Runs a command that only looks, with a generous deadline.
    mutating func look(_ words: [String]) async throws(Failure) -> CommandResult {
        try await run(Command(words, shell: .shared), until: .after(.seconds(20)))
    }
}
