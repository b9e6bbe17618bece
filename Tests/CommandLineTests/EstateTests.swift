import Essentials
import Glibc
import Lab
import Postgres
import Testing

extension RealServers {
    @Suite(.serialized, .timeLimit(.minutes(5)))
    struct EstateTests {
        /// The keys of `pgdr estate check --format json` that scripts rely on; decoding fails when one is missing.
        struct Document: Decodable {
            var schema: Int
            var at: String
            var took_ms: Double
            var only: [String]
            var severity: String
            var total: Tally
            var categories: [Category]
            var checks: [Check]

            struct Tally: Decodable {
                var total: Int
                var passed: Int
                var failed: Int
                var skipped: Int
                @Nullable var rate: Double?
            }

            struct Category: Decodable {
                var name: String
                var total: Int
                var passed: Int
                var failed: Int
                var skipped: Int
                @Nullable var rate: Double?
            }

            struct Check: Decodable {
                var name: String
                var subject: String
                var kind: String
                var category: String
                @Nullable var server: String?
                @Nullable var target: String?
                @Nullable var address: String?
                var result: String
                var severity: String
                var reason: String
                @Nullable var hint: String?
                @Nullable var latency_ms: Double?
            }

            /// The names of what failed.
            var failed: [String] { checks.filter { $0.result == "fail" }.map(\.name) }

            func check(_ name: String) throws -> Check { try #require(checks.first { $0.name == name }, "\(name)") }
        }

        private func check(_ file: String, _ more: [String] = []) async throws -> (Document, Outcome) {
            let outcome = try await Tool.run(["estate", "check", "--format", "json"] + more, config: file)
            return (try decode(Document.self, outcome.output), outcome)
        }

