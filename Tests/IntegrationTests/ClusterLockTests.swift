import Configuration
import Essentials
import Glibc
import Lab
import RunbookEngine
import SSH
import Testing

extension RealServers {
    /// The lock that gives two processes that want the same thing an order.
    @Suite(.timeLimit(.minutes(5)))
    struct ClusterLockTests {
        private func take(_ stage: Stage, except left: String? = nil) async -> Result<ClusterLock, Failure> {
            do throws(Failure) {
                return .success(try await .take(stage.sessions, except: left, patience: .seconds(5)))
            } catch {
                return .failure(error)
            }
        }

        private func names(_ result: Result<ClusterLock, Failure>) -> [String]? { try? result.get().names }

        private func code(_ result: Result<ClusterLock, Failure>) -> FailureCode? {
            if case .failure(let failure) = result { failure.code } else { nil }
        }

        /// Each of the two gets all or nothing, and never does neither.
        @Test func ofTwoAtOnceOneGetsThrough() async throws {
            try await Stage.with { stage in
                try await stage.withWitness { stage, _ in
                    var winners: [Int] = []
                    for round in 0..<20 {
                        winners += await contend(stage, round)
                        try await stage.awaitUnlocked()
                    }
                    print("cluster lock: \(winners.count { $0 == 0 }) of \(winners.count) went to the first")
                }
            }
        }

        /// Has two try, and returns who got through; all locks are let go of then.
        private func contend(_ stage: Stage, _ round: Int) async -> [Int] {
            async let first = take(stage)
            async let second = take(stage)
            let results = await [first, second]
            let winners = results.indices.filter { names(results[$0]) != nil }
            #expect(winners.count == 1, "round \(round): \(results.map(code))")
            for index in winners { #expect(names(results[index]) == ["primary", "dr", "replica", "third"]) }
            for result in results where names(result) == nil { #expect(code(result) == .busy) }
            return winners
        }

        @Test func whoComesSecondIsToldSo() async throws {
            try await Stage.with { stage in
                try await stage.withWitness { stage, _ in
                    let lock = try await take(stage, except: "primary").get()
                    #expect(lock.names == ["dr", "replica", "third"] && lock.unasked.isEmpty)
                    #expect(await lock.held(until: .after(.seconds(5))) == lock.names)
                    let second = await take(stage)
                    #expect(code(second) == .busy)
                    // Nothing of what it had taken before it was refused is left.
                    try await stage.awaitThat("it has let go of the primary") {
                        let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                        return try await stage.lab.primary.psql(locks) == "0"
                    }
                    let desk = try stage.desk
                    let proposal = try await desk.propose("switchover", ["target": "dr"])
                    let attendant = RunAttendant(told: { _ in }, confirms: { _ in true }, wantsStop: { false })
                    do {
                        _ = try await desk.run(proposal, attendant)
                        Issue.record("it ran beside another one")
                    } catch let failure as Failure {
                        #expect(failure.code == .busy)
                    }
                    // Whoever has the lock runs under it.
                    let outcome = try await desk.run(proposal, holding: lock, attendant)
                    #expect(outcome == .done(failed: []))
                    #expect(await lock.held(until: .after(.seconds(5))).contains("third"))
                }
            }
        }

        /// What is ready locks nobody out and is what the lock is taken by; one that died meanwhile is opened anew.
        @Test func connectionsThatAreReadyHoldNoLock() async throws {
            try await Stage.with(standbys: 1) { stage in
                let sessions = stage.sessions
                let backends = "SELECT string_agg(pid::text, ',') FROM pg_locks WHERE locktype = 'advisory'"
                let those = "FROM pg_stat_activity WHERE query LIKE '%tcp_keepalives%' AND pid <> pg_backend_pid()"
                let ready = "SELECT string_agg(pid::text, ',') \(those)"
                await ClusterLock.prepare(sessions, until: .after(.seconds(5)))
                await ClusterLock.prepare(sessions, until: .after(.seconds(5)))
                for node in stage.lab.nodes { #expect(try await node.psql(backends).isEmpty) }
                let kept = try await stage.lab.primary.psql(ready)
                #expect(Int(kept) != nil, "one is kept: \(kept)")
                try await stage.lab.node("dr").psql("SELECT pg_terminate_backend(pid) \(those)")
                let lock = try await ClusterLock.take(sessions, patience: .seconds(5))
                #expect(lock.names == ["primary", "dr"])
                #expect(try await stage.lab.primary.psql(backends) == kept)
                #expect(code(await take(stage)) == .busy)
            }
        }

        /// A lock counts only as long as the session stands that has it.
        @Test func aLockThatIsLostIsSeen() async throws {
            try await Stage.with { stage in
                try await stage.withWitness { stage, server in
                    let lock = try await take(stage).get()
                    try await stage.lab.node("dr").psql(
                        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
                    #expect(await lock.held(until: .after(.seconds(5))) == ["primary", "replica", "third"])
                    for process in try server.processes().dropFirst() { kill(process, SIGKILL) }
                    try await stage.awaitThat("the witness's end is seen") {
                        await lock.held(until: .after(.seconds(5))) == ["primary", "replica"]
                    }
                }
            }
        }

        /// Nobody waits for the lost, and what can't be asked is told.
        @Test func theSilentAreLeftOut() async throws {
            try await Stage.with { stage in
                try await stage.withWitness { stage, server in
                    for process in try server.processes() { kill(process, SIGKILL) }
                    try await stage.lab.primary.kill()
                    let lock = try await take(stage, except: "primary").get()
                    #expect(lock.names == ["dr", "replica"])
                    #expect(lock.unasked.keys.sorted() == ["third"])
                }
            }
        }
    }
}
