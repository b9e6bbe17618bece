import Configuration
import Failover
import Postgres
import Replication
import Testing

/// What a round of answers says of the standbys of a lost primary.
@Suite struct StandbyEvidenceTests {
    private static func cluster() throws -> ClusterConfiguration {
        ClusterConfiguration(
            name: "main",
            nodes: try ["primary", "dr", "replica", "third"].map { name in
                NodeConfiguration(
                    name: name, connection: try ConnectionString("host=\(name)"), kind: .replica,
                    site: name == "dr" ? "b" : "a")
            })
    }

    private static func standby(
        _ name: String, timeline: UInt32 = 1, replayed: String, system: String = "7300000000000000001",
        histories: [TimelineHistory] = [], _ change: (inout NodeSnapshot) -> Void = { _ in }
    ) throws -> ObservedNode {
        var own = NodeSnapshot(inRecovery: true, now: Moment(rawValue: 0))
        own.systemIdentifier = SystemIdentifier(rawValue: system)
        own.walTimeline = Timeline(rawValue: timeline)
        own.receiveLSN = try LSN(parsing: replayed)
        own.replayLSN = own.receiveLSN
        own.canReadHistory = true
        change(&own)
        let timing = Timing(asked: Moment(rawValue: 0), answered: Moment(rawValue: 0))
        return ObservedNode(name: name, kind: .replica, answer: .answered(own, timing), histories: histories)
    }

    private static let lost = ObservedNode(
        name: "primary", kind: .primary,
        answer: .silent(NodeSilence(reason: "refused", detail: "…", postmasterAlive: false)))

    private static func evidence(
        _ nodes: ObservedNode..., last: LastKnown? = nil, clock: LSNClock = LSNClock()
    ) throws -> [StandbyEvidence] {
        let snapshot = ClusterSnapshot(name: "main", at: Moment(rawValue: 0), nodes: [lost] + nodes)
        return try cluster().standbyEvidence(snapshot, besides: "primary", last: last, clock: clock)
    }

    @Test func whatAStandbySays() throws {
        var clock = LSNClock()
        for (second, position) in [(0.0, "0/4000000"), (10, "0/5000000")] {
            clock.record(try LSN(parsing: position), on: Timeline(rawValue: 1), at: Moment(rawValue: second))
        }
        let last = LastKnown(
            lsn: try LSN(parsing: "0/5000000"), timeline: Timeline(rawValue: 1), at: Moment(rawValue: 10),
            systemIdentifier: Scene.system)
        let found = try Self.evidence(
            Self.standby("dr", replayed: "0/4800000"),
            ObservedNode(
                name: "replica", kind: .replica,
                answer: .silent(NodeSilence(reason: "refused", detail: "nobody", postmasterAlive: false))), last: last,
            clock: clock)
        #expect(found.map(\.name) == ["dr", "replica"])
        #expect(found[0].site == "b")
        #expect(found[0].timeline == Timeline(rawValue: 1))
        #expect(try found[0].endOfWAL == LSN(parsing: "0/4800000"))
        #expect(found[0].secondsBehind == 5)
        #expect(found[0].obstacles.isEmpty && found[0].silence == nil && found[0].inRecovery == true)
        #expect(found[1].silence == "refused: nobody" && found[1].inRecovery == nil)
    }

    @Test func obstacles() throws {
        let found = try Self.evidence(
            Self.standby("dr", replayed: "0/5000000") { $0.settings["recovery_min_apply_delay"] = "60000" },
            Self.standby("replica", replayed: "0/5000000") { $0.replayPauseState = "paused" },
            Self.standby("third", replayed: "0/5000000") {
                $0.replayPauseState = "paused"
                $0.recoveryTarget = [RecoveryTargetSetting(name: "recovery_target_time", setting: "…", file: nil)]
            })
        #expect(
            found.map(\.obstacles) == [[.delayed(seconds: 60)], [.paused], [.target("recovery_target_time")]])
    }

    @Test func anotherClusterAndAnotherLine() throws {
        let history = TimelineHistory(
            timeline: Timeline(rawValue: 3),
            ancestors: [.init(timeline: Timeline(rawValue: 1), switchPoint: try LSN(parsing: "0/4000000"))])
        let found = try Self.evidence(
            Self.standby("dr", replayed: "0/5000000"),
            Self.standby("replica", replayed: "0/5000000", system: "7300000000000000002"),
            // It was promoted by accident, and made a standby again.
            Self.standby("third", timeline: 3, replayed: "0/9000000", histories: [history]),
            last: LastKnown(
                lsn: try LSN(parsing: "0/5000000"), timeline: Timeline(rawValue: 1), at: Moment(rawValue: 0),
                systemIdentifier: Scene.system))
        #expect(found[0].obstacles.isEmpty)
        #expect(found[1].obstacles == [.otherSystem])
        guard case .diverged? = found[2].obstacles.first else {
            Issue.record("\(found[2].obstacles)")
            return
        }
        #expect(found.map(\.isOfThisSystem) == [true, false, false])
        #expect(Election.hold(among: found).outcome?.nominee == "dr")
    }

    struct SilenceRow: Sendable, CustomTestStringConvertible {
        var testDescription: String { "\(reason), \(isAlive ? "alive" : "not proved alive")" }
        var reason: String
        var isAlive = false
        var wanted: Sight
    }

    /// Of each silence; what is not sure to be a loss is none.
    static let silences = [
        SilenceRow(reason: "refused", wanted: .refused), SilenceRow(reason: "terminated", wanted: .refused),
        SilenceRow(reason: "unreachable", wanted: .unreachable),
        SilenceRow(reason: "connect_timeout", wanted: .unreachable),
        SilenceRow(reason: "query_timeout", wanted: .unreachable),
        SilenceRow(reason: "query_timeout", isAlive: true, wanted: .answering),
        SilenceRow(reason: "authentication_failed", isAlive: true, wanted: .answering),
        SilenceRow(reason: "authentication_failed", wanted: .blind),
        SilenceRow(reason: "rejected", isAlive: true, wanted: .answering),
        SilenceRow(reason: "no_hot_standby", isAlive: true, wanted: .answering),
        SilenceRow(reason: "statement_refused", isAlive: true, wanted: .answering),
        SilenceRow(reason: "too_many_clients", isAlive: true, wanted: .full),
        SilenceRow(reason: "starting_up", isAlive: true, wanted: .startingUp),
        SilenceRow(reason: "shutting_down", isAlive: true, wanted: .shuttingDown),
        SilenceRow(reason: "name_not_found", wanted: .blind), SilenceRow(reason: "tls_failed", wanted: .blind),
        SilenceRow(reason: "not_postgres", wanted: .blind), SilenceRow(reason: "cancelled", wanted: .blind),
        SilenceRow(reason: "other", wanted: .blind), SilenceRow(reason: "a new one", wanted: .blind),
    ]

    @Test(arguments: silences) func sight(_ row: SilenceRow) {
        #expect(Sight(NodeSilence(reason: row.reason, detail: "", postmasterAlive: row.isAlive)) == row.wanted)
    }

    /// Every reason there is has a row.
    @Test func noSilenceIsForgotten() {
        let told = Set(Self.silences.map(\.reason))
        #expect(Silence.Reason.allCases.allSatisfy { told.contains($0.rawValue) })
    }
}