        /// The lab with a pooler, and the example's configuration on real servers.
        private func withExample(
            _ body: @escaping @Sendable (Lab, LabBouncer, String) async throws -> Void
        ) async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory())) { lab in
                let bouncer = try await lab.startBouncer()
                try await EstateServers.with { servers in
                    let file = try write(servers.example(lab, bouncer), to: "\(servers.directory)/pgdr.yaml")
                    // The replica and the Sentinel need a moment after they listen.
                    let deadline = Deadline.after(.seconds(30))
                    while true {
                        let outcome = try await Tool.run(["estate", "check", "--only", "caches"], config: file)
                        if outcome.status == 0 { break }
                        try #require(!deadline.hasPassed, "\(outcome.output)\(outcome.errors)")
                        _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(200)))
                    }
                    try await body(lab, bouncer, file)
                }
            }
        }

        /// Every kind of service, of real servers, and pipelines over SSH: as the example declares it.
        @Test func theExampleOnRealServersPasses() async throws {
            try await withExample { _, _, file in
                let (document, outcome) = try await check(file)
                #expect(outcome.status == 0, "\(outcome.output)")
                #expect(document.schema == 1 && document.severity == "ok" && document.only.isEmpty)
                #expect(document.total.total == 29 && document.total.passed == 27 && document.total.skipped == 2)
                #expect(
                    document.categories.map { "\($0.name) \($0.passed)+\($0.skipped)" } == [
                        "servers 4+0", "databases 5+0", "caches 3+0", "messaging 1+0", "registries 1+1",
                        "kubernetes 1+0",
                        "applications 2+0", "telemetry 3+0", "pipelines 7+1",
                    ])
                #expect(try document.check("database").reason.hasPrefix("arrives at a primary at 127.0."))
                #expect(try document.check("redis").reason.hasPrefix("master, version "))
                #expect(try document.check("redis-replica").reason.hasPrefix("replica of 127.0.0.1:"))
                #expect(try document.check("sentinel").reason.hasSuffix(" as master, has its quorum"))
                #expect(try document.check("shop").reason == "status 200, certificate valid for 59 more days")
                #expect(try document.check("ingest:nats").reason.hasPrefix("compute is answered by 127.0.0.1:"))
                #expect(try document.check("archive").reason.hasPrefix("nas-2 connects to 127.0.0.1:"))
                let asked = document.checks.filter { $0.result != "skip" }
                #expect(asked.allSatisfy { ($0.latency_ms ?? 0) > 0 }, "\(outcome.output)")

                let monitor = try await Tool.run(["estate", "check", "--format", "nagios"], config: file)
                #expect(monitor.status == 0 && monitor.lines.count == 1, "\(monitor.output)")
                #expect(monitor.output.hasPrefix("PGDR OK - estate: 27 of 27 pass, 2 skipped | 'total'=29;;;0 "))
                for entry in try #require(monitor.output.split(separator: " | ").last).split(separator: " ") {
                    #expect(entry.wholeMatch(of: /'[\w:-]+'=[\d.]+s?;;;0\n?/) != nil, "\(entry)")
                }
                let table = try await Tool.run(
                    ["estate", "check", "--only", "caches", "--only", "telemetry"], config: file)
                #expect(table.status == 0 && table.lines.first == "6 of 6 pass", "\(table.output)")

                let log = try await Tool.run(["audit", "show", "--format", "json"], config: file)
                #expect(log.lines.count { $0.contains("\"event\":\"estate.checked\"") } >= 4, "\(log.output)")
                let verified = try await Tool.run(["audit", "verify"], config: file)
                #expect(verified.status == 0, "\(verified.output)")
                let everything = [outcome, monitor, table, log].map { $0.output + $0.errors }.joined()
                #expect(!everything.contains("hunter"))

                let config = try await Tool.run(["config", "check"], config: file)
                #expect(config.output.contains(": estate: 4 servers, 17 services, 5 pipelines\n"), "\(config.output)")
            }
        }

        /// After a failover: who follows the primary by itself still sees it, who doesn't is named.
        @Test func afterAFailoverWhoStillLooksAtTheOldPrimaryIsNamed() async throws {
            try await withExample { lab, bouncer, file in
                let before = try await Tool.run(["estate", "check"], config: file)
                #expect(before.status == 0, "\(before.output)")
                let dr = try lab.node("dr")
                try await lab.primary.stop()
                try await dr.promote()
                let report = "\(lab.directory)/report"
                let made = try await Tool.run(
                    ["estate", "report", "--format", "markdown", "--output", report], config: file)
                #expect(made.status == 2, "\(made.errors)")
                let text = try read(report)
                #expect(
                    text.contains("\n- newly failed: postgres-primary, postgres-dr, pooler, reports\n")
                        || text.contains("\n- newly failed: postgres-primary, postgres-dr, pooler\n"), "\(text)")
                #expect(text.contains("| ✓ PASS | database |"), "\(text)")
                #expect(text.contains("arrives at a primary at \(dr.address):\(dr.port), version"), "\(text)")
                #expect(text.contains("| ✓ PASS | ingest:database |"), "\(text)")
                #expect(text.contains("compute is answered by \(dr.address):\(dr.port)"), "\(text)")
                #expect(text.contains("[\"✓ dr: primary, in production, for dr\"]"), "\(text)")

                try bouncer.route(to: dr)
                let soon = Deadline.after(.seconds(10))
                var console = try await Connection.openConsole(
                    ConnectionString(bouncer.consoleConnectionString), until: soon)
                _ = try await console.command("RELOAD", until: soon)
                let (document, _) = try await check(file)
                #expect(document.failed == ["postgres-primary", "postgres-dr"], "\(document.checks)")
                #expect(try document.check("reports").result == "pass")
            }
        }

        /// A pooler that leads to a standby answers; what it answers is wrong, and so are the pipelines to it.
        @Test func aPoolerThatLeadsToAStandbyFailsItsPipelines() async throws {
            try await withExample { lab, bouncer, file in
                try bouncer.route(to: try lab.node("dr"))
                let soon = Deadline.after(.seconds(10))
                var console = try await Connection.openConsole(
                    ConnectionString(bouncer.consoleConnectionString), until: soon)
                _ = try await console.command("RELOAD", until: soon)
                let (document, outcome) = try await check(file, ["--only", "databases", "--only", "pipelines"])
                #expect(outcome.status == 2)
                #expect(document.failed == ["pooler", "reports"], "\(outcome.output)")
                #expect(try document.check("pooler").reason == "arrives at a standby, expected a primary")
                #expect(
                    try document.check("reports").reason.hasSuffix(
                        "but it is not as expected: arrives at a standby, expected a primary"))
            }
        }

        /// A service declared as `yaml`, whose check ends as `reason` begins or says.
        private struct Row {
            var yaml: String
            var severity = "critical"
            var reason: String
        }

        /// Every way in which a real server can be other than expected, and what is said then; all in one check.
        @Test func whatIsOtherThanExpectedIsSaid() async throws {
            try await EstateServers.with { servers in
                let (secret, ca) = (
                    "password_file: \(servers.directory)/redis.secret", "ca: \(servers.directory)/ca.pem"
                )
                func redis(_ more: String) -> String { "kind: redis, address: \"\(servers.address("redis"))\"\(more)" }
                func sentinel(_ more: String) -> String {
                    "kind: redis-sentinel, address: \"\(servers.address("sentinel"))\"\(more)"
                }
                func https(_ name: String, _ more: String) -> String {
                    "kind: https, url: \"https://\(servers.address(name))/health\"\(more)"
                }
                try write("wrong", to: "\(servers.directory)/wrong.secret")
                let silent = try SilentServer()
                let rows = [
                    Row(yaml: redis(""), reason: "refuses: NOAUTH"),
                    Row(
                        yaml: redis(", password_file: \(servers.directory)/wrong.secret"), reason: "refuses: WRONGPASS"),
                    Row(
                        yaml: redis(", password_file: /nonexistent"), reason: "could not read the file \"/nonexistent\""
                    ),
                    Row(yaml: redis(", password_env: NOT_SET"), reason: "the environment has no variable \"NOT_SET\""),
                    Row(yaml: redis(", \(secret), role: replica"), reason: "is a master, expected a replica"),
                    Row(yaml: redis(", \(secret), version: \">= 99\""), reason: "version 7."),
                    Row(yaml: sentinel(", master: other"), reason: "watches no master \"other\""),
                    Row(
                        yaml: sentinel(", master: cache, names: \"127.0.0.1:1\""),
                        reason: "names \(servers.address("redis")) as master, expected 127.0.0.1:1"),
                    Row(
                        yaml: sentinel(", master: lonely"),
                        reason: "names \(servers.address("redis")) as master, but could"),
                    Row(
                        yaml: "kind: nats, address: \"\(servers.address("nats"))\"",
                        reason: "refuses: 'Authorization Violation'"),
                    Row(
                        yaml: "kind: nats, address: \"\(servers.address("web"))\"", reason: "takes the connection, but"),
                    Row(
                        yaml: "kind: redis, address: \"\(servers.address("web"))\"",
                        reason: "what answers there is no Redis"),
                    Row(
                        yaml: "kind: redis, address: \"127.0.0.1:\(silent.port)\"", reason: "takes the connection, but"),
                    Row(
                        yaml: "kind: postgres, connection: host=127.0.0.1 port=\(silent.port) user=x",
                        reason: "connect timeout: "),
                    Row(
                        yaml: "kind: postgres, connection: host=127.0.0.1 port=1 user=x dbname=x sslmode=disable",
                        reason: "refused: "),
                    Row(
                        yaml: "kind: tcp, address: \"127.0.0.1:1\"",
                        reason: "could not connect to host \"127.0.0.1\", port 1"),
                    Row(yaml: "kind: tcp, address: \"nobody.invalid:1\"", reason: "could not find an address of host"),
                    Row(yaml: "kind: http, url: \"http://127.0.0.1:\(silent.port)\"", reason: "no answer in time"),
                    Row(yaml: "kind: http, url: \"http://127.0.0.1:1\"", reason: "Failed to connect"),
                    Row(
                        yaml: "kind: http, url: \"http://\(servers.address("web"))/x\"",
                        reason: "status 404, expected 200"),
                    Row(yaml: https("shop", ""), reason: "SSL certificate problem: "),
                    Row(yaml: https("expired", ", \(ca)"), reason: "SSL certificate problem: certificate has expired"),
                    Row(
                        yaml: https("shop", ", \(ca), certificate_days: 90"), severity: "warning",
                        reason: "status 200, certificate valid for 59 more days, expected 90"),
                    Row(yaml: https("broken", ", \(ca), certificate_days: 90"), reason: "status 500, expected 200"),
                    Row(
                        yaml: "kind: registry, url: \"http://\(servers.address("web"))\"",
                        reason: "status 404, expected 200 or 401"),
                    Row(
                        yaml: "kind: kubernetes, url: \"https://\(servers.address("broken"))\", \(ca)",
                        reason: "status 500, expected 200"),
                ]
                let file = try write(configuration(rows.map(\.yaml)), to: "\(servers.directory)/pgdr.yaml")
                let (document, outcome) = try await check(file, ["--timeout", "3s"])
                #expect(outcome.status == 2)
                // The slowest answer bounds it, not their sum.
                #expect(outcome.elapsed < .seconds(8), "\(outcome.elapsed)")
                #expect(document.checks.count == rows.count)
                for (row, check) in zip(rows, document.checks) {
                    #expect(check.result == "fail" && check.severity == row.severity, "\(row.yaml): \(check)")
                    #expect(check.reason.hasPrefix(row.reason), "\(row.yaml): \(check.reason)")
                }
                #expect(!(outcome.output + outcome.errors).contains("hunter"))

                let ends = rows.filter { $0.severity == "warning" }.map(\.yaml)
                try write(configuration(ends), to: file)
                let warned = try await Tool.run(["estate", "check"], config: file)
                #expect(warned.status == 1, "\(warned.output)")

                let bare = try await Tool.run(["estate", "check"], config: file, environment: ["PATH": "/nonexistent"])
                #expect(bare.status == 2)
                #expect(bare.output.contains("there is no curl to ask it with"), "\(bare.output)")
                #expect(bare.output.contains("s0: → Install it: apt-get install curl"), "\(bare.output)")
            }
        }

        /// A configuration with these services and a cluster that nobody asks.
        private func configuration(_ services: [String]) -> String {
            """
            clusters: {c: {nodes: {n: {connection: host=127.0.0.1 port=1, kind: primary}}}}
            estate:
              services:

            """ + services.enumerated().map { "    s\($0): {\($1)}\n" }.joined()
        }

        @Test func whatCannotBeChecked() async throws {
            try await withDirectory { directory in
                let text = configuration(["kind: tcp, address: \"127.0.0.1:1\""])
                let file = try write(text, to: "\(directory)/pgdr.yaml")
                let stranger = try await Tool.run(["estate", "check", "--only", "aplications"], config: file)
                #expect(stranger.status == 3 && stranger.output.isEmpty)
                #expect(
                    stranger.errors == """
                        pgdr: the estate has no category "aplications"
                        DETAIL: Categories: "applications".
                        HINT: Did you mean "applications"?

                        """)
                try write(text.split(separator: "\n")[0] + "\n", to: file)
                for words in [["check"], ["report"]] {
                    let none = try await Tool.run(["estate"] + words, config: file)
                    #expect(none.status == 3)
                    #expect(none.errors.hasPrefix("pgdr: \"\(file)\" has no estate\n"), "\(none.errors)")
                }
                let monitor = try await Tool.run(["estate", "check", "--format", "nagios"], config: file)
                #expect(monitor.status == 3 && monitor.output.hasPrefix("PGDR UNKNOWN - "))
            }
        }

        /// A monitor's account may not be the one that the log belongs to: the answer counts all the same.
        @Test func aLogThatCannotBeWrittenIsAWarning() async throws {
            try await withDirectory { directory in
                let text = "audit_directory: /proc/nowhere\n" + configuration(["kind: tcp, address: \"127.0.0.1:1\""])
                let file = try write(text, to: "\(directory)/pgdr.yaml")
                let outcome = try await Tool.run(["estate", "check"], config: file)
                #expect(outcome.status == 2 && outcome.output.contains("could not connect"))
                #expect(outcome.errors.hasPrefix("pgdr: warning: the result is not kept: "), "\(outcome.errors)")
            }
        }

        @Test func theExampleIsPrintedAsItIs() async throws {
            try await withDirectory { directory in
                let example = try await Tool.run(["estate", "example"])
                #expect(example.status == 0 && example.errors.isEmpty)
                let file = try write(example.output, to: "\(directory)/pgdr.yaml")
                let checked = try await Tool.run(["config", "check"], config: file)
                #expect(checked.status == 0, "\(checked.errors)")
                let document = try await Tool.run(["config", "check", "--format", "json"], config: file)
                #expect(document.output.contains("\"timeout_seconds\" : 10"), "\(document.output)")
                #expect(document.output.contains("\"address\" : \"https://10.0.0.10:6443/readyz\""))
                #expect(!document.output.contains("/etc/pgdr/redis"))
            }
        }
    }
}

/// Takes connections, by the kernel alone, and never says anything.
private final class SilentServer: Sendable {
    let port: Int
    private let number: Int32

    init() throws {
        (number, port) = try boundSocket()
        try #require(listen(number, 100) == 0)
    }

    deinit { _ = close(number) }
}
