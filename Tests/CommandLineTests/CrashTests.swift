import Drills
import Essentials
import Lab
import Postgres
import Testing

extension RealServers {
    /// Runbooks that are killed after each entry of their journal, and then resumed or aborted.
    @Suite(.serialized, .timeLimit(.minutes(15)))
    struct CrashTests {
        private func crashing(_ body: (inout CrashCourse, CrashMatrix.Remedy) async throws -> Void) async throws {
            try await withDirectory { directory in
                var course = try await CrashCourse(in: directory)
                do {
                    for remedy in CrashMatrix.Remedy.allCases { try await body(&course, remedy) }
                } catch {
                    print(course.matrix.text)
                    _ = try? await Lab.down(course.lab.directory)
                    throw error
                }
                _ = try await Lab.down(course.lab.directory)
                print(course.matrix.text)
                #expect(course.matrix.bad == [])
                #expect(course.matrix.count > 10)
            }
        }

        @Test func aSwitchoverKilledAnywhere() async throws {
            try await crashing { course, remedy in
                try await course.kill("switchover", then: remedy) { course in course.switchover() }
            }
        }

        @Test func aPromotionKilledAnywhere() async throws {
            try await crashing { course, remedy in
                try await course.kill("promote", then: remedy) { course in try await course.promote() }
            }
        }

        @Test func aReturnWithoutARewindKilledAnywhere() async throws {
            try await crashing { course, remedy in
                try await course.kill("rejoin, follow", then: remedy) { course in try await course.follow() }
            }
        }

        @Test func aReturnByARewindKilledAnywhere() async throws {
            try await crashing { course, remedy in
                try await course.kill("rejoin, rewind", then: remedy) { course in try await course.rewind() }
            }
        }

        @Test func aRebuildKilledAnywhere() async throws {
            try await crashing { course, remedy in
                try await course.kill("rebuild", then: remedy) { course in course.rebuild() }
            }
        }
    }
}
