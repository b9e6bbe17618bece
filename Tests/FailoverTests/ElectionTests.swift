import Failover
import Replication
import Testing

/// Who is promoted, and with whose WAL.
@Suite struct ElectionTests {
    typealias Obstacle = StandbyEvidence.Obstacle

    @Test func theMostAdvancedOfEqualsIsPromoted() throws {
        let election = try #require(
            Election.hold(
                among: [Scene.standby("dr", at: "0/5000000"), Scene.standby("replica", at: "0/5000060")]
            ).outcome)
        #expect(election.nominee == "replica")
        #expect(election.source == nil)
        #expect(try election.endOfWAL == Scene.lsn("0/5000060"))
        #expect(election.passedOver.map(\.node) == ["dr"])
        #expect(election.passedOver.map(\.rule) == [.lessPreferred])
        #expect(election.passedOver.first?.evidence.contains("0/5000060") == true)
    }

    @Test func thePreferredOneFetchesWhatItLacks() throws {
        let election = try #require(
            Election.hold(
                among: [
                    Scene.standby("dr", at: "0/5000000", priority: 200),
                    Scene.standby("replica", at: "F/FFFFFFFF"),
                    Scene.standby("far", at: "10/00000000", priority: 50),
                ]
            ).outcome)
        #expect(election.nominee == "dr")
        #expect(election.source == "far")
        #expect(try election.endOfWAL == Scene.lsn("10/0"))
    }

    @Test func alsoFromANodeThatIsNeverPromoted() throws {
        let election = try #require(
            Election.hold(
                among: [
                    Scene.standby("dr", at: "0/5000000"),
                    Scene.standby("vault", at: "0/6000000", kind: .backup),
                    Scene.standby("late", at: "0/7000000", obstacles: [.delayed(seconds: 3600)]),
                ]
            ).outcome)
        #expect(election.nominee == "dr")
        #expect(election.source == "late")
        #expect(Set(election.passedOver.map(\.rule)) == [.backupOnly, .delayed])
    }

    @Test func whoHasDivergedIsNeitherPromotedNorASource() throws {
        let election = try #require(
            Election.hold(
                among: [
                    Scene.standby("dr", at: "0/5000000"),
                    Scene.standby(
                        "stray", at: "0/9000000", timeline: Timeline(rawValue: 3),
                        obstacles: [.diverged("it left timeline 1 at 0/4000000")]),
                    Scene.standby("other", at: "0/9000000", obstacles: [.otherSystem]),
                ]
            ).outcome)
        #expect(election.nominee == "dr")
        #expect(election.source == nil)
        #expect(election.passedOver.map(\.rule) == [.diverged, .otherSystem])
    }

    @Test func timelinesComeBeforePositions() throws {
        let election = try #require(
            Election.hold(
                among: [
                    Scene.standby("behind", at: "0/9000000"),
                    Scene.standby("dr", at: "0/8000000", timeline: Timeline(rawValue: 2)),
                ]
            ).outcome)
        #expect(election.nominee == "dr")
        #expect(election.source == nil)
    }

    @Test func aPausedOneComesLastOfItsSite() throws {
        let standbys = [
            try Scene.standby("dr", at: "0/5000060", priority: 200, obstacles: [.paused]),
            try Scene.standby("replica", at: "0/5000000"),
        ]
        #expect(Election.hold(among: standbys).outcome?.nominee == "replica")
        #expect(Election.hold(among: standbys).outcome?.source == "dr")
        #expect(Election.hold(among: [standbys[0]]).outcome?.nominee == "dr")
    }

    struct SiteRow: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var sites: Election.Sites
        var wanted: String
        var rule: Refusal.Rule
    }

    static let siteRows = [
        SiteRow(testDescription: "none said", sites: .init(), wanted: "a1", rule: .lessPreferred),
        SiteRow(testDescription: "b preferred", sites: .init(preferred: ["b"]), wanted: "b1", rule: .siteAvoided),
        SiteRow(testDescription: "b, then a", sites: .init(preferred: ["b", "a"]), wanted: "b1", rule: .siteAvoided),
        SiteRow(testDescription: "a avoided", sites: .init(avoided: ["a"]), wanted: "b1", rule: .siteAvoided),
        SiteRow(
            testDescription: "both avoided", sites: .init(avoided: ["a", "b"]), wanted: "a1", rule: .lessPreferred),
    ]

    @Test(arguments: siteRows) func sites(_ row: SiteRow) throws {
        let election = try #require(
            Election.hold(
                among: [
                    Scene.standby("a1", at: "0/5000060", site: "a"), Scene.standby("b1", at: "0/5000000", site: "b"),
                ], sites: row.sites
            ).outcome)
        #expect(election.nominee == row.wanted)
        #expect(election.passedOver.map(\.rule) == [row.rule])
        #expect(try election.endOfWAL == Scene.lsn("0/5000060"))
    }

    struct UnfitRow: Sendable, CustomTestStringConvertible {
        var testDescription: String { rule.rawValue }
        var rule: Refusal.Rule
        var change: @Sendable (inout StandbyEvidence) -> Void
    }

    static let unfitRows = [
        UnfitRow(rule: .silent) { $0.silence = "refused" },
        UnfitRow(rule: .notInRecovery) { $0.inRecovery = false },
        UnfitRow(rule: .backupOnly) { $0.kind = .backup },
        UnfitRow(rule: .priorityZero) { $0.priority = 0 },
        UnfitRow(rule: .otherSystem) { $0.obstacles = [.otherSystem] },
        UnfitRow(rule: .diverged) { $0.obstacles = [.diverged("…")] },
        UnfitRow(rule: .delayed) { $0.obstacles = [.delayed(seconds: 60)] },
        UnfitRow(rule: .recoveryTarget) { $0.obstacles = [.target("recovery_target_time")] },
        UnfitRow(rule: .parametersLower) { $0.obstacles = [.parametersLower] },
        UnfitRow(rule: .noPosition) { $0.endOfWAL = nil },
    ]

    @Test(arguments: unfitRows) func unfit(_ row: UnfitRow) throws {
        var standby = try Scene.standby("dr", at: "0/5000000")
        #expect(Election.hold(among: [standby]).outcome?.nominee == "dr")
        row.change(&standby)
        let (outcome, refusals) = Election.hold(among: [standby])
        #expect(outcome == nil)
        #expect(refusals.map(\.rule) == [row.rule])
        #expect(refusals.map(\.node) == ["dr"])
    }

    @Test func whatWasDecidedIsCompletedAndNothingElse() throws {
        let standbys = [try Scene.standby("dr", at: "0/5000000"), try Scene.standby("replica", at: "0/5000060")]
        let election = try #require(Election.hold(among: standbys, decided: "dr").outcome)
        #expect(election.nominee == "dr")
        #expect(election.source == "replica")
        #expect(election.passedOver.map(\.rule) == [.decidedOtherwise])
        #expect(Election.hold(among: [standbys[1]], decided: "dr").outcome == nil)
    }

    /// Whatever the standbys are, the outcome is one that may be promoted, and nobody has more WAL than what it ends with.
    @Test func anyElectionIsSound() throws {
        var generator = Seeded(seed: 7)
        for _ in 0..<2000 {
            let standbys = try (0..<Int.random(in: 0...5, using: &generator)).map { index in
                var standby = try Scene.standby(
                    "n\(index)", at: "0/\(String(Int.random(in: 1...20, using: &generator), radix: 16))000000",
                    kind: Int.random(in: 0..<5, using: &generator) == 0 ? .backup : .replica,
                    priority: [0, 50, 100].randomElement(using: &generator) ?? 100,
                    timeline: Timeline(rawValue: UInt32.random(in: 1...2, using: &generator)),
                    obstacles: [[], [], [.paused], [.delayed(seconds: 1)], [.diverged("")]].randomElement(
                        using: &generator)
                        ?? [])
                if Int.random(in: 0..<5, using: &generator) == 0 { standby.silence = "refused" }
                return standby
            }
            guard let election = Election.hold(among: standbys).outcome else { continue }
            let nominee = try #require(standbys.first { $0.name == election.nominee })
            #expect(nominee.silence == nil && nominee.priority > 0 && nominee.kind != .backup)
            #expect(nominee.obstacles.isEmpty || nominee.obstacles == [.paused])
            #expect(election.source != election.nominee)
            let last = try #require(standbys.filter(\.isOfThisSystem).compactMap(\.timeline).max())
            let best = standbys.filter { $0.isOfThisSystem && $0.timeline == last }.compactMap(\.endOfWAL).max()
            #expect(best == election.endOfWAL)
            #expect(Set(election.passedOver.compactMap(\.node)).union([election.nominee]).count == standbys.count)
        }
    }
}

/// A generator that gives the same numbers for the same seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
