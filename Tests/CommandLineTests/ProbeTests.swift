import Essentials
import FoundationEssentials
import Glibc
import Lab
import Testing

extension RealServers {
    /// What an application sees of a role change, over the path that it has.
    @Suite(.timeLimit(.minutes(8)))
    struct ProbeTests {
        /// A lab behind a PgBouncer, with a configuration that knows both ways.
        private struct Shop {
            let lab: Lab
            let bouncer: LabBouncer
            let config: String
            let reroute: String

            func pgdr(_ words: String...) async throws -> Outcome { try await Tool.run(words, config: config) }

            /// How many rows probes have left.
            func rows(on node: LabNode) async throws -> String {
                try await node.psql("SELECT count(*) FROM pgdr.heartbeat")
            }
        }

        private func with(_ body: (Shop) async throws -> Void) async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 1)) { lab in
                let bouncer = try await lab.startBouncer()
                // As PgBouncer is by itself: it refuses a client that sends options.
                let plain = try read(bouncer.configurationFile).replacing(", options", with: "")
                try write(plain, to: bouncer.configurationFile, mode: 0o644)
                let reload = try await Tool.bash(
                    "exec psql -X -w -q -d \"$1\" -c RELOAD", [bouncer.consoleConnectionString])
                #expect(reload.status == 0, "\(reload.errors)")
                let config = "\(lab.directory)/probed.yaml"
                let hosts = lab.nodes.map(\.address).joined(separator: ",")
                let direct =
                    "host=\(hosts) port=\(lab.primary.port) dbname=postgres user=pgdr passfile='\(lab.passfile)'"
                    + " target_session_attrs=read-write"
                let app = bouncer.connectionString(as: .monitoring)
                try lab.writeConfiguration(
                    to: config, auditDirectory: "\(lab.directory)/audit",
                    cluster: [
                        "clients: {app: \"\(app)\", direct: \"\(direct)\", nobody: \"host=127.0.0.1 port=1 user=u\"}"
                    ])
                let reroute = try write(
                    """
                    #!/bin/sh
                    exec sed -i "s/^[*] = .*/* = host=$1 port=$2/" '\(bouncer.configurationFile)'
                    """, to: "\(lab.directory)/reroute it.sh", mode: 0o755)
                try await body(Shop(lab: lab, bouncer: bouncer, config: config, reroute: reroute))
            }
        }

        @Test func aPathIsMeasuredAsApplicationsHaveIt() async throws {
            try await with { shop in
                let primary = shop.lab.primary
                let checked = try await shop.pgdr("config", "check")
                #expect(checked.output.contains("clients \"app\": ") && checked.status == 0, "\(checked)")
                // Nobody is there, and it takes its time to say so.
                async let nobody = shop.pgdr("drill", "probe", "--path", "nobody", "--for", "1s")

                try await primary.psql("INSERT INTO pgdr.heartbeat VALUES ('old', 1, now() - interval '25 h')")
                try await primary.psql("INSERT INTO pgdr.heartbeat VALUES ('new', 1, now() - interval '23 h')")
                for path in ["app", "direct"] {
                    let probed = try await shop.pgdr(
                        "drill", "probe", "--path", path, "--interval", "20ms", "--for", "1s", "--format", "json",
                        "--rto", "20s", "--rpo", "0")
                    #expect(probed.status == 0, "\(probed.output)\(probed.errors)")
                    let report = try decode(ProbeReport.self, probed.output)
                    #expect(report.verdict == "within" && report.probe.path == path)
                    #expect(report.probe.acknowledged > 5 && report.probe.lost == 0, "\(probed.output)")
                    #expect(report.probe.not_read_back == 0 && report.probe.errors.isEmpty, "\(probed.output)")
                    #expect(report.probe.servers.map(\.node) == ["primary"], "\(probed.output)")
                    #expect(report.probe.servers.first?.address == primary.address)
                }
                // It leaves nothing, and takes away what a day-old one has left.
                #expect(try await primary.psql("SELECT string_agg(run, ',') FROM pgdr.heartbeat") == "new")

                let beyond = try await shop.pgdr("drill", "probe", "--for", "500ms", "--rto", "1ms")
                #expect(beyond.status == 2 && beyond.output.contains("Beyond the limits: RTO 1 ms."), "\(beyond)")
                let outcome = try await nobody
                #expect(outcome.status == 3, "\(outcome)")
                #expect(outcome.errors.hasPrefix("pgdr: no write goes through path \"nobody\"\nDETAIL: "), "\(outcome)")
                #expect(outcome.errors.contains("Connection refused"), "\(outcome)")

                // What Ctrl-C ends is a result, too.
                let ended = try await Tool.bash(
                    "\"$0\" drill probe --interval 20ms & sleep 2; kill -INT $!; wait $!", config: shop.config)
                #expect(ended.status == 0 && ended.output.contains("acknowledged and gone     0"), "\(ended)")
                #expect(try await shop.rows(on: primary) == "1")
            }
        }

        /// It goes through the pooler without an error; where nobody leads the pooler on, it isn't proven.
        @Test func aSwitchoverIsProvenByAWriteThroughThePooler() async throws {
            try await with { shop in
                let dr = try shop.lab.node("dr")
                let done = try await shop.pgdr(
                    "run", "switchover", "dr", "--probe", "--yes", "--format", "json", "--set",
                    "pgbouncer=\(shop.bouncer.consoleConnectionString)", "--set", "reroute=\(shop.reroute)")
                #expect(done.status == 0, "\(done.output)\(done.errors)")
                let run = try decode(ProbedRunDocument.self, done.output)
                #expect(run.outcome == "done" && run.failure == nil)
                let probe = try #require(run.probe)
                #expect(probe.path == "app" && probe.proven == true && probe.lost == 0, "\(done.output)")
                #expect(probe.unacknowledged == 0 && probe.errors.isEmpty, "\(done.output)")
                #expect(probe.servers.map(\.node) == ["primary", "dr"], "\(done.output)")
                #expect(probe.servers.map(\.timeline) == [1, 2], "\(done.output)")
                #expect((0.0...10).contains(probe.rto_seconds ?? -1) && probe.rto_at_least == false)
                #expect(try await shop.rows(on: dr) == "0")
                let log = try await shop.pgdr("audit", "show", "--run", run.run, "--format", "json")
                let events = log.lines.filter { $0.contains("\"probe.measured\"") }
                #expect(events.count == 1 && events[0].contains(#""last_server":"dr ("#), "\(log.output)")
                #expect(!log.output.contains("passfile='") || !events[0].contains("passfile"), "\(events)")
                #expect(try await shop.pgdr("audit", "verify").status == 0)

                let back = try await shop.pgdr("run", "switchover", "primary", "--probe", "--yes")
                #expect(back.status == 3, "\(back.output)\(back.errors)")
                #expect(back.output.hasPrefix("Done: "), "\(back.output)")
                #expect(
                    back.output.contains(
                        "ERROR: the role change is not proven: no write went through path \"app\" after it"),
                    "\(back.output)")
                #expect(back.output.contains("DETAIL: The last attempt: "), "\(back.output)")
                #expect(back.output.contains("Now: primary is the primary."), "\(back.output)")
            }
        }

        /// Who wanted a judge gets no run without one.
        @Test func nothingIsDoneWithoutATable() async throws {
            try await with { shop in
                try await shop.lab.primary.psql("REVOKE INSERT ON pgdr.heartbeat FROM pgdr")
                let hint = "HINT: Run sql/schema.sql on the primary, as a superuser,"
                for statement in ["SELECT 1", "DROP TABLE pgdr.heartbeat", "DROP SCHEMA pgdr CASCADE"] {
                    try await shop.lab.primary.psql(statement)
                    let run = try await shop.pgdr("run", "switchover", "dr", "--probe", "--yes")
                    #expect(run.status == 1, "\(run)")
                    #expect(run.errors.hasPrefix("pgdr: the probe can't use table pgdr.heartbeat\n"), "\(run)")
                    #expect(run.errors.contains(hint), "\(run)")
                    let probe = try await shop.pgdr("drill", "probe", "--for", "1s")
                    #expect(probe.status == 3 && probe.errors.contains(hint), "\(probe)")
                }
                #expect(try await shop.lab.primary.psql("SELECT pg_is_in_recovery()") == "f")
                let log = try await shop.pgdr("runs")
                #expect(log.output == "No runs.\n", "\(log)")
            }
        }
    }
}

