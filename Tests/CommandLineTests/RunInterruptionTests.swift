import Essentials
import FoundationEssentials
import Lab
import Subprocess
import Testing

extension RealServers.SharedLab {
    /// Runs that are stopped, killed or not alone.
    @Suite struct RunInterruptionTests {
        private static let slow = """
            title: Slow
            parameters:
              log: {type: text}
            steps:
              - name: one
                local: [sh, -c, 'sleep 2; echo one >>"$0"', "${log}"]
                undo: {local: [sh, -c, 'echo undo one >>"$0"', "${log}"]}
              - name: two
                local: [sh, -c, 'echo two >>"$0"', "${log}"]
            """

        @Test func controlCStopsBetweenTwoSteps() async throws {
            try await OwnRunbooks.with(["slow": Self.slow]) { own in
                let words = ["run", "slow", "--yes", "\(own.directory)/log"]
                let stopped = try await own.pgdr(words, sending: [(.milliseconds(900), .interrupt)])
                #expect(stopped.status == 3, "\(stopped)")
                #expect(own.text("log") == "one\n")
                let run = try #require(try await own.runs().first)
                #expect(run.state == "unfinished")
                #expect(stopped.output.contains("pgdr resume \(run.run)"), "\(stopped.output)")
                let list = try await own.pgdr(["runs"])
                #expect(list.status == 1 && list.output.contains("pgdr resume \(run.run)"), "\(list.output)")
                let other = try await own.pgdr(words)
                #expect(other.status == 1 && other.errors.contains("is unfinished"), "\(other)")
                let resumed = try await own.pgdr(["resume", run.run])
                #expect(resumed.status == 0, "\(resumed)")
                #expect(own.text("log") == "one\ntwo\n")
                #expect(try await own.pgdr(["runs", "--unfinished"]).status == 0)
                let again = try await own.pgdr(["resume", run.run])
                #expect(again.status == 1, "\(again)")
            }
        }

        @Test func aStoppedRunCanBeTakenBack() async throws {
            try await OwnRunbooks.with(["slow": Self.slow]) { own in
                let words = ["run", "slow", "--yes", "\(own.directory)/log"]
                let stopped = try await own.pgdr(words, sending: [(.milliseconds(900), .terminate)])
                #expect(stopped.status == 3, "\(stopped)")
                let run = try #require(try await own.runs().first)
                #expect(try await own.pgdr(["abort", run.run]).status == 2)
                #expect(own.text("log") == "one\nundo one\n")
            }
        }

        /// The second one doesn't wait for the step, which is ended with all it started.
        @Test(arguments: StepEndTests.Place.allCases)
        func aSecondControlCEndsTheStep(place: StepEndTests.Place) async throws {
            let mark = "88\(Int.random(in: 100_000...999_999)).25"
            try await OwnRunbooks.with(["slow": place.runbook("sleep \(mark) & wait")]) { own in
                let stopped = try await own.pgdr(
                    ["run", "slow", "--yes"],
                    sending: [(.milliseconds(900), .interrupt), (.milliseconds(300), .interrupt)])
                #expect(stopped.status == 3, "\(stopped)")
                #expect(stopped.elapsed < .seconds(5))
                #expect(try await own.processes(with: mark) == [])
                #expect(try await own.runs().map(\.state) == ["unfinished"])
            }
        }

        /// Stopped before anything was done, a run leaves nothing to go on with.
        @Test func aRunThatChangedNothingIsOver() async throws {
            let runbook = """
                title: Nothing
                steps:
                  - name: one
                    on: primary
                    sql: SELECT pg_sleep(30)
                    requires: {sql: {statement: SELECT pg_sleep(20) IS NOT NULL}}
                """
            try await OwnRunbooks.with(["nothing": runbook]) { own in
                let stopped = try await own.pgdr(
                    ["run", "nothing", "--yes"],
                    sending: [(.milliseconds(900), .interrupt), (.milliseconds(300), .interrupt)])
                #expect(stopped.status == 1 && stopped.elapsed < .seconds(5), "\(stopped)")
                #expect(try await own.pgdr(["runs", "--unfinished"]).status == 0)
            }
        }

        @Test func oneRunOnAClusterAtATime() async throws {
            try await OwnRunbooks.with(["slow": Self.slow]) { own in
                let words = ["run", "slow", "--yes", "\(own.directory)/log"]
                async let first = own.pgdr(words)
                _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(1000)))
                let second = try await own.pgdr(words)
                #expect(second.status == 1, "\(second)")
                #expect(second.errors.contains("another process is running a runbook"), "\(second.errors)")
                #expect(try await first.status == 0)
                #expect(own.text("log") == "one\ntwo\n")
                #expect(try await own.runs().map(\.state) == ["done"])
            }
        }

        /// Two that know nothing of each other's audit log meet on the nodes; one that was killed is in nobody's way.
        @Test func oneRunOnAClusterFromAnywhere() async throws {
            try await OwnRunbooks.with(["slow": Self.slow]) { own in
                try await OwnRunbooks.with(["slow": Self.slow]) { other in
                    async let first = own.pgdr(["run", "slow", "--yes", "\(own.directory)/log"])
                    _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(1000)))
                    let words = ["run", "slow", "--yes", "\(other.directory)/log"]
                    let second = try await other.pgdr(words)
                    #expect(second.status == 1, "\(second)")
                    #expect(second.errors.contains("another process is running a runbook"), "\(second.errors)")
                    #expect(second.errors.contains("Its session comes from 127.0.0.1, since "), "\(second.errors)")
                    #expect(try await first.status == 0)
                    let killed = try await own.pgdr(
                        ["run", "slow", "--yes", "\(own.directory)/log"], sending: [(.milliseconds(1000), .kill)])
                    #expect(killed.status == -9)
                    let third = try await other.pgdr(words)
                    #expect(third.status == 0, "\(third)")
                }
            }
        }

        /// Of a statement or a command nobody but a person can tell whether it was done.
        @Test(arguments: ["--done", "--repeat"])
        func aStepThatCannotBeLookedAtIsNotDoneTwice(verdict: String) async throws {
            try await OwnRunbooks.with(["slow": Self.slow]) { own in
                let words = ["run", "slow", "--yes", "\(own.directory)/log"]
                let killed = try await own.pgdr(words, sending: [(.milliseconds(1000), .kill)])
                #expect(killed.status == -9)
                // It lives on, since nobody was there to end it.
                _ = await ReadinessLoop.shared.sleep(until: .after(.seconds(2)))
                #expect(own.text("log") == "one\n")
                let run = try #require(try await own.runs().first?.run)
                let refused = try await own.pgdr(["resume", run])
                #expect(refused.status == 1, "\(refused)")
                #expect(refused.errors.contains("--done one"), "\(refused.errors)")
                let wrong = try await own.pgdr(["resume", run, verdict, "two"])
                #expect(wrong.status == 1, "\(wrong)")
                let resumed = try await own.pgdr(["resume", run, verdict, "one"])
                #expect(resumed.status == 0, "\(resumed)")
                #expect(own.text("log") == (verdict == "--done" ? "one\ntwo\n" : "one\none\ntwo\n"))
            }
        }
    }
}
