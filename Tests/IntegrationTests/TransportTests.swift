import Essentials
import Lab
import Observation
import Postgres
import Replication
import Testing

extension RealServers {
    /// The ways to a server: TLS, IPv6, Unix sockets.
    @Suite(.timeLimit(.minutes(5)))
    struct TransportTests {
        @Test(arguments: installations)
        func tlsIsVerifiedAsFarAsAsked(postgresBin: String?) async throws {
            try await Stage.with(standbys: 0, postgresBin: postgresBin) { stage in
                let primary = stage.lab.primary
                try await primary.psql(
                    """
                    COPY (SELECT 1) TO PROGRAM 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
                    -days 2 -subj /CN=lab -addext subjectAltName=IP:\(primary.address) -keyout server.key -out server.crt \
                    && chmod 600 server.key';
                    ALTER SYSTEM SET ssl = on;
                    SELECT pg_reload_conf();
                    """)
                let rest =
                    "hostaddr=\(primary.address) port=\(primary.port) dbname=postgres user=pgdr"
                    + " passfile='\(stage.lab.passfile)' sslmode=verify-full"
                let certificate = "sslrootcert='\(primary.dataDirectory)/server.crt'"
                let deadline = Deadline.after(.seconds(20))
                let settings = SessionSettings(access: .readOnly, statementTimeout: .seconds(20))

                let trusted = try ConnectionString(
                    "host=\(primary.address) \(rest) \(certificate) channel_binding=require")
                var connection = try await eventually {
                    try await Connection.open(trusted, settings, until: deadline)
                }
                let row = try await connection.query(
                    "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", until: deadline
                ).onlyRow()
                #expect(try row.bool("ssl") == true)

                for (string, words) in [
                    ("host=another-name \(rest) \(certificate)", "does not match host name"),
                    ("host=\(primary.address) \(rest) sslrootcert=/nonexistent", "/nonexistent"),
                ] {
                    let report = try await stage.replacing("primary", connection: string).look()
                    let silence = try #require(report.node("primary")?.silence)
                    #expect(silence.reason == "tls_failed", "\(silence.detail)")
                    #expect(silence.detail.contains(words), "\(silence.detail)")
                }
            }
        }

        @Test func ipv6AndUnixSocketsAreWaysToo() async throws {
            try await Stage.with(standbys: 1) { stage in
                let primary = stage.lab.primary
                try await primary.setParameter("listen_addresses", "\(primary.address),::1")
                try await primary.stop()
                try await primary.start()
                try await primary.prependHBA("host all pgdr ::1/128 scram-sha-256")
                let sockets = try await primary.psql("SHOW unix_socket_directories")
                let rest = "port=\(primary.port) dbname=postgres user=pgdr passfile='\(stage.lab.passfile)'"
                var ways = ["host=::1 \(rest)", "host=/nonexistent,::1 \(rest)"]
                if !sockets.isEmpty { ways.append("host='\(sockets)' \(rest)") }
                ways.append("postgresql://pgdr@[::1]:\(primary.port)/postgres?passfile=\(stage.lab.passfile)")
                for way in ways {
                    let report = try await stage.replacing("primary", connection: way).look { $0.findings == [] }
                    #expect(report.findings == [], "\(way)")
                    #expect(report.node("dr")?.upstream == "primary", "\(way)")
                }
            }
        }
    }
}

/// Tries again for a while: a reload takes effect a moment after it was asked for.
private func eventually<Value: ~Copyable>(_ body: () async throws -> Value) async throws -> Value {
    let deadline = Deadline.after(.seconds(10))
    while true {
        do { return try await body() } catch  where !deadline.hasPassed {
            _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(50)))
        }
    }
}
