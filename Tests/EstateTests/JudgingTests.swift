import Configuration
import Essentials
import Estate
import Replication
import Testing

@Suite struct JudgingTests {
    private static let address = ServerAddress(host: "h", port: 1)
    private static func url() -> ServiceURL {
        let yaml = """
            clusters: {c: {nodes: {n: {connection: host=h, kind: dr}}}}
            estate: {services: {s: {kind: https, url: "https://h"}}}
            """
        guard let file = try? ConfigurationFile.parse(yaml: yaml, path: "x"),
            case .http(let probe) = file.estate?.services.first?.probe
        else { fatalError("no URL") }
        return probe.url
    }

    private func judge(_ probe: EstateProbe, _ sight: Sight, at now: Double = 0) -> EstateFinding {
        EstateFinding(probe, Observation(.success(sight), latency: 0), at: now)
    }

    struct Web: Sendable {
        var status = [200]
        var days: Int?
        var answer: HTTPAnswer
        var finding: EstateFinding
    }

    private static let day = 86_400.0

    @Test(arguments: [
        Web(answer: HTTPAnswer(status: 200), finding: .pass("status 200")),
        Web(status: [200, 401], answer: HTTPAnswer(status: 401), finding: .pass("status 401")),
        Web(answer: HTTPAnswer(status: 503), finding: .fail("status 503, expected 200")),
        Web(status: [200, 302], answer: HTTPAnswer(status: 404), finding: .fail("status 404, expected 200 or 302")),
        Web(
            answer: HTTPAnswer(status: 200, certificateEnd: 3 * day - 1),
            finding: .pass("status 200, certificate valid for 2 more days")),
        Web(
            days: 14, answer: HTTPAnswer(status: 200, certificateEnd: 14 * day),
            finding: .pass("status 200, certificate valid for 14 more days")),
        Web(
            days: 14, answer: HTTPAnswer(status: 200, certificateEnd: 14 * day - 1),
            finding: .fail(
                "status 200, certificate valid for 13 more days, expected 14", hint: "Renew the certificate.",
                severity: .warning)),
        Web(
            days: 2, answer: HTTPAnswer(status: 200, certificateEnd: day),
            finding: .fail(
                "status 200, certificate valid for 1 more day, expected 2", hint: "Renew the certificate.",
                severity: .warning)),
        Web(days: 14, answer: HTTPAnswer(status: 500, certificateEnd: day), finding: .fail("status 500, expected 200")),
        Web(
            days: 14, answer: HTTPAnswer(status: 200),
            finding: .fail(
                "status 200, but when the certificate ends is not known", hint: "That takes curl 7.88 or later.",
                severity: .unknown)),
    ])
    func http(row: Web) {
        let probe = HTTPProbe(url: Self.url(), status: row.status, certificateDays: row.days)
        #expect(judge(.http(probe), .http(row.answer)) == row.finding)
    }

    struct Server: Sendable {
        var role: RecoveryState?
        var version: String?
        var answer: PostgresAnswer
        var finding: EstateFinding
    }

    private static let hint =
        "Lead its clients to the new primary: target_session_attrs=read-write, or the pooler's route."

    @Test(arguments: [
        Server(
            answer: PostgresAnswer(isStandby: true, isReadOnly: true, version: "15.1"),
            finding: .pass("arrives at a standby, version 15.1")),
        Server(
            role: .primary, version: ">= 15",
            answer: PostgresAnswer(isStandby: false, isReadOnly: false, version: "15.1"),
            finding: .pass("arrives at a primary, version 15.1")),
        Server(
            role: .primary, answer: PostgresAnswer(isStandby: true, isReadOnly: true, version: "15.1"),
            finding: .fail("arrives at a standby, expected a primary", hint: hint)),
        Server(
            role: .standby, answer: PostgresAnswer(isStandby: false, isReadOnly: false, version: "15.1"),
            finding: .fail("arrives at a primary, expected a standby")),
        Server(
            role: .primary, answer: PostgresAnswer(isStandby: false, isReadOnly: true, version: "15.1"),
            finding: .fail(
                "arrives at the primary, but its transactions are read only",
                hint: "Look at default_transaction_read_only of the server, the database and the role.")),
        Server(
            version: "16", answer: PostgresAnswer(isStandby: false, isReadOnly: false, version: "15.1"),
            finding: .fail("version 15.1, expected 16")),
        Server(
            version: "16", answer: PostgresAnswer(isStandby: false, isReadOnly: false, version: ""),
            finding: .fail("does not tell its version")),
    ])
    func postgres(row: Server) {
        let probe = PostgresProbe(
            connection: .of("host=h"), addresses: [Self.address], role: row.role,
            version: row.version.flatMap { VersionRequirement($0) })
        #expect(judge(.postgres(probe), .postgres(row.answer)) == row.finding)
    }

