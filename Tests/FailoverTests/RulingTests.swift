import Configuration
import Essentials
import Failover
import Replication
import Testing

/// What is done about a situation, and by which rule it isn't.
@Suite struct RulingTests {
    /// A primary that was killed a minute ago, seen by all, with everything in order for an automatic failover.
    static func situation() throws -> Situation {
        let now = Moment(rawValue: 1_800_000_000)
        var evidence = Evidence(
            cluster: "main", at: now, ticks: 1000, primary: "primary",
            identification: [.seen], silentFor: 60,
            views: [
                View(.observer, .refused), View(.standby("dr"), .unreachable), View(.standby("replica"), .unreachable),
            ], host: .stopped)
        evidence.standbys = [
            try Scene.standby("dr", at: "0/5000000", kind: .dr, priority: 200),
            try Scene.standby("replica", at: "0/5000000"),
        ]
        evidence.last = LastKnown(
            lsn: try Scene.lsn("0/5000000"), timeline: Scene.timeline, at: now, synchronousStandbyNames: "")
        var confirmation = Confirmation()
        confirmation.note(.postgresDown, at: 940)
        var policy = FailoverPolicy()
        policy.mode = .automatic
        return Situation(
            evidence: evidence, confirmation: confirmation, policy: DecisionPolicy(policy),
            request: .init(isAutomatic: true),
            quorum: .init(voters: ["dr", "replica", "witness"], locked: ["dr", "replica", "witness"]),
            control: ControlState(isKnown: true, at: now), fencing: .host)
    }

    @Test func theWholeOfIt() throws {
        let verdict = try Self.situation().decide()
        let wanted = Ruling.Promotion(
            election: Election(
                nominee: "dr", endOfWAL: try Scene.lsn("0/5000000"),
                passedOver: [
                    Refusal(.lessPreferred, node: "replica", "dr comes before it: priority 200 against 100")
                ]), timeline: Scene.timeline, loss: .atLeast(bytes: 0, seconds: 0), fencing: .host)
        #expect(verdict == .failOver(wanted))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var wanted: [Refusal.Rule]
        /// The same for a person's own request, where that differs.
        var byHand: [Refusal.Rule]?
        var change: @Sendable (inout Situation) throws -> Void
    }

