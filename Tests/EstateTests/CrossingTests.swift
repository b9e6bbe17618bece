import Configuration
import Essentials
import Estate
import SSH
import Testing

@Suite struct CrossingTests {
    private static let target = EstateService(name: "db", kind: .postgres, probe: .postgres(Estates.database))
    private static let login = Observation(.success(.connected), latency: 0)
    private static let trouble = CrossingSight(trouble: Failure(.connection, "no way"), latency: 1)
    private static let good = CrossingSight(latency: 0.5)

    private static func ways(_ first: CrossingSight, _ second: CrossingSight) -> [Crossing: CrossingSight] {
        [
            Crossing(ServerAddress(host: "db1"), .postgres): first,
            Crossing(ServerAddress(host: "db2"), .postgres): second,
        ]
    }

    private static func arrival(_ host: String, isStandby: Bool = false) -> Observation {
        Observation(
            .success(
                .postgres(
                    PostgresAnswer(
                        isStandby: isStandby, isReadOnly: isStandby, version: "15",
                        arrivedAt: ServerAddress(host: host)))), latency: 0)
    }

    private static let silence = Observation(.failure(Failure(.timeout, "silent")), latency: 0)

    @Test(
        arguments: [
            (good, trouble, arrival("db1"), .pass("one is answered by db1:5432")),
            (good, trouble, arrival("db2"), .fail("from one to db2:5432: no way")),
            (trouble, good, arrival("db2"), .pass("one is answered by db2:5432")),
            // What this machine can't reach that server may.
            (good, trouble, silence, .pass("one is answered by db1:5432")),
            (trouble, good, nil, .pass("one is answered by db2:5432")),
            (trouble, trouble, nil, .fail("from one to db1:5432: no way")),
            (
                good, good, arrival("db1", isStandby: true),
                .fail(
                    "one reaches db1:5432, but it is not as expected: arrives at a standby at db1:5432, expected a primary",
                    hint: "Lead its clients to the new primary: target_session_attrs=read-write, or the pooler's route."
                )
            ),
            (good, good, arrival("elsewhere"), .pass("one is answered by db1:5432")),
        ] as [(CrossingSight, CrossingSight, Observation?, EstateFinding)])
    func theWayThatCounts(
        first: CrossingSight, second: CrossingSight, service: Observation?, finding: EstateFinding
    ) {
        let (found, latency) = EstateFinding.crossing(
            from: "one", to: Self.target, login: Self.login, ways: Self.ways(first, second), service: service, at: 0)
        #expect(found == finding)
        #expect((latency == nil) == finding.reason.hasPrefix("from"))
    }

    @Test func noLoginNoWay() {
        let failure = Failure(.hostKey, "unknown key", hint: "pgdr ssh trust one")
        let (finding, _) = EstateFinding.crossing(
            from: "one", to: Self.target, login: Observation(.failure(failure), latency: 0), ways: [:], service: nil,
            at: 0)
        #expect(finding == .fail("server \"one\": unknown key", hint: "pgdr ssh trust one"))
    }

    @Test(
        arguments: [
            (.postgres, .answered([UInt8(ascii: "S")]), nil), (.postgres, .answered([UInt8(ascii: "N")]), nil),
            (.postgres, .answered(Array("SSH-2.0-OpenSSH\r\n".utf8)), "what answers there is no PostgreSQL server"),
            (.postgres, .silent, "takes the connection, but does not answer"),
            (.redis, .answered(Array("+PONG\r\n".utf8)), nil),
            (.redis, .answered(Array("-NOAUTH Authentication required.\r\n".utf8)), nil),
            (.redis, .answered(Array("-DENIED protected mode\r\n".utf8)), "refuses: DENIED protected mode"),
            (.redis, .answered(Array("HTTP/1.1 400\r\n".utf8)), "what answers there is no Redis server"),
            (.nats, .answered(Array("INFO {}\r\n".utf8)), nil),
            (.nats, .answered(Array("-ERR\r\n".utf8)), "what answers there is no NATS server"),
            (.connection, .silent, nil),
            (.connection, .failed("x"), "could not connect: nobody listens there, or there is no way"),
            (.connection, .forbidden("x"), "the server's sshd does not connect for us"),
        ] as [(Crossing.Manner, Reach, String?)])
    func whatSpeaksAgainstAWay(manner: Crossing.Manner, reach: Reach, trouble: String?) {
        #expect(manner.trouble(reach)?.message == trouble)
    }
}