    @Test(
        arguments: [
            (nil, .master, .pass("master, version 7.0.15")), (.master, .master, .pass("master, version 7.0.15")),
            (.replica, .replica(of: "m:1", link: "connected"), .pass("replica of m:1, version 7.0.15")),
            (.replica, .replica(of: "m:1", link: "sync"), .fail("replica of m:1, but its link to it is \"sync\"")),
            (nil, .replica(of: "m:1", link: "connect"), .pass("replica of m:1, version 7.0.15")),
            (.master, .replica(of: "m:1", link: "connected"), .fail("is a replica of m:1, expected a master")),
            (.replica, .master, .fail("is a master, expected a replica")), (nil, nil, .pass("answers, version 7.0.15")),
            (.master, nil, .fail("does not tell its role", hint: "The user must be allowed the command ROLE.")),
        ] as [(RedisRole?, RedisAnswer.Role?, EstateFinding)])
    func redis(expected: RedisRole?, role: RedisAnswer.Role?, finding: EstateFinding) {
        let probe = RedisProbe(address: Self.address, role: expected, version: VersionRequirement(">= 7"))
        #expect(judge(.redis(probe), .redis(RedisAnswer(role: role, version: "7.0.15"))) == finding)
    }

    @Test(
        arguments: [
            (nil, SentinelAnswer(master: address), .pass("names h:1 as master, has its quorum")),
            (address, SentinelAnswer(master: address), .pass("names h:1 as master, has its quorum")),
            (nil, SentinelAnswer(master: nil), .fail("watches no master \"cache\"")),
            (
                ServerAddress(host: "x", port: 2), SentinelAnswer(master: address),
                .fail("names h:1 as master, expected x:2")
            ),
            (
                nil, SentinelAnswer(master: address, quorumTrouble: "NOQUORUM 1 usable"),
                .fail("names h:1 as master, but could not replace it: NOQUORUM 1 usable")
            ),
        ] as [(ServerAddress?, SentinelAnswer, EstateFinding)])
    func sentinel(names: ServerAddress?, answer: SentinelAnswer, finding: EstateFinding) {
        let probe = SentinelProbe(address: Self.address, master: "cache", names: names)
        #expect(judge(.sentinel(probe), .sentinel(answer)) == finding)
    }

    @Test func nats() {
        let probe = NATSProbe(address: Self.address, version: VersionRequirement(">= 2.9"))
        #expect(judge(.nats(probe), .nats(NATSAnswer(version: "2.9.10"))) == .pass("version 2.9.10"))
        #expect(
            judge(.nats(probe), .nats(NATSAnswer(version: "2.8.4"))) == .fail("version 2.8.4, expected >= 2.9"))
    }

    @Test func noAnswerIsAFailureOnOneLine() {
        let failure = Failure(.connection, "lost", detail: "a\nb\u{1B}[1m", hint: "Do\nthis.")
        let finding = EstateFinding(.tcp(Self.address), Observation(.failure(failure), latency: 1), at: 0)
        #expect(finding == .fail("lost: a; b\u{FFFD}[1m", hint: "Do; this."))
        let long = Failure(.connection, String(repeating: "x", count: 2000))
        #expect(EstateFinding(login: Observation(.failure(long), latency: 1)).reason.count == 501)
    }
}
