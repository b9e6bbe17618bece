import Drills
import Essentials
import Glibc
import Lab
import RunbookEngine
import Synchronization
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct SwitchoverUndoneTests {
        /// What befalls the target once the primary is stopped.
        enum Fate: String, CaseIterable, Sendable { case killed, frozen }

        /// The target is lost between the primary's stop and the promotion: the old primary is back as the primary.
        @Test(arguments: Fate.allCases)
        func theTargetIsLostOnceThePrimaryHasStopped(fate: Fate) async throws {
            try await Stage.with { given in
                let stage = given.impatient
                let dr = try stage.lab.node("dr")
                let primary = stage.lab.primary
                let answer = try await dr.psql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'startup'")
                let startup = try #require(pid_t(answer))
                // It receives the last of the WAL and replays none of it any more, so that the run waits there.
                let freeze: StepHook = { kill(startup, SIGSTOP) }
                let (ending, record) = try await stage.underLoad {
                    async let ending = stage.run(
                        "switchover", ["target": "dr", "replay_timeout": "3s"], onStart: ["stop-old-primary": freeze])
                    try await stage.awaitThat("the primary has stopped") {
                        !primary.isRunning
                    }
                    if fate == .killed { try await dr.kill() } else { try dr.freeze() }
                    return try await ending
                }
                if fate == .frozen { try dr.thaw() } else { try await dr.start() }
                #expect(ending.undoneFor != nil, "\(ending.outcome) \(ending.notes)")
                let gap = try #require(record.longestGap)
                print("switchover taken back, target \(fate): write gap \(gap.length)")
                #expect(gap.length < .seconds(10))
                #expect(record.commits.allSatisfy { $0.server == 0 })
                #expect(try await stage.lost(record, on: "primary") == [])
                try await stage.expectStreaming(
                    primary: "primary", timeline: 1, upstreams: ["dr": "primary", "replica": "primary"])
                // The slots that were made on dr could not be dropped; nothing of it stands in the way of the next one.
                #expect(try stage.lab.primary.leftovers() == [])
                let again = try await stage.run("switchover", ["target": "dr"])
                #expect(again.outcome == .done(failed: []), "\(again.notes)")
                try await stage.expectShape(
                    primary: "dr", timeline: 2, upstreams: ["primary": "dr", "replica": "dr"])
            }
        }

        /// The target falls behind between the plan and the stop: the primary is not stopped at all.
        @Test func aTargetThatFellBehindSincePlanningStopsNothing() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                let started = try await stage.lab.primary.psql("SELECT pg_postmaster_start_time()")
                let answer = try await dr.psql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'startup'")
                let startup = try #require(pid_t(answer))
                let (ending, record) = try await stage.underLoad {
                    try await stage.run(
                        "switchover", ["target": "dr", "max_lag": "1kB"],
                        onStart: [
                            "mark-old-primary": {
                                kill(startup, SIGSTOP)
                                // The probe goes on to write meanwhile.
                                usleep(400_000)
                            }
                        ])
                }
                kill(startup, SIGCONT)
                #expect(ending.undoneFor?.code == .refused, "\(ending.outcome) \(ending.notes)")
                #expect(record.longestGap?.length ?? .zero < .seconds(1))
                #expect(try await stage.lab.primary.psql("SELECT pg_postmaster_start_time()") == started)
                try await stage.expectShape(
                    primary: "primary", timeline: 1, upstreams: ["dr": "primary", "replica": "primary"])
            }
        }
    }
}
