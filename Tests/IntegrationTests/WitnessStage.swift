import Configuration
import Essentials
import Lab
import Replication
import RunbookEngine
import SSH
import Testing

extension Stage {
    /// Runs `body` with the stage and a witness, an sshd of its own, called `third`.
    func withWitness(_ body: (Stage, SSHServer) async throws -> Void) async throws {
        try await SSHServer.with(beside: self) { server, _ in
            // Writes the known hosts file.
            let known = try server.endpoint().knownHostsFiles.first
            var stage = self
            stage.cluster.witnesses = [
                WitnessConfiguration(
                    name: "third",
                    ssh: SSHAddress(
                        host: "127.0.0.1", user: server.user, port: server.port, identityFile: server.identityFile,
                        knownHosts: known),
                    decisions: "\(server.directory)/kept/decisions")
            ]
            try await body(stage, server)
        }
    }

    /// Sessions of a process of its own.
    var sessions: RunSessions { RunSessions(cluster, statementTimeout: .seconds(60)) }

    /// What is decided about by whoever replaces the first primary.
    func key(timeline: UInt32 = 1) async throws -> DecisionKey {
        let text = try await lab.node("dr").psql("SELECT system_identifier FROM pg_control_system()")
        return DecisionKey(
            system: try #require(SystemIdentifier(rawValue: text)), timeline: Timeline(rawValue: timeline))
    }

    /// Who is named by the record of each voter; "none" where it has none, nil where it gives no answer.
    func nominees(_ voters: [String]) async throws -> [String: String] {
        try await sessions.decisions(key(), of: voters, until: .after(.seconds(10))).compactMapValues { answer in
            switch answer {
            case .record(let record): record.nominee
            case .none: "none"
            case .unreached: nil
            }
        }
    }

    /// Writes a record as another observer would.
    func record(_ nominee: String, on voters: [String]) async throws {
        let record = DecisionRecord(
            nominee: nominee, replaces: "primary", run: "another-run", by: "somebody else", at: "2026-01-01T00:00:00Z")
        let answers = try await sessions.write(record, key(), on: voters, until: .after(.seconds(10)))
        for voter in voters { #expect(answers[voter] == .record(record)) }
    }

    /// Waits until no server and no witness has a session of a lock that was let go of.
    func awaitUnlocked() async throws {
        try await awaitThat("nobody has the lock") {
            do {
                _ = try await ClusterLock.take(sessions, patience: .seconds(5))
            } catch let failure as Failure where failure.code == .busy {
                return false
            }
            for node in lab.nodes where node.isRunning {
                let locks = try await node.psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
                guard locks == "0" else { return false }
            }
            return true
        }
    }
}
