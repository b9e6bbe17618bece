import Configuration
import Postgres
import Replication
import Testing

@testable import Failover

@Suite struct ControlReadingTests {
    private static let now = Moment(rawValue: 5_000)

    private func shop() throws -> ClusterConfiguration {
        ClusterConfiguration(
            name: "shop",
            nodes: try ["a", "b", "c"].map {
                NodeConfiguration(name: $0, connection: try ConnectionString("host=\($0)"), kind: .replica)
            })
    }

    private func document(
        _ lsn: String?, timeline: UInt32? = 1, at: Double = 1_000, primary: Bool = false, system: String = "7",
        until: Double? = nil, failovers: [(String, UInt32)] = []
    ) throws -> ControlDocument {
        ControlDocument(
            at: Moment(rawValue: at), inRecovery: !primary,
            systemIdentifier: try #require(SystemIdentifier(rawValue: system)),
            timeline: timeline.map { Timeline(rawValue: $0) }, lsn: try lsn.map { try LSN(parsing: $0) },
            pause: until.map { .init(until: Moment(rawValue: $0), reason: "why", actor: "ann") },
            failovers: failovers.map { run, timeline in
                .init(
                    at: Moment(rawValue: 100), primary: "b", timeline: Timeline(rawValue: timeline), run: run,
                    triggerID: nil, automatic: true)
            })
    }

    @Test func theMostAdvancedNodeTellsThePause() throws {
        let reading = ControlReading(
            of: try shop(),
            [
                "a": .silent("refused"), "b": .told(try document("0/200", at: 1_000, until: 2_000)),
                "c": .told(try document("0/100", at: 1_001)),
            ], observedAt: Self.now)
        #expect(reading.source == .node("b"))
        #expect(reading.state.isKnown && reading.state.at == Moment(rawValue: 1_000))
        #expect(reading.state.pausedUntil == Moment(rawValue: 2_000) && reading.state.pauseReason == "why")
        #expect(reading.pauseInForce == .init(until: Moment(rawValue: 2_000), reason: "why", actor: "ann"))
        #expect(reading.primaries == [])
        #expect(reading.reasons == ["a": "refused"])
    }

    @Test func aPauseThatIsOverIsNotInForce() throws {
        for (until, isInForce) in [(999.0, false), (1_000, false), (1_001, true)] {
            let reading = ControlReading(
                of: try shop(), ["a": .told(try document("0/1", at: 1_000, until: until))], observedAt: Self.now)
            #expect((reading.pauseInForce != nil) == isInForce, "\(until)")
        }
    }

    /// One that was replaced may have written on; one that gives no position knows least; a primary tells of what a
    /// standby is about to replay.
    @Test(
        arguments: [
            ((1, "0/900", true), (2, "0/100", false), "b"), ((1, "0/100", false), (1, nil, false), "a"),
            ((nil, "0/900", false), (1, "0/100", false), "b"), ((1, "0/100", false), (1, "0/100", true), "b"),
            ((1, "0/100", true), (1, "0/100", false), "a"), ((2, "0/100", false), (2, "0/101", true), "b"),
        ] as [((UInt32?, String?, Bool), (UInt32?, String?, Bool), String)])
    func whoKnowsMost(
        _ a: (UInt32?, String?, Bool), _ b: (UInt32?, String?, Bool), _ best: String
    ) throws {
        let answers: [String: ControlAnswer] = [
            "a": .told(try document(a.1, timeline: a.0, primary: a.2)),
            "b": .told(try document(b.1, timeline: b.0, primary: b.2)),
        ]
        let reading = ControlReading(of: try shop(), answers, observedAt: Self.now)
        #expect(reading.source == .node(best))
        #expect(reading.primaries == (a.2 ? ["a"] : []) + (b.2 ? ["b"] : []))
    }

    @Test func failoversAreTakenFromAllNodes() throws {
        let reading = ControlReading(
            of: try shop(),
            [
                "a": .told(try document("0/300", timeline: 3, failovers: [("r2", 2), ("r1", 1)])),
                "b": .told(try document("0/900", timeline: 2, failovers: [("lost", 1), ("r1", 1)])),
            ], observedAt: Self.now)
        #expect(reading.source == .node("a"))
        #expect(reading.state.failovers.map(\.run) == ["lost", "r1", "r2"])
        let many = try document("0/300", failovers: (1...150).map { ("r\($0)", UInt32($0)) })
        let latest = ControlReading(of: try shop(), ["a": .told(many)], observedAt: Self.now).state.failovers
        #expect(latest.count == 100 && latest.last?.run == "r150" && latest.first?.run == "r51")
    }

    @Test func nobodyTells() throws {
        func source(_ answers: [String: ControlAnswer]) throws -> ControlReading.Source {
            let reading = ControlReading(of: try shop(), answers, observedAt: Self.now)
            #expect(!reading.state.isKnown && reading.state.at == Self.now && reading.pauseInForce == nil)
            return reading.source
        }
        #expect(try source(["a": .silent("x"), "b": .silent("x"), "c": .silent("x")]) == .nobody)
        #expect(try source(["a": .silent("x"), "b": .noSchema(isPrimary: false)]) == .noSchema)
        #expect(
            try source(["a": .told(try document("0/1")), "b": .told(try document("0/1", system: "8"))])
                == .severalClusters)
    }

    @Test func aNodeOfAnotherClusterIsLeftOut() throws {
        let stranger = try document(
            "9/0", timeline: 9, primary: true, system: "8", until: 9_000, failovers: [("theirs", 8)])
        let reading = ControlReading(
            of: try shop(),
            ["a": .told(try document("0/1")), "b": .told(try document("0/2")), "c": .told(stranger)],
            observedAt: Self.now)
        #expect(reading.source == .node("b"))
        #expect(reading.state == ControlState(isKnown: true, at: Moment(rawValue: 1_000)))
        #expect(reading.reasons == ["c": "it belongs to another cluster"] && reading.primaries == [])
    }

    @Test func anAnswerWithoutTheTablesIsNoReasonToDoubtOthers() throws {
        let reading = ControlReading(
            of: try shop(), ["a": .noSchema(isPrimary: true), "b": .told(try document("0/2"))], observedAt: Self.now)
        #expect(reading.source == .node("b"))
        #expect(reading.primaries == ["a"])
    }
}
