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
                #expect(course.matrix.count > 5)
            }
        }

        @Test func aSwitchoverKilledAnywhere() async throws {
            try await crashing { course, remedy in
                try await course.kill("switchover", then: remedy) { course in course.switchover() }
            }
        }

        /// The instants between two entries: a stop that was sent, a promotion that is under way.
        ///
        /// No commit that a client was told of may be lost.
        @Test func aSwitchoverKilledInsideItsSteps() async throws {
            try await crashing { course, remedy in
                for (step, delays) in [("stop-old-primary", [3, 15, 40]), ("promote", [2, 10])] {
                    for delay in delays {
                        let servers = try course.lab.nodes.map {
                            try ConnectionString($0.connectionString(as: .superuser))
                        }
                        let probe = WriteProbe(connections: servers)
                        let (_, record) = try await probe.during(patience: .seconds(20)) {
                            try await course.kill("switchover", in: step, after: .milliseconds(delay), then: remedy) {
                                course in course.switchover()
                            }
                        }
                        let primary = try course.lab.node(course.situation.primary)
                        let connection = try ConnectionString(primary.connectionString(as: .superuser))
                        #expect(record.commits.count > 10)
                        #expect(try await record.lost(on: connection, until: .after(.seconds(10))) == [])
                    }
                }
            }
        }

        /// A rewind, a copy and a change of directories that were cut off with the link to the host.
        @Test func whatAHostWasDoingWhenPgdrWasKilled() async throws {
            try await crashing { course, remedy in
                for delay in [20, 60, 150] {
                    try await course.kill("rejoin", in: "rewind", after: .milliseconds(delay), then: remedy) { course in
                        try await course.rewind()
                    }
                }
                for (step, delays) in [("copy", [60, 250, 600]), ("swap-in", [3, 12, 20])] {
                    for delay in delays {
                        try await course.kill("rebuild", in: step, after: .milliseconds(delay), then: remedy) {
                            course in
                            course.rebuild()
                        }
                    }
                }
            }
        }

        @Test func aPromotionKilledAnywhere() async throws {
            try await crashing { course, remedy in
                try await course.kill("promote", then: remedy) { course in try await course.promote() }
            }
        }

        /// Its decision stands, whatever becomes of the run, and the next one completes it.
        @Test func aFailoverKilledAnywhere() async throws {
            try await crashing { course, remedy in
                try await course.kill("failover", then: remedy) { course in try await course.failover() }
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
