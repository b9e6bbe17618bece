import Configuration
import Essentials
import Estate
import Lab
import Postgres
import SSH
import Testing

extension RealServers {
    /// What a pipeline's own server reaches, which may be other than what is reached from here.
    @Suite(.timeLimit(.minutes(5)))
    struct EstatePipelineTests {
        private func ssh(_ server: SSHServer, knownHosts: String? = nil) throws -> SSHAddress {
            let endpoint = try server.endpoint()
            return SSHAddress(
                host: "127.0.0.1", user: server.user, port: server.port, identityFile: server.identityFile,
                knownHosts: knownHosts ?? endpoint.knownHostsFiles.first)
        }

        private func service(_ name: String, _ probe: EstateProbe, _ kind: EstateServiceKind) -> EstateService {
            EstateService(name: name, kind: kind, probe: probe)
        }

        /// Services of which some are what they are declared to be, at a PostgreSQL server and an sshd.
        private func estate(_ stage: Stage, _ server: SSHServer, knownHosts: String? = nil) throws
            -> EstateConfiguration
        {
            let primary = stage.lab.primary
            let database = ServerAddress(host: primary.address, port: primary.port)
            let shell = ServerAddress(host: primary.address, port: primary.sshPort)
            let nobody = ServerAddress(host: primary.address, port: 1)
            let connection = try ConnectionString(primary.connectionString(as: .monitoring))
            let services = [
                service(
                    "database", .postgres(PostgresProbe(connection: connection, addresses: [database])), .postgres),
                service("shell", .tcp(shell), .tcp), service("nobody", .tcp(nobody), .tcp),
                service("no-redis", .redis(RedisProbe(address: shell)), .redis),
                service("no-nats", .nats(NATSProbe(address: shell)), .nats),
                service("mute", .nats(NATSProbe(address: database)), .nats),
                service(
                    "no-database", .postgres(PostgresProbe(connection: connection, addresses: [shell])), .postgres),
            ]
            return EstateConfiguration(
                servers: [EstateServer(name: "here", ssh: try ssh(server, knownHosts: knownHosts))], services: services,
                pipelines: [EstatePipeline(name: "p", from: "here", to: services.map(\.name))], timeout: .seconds(12))
        }

        private func lines(_ results: [EstateResult]) -> [String] {
            results.map { "\($0.outcome) \($0.name): \($0.finding.reason)" }
        }

        @Test func eachServiceAnswersInItsOwnWay() async throws {
            try await Stage.with(standbys: 0) { stage in
                try await SSHServer.with(beside: stage) { server, _ in
                    let start = ContinuousClock.now
                    let results = await checkEstate(try estate(stage, server), only: ["pipelines"], at: 0)
                    #expect(start.duration(to: .now) < .seconds(13))
                    let host = stage.lab.primary.address
                    let (port, sshPort) = (stage.lab.primary.port, stage.lab.primary.sshPort)
                    let expected = [
                        "pass p:database: here is answered by \(host):\(port)",
                        "pass p:shell: here connects to \(host):\(sshPort)",
                        "fail p:nobody: from here to \(host):1: could not connect: nobody listens there",
                        "fail p:no-redis: from here to \(host):\(sshPort): what answers there is no Redis server",
                        "fail p:no-nats: from here to \(host):\(sshPort): what answers there is no NATS server",
                        "fail p:mute: from here to \(host):\(port): takes the connection, but does not answer",
                        "fail p:no-database: from here to \(host):\(sshPort): what answers there is no PostgreSQL server",
                    ]
                    let found = lines(results)
                    #expect(found.count == expected.count)
                    for (line, start) in zip(found, expected) { #expect(line.hasPrefix(start), "\(line)") }
                }
            }
        }

        @Test func aServerThatForwardsNothingSaysSo() async throws {
            try await Stage.with(standbys: 0) { stage in
                try await SSHServer.with(beside: stage, ["AllowTcpForwarding no"]) { server, _ in
                    let results = await checkEstate(try estate(stage, server), only: ["servers", "pipelines"], at: 0)
                    #expect(results.first?.outcome == .pass, "\(lines(results))")
                    for result in results.dropFirst() {
                        #expect(
                            result.finding.reason.contains("the server's sshd does not connect for us"), "\(result)")
                        #expect(result.finding.hint?.contains("AllowTcpForwarding") == true)
                    }
                }
            }
        }

        /// Its pipelines fail with it, whatever reaches the service from here.
        @Test func aServerThatIsNotTrustedIsTheReason() async throws {
            try await Stage.with(standbys: 0) { stage in
                try await SSHServer.with(beside: stage) { server, _ in
                    let estate = try estate(stage, server, knownHosts: "/nonexistent/known_hosts")
                    let results = await checkEstate(estate, at: 0)
                    #expect(results.first { $0.name == "database" }?.outcome == .pass, "\(lines(results))")
                    let pipeline = try #require(results.first { $0.name == "p:database" })
                    #expect(pipeline.finding.reason.hasPrefix("server \"here\": "), "\(pipeline.finding)")
                    #expect(pipeline.finding.hint?.contains("pgdr ssh trust here") == true, "\(pipeline.finding)")
                }
            }
        }
    }
}
