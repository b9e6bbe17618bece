import Drills
import Essentials
import Lab
import Postgres
import RunbookEngine
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

import Glibc

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct BouncerTests {
        /// Paused, rerouted and resumed, a pooler hides a switchover: its client waits and sees no error.
        @Test func aClientOfAPausedPoolerSeesAPauseAndNoError() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 1)) { lab in
                let bouncer = try await lab.startBouncer()
                let dr = try lab.node("dr")
                let deadline = Deadline.after(.seconds(30))
                let address = try ConnectionString(bouncer.consoleConnectionString)
                var console = try await Connection.openConsole(address, until: deadline)
                let rows = try await console.command("SHOW DATABASES", until: deadline).rows
                #expect(try rows.map { try $0.text("name") } == ["pgbouncer"])

                var probe = WriteProbe(connections: [try ConnectionString(bouncer.connectionString(as: .superuser))])
                probe.statementTimeout = .seconds(10)
                let (_, record) = try await probe.during {
                    _ = try await console.command("PAUSE", until: deadline)
                    try await lab.primary.stop()
                    try await dr.promote()
                    try bouncer.route(to: dr)
                    _ = try await console.command("RELOAD", until: deadline)
                    _ = try await console.command("RESUME", until: deadline)
                }
                #expect(record.refusals == [])
                #expect(record.gaps().count == 1, "\(record.gaps())")
                let superuser = try ConnectionString(dr.connectionString(as: .superuser))
                #expect(try await record.lost(on: superuser, until: deadline) == [])
                try await bouncer.stop()
                await #expect(throws: Failure.self) { try await bouncer.stop() }
            }
        }

        /// The runbook does all of that by itself, with a program of the operator's own that rewrites the configuration.
        @Test func aSwitchoverPausesAPoolerAndLeadsItsClientsToTheNewPrimary() async throws {
            try await Stage.with(standbys: 1) { stage in
                let bouncer = try await stage.lab.startBouncer()
                let reroute = "\(stage.lab.directory)/reroute it.sh"
                let script = """
                    #!/bin/sh
                    exec sed -i "s/^[*] = .*/* = host=$1 port=$2/" '\(bouncer.configurationFile)'
                    """
                try Data(script.utf8).write(to: URL(filePath: reroute))
                #expect(chmod(reroute, 0o755) == 0)
                var probe = WriteProbe(connections: [try ConnectionString(bouncer.connectionString(as: .superuser))])
                probe.statementTimeout = .seconds(10)
                let (ending, record) = try await probe.during {
                    try await stage.run(
                        "switchover",
                        ["target": "dr", "pgbouncer": bouncer.consoleConnectionString, "reroute": reroute])
                }
                #expect(ending.outcome == .done(failed: []), "\(ending)")
                #expect(record.refusals == [], "\(record.refusals)")
                #expect(try await stage.lost(record, on: "dr") == [])
            }
        }

        /// When it fails, the clients go on where they were.
        @Test func aSwitchoverThatFailsResumesThePooler() async throws {
            try await Stage.with(standbys: 1) { stage in
                let bouncer = try await stage.lab.startBouncer()
                let dr = try stage.lab.node("dr")
                var probe = WriteProbe(connections: [try ConnectionString(bouncer.connectionString(as: .superuser))])
                probe.statementTimeout = .seconds(30)
                let (ending, record) = try await probe.during(patience: .seconds(30)) {
                    try await stage.run(
                        "switchover",
                        [
                            "target": "dr", "pgbouncer": bouncer.consoleConnectionString,
                            "reroute": "/nonexistent/program",
                        ],
                        onStart: ["stop-old-primary": { try? dr.freeze() }])
                }
                try dr.thaw()
                #expect(ending.undoneFor != nil, "\(ending)")
                #expect(record.refusals == [], "\(record.refusals)")
                #expect(try await stage.lost(record, on: "primary") == [])
            }
        }

        @Test func aConsoleRefusesWhoIsNoAdministratorAndWhatItDoesNotKnow() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 0)) { lab in
                let bouncer = try await lab.startBouncer()
                let deadline = Deadline.after(.seconds(10))
                var console = try await Connection.openConsole(
                    ConnectionString(bouncer.consoleConnectionString), until: deadline)
                do throws(PostgresError) {
                    _ = try await console.command("NONSENSE", until: deadline)
                    Issue.record("it was taken")
                } catch {
                    if case .silence = error { Issue.record(error) }
                }
                let text = bouncer.consoleConnectionString.replacing("user=pgdr_admin", with: "user=pgdr")
                let other = try ConnectionString(text)
                do throws(PostgresError) {
                    _ = try await Connection.openConsole(other, until: deadline)
                    Issue.record("it was let in")
                } catch {
                    if case .failure = error { Issue.record(error) }
                }
            }
        }
    }
}
