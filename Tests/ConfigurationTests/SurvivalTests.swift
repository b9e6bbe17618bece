import Configuration
import Replication
import Testing

@Suite struct SurvivalTests {
    /// A primary and a replica in `a`, the DR node in `b`.
    private static func twoSites(_ witnesses: WitnessConfiguration...) throws -> ClusterConfiguration {
        cluster(
            [
                try member("primary", .primary, at: "a"), try member("replica", .replica, at: "a"),
                try member("dr", .dr, at: "b"),
            ], witnesses)
    }

    @Test func aWitnessAtAThirdSiteSurvivesEachSite() throws {
        let cluster = try Self.twoSites(witness("w", at: "c"))
        #expect(
            cluster.survivals == [
                Survival(
                    primary: "primary",
                    survived: [.node("replica"), .node("dr"), .witness("w"), .site("a"), .site("b"), .site("c")],
                    fatal: []),
                Survival(
                    primary: "replica",
                    survived: [.node("primary"), .node("dr"), .witness("w"), .site("a"), .site("b"), .site("c")],
                    fatal: []),
                Survival(
                    primary: "dr",
                    survived: [.node("primary"), .node("replica"), .witness("w"), .site("b"), .site("c")],
                    fatal: [.site("a")]),
            ])
    }

    @Test func withoutAWitnessTheSiteOfThePrimaryIsFatal() throws {
        let cluster = try Self.twoSites()
        #expect(
            cluster.survivals.first
                == Survival(
                    primary: "primary", survived: [],
                    fatal: [.node("replica"), .node("dr"), .site("a"), .site("b")]))
        // The loss of the primary alone is no harm.
        #expect(cluster.survives(.node("primary"), replacing: "primary"))
        #expect(cluster.survival(ofPrimary: "dr").survived == [.site("b")])
    }

    /// Where there are two sites only, the vote is best where the primary is not.
    @Test(arguments: [("a", false), ("b", true), (nil, true)] as [(String?, Bool)])
    func theSiteOfTheWitnessCounts(site: String?, survives: Bool) throws {
        let cluster = try Self.twoSites(witness("w", at: site))
        #expect(cluster.survives(.site("a"), replacing: "primary") == survives)
        // Without `b` the replica and a witness elsewhere are left.
        #expect(cluster.survives(.site("b"), replacing: "primary") == (site != "b"))
    }

    @Test(
        arguments: [
            // One voter decides alone, and takes everything with it.
            ([.primary, .dr], [], [], [.node("n1")]),
            // Both voters are needed.
            ([.primary, .dr], ["w"], [], [.node("n1"), .witness("w")]),
            // Witnesses alone have nobody to promote.
            ([.primary, .dr], ["v", "w"], [.witness("v"), .witness("w")], [.node("n1")]),
            ([.primary], ["v", "w", "x"], [], [.witness("v"), .witness("w"), .witness("x")]),
            ([.primary, .dr, .replica], [], [], [.node("n1"), .node("n2")]),
            ([.primary, .dr, .replica], ["w"], [.node("n1"), .node("n2"), .witness("w")], []),
            // A node without a vote is not missed.
            ([.primary, .dr, .backup], [], [.node("n2")], [.node("n1")]),
        ] as [([NodeKind], [String], [Loss], [Loss])])
    func oneMoreLoss(kinds: [NodeKind], witnesses: [String], survived: [Loss], fatal: [Loss]) throws {
        let nodes = try kinds.enumerated().map { try member("n\($0)", $1) }
        let survival = cluster(nodes, witnesses.map { witness($0) }).survival(ofPrimary: "n0")
        #expect(survival == Survival(primary: "n0", survived: survived, fatal: fatal))
    }

    /// What lies on one host is lost together, that of the primary first.
    @Test func aWitnessIsLostWithTheHostItIsOn() throws {
        let alone = try Self.twoSites(witness("w"))
        #expect(alone.survives(.node("replica"), replacing: "primary"))
        #expect(alone.survives(.site("a"), replacing: "primary"))
        let beside = try Self.twoSites(witness("w", host: "replica"))
        #expect(!beside.survives(.node("replica"), replacing: "primary"))
        #expect(!beside.survives(.site("a"), replacing: "primary"))
        #expect(beside.survives(.site("b"), replacing: "primary"))
        let under = try Self.twoSites(witness("w", host: "primary"))
        #expect(under.survives(.node("primary"), replacing: "primary"))
        #expect(!under.survives(.node("replica"), replacing: "primary"))
        #expect(under.survives(.node("replica"), replacing: "dr"))
        #expect(!under.survives(.node("primary"), replacing: "dr"))
    }

    @Test func aBackupIsNoPrimary() throws {
        let nodes = [try member("a", .primary), try member("b", .backup), try member("c", .dr, priority: 0)]
        #expect(cluster(nodes).survivals.map(\.primary) == ["a", "c"])
        // There is nobody to take over from `a`.
        #expect(!cluster(nodes).survives(.node("a"), replacing: "a"))
        #expect(cluster(nodes).survives(.node("b"), replacing: "c"))
        #expect(cluster([nodes[1]]).survivals.isEmpty)
    }
}