    static let rows = [
        Row(testDescription: "as it is", wanted: []) { _ in },
        Row(testDescription: "nobody else can look", wanted: [.secondViewMissing]) {
            $0.evidence.views = [View(.observer, .refused), View(.standby("dr"), .blind)]
            $0.evidence.host = .silent
        },
        Row(testDescription: "nobody says who it was", wanted: [.primaryNotIdentified]) {
            $0.evidence.identification = []
        },
        Row(testDescription: "somebody was promoted", wanted: [.secondPrimary]) {
            $0.evidence.standbys[1].inRecovery = false
        },
        Row(testDescription: "one voter of three", wanted: [.noQuorum]) { $0.quorum.locked = ["dr"] },
        Row(testDescription: "a lock that is no voter's", wanted: [.noQuorum]) {
            $0.quorum.locked = ["dr", "primary"]
        },
        Row(testDescription: "one of two voters", wanted: [.noQuorum]) {
            $0.quorum = .init(voters: ["dr", "replica"], locked: ["dr"])
        },
        Row(testDescription: "two of three", wanted: []) { $0.quorum.locked = ["dr", "witness"] },
        Row(testDescription: "a person does without", wanted: [], byHand: []) {
            $0.quorum.locked = ["dr"]
            $0.request.acceptsNoQuorum = true
        },
        Row(testDescription: "different decisions", wanted: [.contradictingDecisions]) {
            $0.decisions = [
                Decision(voter: "dr", nominee: "dr", run: "r1"),
                Decision(voter: "witness", nominee: "replica", run: "r2"),
            ]
        },
        Row(testDescription: "the same decision twice", wanted: []) {
            $0.decisions = [
                Decision(voter: "dr", nominee: "dr", run: "r1"), Decision(voter: "witness", nominee: "dr", run: "r1"),
            ]
        },
        Row(testDescription: "the one decided on is gone", wanted: [.nobodyToPromote, .silent, .decidedOtherwise]) {
            $0.decisions = [Decision(voter: "replica", nominee: "dr", run: "r1")]
            $0.evidence.standbys[0].silence = "refused"
        },
        Row(testDescription: "no way to fence", wanted: [.unfenced]) { $0.fencing = .none },
        Row(testDescription: "a fence command", wanted: []) { $0.fencing = .command },
        Row(testDescription: "best effort", wanted: []) {
            $0.fencing = .none
            $0.policy.fencing = .bestEffort
        },
        Row(testDescription: "a person answers for it", wanted: []) {
            $0.fencing = .none
            $0.request.acceptsUnfenced = true
        },
        Row(testDescription: "manual", wanted: [.modeManual], byHand: []) { $0.policy.mode = .manual },
        Row(testDescription: "observe", wanted: [.modeObserve], byHand: []) { $0.policy.mode = .observe },
        Row(testDescription: "control unknown", wanted: [.controlUnknown], byHand: []) { $0.control.isKnown = false },
        Row(testDescription: "paused", wanted: [.paused], byHand: []) {
            $0.control.pausedUntil = $0.control.at + 1
            $0.control.pauseReason = "kernel update"
        },
        Row(testDescription: "the pause is over", wanted: []) { $0.control.pausedUntil = $0.control.at },
        Row(testDescription: "just failed over", wanted: [.cooldown], byHand: []) {
            $0.control.failovers = [past($0.control.at + -599)]
        },
        Row(testDescription: "failed over a while ago", wanted: []) {
            $0.control.failovers = [past($0.control.at + -600)]
        },
        Row(testDescription: "twice today", wanted: [.tooManyFailovers], byHand: []) {
            $0.control.failovers = [past($0.control.at + -80_000), past($0.control.at + -7000)]
        },
        Row(testDescription: "twice, once by hand", wanted: []) {
            $0.control.failovers = [past($0.control.at + -80_000, isAutomatic: false), past($0.control.at + -7000)]
        },
        Row(testDescription: "twice, once yesterday", wanted: []) {
            $0.control.failovers = [past($0.control.at + -90_000), past($0.control.at + -7000)]
        },
        Row(testDescription: "nobody answers", wanted: [.nobodyToPromote, .silent, .silent]) {
            $0.evidence.standbys[0].silence = "refused"
            $0.evidence.standbys[1].silence = "refused"
        },
        Row(testDescription: "much is lost", wanted: [.lossAboveLimit]) {
            $0.evidence.last?.lsn = try Scene.lsn("0/6000001")
        },
        Row(testDescription: "just as much as may be", wanted: []) {
            $0.evidence.last?.lsn = try Scene.lsn("0/6000000")
        },
        Row(testDescription: "much, and accepted", wanted: []) {
            $0.evidence.last?.lsn = try Scene.lsn("0/6000001")
            $0.request.acceptedLoss = 0x100_0001
        },
        Row(testDescription: "more than accepted", wanted: [.lossAboveLimit]) {
            $0.evidence.last?.lsn = try Scene.lsn("0/5000002")
            $0.request.acceptedLoss = 1
        },
        Row(testDescription: "nobody knows how much", wanted: [.lossUnknown]) { $0.evidence.last = nil },
        Row(testDescription: "nobody knows, and it doesn't matter", wanted: []) {
            $0.evidence.last = nil
            $0.policy.maxLag = .init(bytes: nil, seconds: nil)
        },
        Row(testDescription: "a long time is lost", wanted: [.lossAboveLimit]) {
            $0.evidence.last?.lsn = try Scene.lsn("0/5000001")
            $0.evidence.standbys[0].secondsBehind = 31
            $0.policy.maxLag = .init(bytes: nil, seconds: 30)
        },
        Row(testDescription: "a short time", wanted: []) {
            $0.evidence.last?.lsn = try Scene.lsn("0/5000001")
            $0.evidence.standbys[0].secondsBehind = 30
            $0.policy.maxLag = .init(bytes: nil, seconds: 30)
        },
        Row(testDescription: "nobody knows how long", wanted: [.lossUnknown]) {
            $0.evidence.last?.lsn = try Scene.lsn("0/5000001")
            $0.policy.maxLag = .init(bytes: nil, seconds: 30)
        },
        Row(testDescription: "much WAL, and provably no commit", wanted: []) {
            $0.evidence.last?.lsn = try Scene.lsn("0/9000000")
            $0.evidence.last?.synchronousStandbyNames = "ANY 1 (dr, replica)"
        },
        Row(testDescription: "one of two that confirm is silent", wanted: [.commitsNotProved]) {
            $0.evidence.last?.synchronousStandbyNames = "ANY 1 (dr, replica)"
            $0.evidence.standbys[1].silence = "refused"
        },
        Row(testDescription: "and that is accepted", wanted: []) {
            $0.evidence.last?.synchronousStandbyNames = "ANY 1 (dr, replica)"
            $0.evidence.standbys[1].silence = "refused"
            $0.request.acceptedLoss = 0
        },
        Row(
            testDescription: "several rules at once", wanted: [.noQuorum, .unfenced, .modeManual, .controlUnknown],
            byHand: [.noQuorum, .unfenced]
        ) {
            $0.quorum.locked = []
            $0.fencing = .none
            $0.policy.mode = .manual
            $0.control.isKnown = false
        },
    ]

