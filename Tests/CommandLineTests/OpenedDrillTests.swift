import Essentials
import Glibc
import Lab
import Testing

extension RealServers {
    /// Drills on the command line, and what becomes of those that are killed.
    @Suite(.timeLimit(.minutes(5)))
    struct OpenedDrillTests {
        private static func trial(_ course: CrashCourse, _ words: String...) -> CrashCourse.Trial {
            CrashCourse.Trial(
                words: ["drill"] + words + ["--yes"], before: course.situation, after: course.situation)
        }

        /// Ctrl-C closes what is open: in order once nothing is left to show, else by taking the run back.
        @Test func controlCClosesIt() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory())) { lab in
                let run = """
                    log=$1
                    shift
                    "$0" drill snapshot dr --yes --probe --set open_for=1h "$@" 2>"$log" & process=$!
                    while kill -0 $process && ! grep -q "✓.* promote dr apart" "$log"; do sleep 0.05; done
                    sleep 1
                    kill -INT $process
                    wait $process
                    """
                let slow = try write("SELECT pg_sleep(3);", to: "\(lab.directory)/slow.sql")
                for (words, status, said) in [([], 0, "Done: "), (["--set", "verify_sql=\(slow)"], 2, "Aborted, ")] {
                    let log = "\(lab.directory)/\(status).log"
                    let ended = try await Tool.bash(run, [log] + words, config: lab.configurationFile)
                    #expect(ended.status == status && ended.output.hasPrefix(said), "\(ended)")
                    #expect(ended.output.contains("acknowledged and gone     0"), "\(ended)")
                    #expect(ended.elapsed < .seconds(30))
                }
                // A second one ends the step itself, and what is open is closed all the same.
                let twice = try await Tool.bash(
                    run.replacing("kill -INT $process\n", with: "kill -INT $process; sleep 0.3; kill -INT $process\n"),
                    ["\(lab.directory)/twice.log", "--set", "verify_sql=\(slow)"], config: lab.configurationFile)
                #expect(twice.status == 2 && twice.output.hasPrefix("Aborted, "), "\(twice)")
                let dr = try lab.node("dr")
                #expect(try await dr.psql("SELECT status FROM pg_stat_wal_receiver") == "streaming")
                let kept = "SELECT string_agg(kind || ' ' || node || ' ' || passed, ', ' ORDER BY at) FROM pgdr.drill"
                #expect(try await dr.psql(kept) == "snapshot dr true, snapshot dr false, snapshot dr false")
                let history = try await Tool.run(["drill", "history"], config: lab.configurationFile)
                #expect(history.lines.count { $0.contains("snapshot  dr    passed") } == 1, "\(history)")
                #expect(history.lines.count { $0.contains("snapshot  dr    failed") } == 2, "\(history)")
                let left = try await Tool.run(["runs", "--unfinished"], config: lab.configurationFile)
                #expect(left.status == 0, "\(left)")
            }
        }

        /// Between its promotion and its way back, in that and while a copy is open: nothing of it is left, whatever is
        /// done with the run, also where the host has lost the open server meanwhile.
        @Test func whatWasKilledIsAStandbyAgain() async throws {
            try await withDirectory { directory in
                var course = try await CrashCourse(in: directory)
                do {
                    for (step, delay, remedy) in [
                        ("open", 1, CrashMatrix.Remedy.resume), ("stay-open", 50, .abort), ("rewind", 150, .resume),
                    ] {
                        try await course.kill("drill-snapshot", in: step, after: .milliseconds(delay), then: remedy) {
                            Self.trial($0, "snapshot", "dr", "--set", "open_for=1s")
                        }
                    }
                    try await course.kill("drill-clone", in: "inspect", after: .milliseconds(20), then: .abort) {
                        Self.trial($0, "clone", "dr")
                    }
                } catch {
                    _ = try? await Lab.down(course.lab.directory)
                    throw error
                }
                _ = try await Lab.down(course.lab.directory)
                print(course.matrix.text)
                #expect(course.matrix.bad == [])
                #expect(course.matrix.count == 4)
            }
        }
    }
}
