import Essentials
import Glibc
import Lab
import Testing

extension RealServers {
    /// Drills on the command line, and what becomes of those that are killed.
    @Suite(.timeLimit(.minutes(5)))
    struct DrillTests {
        private static func trial(_ course: CrashCourse, _ words: String...) -> CrashCourse.Trial {
            CrashCourse.Trial(
                words: ["drill"] + words + ["--yes"], before: course.situation, after: course.situation)
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