extension RealServers.Outages {
    /// What a failover costs an application, as a probe counts it.
    @Suite struct ProbedFailoverTests {
        /// A probe over the nodes' own connections goes on while another pgdr replaces the primary: it counts those of its
        /// commits that the new primary never got.
        @Test func aProbeCountsWhatAFailoverLost() async throws {
            try await Outage.with { outage in
                let (first, second) = (try outage.observer(1), try outage.observer(2))
                let (primary, dr) = (outage.lab.primary, try outage.node("dr"))
                async let probed = second.run(
                    "drill", "probe", "--interval", "20ms", "--for", "40s", "--format", "json")
                await outage.awaitThat("the probe commits", within: .seconds(20)) {
                    try await Int(dr.psql("SELECT count(*) FROM pgdr.heartbeat")) ?? 0 > 20
                }
                try await outage.network.cut("primary", from: "dr", "replica")
                let before = try await Int(primary.psql("SELECT count(*) FROM pgdr.heartbeat")) ?? 0
                await outage.awaitThat("the probe commits more") {
                    try await Int(primary.psql("SELECT count(*) FROM pgdr.heartbeat")) ?? 0 > before + 20
                }
                try await primary.kill()
                try await outage.network.heal()
                let done = try await first.run("failover", "--probe", "--yes", "--format", "json")
                #expect(done.status == 0, "\(done.output)\(done.errors)")
                let run = try #require(try decode(ProbedRunDocument.self, done.output).probe)
                // It began after the loss, and can't tell what was before.
                #expect(run.proven == true && run.lost == nil && run.rto_at_least == true, "\(done.output)")
                #expect(run.servers.map(\.node) == ["dr"], "\(done.output)")
                let had = try await outage.leftNumbers(of: "primary", "SELECT number FROM pgdr.heartbeat")
                let has = try await Set(dr.psql("SELECT number FROM pgdr.heartbeat").split(separator: "\n"))
                let gone = had.subtracting(has.compactMap { Int($0) })

                let outcome = try await probed
                let report = try decode(ProbeReport.self, outcome.output)
                #expect(outcome.status == 0, "\(outcome)")
                #expect(report.probe.servers.map(\.node) == ["primary", "dr"], "\(outcome.output)")
                let lost = try #require(report.probe.lost)
                // The one that was under way when the primary died is none of them, whatever became of it.
                #expect(lost > 15 && [lost, lost + 1].contains(gone.count), "\(gone.count) \(outcome.output)")
                #expect(report.probe.rto_seconds ?? 0 > 0.1 && report.probe.rto_at_least == false)
            }
        }

