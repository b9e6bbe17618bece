import Essentials
import Glibc
import Lab
import SSH
import Testing

extension RealServers {
    /// How commands end when somebody goes: the command, its children, we, the server, the link.
    @Suite(.timeLimit(.minutes(5)))
    struct SSHEndingTests {
        /// A command that notes its processes' ids and would run for long.
        private static func longCommand(_ file: String) -> Command {
            Command([
                "sh", "-c", "sleep 600 & echo $$ $! >\"$1\"; trap '' HUP INT; echo started; sleep 601; echo never",
                "sh", file,
            ])
        }

        private static func processes(_ file: String) async throws -> [Int32] {
            var ids: [Int32] = []
            _ = await eventually {
                ids = String(decoding: (try? read(file)) ?? [], as: UTF8.self).split { $0.isWhitespace }
                    .compactMap { Int32($0) }
                return ids.count == 2
            }
            try #require(ids.count == 2)
            #expect(ids.allSatisfy(isRunning))
            return ids
        }

        @Test func theDeadlineEndsTheProcessGroup() async throws {
            try await Stage.withSession { session in
                let file = try await session.text(["mktemp"])
                let began = ContinuousClock.now
                let failure = await runFailure(of: &session, Self.longCommand(file), until: .after(.seconds(1)))
                #expect(failure?.code == .timeout)
                #expect(began.duration(to: .now) < .milliseconds(1300))
                let isUsable = session.isUsable
                #expect(!isUsable)
                let ids = String(decoding: try read(file), as: UTF8.self).split { $0.isWhitespace }
                    .compactMap { Int32($0) }
                #expect(ids.count == 2)
                #expect(await eventually { !ids.contains(where: isRunning) })
                let later = await runFailure(of: &session, Command(["true"]), until: .after(.seconds(1)))
                #expect(later?.code == .connection)
            }
        }

        @Test func cancellingEndsTheProcessGroup() async throws {
            try await Stage.with(standbys: 0) { stage in
                let endpoint = try stage.endpoint()
                var session = try await Session.open(endpoint, until: .after(.seconds(10)))
                let file = try await session.text(["mktemp"])
                let task = Task {
                    var other = try await Session.open(endpoint, until: .after(.seconds(10)))
                    return await runFailure(of: &other, Self.longCommand(file), until: .after(.seconds(60)))
                }
                let ids = try await Self.processes(file)
                let began = ContinuousClock.now
                task.cancel()
                #expect(try await task.value?.code == .cancelled)
                #expect(began.duration(to: .now) < .milliseconds(300))
                #expect(await eventually { !ids.contains(where: isRunning) })
            }
        }

        /// As when pgdr is killed: the kernel closes the connection.
        @Test func aDroppedSessionEndsTheProcessGroup() async throws {
            try await SSHServer.with { server, session in
                let file = try await session.text(["mktemp"])
                let endpoint = try server.endpoint()
                let task = Task {
                    var other = try await Session.open(endpoint, until: .after(.seconds(10)))
                    return await runFailure(of: &other, Self.longCommand(file), until: .after(.seconds(60)))
                }
                let ids = try await Self.processes(file)
                // The processes that serve the session, not the listener: the connection breaks.
                let served = try server.processes().dropFirst().filter { !ids.contains($0) }
                let sshds = served.filter { process in
                    (try? read("/proc/\(process)/comm")).map { String(decoding: $0, as: UTF8.self) } == "sshd\n"
                }
                try #require(!sshds.isEmpty)
                for process in sshds { kill(process, SIGKILL) }
                let failure = try await task.value
                #expect(failure?.code == .connection)
                #expect(failure?.hint?.contains("unknown") == true)
                #expect(await eventually { !ids.contains(where: isRunning) })
            }
        }

