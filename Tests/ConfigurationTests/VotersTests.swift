import Configuration
import Postgres
import Replication
import Testing

/// A cluster `c` of these members; a node's host is its name.
func cluster(_ nodes: [NodeConfiguration], _ witnesses: [WitnessConfiguration] = []) -> ClusterConfiguration {
    ClusterConfiguration(name: "c", nodes: nodes, witnesses: witnesses)
}

/// A node with SSH.
func member(_ name: String, _ kind: NodeKind, at site: String? = nil, priority: Int = 100) throws -> NodeConfiguration {
    NodeConfiguration(
        name: name, connection: try ConnectionString("host=\(name)"), kind: kind, site: site,
        ssh: SSHAddress(host: name), priority: priority)
}

/// A witness on a host of its own, or on that of a node.
func witness(_ name: String, at site: String? = nil, host: String? = nil) -> WitnessConfiguration {
    WitnessConfiguration(name: name, ssh: SSHAddress(host: host ?? name), site: site)
}

@Suite struct VotersTests {
    @Test(
        arguments: [
            ([.primary], [], "n0", [], 1),
            ([.primary, .dr], [], "n0", ["n1"], 1),
            ([.primary, .dr], [], "n1", ["n0"], 1),
            ([.primary, .dr], ["w"], "n0", ["n1", "w"], 2),
            ([.primary, .dr, .replica], [], "n0", ["n1", "n2"], 2),
            ([.primary, .dr, .replica], [], "n2", ["n0", "n1"], 2),
            ([.primary, .dr, .replica], ["w"], "n0", ["n1", "n2", "w"], 2),
            ([.replica, .dr, .primary], ["w", "v"], "n1", ["n0", "n2", "w", "v"], 3),
            ([.primary, .backup, .dr], ["w"], "n0", ["n2", "w"], 2),
            ([.primary, .backup], [], "n0", [], 1),
            // What is no node replaces none, and a witness is never replaced.
            ([.primary, .dr], ["w"], "w", ["n0", "n1", "w"], 2),
        ] as [([NodeKind], [String], String, [String], Int)])
    func voteOnTheReplacement(
        kinds: [NodeKind], witnesses: [String], primary: String, names: [String], majority: Int
    ) throws {
        let nodes = try kinds.enumerated().map { try member("n\($0)", $1) }
        let voters = cluster(nodes, witnesses.map { witness($0) }).voters(replacing: primary)
        #expect(voters.names == names)
        #expect(voters.count == names.count)
        #expect(voters.majority == majority)
        #expect(voters.witnesses == witnesses)
        #expect(voters.nodes + voters.witnesses == names)
        for name in names { #expect(voters.contains(name)) }
        #expect(!voters.contains("nobody") && !voters.contains("n1000"))
        #expect(voters.contains(primary) == witnesses.contains(primary))
    }

    @Test func aNodeThatIsNeverPromotedDoesNotVote() throws {
        let nodes = [try member("a", .primary), try member("b", .dr, priority: 0), try member("c", .replica)]
        #expect(nodes.map(\.isPromotable) == [true, false, true])
        #expect(cluster(nodes).voters(replacing: "a").names == ["c"])
        // As primary it is replaced by the others.
        #expect(cluster(nodes).voters(replacing: "b").names == ["a", "c"])
        #expect(try !member("d", .backup).isPromotable)
    }

    @Test(
        arguments: [
            (1, [], false), (1, ["n1"], true),
            (2, ["n1"], false), (2, ["n1", "n2"], true),
            (3, ["n1"], false), (3, ["n3", "n1"], true), (3, ["n1", "n2", "n3"], true),
            (4, ["n1", "n2"], false), (4, ["n4", "n2", "n1"], true),
            // Who is asked twice has one vote, and who has none doesn't get one.
            (3, ["n1", "n1"], false), (3, ["n1", "n0"], false), (2, ["n1", "x", "y"], false),
            (0, [], false), (0, ["n0"], false),
        ] as [(Int, [String], Bool)])
    func needMoreThanHalfOfAll(count: Int, names: [String], isMajority: Bool) throws {
        let nodes = try (0...count).map { try member("n\($0)", .replica) }
        let voters = cluster(nodes).voters(replacing: "n0")
        #expect(voters.count == count)
        #expect(voters.isMajority(names) == isMajority)
    }

    /// Each subset of the voters against each other one.
    @Test(arguments: 0...6)
    func twoMajoritiesShareAVoter(count: Int) throws {
        let nodes = try (0...count).map { try member("n\($0)", .dr) }
        let voters = cluster(nodes).voters(replacing: "n0")
        let majorities = (0..<(1 << count)).map { bits in
            Set((0..<count).filter { bits & (1 << $0) != 0 }.map { voters.names[$0] })
        }.filter { voters.isMajority($0) }
        #expect(majorities.isEmpty == (count == 0))
        for one in majorities {
            #expect(majorities.allSatisfy { !$0.isDisjoint(with: one) })
            // And none is larger than it must be.
            #expect(one.count > voters.majority || !voters.isMajority(one.dropFirst()))
        }
    }
}
