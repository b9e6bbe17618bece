import Configuration
import Failover
import Replication
import Testing

@Suite struct OutlookTests {
    private static func fatal(_ cluster: ClusterConfiguration, _ primary: String = "primary") -> [Outlook.Fatal] {
        cluster.outlook(ofPrimary: primary).fatal
    }

    /// A primary and a replica at one site, the DR node at another: only a witness at a third site survives the loss of
    /// the first.
    @Test(
        arguments: [
            (nil, [.node("replica"), .node("dr"), .site("cellar"), .site("attic")], 1),
            ("cellar", [.site("cellar")], 2), ("attic", [.site("attic")], 2), ("garden", [], 1),
        ] as [(String?, [Loss], Int)])
    func theSiteOfAWitness(site: String?, losses: [Loss], missing: Int) throws {
        let cluster = try Shop.twoSites(site.map { [Shop.witness("w", site: $0)] } ?? [])
        let outlook = cluster.outlook(ofPrimary: "primary")
        #expect(outlook.fatal == losses.map { Outlook.Fatal($0, missingWitnesses: missing) })
        #expect(outlook.survived.first == .node("primary"))
        #expect(outlook.voters == cluster.voters(replacing: "primary"))
    }

    /// What is said to be missing is enough, and one less is not.
    @Test(arguments: 1...4, 0...3) func whatIsMissingIsExact(standbys: Int, witnesses: Int) throws {
        let nodes = try (0...standbys).map { try Shop.node("n\($0)", site: $0 < 3 ? "a" : "b") }
        let cluster = Shop.cluster(nodes, (0..<witnesses).map { Shop.witness("w\($0)", site: "a") })
        for fatal in Self.fatal(cluster, "n0") {
            for added in 0...6 {
                var more = cluster
                for number in 0..<added { more.witnesses.append(Shop.witness("more\(number)", site: "s\(number)")) }
                let survives = more.survives(fatal.loss, replacing: "n0")
                if let missing = fatal.missingWitnesses {
                    #expect(survives == (added >= missing), "\(fatal) \(added)")
                } else {
                    #expect(!survives, "\(fatal) \(added)")
                }
            }
        }
    }

    /// No number of witnesses can be promoted.
    @Test func nobodyLeft() throws {
        let two = Shop.cluster([try Shop.node("a", .primary, site: "x"), try Shop.node("b", .dr, site: "x")])
        #expect(
            Self.fatal(two, "a") == [
                .init(.node("b"), missingWitnesses: nil), .init(.site("x"), missingWitnesses: nil),
            ])
        let alone = Shop.cluster([try Shop.node("a", .primary), try Shop.node("b", .backup)], [Shop.witness("w")])
        let outlook = alone.outlook(ofPrimary: "a")
        #expect(outlook.survived == [])
        #expect(
            outlook.fatal.map(\.loss) == [.node("a"), .node("b"), .witness("w")]
                && outlook.fatal.allSatisfy { $0.missingWitnesses == nil })
    }

    /// A witness on the primary's host is lost with it: of two votes one is left.
    @Test func thePrimaryAloneIsTooMuch() throws {
        var witness = Shop.witness("w")
        let primary = try Shop.node("a", .primary)
        witness.ssh = try #require(primary.ssh)
        let cluster = Shop.cluster([primary, try Shop.node("b", .dr)], [witness])
        let outlook = cluster.outlook(ofPrimary: "a")
        #expect(outlook.survived == [])
        #expect(outlook.fatal.first == .init(.node("a"), missingWitnesses: 1))
    }
}