    private static func past(_ at: Moment, isAutomatic: Bool = true) -> ControlState.PastFailover {
        .init(at: at, primary: "primary", timeline: Timeline(rawValue: 1), run: "r0", isAutomatic: isAutomatic)
    }

    @Test(arguments: rows) func rules(_ row: Row) throws {
        for isAutomatic in [true, false] {
            var situation = try Self.situation()
            situation.request.isAutomatic = isAutomatic
            try row.change(&situation)
            let wanted = isAutomatic ? row.wanted : row.byHand ?? row.wanted
            switch situation.decide() {
            case .refuse(let refusals):
                #expect(refusals.map(\.rule) == wanted)
                #expect(refusals.allSatisfy { !$0.evidence.isEmpty })
            case .failOver: #expect(wanted.isEmpty)
            case let other: Issue.record("\(other)")
            }
        }
    }

    @Test(arguments: PrimaryCondition.allCases.filter { !$0.isLost && $0 != .notTold })
    func aPrimaryThatLivesStays(_ condition: PrimaryCondition) throws {
        let sights: [PrimaryCondition: Sight] = [
            .alive: .writable, .replicationBroken: .writable, .notPrimary: .inRecovery, .refusesUs: .answering,
            .overloaded: .full, .startingUp: .startingUp, .shuttingDown: .shuttingDown,
            .unreachableFromUs: .unreachable,
        ]
        var situation = try Self.situation()
        let sight = try #require(sights[condition])
        situation.evidence.views = [
            View(.observer, sight), View(.standby("dr"), condition == .unreachableFromUs ? .sending : .blind),
        ]
        situation.evidence.standbys[0].isReceiving = condition != .replicationBroken
        #expect(situation.decide() == .stay(condition))
    }

    @Test func aLossMustLast() throws {
        var situation = try Self.situation()
        situation.policy.confirmFor = 5
        var confirmation = Confirmation()
        confirmation.note(.hostUnreachable, at: 997)
        situation.confirmation = confirmation
        #expect(situation.decide() == .wait(seconds: 2))
        situation.confirmation.note(.startingUp, at: 998)
        situation.confirmation.note(.postgresDown, at: 999)
        #expect(situation.decide() == .wait(seconds: 2))
        situation.confirmation.note(.unreachableFromUs, at: 999.5)
        situation.confirmation.note(.postgresDown, at: 1000)
        #expect(situation.decide() == .wait(seconds: 5))
        situation.policy.confirmFor = 0
        guard case .failOver = situation.decide() else {
            Issue.record("a loss needs no time where none is wanted")
            return
        }
    }

    @Test func theServerIsStartedAgainFirst() throws {
        var situation = try Self.situation()
        situation.policy.restartFirst = true
        #expect(situation.decide() == .restart)
        situation.wasRestarted = true
        guard case .failOver = situation.decide() else {
            Issue.record("started once is enough")
            return
        }
        situation.wasRestarted = false
        // What is decided is completed: the primary must not come back beside it.
        situation.decisions = [Decision(voter: "dr", nominee: "dr", run: "r1")]
        guard case .failOver = situation.decide() else {
            Issue.record("a primary was started again that another one is decided to replace")
            return
        }
    }

    @Test func oneAlertHasOneFailover() throws {
        var situation = try Self.situation()
        situation.request.triggerID = "alert-7"
        situation.control.failovers = [
            .init(
                at: situation.control.at + -5, primary: "primary", timeline: Scene.timeline, run: "r7",
                triggerID: "alert-7")
        ]
        #expect(situation.decide() == .alreadyDone(run: "r7"))
        situation.request.triggerID = "alert-8"
        guard case .refuse = situation.decide() else {
            Issue.record("another alert is not done already")
            return
        }
    }
}
