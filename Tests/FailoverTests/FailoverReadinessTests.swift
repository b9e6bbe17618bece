import Configuration
import Replication
import Testing

@testable import Failover

@Suite struct FailoverReadinessTests {
    private typealias Code = FailoverReadiness.Finding.Code

    /// What the nodes said: who takes writes, and who told the control state.
    private func reading(
        of cluster: ClusterConfiguration, primaries: [String] = ["primary"],
        _ source: ControlReading.Source = .node("primary")
    ) -> ControlReading {
        var reading = ControlReading(of: cluster, [:], observedAt: Moment(rawValue: 0))
        reading.primaries = primaries
        reading.source = source
        return reading
    }

    private func findings(_ readiness: FailoverReadiness) -> [String] {
        readiness.findings.map { "\($0.code.rawValue) \($0.node ?? "-")" }
    }

    @Test func nothingStandsInTheWay() throws {
        let cluster = try Shop.twoSites([Shop.witness("w", site: "garden")], mode: .automatic)
        let readiness = cluster.failoverReadiness(reading(of: cluster))
        #expect(readiness.findings == [] && readiness.severity == .ok && readiness.mode == .automatic)
        #expect(readiness.outlooks == [cluster.outlook(ofPrimary: "primary")])
    }

    /// Only where nobody is there to see it, it is a warning.
    @Test(arguments: FailoverPolicy.Mode.allCases) func severityFollowsTheMode(mode: FailoverPolicy.Mode) throws {
        let cluster = Shop.cluster(
            [try Shop.node("primary", .primary, ssh: nil), try Shop.node("dr", .dr, ssh: nil)], mode: mode)
        let readiness = cluster.failoverReadiness(reading(of: cluster, .noSchema))
        #expect(
            findings(readiness) == ["one_voter dr", "voter_without_ssh dr", "no_fencing primary", "control_unknown -"])
        #expect(readiness.severity == (mode == .automatic ? .warning : .ok))
    }

    /// A node without a vote needs no SSH for one.
    @Test func onlyVotersKeepRecords() throws {
        let cluster = Shop.cluster(
            [
                try Shop.node("primary", .primary, ssh: nil), try Shop.node("a", ssh: nil), try Shop.node("b"),
                try Shop.node("old", .backup, ssh: nil), try Shop.node("reports", ssh: nil, priority: 0),
            ])
        #expect(
            findings(cluster.failoverReadiness(reading(of: cluster))) == ["voter_without_ssh a", "no_fencing primary"])
        // With another primary the first one has a vote.
        #expect(
            findings(cluster.failoverReadiness(reading(of: cluster, primaries: ["b"])))
                == ["voter_without_ssh primary", "voter_without_ssh a"])
    }

    @Test(arguments: [
        (FailoverPolicy.Fencing.required, [] as [String], true), (.required, ["/usr/local/sbin/off"], false),
        (.bestEffort, [], false),
    ])
    func meansOfFencing(fencing: FailoverPolicy.Fencing, command: [String], isMissing: Bool) throws {
        var cluster = Shop.cluster([
            try Shop.node("primary", .primary, ssh: nil), try Shop.node("a"), try Shop.node("b"),
        ])
        cluster.failover.fencing = fencing
        cluster.failover.fenceCommand = command.isEmpty ? nil : command
        #expect(findings(cluster.failoverReadiness(reading(of: cluster))) == (isMissing ? ["no_fencing primary"] : []))
    }

    /// Which node is primary isn't known where none says so or two do.
    @Test(arguments: [[], ["primary", "dr"]] as [[String]]) func allThatMayBePrimary(primaries: [String]) throws {
        var cluster = try Shop.twoSites()
        cluster.nodes.append(try Shop.node("tape", .backup))
        let readiness = cluster.failoverReadiness(reading(of: cluster, primaries: primaries))
        #expect(readiness.outlooks.map(\.primary) == ["primary", "replica", "dr"])
    }

    @Test func nobodyMayTakeOver() throws {
        let cluster = Shop.cluster(
            [try Shop.node("primary", .primary), try Shop.node("tape", .backup)], [Shop.witness("w")])
        #expect(findings(cluster.failoverReadiness(reading(of: cluster))) == ["nobody_to_promote primary"])
    }

    @Test(
        arguments: [
            (.node("dr"), nil), (.noSchema, "no node has the tables for that"), (.nobody, "no node tells it"),
            (.severalClusters, "the nodes belong to different clusters"),
        ] as [(ControlReading.Source, String?)])
    func whoTellsTheControlState(source: ControlReading.Source, words: String?) throws {
        let cluster = try Shop.twoSites()
        let readiness = cluster.failoverReadiness(reading(of: cluster, source))
        let wanted = words.map {
            "nothing happens by itself as long as it isn't known whether failover is paused: \($0)"
        }
        #expect(readiness.findings.map(\.message) == [wanted].compactMap(\.self))
    }
}