        @Test func aSessionThatTheServerEndedIsKnownToBeUseless() async throws {
            try await SSHServer.with { server, _ in
                var session = try await Session.open(server.endpoint(), until: .after(.seconds(10)))
                #expect(try await session.ask(["true"]).succeeded)
                var isUsable = session.isUsable
                #expect(isUsable)
                for process in try server.processes().dropFirst() { kill(process, SIGKILL) }
                let deadline = Deadline.after(.seconds(5))
                while isUsable, !deadline.hasPassed {
                    _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(10)))
                    isUsable = session.isUsable
                }
                #expect(!isUsable)
                #expect(await runFailure(of: &session, Command(["true"]), until: deadline)?.code == .connection)
            }
        }

        @Test func aCommandThatIgnoresTheRequestIsKilled() async throws {
            try await Stage.withSession { session in
                let file = try await session.text(["mktemp"])
                let stubborn = Command([
                    "sh", "-c", "trap '' TERM HUP; echo $$ $$ >\"$1\"; while :; do sleep 1; done", "sh", file,
                ])
                let failure = await runFailure(of: &session, stubborn, until: .after(.seconds(1)))
                #expect(failure?.code == .timeout)
                let id = try #require(
                    Int32(String(decoding: try read(file), as: UTF8.self).split(separator: " ").first ?? ""))
                #expect(isRunning(id))
                #expect(await eventually(within: 8) { !isRunning(id) })
            }
        }

        @Test func aDaemonThatKeepsTheOutputOpenLivesOnAndHoldsNothingUp() async throws {
            try await Stage.withSession { session in
                let script = "setsid sh -c 'echo $$; sleep 600' & sleep 0.2; nohup sleep 601 & echo $!; echo done"
                let began = ContinuousClock.now
                let result = try await session.ask(["sh", "-c", script])
                #expect(began.duration(to: .now) < .seconds(2))
                #expect(result.succeeded)
                let ids = result.outputText.split(separator: "\n").compactMap { Int32($0) }
                #expect(ids.count == 2)
                #expect(result.outputText.hasSuffix("done\n"))
                // The session goes on, and so do they, also after it.
                #expect(try await session.ask(["echo", "on"]).outputText == "on\n")
                #expect(ids.allSatisfy(isRunning))
                for id in ids { kill(id, SIGKILL) }
            }
        }

        @Test func aServerThatStandsStillCostsTheDeadline() async throws {
            try await SSHServer.with { server, _ in
                var session = try await Session.open(server.endpoint(), until: .after(.seconds(10)))
                _ = try await session.ask(["true"])
                let processes = try server.processes()
                for process in processes { kill(process, SIGSTOP) }
                defer { for process in processes { kill(process, SIGCONT) } }
                let began = ContinuousClock.now
                let failure = await runFailure(of: &session, Command(["true"]), until: .after(.seconds(1)))
                #expect(failure?.code == .timeout)
                let opening = await openFailure(try server.endpoint(), until: .after(.seconds(1)))
                #expect(opening?.code == .timeout)
                #expect(opening?.detail?.contains("said nothing") == true)
                #expect(began.duration(to: .now) < .milliseconds(2500))
            }
        }

        /// sshd closes the channel of a silent command and reports no exit status; the command must not read as done.
        @Test func aChannelTheServerClosesIsNoSuccess() async throws {
            try await SSHServer.with(["ChannelTimeout session:*=1s"]) { server, _ in
                var session = try await Session.open(server.endpoint(), until: .after(.seconds(10)))
                let failure = await runFailure(
                    of: &session, Command(["sh", "-c", "sleep 6; exit 7"]), until: .after(.seconds(20)))
                #expect(failure?.code == .ssh)
                #expect(failure?.message.contains("is unknown") == true)
            }
        }

        /// Such a server also closes the channel that was opened ahead for the next command.
        @Test func aChannelClosedForItsIdlenessIsOpenedAnew() async throws {
            try await SSHServer.with(["ChannelTimeout session=1s session:*=1s *=1s"]) { server, _ in
                var session = try await Session.open(server.endpoint(), until: .after(.seconds(10)))
                for _ in 0..<2 {
                    #expect(try await session.ask(["sh", "-c", "exit 7"]).end == .exited(7))
                    _ = await ReadinessLoop.shared.sleep(until: .after(.seconds(3)))
                }
                try await session.keepAlive(until: .after(.seconds(5)))
            }
        }

        @Test func aKilledShellIsNoSuccess() async throws {
            try await Stage.withSession { session in
                // The command's parent is the script that would report its end.
                let failure = await runFailure(
                    of: &session, Command(["sh", "-c", "kill -KILL $PPID; sleep 1"]), until: .after(.seconds(20)))
                #expect(failure?.code == .ssh)
                #expect(failure?.message.contains("is unknown") == true)
            }
        }
    }
}

/// What a command fails with; nil when it doesn't.
func runFailure(
    of session: inout Session, _ command: Command, until deadline: Deadline
) async -> Failure? {
    do throws(Failure) {
        _ = try await session.run(command, until: deadline)
        return nil
    } catch {
        return error
    }
}

/// What opening a session fails with; nil when it doesn't.
func openFailure(_ endpoint: Endpoint, _ secrets: Secrets = .none, until deadline: Deadline) async -> Failure? {
    do throws(Failure) {
        let session = try await Session.open(endpoint, secrets, until: deadline)
        _ = session.isUsable
        return nil
    } catch {
        return error
    }
}
