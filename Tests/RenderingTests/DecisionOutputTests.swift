import Configuration
import Essentials
import Failover
import Replication
import Testing

@testable import pgdr

/// What the decision about a lost primary looks like.
@Suite struct DecisionOutputTests {
    /// A primary that was killed; `dr` is preferred and lacks what `replica` has.
    private static func situation() throws -> Situation {
        let at = Moment(rawValue: 1_800_000_000)
        func standby(_ name: String, at end: String, priority: Int) throws -> StandbyEvidence {
            var standby = StandbyEvidence(name: name, kind: .replica, priority: priority)
            standby.inRecovery = true
            standby.timeline = Timeline(rawValue: 1)
            standby.endOfWAL = try LSN(parsing: end)
            standby.secondsBehind = 2.5
            return standby
        }
        let evidence = Evidence(
            cluster: "main", at: at, ticks: 100, primary: "nas-1", identification: [.seen], silentFor: 3,
            views: [
                View(.observer, .refused, "Connection refused"), View(.standby("dr"), .unreachable),
                View(.witness("third"), .blind, "no session"),
            ], host: .stopped,
            standbys: [
                try standby("dr", at: "0/5000000", priority: 200),
                try standby("replica", at: "0/5000400", priority: 100),
                StandbyEvidence(name: "reports", kind: .replica, priority: 0),
            ],
            last: LastKnown(
                lsn: try LSN(parsing: "0/5002C00"), timeline: Timeline(rawValue: 1), at: at, synchronousStandbyNames: ""
            ))
        var confirmation = Confirmation()
        confirmation.note(.postgresDown, at: 90)
        return Situation(
            evidence: evidence, confirmation: confirmation, policy: DecisionPolicy(FailoverPolicy()),
            request: .init(isAutomatic: false),
            quorum: .init(voters: ["dr", "replica", "third"], locked: ["dr", "replica"]),
            control: ControlState(isKnown: true, at: at), fencing: .host)
    }

    @Test func aPromotion() throws {
        let situation = try Self.situation()
        let output = DecisionOutput(situation, situation.decide())
        expect(
            output.text,
            is: """
                main: primary nas-1 is down, its host is there
                  this observer: nobody listens on its port (Connection refused)
                  standby dr: nothing answers
                  its host: no postmaster runs
                dr is promoted out of timeline 1.
                It fetches first what only replica has.
                Lost: 10.0 kB, the last 2.5 s, and what the primary wrote after it was last heard.
                  reports: priority 0: never promoted (priority_zero)
                  replica: dr comes before it: priority 200 against 100 (less_preferred)
                """)
        #expect(output.status == 0)
        expect(
            try JSON.text(DecisionDocument(output)),
            is: #"""
                {
                  "cluster" : "main",
                  "condition" : "postgres_down",
                  "evidence" : [
                    "this observer: nobody listens on its port (Connection refused)",
                    "standby dr: nothing answers",
                    "its host: no postmaster runs"
                  ],
                  "loss" : {
                    "acknowledged_commits_safe" : false,
                    "bytes" : 10240,
                    "seconds" : 2.5
                  },
                  "nominee" : "dr",
                  "plan" : null,
                  "primary" : "nas-1",
                  "reason" : null,
                  "refusals" : [

                  ],
                  "schema" : 1,
                  "source" : "replica",
                  "verdict" : "fail_over"
                }
                """#)
    }

    @Test func aRefusal() throws {
        var situation = try Self.situation()
        situation.quorum.locked = ["dr"]
        situation.fencing = .none
        let output = DecisionOutput(situation, situation.decide())
        expect(
            output.text,
            is: """
                main: primary nas-1 is down, its host is there
                  this observer: nobody listens on its port (Connection refused)
                  standby dr: nothing answers
                  its host: no postmaster runs
                Refused:
                  of the voters dr, replica, third 2 are needed; these answer: dr (no_quorum)
                    HINT: Once it is certain that nobody else promotes another node: --accept-no-quorum
                  nas-1: its host takes no command and there is no fence command: it may still take writes (unfenced)
                    HINT: Switch it off or cut it off, then: --accept-unfenced
                """)
        #expect(output.status == 1)
        let document = try JSON.text(DecisionDocument(output), .oneLine)
        #expect(document.contains(#""reason":"no_quorum""#))
        #expect(document.contains(#""nominee":null"#))
    }

    @Test(arguments: PrimaryCondition.allCases) func everyConditionHasWords(_ condition: PrimaryCondition) throws {
        var situation = try Self.situation()
        situation.evidence.views = [View(.observer, .writable)]
        #expect(DecisionOutput(situation, .stay(condition)).status == 4)
        #expect(!condition.text.isEmpty)
    }
}
