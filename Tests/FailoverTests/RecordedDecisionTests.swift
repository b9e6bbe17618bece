import Audit
import Configuration
import Failover
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the audit log keeps of a decision is enough to make it again.
@Suite struct RecordedDecisionTests {
    /// The line that an audit log would have.
    private static func event(_ situation: Situation, _ verdict: Ruling) throws -> AuditEvent {
        let entry = AuditEntry(situation, verdict, as: "run-1")
        let line: AuditValue = [
            "seq": 1, "at": "2026-11-28T00:00:00.000000Z", "actor": "monitor", "host": "h",
            "cluster": entry.cluster.map { .text($0) } ?? .null, "run": entry.run.map { .text($0) } ?? .null,
            "event": .text(entry.event), "node": entry.node.map { .text($0) } ?? .null, "details": entry.details,
            "prev": "",
        ]
        return try JSONDecoder().decode(AuditEvent.self, from: JSONEncoder().encode(line))
    }

    @Test(arguments: RulingTests.rows) func isMadeAgain(_ row: RulingTests.Row) throws {
        for isAutomatic in [true, false] {
            var situation = try RulingTests.situation()
            situation.request.isAutomatic = isAutomatic
            try row.change(&situation)
            let verdict = situation.decide()
            let decision = try #require(RecordedDecision(Self.event(situation, verdict)))
            #expect(decision.situation == situation)
            #expect(decision.verdict == verdict)
            #expect(decision.isReproduced)
        }
    }

    @Test func anotherVerdictIsNoticed() throws {
        var situation = try RulingTests.situation()
        let verdict = situation.decide()
        situation.fencing = .none
        let decision = try #require(RecordedDecision(Self.event(situation, verdict)))
        #expect(!decision.isReproduced)
    }

    @Test func eventsNameWhatHappened() throws {
        var situation = try RulingTests.situation()
        #expect(try Self.event(situation, situation.decide()).event == "failover.decided")
        situation.policy.mode = .observe
        #expect(try Self.event(situation, situation.decide()).event == "failover.observed")
        situation.fencing = .none
        #expect(try Self.event(situation, situation.decide()).event == "failover.refused")
        #expect(try Self.event(situation, .stay(.alive)).event == "failover.unneeded")
        #expect(try Self.event(situation, .restart).event == "failover.restarting")
    }
}
