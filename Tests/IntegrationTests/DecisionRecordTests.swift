import Configuration
import Essentials
import Glibc
import Lab
import Replication
import RunbookEngine
import SSH
import Testing

extension RealServers {
    /// Records of decisions on the hosts of nodes and witnesses.
    @Suite(.timeLimit(.minutes(5)))
    struct DecisionRecordTests {
        private static let voters = ["dr", "replica", "third"]

        private func record(_ nominee: String, _ trigger: String? = nil) -> DecisionRecord {
            DecisionRecord(
                nominee: nominee, replaces: "primary", run: "run-\(nominee)", trigger: trigger, by: "tests",
                at: "2026-11-25T03:15:02.000001Z")
        }

        private func write(
            _ record: DecisionRecord, _ key: DecisionKey, _ sessions: RunSessions
        ) async throws -> [String: DecisionAnswer] {
            try await sessions.write(record, key, on: Self.voters, until: .after(.seconds(20)))
        }

        @Test func theFirstStands() async throws {
            try await Stage.with { stage in
                try await stage.withWitness { stage, server in
                    let sessions = stage.sessions
                    let key = try await stage.key()
                    let before = try await sessions.decisions(key, of: Self.voters, until: .after(.seconds(10)))
                    #expect(before == ["dr": .none, "replica": .none, "third": .none])
                    let first = record("dr", "it's \"an\" alert $(7)")
                    let all = Dictionary(uniqueKeysWithValues: Self.voters.map { ($0, DecisionAnswer.record(first)) })
                    #expect(try await write(first, key, sessions) == all)
                    #expect(try await write(record("replica"), key, sessions) == all)
                    #expect(try await sessions.decisions(key, of: Self.voters, until: .after(.seconds(10))) == all)
                    // Beside the data directory, where it survives that being made anew; nothing else is left there.
                    let file = "\(try stage.lab.node("dr").directory)/pgdr_decisions/\(key.fileName)"
                    #expect(String(decoding: try read(file), as: UTF8.self) == first.line)
                    #expect(try files("\(try stage.lab.node("dr").directory)/pgdr_decisions") == [key.fileName])
                    #expect(try files("\(server.directory)/kept/decisions") == [key.fileName])
                }
            }
        }

        /// Each voter has one of the two in whole, and says the same to both, whoever was first.
        @Test func ofTwoAtOnceOneStands() async throws {
            try await Stage.with { stage in
                try await stage.withWitness { stage, server in
                    let (first, second) = (stage.sessions, stage.sessions)
                    var firsts = 0
                    for timeline in 1...30 {
                        let key = try await stage.key(timeline: UInt32(timeline))
                        async let one = write(record("dr"), key, first)
                        async let two = write(record("replica"), key, second)
                        let answers = try await (one, two)
                        #expect(answers.0 == answers.1, "timeline \(timeline)")
                        for voter in Self.voters {
                            #expect([.record(record("dr")), .record(record("replica"))].contains(answers.0[voter]))
                            if answers.0[voter] == .record(record("dr")) { firsts += 1 }
                        }
                    }
                    print("decisions: \(firsts) of 90 went to the first")
                    #expect(try files("\(server.directory)/kept/decisions").count == 30)
                }
            }
        }

        /// That a voter gives no answer is an answer; that what it has can't be understood is not.
        @Test func whatCannotBeReadIsSaid() async throws {
            try await Stage.with { stage in
                let key = try await stage.key()
                let dr = try stage.lab.node("dr")
                try await stage.lab.node("replica").killSSH()
                let sessions = stage.sessions
                let answers = try await sessions.write(
                    record("dr"), key, on: ["dr", "replica"], until: .after(.seconds(10)))
                #expect(answers["dr"] == .record(record("dr")))
                guard case .unreached(let failure) = answers["replica"] else {
                    Issue.record("\(answers)")
                    return
                }
                #expect(failure.node == "replica")
                let file = "\(dr.directory)/pgdr_decisions/\(key.fileName)"
                for content in ["", "{\"nominee\":"] {
                    let number = open(file, O_WRONLY | O_TRUNC)
                    _ = Glibc.write(number, content, content.utf8.count)
                    _ = close(number)
                    await #expect {
                        _ = try await sessions.decisions(key, of: ["dr"], until: .after(.seconds(10)))
                    } throws: { error in
                        (error as? Failure)?.code == .unexpectedAnswer && "\(error)".contains(key.fileName)
                    }
                }
            }
        }

        private func files(_ directory: String) throws -> [String] {
            let stream = try #require(opendir(directory))
            defer { closedir(stream) }
            var names: [String] = []
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { names.append(name) }
            }
            return names.sorted()
        }
    }
}
