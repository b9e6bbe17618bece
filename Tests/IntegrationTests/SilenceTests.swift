import Configuration
import Essentials
import Lab
import Observation
import Postgres
import Replication
import Testing

extension RealServers {
    /// Every way in which a server gives no answer, from real servers.
    @Suite(.timeLimit(.minutes(5)))
    struct SilenceTests {
        @Test func aWrongConnectionSaysWhatIsWrong() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                let place = "host=\(dr.address) port=\(dr.port)"
                let passfile = "passfile='\(stage.lab.passfile)'"
                let cases: [(String, String)] = [
                    ("\(place) dbname=postgres user=pgdr password=hunter2", "authentication_failed"),
                    ("\(place) dbname=postgres user=pgdr passfile=/nonexistent", "authentication_failed"),
                    ("\(place) dbname=postgres user=nobody_here \(passfile)", "authentication_failed"),
                    ("\(place) dbname=nowhere user=pgdr \(passfile)", "rejected"),
                    ("\(place) dbname=postgres user=pgdr \(passfile) sslmode=require", "tls_failed"),
                    ("host=\(dr.address) port=1 user=pgdr", "refused"),
                    ("host=/nonexistent port=1 user=pgdr", "refused"),
                    ("host=no-such-host.invalid user=pgdr", "name_not_found"),
                    // An sshd is a server of another kind.
                    ("host=\(dr.address) port=\(dr.sshPort) user=pgdr", "not_postgres"),
                ]
                for (connection, reason) in cases {
                    let report = try await stage.replacing("dr", connection: connection).look(timeout: .seconds(5))
                    let silence = try #require(report.node("dr")?.silence, "\(connection)")
                    #expect(silence.reason == reason, "\(connection): \(silence.detail)")
                    #expect(!silence.detail.contains("hunter2"))
                    #expect(report.codes("dr") == ["node_unreachable"])
                    #expect(report.node("replica")?.lag?.replay.bytes != nil)
                }
            }
        }

        @Test func allConnectionsTakenIsAnAnswer() async throws {
            try await Stage.with(standbys: 1) { stage in
                try await stage.lab.primary.psql("ALTER ROLE pgdr CONNECTION LIMIT 0")
                let report = try await stage.look()
                #expect(report.node("primary")?.silence?.reason == "too_many_clients")
                #expect(report.node("primary")?.silence?.postmasterAlive == true)
                let finding = try #require(report.findings.first { $0.code == "primary_unreachable" })
                #expect(finding.hint?.contains("Do not promote") == true)
            }
        }

        @Test func aRoleThatIsNoMonitorSeesLessAndIsToldSo() async throws {
            try await Stage.with(standbys: 1) { stage in
                try await stage.lab.primary.psql("REVOKE pg_monitor FROM pgdr")
                let report = try await stage.look { $0.codes("dr").contains("not_monitor") }
                #expect(report.codes("primary").contains("not_monitor"))
                #expect(report.codes("dr").contains("not_monitor"))
                #expect(report.node("primary")?.role == .primary)
            }
        }

        /// Neither may use the schema that holds the functions of the role pgdr: a monitor misses nothing in a healthy
        /// cluster, and anybody else is only told that it is none.
        @Test(arguments: [("IN ROLE pg_monitor", []), ("", ["not_monitor"])] as [(String, Set<String>)])
        func anotherRoleObservesToo(membership: String, codes: Set<String>) async throws {
            try await Stage.with(standbys: 1) { stage in
                try await stage.lab.primary.psql("CREATE ROLE other LOGIN PASSWORD 'other' \(membership)")
                var other = stage
                for node in [stage.lab.primary, try stage.lab.node("dr")] {
                    other = try other.replacing(
                        node.name,
                        connection: "host=\(node.address) port=\(node.port) dbname=postgres user=other password=other")
                }
                let report = try await other.look { report in
                    report.nodes.allSatisfy { $0.silence == nil } && report.node("dr")?.lag?.replay.bytes == 0
                }
                #expect(report.nodes.map(\.role) == [.primary, .standby], "\(report.findings)")
                #expect(Set(report.findings.map(\.code)) == codes, "\(report.findings)")
                #expect(report.node("dr")?.lag?.replay.bytes == 0)
            }
        }

        @Test func aStandbyInRecoveryWithoutHotStandbyIsNamed() async throws {
            try await Stage.with(standbys: 1) { stage in
                let dr = try stage.lab.node("dr")
                try await dr.setParameter("hot_standby", "off")
                try await dr.stop()
                // pg_ctl waits for a server that lets sessions in, which this one never does.
                try? await dr.start()
                let report = try await stage.look { $0.node("dr")?.silence?.reason == "no_hot_standby" }
                #expect(report.node("dr")?.silence?.reason == "no_hot_standby")
                #expect(report.node("dr")?.silence?.postmasterAlive == true)
            }
        }

        @Test(arguments: ["read-write", "read-only", "primary", "standby", "prefer-standby"])
        func whateverSessionTheStringWantsEachNodeIsAsked(attributes: String) async throws {
            try await Stage.with(standbys: 1) { stage in
                var asked = stage
                for node in stage.lab.nodes {
                    let string = node.connectionString(as: .monitoring) + " target_session_attrs=\(attributes)"
                    asked = try asked.replacing(node.name, connection: string)
                }
                let report = try await asked.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                #expect(report.findings == [])
            }
        }

        @Test func aRoleThatSeesLittleIsNotToldThatAllIsWell() async throws {
            try await Stage.with(standbys: 1) { stage in
                try await stage.lab.primary.psql("REVOKE pg_monitor FROM pgdr")
                _ = try await stage.look { $0.codes("dr").contains("not_monitor") }
                let hidden = try await stage.look()
                #expect(hidden.verdict.text.hasPrefix("DR NOT PROVEN READY"), "\(hidden.verdict.text)")
                let dr = try stage.lab.node("dr")
                try await dr.setParameter("primary_conninfo", "host=127.0.0.1 port=1 application_name=dr")
                let gone = try await stage.look { $0.codes("dr").contains("not_streaming") }
                #expect(gone.codes("dr").contains("not_streaming"))
                #expect(gone.verdict.severity == .critical)
            }
        }

        @Test func sessionsIgnoreTheServersDefaults() async throws {
            try await Stage.with(standbys: 1) { stage in
                try await stage.lab.primary.psql(
                    """
                    ALTER ROLE pgdr SET default_transaction_isolation = serializable;
                    ALTER ROLE pgdr SET datestyle = 'German';
                    ALTER ROLE pgdr SET search_path = nowhere;
                    ALTER ROLE pgdr SET statement_timeout = 1;
                    ALTER ROLE pgdr SET default_transaction_deferrable = on;
                    """)
                let report = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                #expect(report.findings == [])
            }
        }
    }

    @Suite(.timeLimit(.minutes(5)))
    struct ConnectionTests {
        private let settings = SessionSettings(access: .readWrite, statementTimeout: .seconds(20))

        @Test func rowsAndErrorsAreTyped() async throws {
            try await Stage.with(standbys: 0) { stage in
                let string = try ConnectionString(stage.lab.primary.connectionString(as: .superuser))
                let deadline = Deadline.after(.seconds(20))
                var connection = try await Connection.open(string, settings, until: deadline)
                let row = try await connection.query(
                    "SELECT $1::text AS t, $2::int8 + 1 AS i, NULL::text AS n, true AS b, 1.5::float8 AS d",
                    ["'; DROP TABLE x; --", "41"], until: deadline
                ).onlyRow()
                #expect(try row.text("t") == "'; DROP TABLE x; --")
                #expect(try row.integer("i") == 42)
                #expect(try row.text("n") == nil)
                #expect(try row.bool("b") == true)
                #expect(try row.double("d") == 1.5)
                #expect(throws: PostgresError.self) { try row.text("missing") }
                #expect(throws: PostgresError.self) { try row.integer("t") }

                do {
                    _ = try await connection.query("SELECT 1 / 0", until: deadline)
                    Issue.record("divided by zero")
                } catch {
                    guard case PostgresError.server(let server) = error else { throw error }
                    #expect(server.sqlstate == "22012")
                    #expect(server.severity == "ERROR")
                }
                // A refused statement leaves the connection usable, and one that is too long for one packet works.
                let long = String(repeating: "ä", count: 3_000_000)
                let echo = try await connection.query("SELECT $1 AS echo", [long], until: .after(.seconds(30)))
                    .onlyRow()
                #expect(try echo.text("echo") == long)
                let isUsable = connection.isUsable
                #expect(isUsable)
            }
        }

        @Test func aStatementGivenUpOnEndsOnTheServerToo() async throws {
            try await Stage.with(standbys: 0) { stage in
                let primary = stage.lab.primary
                let string = try ConnectionString(primary.connectionString(as: .superuser))
                let short = SessionSettings(access: .readWrite, statementTimeout: .milliseconds(1500))
                var connection = try await Connection.open(string, short, until: .after(.seconds(20)))
                let began = ContinuousClock.now
                do {
                    _ = try await connection.query("SELECT pg_sleep(600)", until: .after(.milliseconds(300)))
                    Issue.record("slept")
                } catch {
                    guard case PostgresError.silence(let silence) = error else { throw error }
                    #expect(silence.reason == .queryTimeout)
                }
                #expect(began.duration(to: .now) < .milliseconds(1300))
                let isUsable = connection.isUsable
                #expect(!isUsable)
                do {
                    _ = try await connection.query("SELECT 1", until: .after(.seconds(1)))
                    Issue.record("an abandoned connection answered")
                } catch PostgresError.silence(let silence) {
                    #expect(silence.reason == .queryTimeout)
                }
                let deadline = Deadline.after(.seconds(10))
                var sleepers = "1"
                while sleepers != "0", !deadline.hasPassed {
                    sleepers = try await primary.psql(
                        "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active'"
                    )
                }
                #expect(sleepers == "0")
            }
        }

        @Test func aSessionThatIsTerminatedSaysSo() async throws {
            try await Stage.with(standbys: 0) { stage in
                let primary = stage.lab.primary
                let string = try ConnectionString(primary.connectionString(as: .superuser))
                var connection = try await Connection.open(string, settings, until: .after(.seconds(20)))
                let pid = try await connection.query("SELECT pg_backend_pid() AS pid", until: .after(.seconds(20)))
                    .onlyRow().text("pid")
                async let killed: String = {
                    _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(200)))
                    return try await primary.psql("SELECT pg_terminate_backend(\(pid ?? "0"))")
                }()
                do {
                    _ = try await connection.query("SELECT pg_sleep(15)", until: .after(.seconds(20)))
                    Issue.record("slept")
                } catch {
                    guard case PostgresError.silence(let silence) = error else { throw error }
                    #expect(silence.reason == .terminated)
                }
                _ = try await killed
            }
        }

        @Test func cancellingTheTaskEndsTheWait() async throws {
            try await Stage.with(standbys: 0) { stage in
                let string = try ConnectionString(stage.lab.primary.connectionString(as: .superuser))
                let settings = settings
                let task = Task { () async -> Silence.Reason? in
                    do {
                        var connection = try await Connection.open(string, settings, until: .after(.seconds(20)))
                        _ = try await connection.query("SELECT pg_sleep(15)", until: .after(.seconds(20)))
                        return nil
                    } catch {
                        guard case PostgresError.silence(let silence) = error else { return nil }
                        return silence.reason
                    }
                }
                _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(500)))
                let began = ContinuousClock.now
                task.cancel()
                #expect(await task.value == .cancelled)
                #expect(began.duration(to: .now) < .seconds(1))
            }
        }

        @Test func theFirstOfSeveralHostsThatLetsUsInIsUsed() async throws {
            try await Stage.with(standbys: 1) { stage in
                let primary = stage.lab.primary
                let dr = try stage.lab.node("dr")
                let rest = "dbname=postgres user=pgdr passfile='\(stage.lab.passfile)'"
                try dr.freeze()
                defer { try? dr.thaw() }
                // A refused port, a hung server and a name without address do not keep us from the third.
                let string = try ConnectionString(
                    "host=127.0.0.1,no-such-host.invalid,\(dr.address),\(primary.address)"
                        + " port=1,1,\(dr.port),\(primary.port) \(rest)")
                let connection = try await Connection.open(string, settings, until: .after(.seconds(4)))
                let address = connection.serverAddress
                #expect(address == primary.address)
                try dr.thaw()
                let writable = try ConnectionString(
                    "host=\(dr.address),\(primary.address) port=\(dr.port) target_session_attrs=read-write \(rest)")
                let chosen = try await Connection.open(writable, settings, until: .after(.seconds(4)))
                let second = chosen.serverAddress
                #expect(second == primary.address)
            }
        }
    }
}
