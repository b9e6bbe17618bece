import Essentials
import FoundationEssentials
import Glibc
import Lab
import Testing

extension RealServers.SharedLab {
    /// Steps that don't end, end badly, or say far too much.
    @Suite struct StepEndTests {
        enum Place: String, CaseIterable, Sendable {
            case ssh, local

            /// A runbook of one step that runs a shell's text.
            func runbook(_ script: String, timeout: String = "60s") -> String {
                """
                title: One step
                steps:
                  - name: one
                    \(self == .ssh ? "on: primary" : "# here")
                    \(rawValue): [sh, -c, '\(script)']
                    timeout: \(timeout)
                """
            }
        }

        @Test(arguments: Place.allCases)
        func aStepThatHangsIsEndedWithAllItStarted(place: Place) async throws {
            // Its length is the mark by which it is found.
            let mark = "86\(Int.random(in: 100_000...999_999)).25"
            let script = #"trap "" TERM; sleep \#(mark) & (sleep \#(mark); :) & wait; sleep \#(mark)"#
            try await OwnRunbooks.with(["hang": place.runbook(script, timeout: "1s")]) { own in
                let outcome = try await own.pgdr(["run", "hang", "--yes"])
                #expect(outcome.status == 2, "\(outcome.output)\(outcome.errors)")
                #expect(outcome.elapsed < .seconds(12))
                #expect(try await own.processes(with: mark) == [])
                #expect(try await own.runs().map(\.state) == ["undone"])
            }
        }

        @Test(arguments: Place.allCases)
        func aStepThatASignalEndedHasFailed(place: Place) async throws {
            try await OwnRunbooks.with(["signal": place.runbook("kill -s KILL $$")]) { own in
                let outcome = try await own.pgdr(["run", "signal", "--yes"])
                #expect(outcome.status == 2, "\(outcome.output)\(outcome.errors)")
                let word = place == .ssh ? "ended by signal KILL" : "ended by signal 9"
                #expect(outcome.output.contains(word), "\(outcome.output)")
            }
        }

        /// A gigabyte goes by, and the end of it is told.
        @Test(arguments: Place.allCases)
        func aStepThatSaysAGigabyteIsNotKeptInMemory(place: Place) async throws {
            let script = "head -c 1073741824 /dev/zero; echo; echo the end >&2; exit 5"
            try await OwnRunbooks.with(["flood": place.runbook(script, timeout: "5min")]) { own in
                let script = """
                    "$0" run flood --yes >"$1/said" 2>&1 & pid=$!
                    while grep -s VmHWM /proc/$pid/status >"$1/peak.new"; do
                        test ! -s "$1/peak.new" || mv "$1/peak.new" "$1/peak"; sleep 0.1
                    done
                    wait $pid
                    """
                let outcome = try await Tool.bash(script, [own.directory], config: own.config)
                #expect(outcome.status == 2, "\(own.text("said") ?? "")")
                #expect(own.text("said")?.contains("the end") == true)
                let peak = try #require(own.text("peak")?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
                print("a gigabyte by \(place): \(outcome.elapsed), at most \(peak / 1024) MB")
                #expect(peak < 200 << 10)
            }
        }

        @Test func whatAStepLeavesRunningIsNotWaitedFor() async throws {
            let mark = "87\(Int.random(in: 100_000...999_999)).25"
            try await OwnRunbooks.with(["daemon": Place.local.runbook("sleep \(mark) & exit 0")]) { own in
                let outcome = try await own.pgdr(["run", "daemon", "--yes"])
                #expect(outcome.status == 0 && outcome.elapsed < .seconds(10), "\(outcome.output)\(outcome.errors)")
                let left = try await own.processes(with: mark, patience: .zero)
                #expect(left.count == 1)
                for pid in left { kill(pid, SIGKILL) }
            }
        }

        @Test func aProgramThatIsNotThere() async throws {
            try await OwnRunbooks.with([
                "missing": "title: T\nsteps:\n  - {name: one, local: [/nonexistent/program]}\n",
                "remote": "title: T\nsteps:\n  - {name: one, on: dr, ssh: [/nonexistent/program]}\n",
            ]) { own in
                let local = try await own.pgdr(["run", "missing", "--yes"])
                #expect(local.status == 2 && local.output.contains("could not run /nonexistent/program"), "\(local)")
                let remote = try await own.pgdr(["run", "remote", "--yes"])
                #expect(remote.status == 2 && remote.output.contains("127"), "\(remote)")
            }
        }
    }
}
