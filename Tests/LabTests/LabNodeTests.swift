import Essentials
import Glibc
import Lab
import Subprocess
import Testing

/// The ssh command's arguments for a command on a node.
func sshArguments(_ node: LabNode, _ command: String) -> Arguments {
    // The ssh command has a meaning of its own for a per cent sign in these.
    let identity = node.identityFile.replacing("%", with: "%%")
    let knownHosts = node.knownHostsFile.replacing("%", with: "%%")
    return [
        "-F", "none", "-o", "IdentityFile=\"\(identity)\"", "-o", "UserKnownHostsFile=\"\(knownHosts)\"", "-o",
        "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-p", "\(node.sshPort)", "-l", node.sshUser, node.address,
        command,
    ]
}

/// Runs a command on a node over SSH and returns what it prints.
@discardableResult
func ssh(_ node: LabNode, _ command: String) async throws -> String {
    let result = try await run(
        .name("ssh"), arguments: sshArguments(node, command), output: .string(limit: 1 << 20),
        error: .string(limit: 1 << 20))
    #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
    return result.standardOutput
}

/// Waits until a query gives the expected answer.
func awaitAnswer(_ answer: String, to query: String, on node: LabNode) async throws {
    let deadline = Deadline.after(.seconds(20))
    while try await node.psql(query) != answer {
        try #require(!deadline.hasPassed, "\(node.name) did not answer \(answer) to \(query)")
        try await Task.sleep(for: .milliseconds(20))
    }
}

extension RealServers {
    @Suite(.serialized) struct LabNodeTests {
        @Test(arguments: installations) func replicationStreams(bin: String?) async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 3, postgresBin: bin)) { lab in
                #expect(lab.nodes.map(\.address) == ["127.0.86.27", "127.0.86.115", "127.0.86.28", "127.0.86.29"])
                try await lab.primary.psql("CREATE TABLE t AS SELECT 42 AS answer;")
                let seen = "SELECT count(*) FROM pg_class WHERE relname = 't';"
                for standby in lab.standbys {
                    try await awaitAnswer("1", to: seen, on: standby)
                    #expect(try await standby.psql("SELECT answer FROM t;") == "42")
                }
                let slots = try await lab.primary.psql(
                    "SELECT slot_name FROM pg_replication_slots WHERE active ORDER BY 1;")
                #expect(slots == "dr\nreplica\nreplica2")
            }
        }

        @Test func monitoringRoleLogsIn() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 0)) { lab in
                let answer = try await lab.primary.psql(
                    "SELECT current_user, pg_has_role('pg_monitor', 'member');", as: .monitoring)
                #expect(answer == "pgdr|t")
                await expectFailure("run SQL") { try await lab.primary.psql("CHECKPOINT;", as: .replication) }
            }
        }

        @Test func frozenServerAnswersOnlyAfterThaw() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 1)) { lab in
                try lab.primary.freeze()
                let asked = Task { try await lab.primary.psql("SELECT 1;") }
                let early = Task { try await Task.sleep(for: .milliseconds(500)) }
                _ = await early.result
                try lab.primary.thaw()
                #expect(try await asked.value == "1")
                try lab.primary.freeze(.postmaster)
                try lab.primary.thaw()
            }
        }

        @Test func stopStartKillAndPromote() async throws {
            try await Lab.with { lab in
                let dr = try lab.node("dr")
                try await dr.stop()
                #expect(lab.status()[1].pid == nil)
                try await dr.start()
                try await lab.awaitStreaming(.after(.seconds(20)))
                try await lab.primary.kill()
                #expect(lab.status()[0].pid == nil)
                await expectFailure("does not run") { try await lab.primary.kill() }
                try await dr.promote()
                #expect(try await dr.psql("SELECT pg_is_in_recovery();") == "f")
                try await lab.primary.start()
                #expect(try await lab.primary.psql("SELECT pg_is_in_recovery();") == "f")
            }
        }

        @Test func failedStartShowsTheServersWords() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 0)) { lab in
                try await lab.primary.setParameter("shared_preload_libraries", "no_such_library")
                try await lab.primary.stop()
                do {
                    try await lab.primary.start()
                    Issue.record("the server started")
                } catch let failure as Failure {
                    #expect(failure.code == .lab)
                    #expect(failure.node == "primary")
                    #expect(failure.detail?.contains("FATAL") == true, "\(failure)")
                }
            }
        }

        @Test func parametersAndHBA() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 0)) { lab in
                let node = lab.primary
                try await node.setParameter("synchronous_standby_names", "ANY 1 (dr, \"it's\")")
                try await awaitAnswer("ANY 1 (dr, \"it's\")", to: "SHOW synchronous_standby_names;", on: node)
                try await node.setParameter("synchronous_standby_names", nil)
                try await awaitAnswer("", to: "SHOW synchronous_standby_names;", on: node)
                try await node.prependHBA("host all pgdr all reject")
                let rules = "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'reject';"
                try await awaitAnswer("1", to: rules, on: node)
                try await node.appendHBA("host all all 10.0.0.0/8 reject")
                try await awaitAnswer("2", to: rules, on: node)
                await expectFailure("run SQL") { try await node.psql("SELECT 1;", as: .monitoring) }
            }
        }

        @Test(arguments: installations) func sshStartsAServerThatStreams(bin: String?) async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 1, postgresBin: bin)) { lab in
                let dr = try lab.node("dr")
                try await dr.stop()
                let shown = try await ssh(
                    dr,
                    "'\(lab.postgresBin)/pg_ctl' -D '\(dr.dataDirectory)' -l '\(dr.directory)/log/start.log' -w start")
                #expect(shown.contains("server started"))
                try await lab.awaitStreaming(.after(.seconds(20)))
                #expect(lab.status()[1].pid != nil)
            }
        }

        @Test func loadWritesAtItsRate() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 0)) { lab in
                let load = LabLoad(node: lab.primary, rowsPerSecond: 200, duration: .seconds(1))
                let done = try await load.run()
                #expect(done.sent == 200)
                #expect(done.acknowledged == 200)
                #expect(try await lab.primary.psql("SELECT count(*) FROM pgdr_load;") == "200")
                let endless = LabLoad(node: lab.primary, rowsPerSecond: 100, duration: .seconds(60))
                async let cut: Void = expectFailure("cut off") { try await endless.run() }
                try await Task.sleep(for: .milliseconds(500))
                try await lab.primary.kill()
                await cut
            }
        }

        @Test func passwordsStayInThePassfiles() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 1)) { lab in
                let lines = contents(lab.passfile).split(separator: "\n")
                let passwords = try lines.map { try #require($0.split(separator: ":").last) }
                #expect(passwords.count == 4)
                for file in ["postgresql.conf", "postgresql.auto.conf", "../log/postgresql.log", "../log/start.log"] {
                    for node in lab.nodes {
                        let text = contents("\(node.dataDirectory)/\(file)")
                        #expect(passwords.allSatisfy { !text.contains($0) })
                    }
                }
                var entry = stat()
                stat(lab.passfile, &entry)
                #expect(entry.st_mode & 0o777 == 0o600)
            }
        }
    }
}

extension LabNode {
    fileprivate var identityFile: String { "\(directory)/../ssh/id_ed25519" }
    fileprivate var knownHostsFile: String { "\(directory)/../ssh/known_hosts" }
}
