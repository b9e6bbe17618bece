import Testing

@testable import Postgres

struct SilenceTests {
    static let prefix = "connection to server at \"10.0.0.1\", port 5432 failed: "
    static let cases: [(String, Silence.Reason)] = [
        (
            prefix + "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n",
            .refused
        ),
        (
            "connection to server on socket \"/tmp/.s.PGSQL.5432\" failed: No such file or directory\n\tIs the server running"
                + " locally and accepting connections on that socket?\n", .refused
        ),
        (prefix + "No route to host\n", .unreachable),
        (
            prefix
                + "FATAL:  28P01: password authentication failed for user \"x\"\nLOCATION:  auth_failed, auth.c:335\n",
            .authenticationFailed
        ),
        (
            prefix + "FATAL:  28000: no pg_hba.conf entry for host \"10.0.0.9\", user \"x\", database \"y\"\n",
            .authenticationFailed
        ),
        (prefix + "FATALE:  28P01: autenticazione con password fallita per l'utente \"x\"\n", .authenticationFailed),
        (
            prefix + "FATAL:  53300: sorry, too many clients already\nLOCATION:  InitProcess, proc.c:1\n",
            .tooManyClients
        ),
        (prefix + "致命错误:  53300: 对不起, 已经有太多的客户\n", .tooManyClients),
        (prefix + "FATAL:  57P03: the database system is starting up\n", .startingUp),
        (
            prefix
                + "FATAL:  57P03: the database system is not yet accepting connections\nDETAIL:  Consistent recovery state"
                + " has not been yet reached.\n", .startingUp
        ),
        (prefix + "FATAL:  57P03: the database system is shutting down\n", .shuttingDown),
        (
            prefix + "FATAL:  57P03: the database system is not accepting connections\nDETAIL:  Hot standby mode is"
                + " disabled.\n", .noHotStandby
        ),
        (prefix + "FATAL:  3D000: database \"nope\" does not exist\n", .rejected),
        (
            prefix
                + "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n",
            .terminated
        ),
        (prefix + "fe_sendauth: no password supplied\n", .authenticationFailed),
        (prefix + "server does not support SSL, but SSL was required\n", .tlsFailed),
        (prefix + "SSL error: certificate verify failed\n", .tlsFailed),
        (prefix + "server certificate for \"db1\" does not match host name \"db2\"\n", .tlsFailed),
        (prefix + "received invalid response to SSL negotiation: H\n", .notPostgres),
        (prefix + "expected authentication request from server, but received H\n", .notPostgres),
        ("", .other),
    ]

    @Test(arguments: cases)
    func aFailedConnectionHasItsReason(message: String, reason: Silence.Reason) {
        let silence = Silence(connecting: message)
        #expect(silence.reason == reason)
        #expect(!silence.detail.isEmpty)
        #expect(!silence.detail.contains("LOCATION"))
        #expect(!silence.detail.contains("\n"))
    }

    @Test func libpqsLinesAreJoinedWithoutItsGuesses() {
        let socket = "connection to server on socket \"/tmp/.s.PGSQL.5432\" failed: No such file or directory"
        let message =
            "\(Self.prefix)Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n"
            + "\(socket)\n\tIs the server running locally and accepting connections on that socket?\n"
        #expect(Silence(connecting: message).detail == "\(Self.prefix)Connection refused; \(socket)")
        let refusal = "FATAL:  57P03: the database system is starting up\nDETAIL:  Wait.\nLOCATION:  x, y.c:1\n"
        #expect(
            Silence(connecting: Self.prefix + refusal).detail
                == "\(Self.prefix)FATAL: 57P03: the database system is starting up; DETAIL: Wait.")
    }

    @Test(arguments: Silence.Reason.allCases)
    func onlyARefusalProvesALivingPostmaster(reason: Silence.Reason) {
        let alive: Set<Silence.Reason> = [
            .authenticationFailed, .tooManyClients, .startingUp, .shuttingDown, .noHotStandby, .rejected,
        ]
        #expect(Silence(reason, "").isAnswer == alive.contains(reason))
    }
}