        /// The primary is cut off from all but the pooler, so that clients go on committing what is lost with it.
        @Test func clientsThatTheOldPrimaryServesAreCountedAndLedOn() async throws {
            try await Outage.with { outage in
                let bouncer = try await outage.lab.startBouncer()
                let route = try write(
                    """
                    #!/bin/sh
                    to=$(sed -n 's/.*"primary":{\\([^}]*\\)}.*/\\1/p')
                    host=$(echo "$to" | sed -n 's/.*"host":"\\([^"]*\\)".*/\\1/p')
                    port=$(echo "$to" | sed -n 's/.*"port":\\([0-9]*\\).*/\\1/p')
                    sed -i "s/^[*] = .*/* = host=$host port=$port/" '\(bouncer.configurationFile)'
                    exec psql -X -w -q -d "\(bouncer.consoleConnectionString)" -c RELOAD
                    """, to: "\(outage.lab.directory)/route.sh", mode: 0o755)
                let app = bouncer.connectionString(as: .monitoring)
                let observer = try outage.observer(
                    failover: ["fence_command": outage.fenceCommand, "routes": "[[\(route)]]"],
                    cluster: ["clients: {app: \"\(app)\"}"])
                try await outage.network.cut("primary", from: "dr", "replica", "witness", "observer1")
                // What their servers still hold for streaming ends with a timeout.
                let done = try await observer.run(
                    "failover", "--primary", "primary", "--accept-data-loss", "1GB", "--probe", "--yes", "--format",
                    "json")
                #expect(done.status == 0, "\(done.output)\(done.errors)")
                let probe = try #require(try decode(ProbedRunDocument.self, done.output).probe)
                #expect(probe.path == "app" && probe.proven == true, "\(done.output)")
                #expect(probe.servers.map(\.node) == ["primary", "dr"], "\(done.output)")
                #expect(probe.lost ?? 0 > 0 && probe.rto_at_least == false, "\(done.output)")
            }
        }
    }
}

/// The keys of a probe's result that scripts rely on; decoding fails when one is missing.
private struct ProbeDocument: Decodable {
    var path: String
    var interval_seconds: Double
    var began_at: String
    var duration_seconds: Double
    var acknowledged: Int
    var unacknowledged: Int
    var not_read_back: Int
    @Nullable var rto_seconds: Double?
    @Nullable var rto_at_least: Bool?
    var gaps: [Gap]
    @Nullable var lost: Int?
    var servers: [Server]
    var errors: [ErrorCount]
    @Nullable var proven: Bool?

    struct Gap: Decodable {
        var began_at: String
        var seconds: Double
    }

    struct Server: Decodable {
        @Nullable var node: String?
        @Nullable var address: String?
        @Nullable var port: Int?
        @Nullable var timeline: Int?
        var commits: Int
        var first_at: String
        var last_at: String
    }

    struct ErrorCount: Decodable {
        var text: String
        var count: Int
    }
}

private struct ProbeReport: Decodable {
    var schema: Int
    var cluster: String
    var probe: ProbeDocument
    var verdict: String
    @Nullable var rto_limit_seconds: Double?
    @Nullable var rpo_limit: Int?
}

private struct ProbedRunDocument: Decodable {
    var run: String
    var outcome: String
    @Nullable var failure: ErrorDocument?
    @Nullable var probe: ProbeDocument?
}
