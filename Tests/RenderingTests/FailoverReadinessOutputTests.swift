import Configuration
import Postgres
import Testing

@testable import Failover
@testable import Replication
@testable import pgdr

struct FailoverReadinessOutputTests {
    /// A primary and a replica in the cellar, the DR node in the attic, without SSH on the DR node.
    private func shop(_ witnesses: [WitnessConfiguration], automatic: Bool) throws -> ClusterConfiguration {
        var failover = FailoverPolicy()
        failover.mode = automatic ? .automatic : .manual
        let nodes: [(String, NodeKind, String)] = [
            ("primary", .primary, "cellar"), ("replica", .replica, "cellar"), ("dr", .dr, "attic"),
        ]
        return ClusterConfiguration(
            name: "shop",
            nodes: try nodes.map { name, kind, site in
                NodeConfiguration(
                    name: name, connection: try ConnectionString("host=\(name)"), kind: kind, site: site,
                    ssh: kind == .dr ? nil : SSHAddress(host: name))
            }, failover: failover, witnesses: witnesses)
    }

    private func witness(_ site: String) -> WitnessConfiguration {
        WitnessConfiguration(name: "w", ssh: SSHAddress(host: "w"), site: site)
    }

    private func reading(of cluster: ClusterConfiguration, pause: ControlReading.Pause? = nil) -> ControlReading {
        var reading = ControlReading(of: cluster, [:], observedAt: Moment(rawValue: 1_767_225_600))
        reading.primaries = ["primary"]
        reading.source = .node("dr")
        reading.pause = pause
        return reading
    }

    private func text(_ cluster: ClusterConfiguration, _ reading: ControlReading) -> String {
        FailoverReadinessText(style: Style(hasColours: false), cluster: cluster)
            .text(cluster.failoverReadiness(reading))
    }

    @Test func forPeople() throws {
        let cluster = try shop([], automatic: true)
        let pause = ControlReading.Pause(
            until: Moment(rawValue: 1_767_232_800), reason: "new\u{1B}switch", actor: "ann")
        expect(
            text(cluster, reading(of: cluster, pause: pause)),
            is: """
                Failover, mode automatic
                  primary as the primary: of replica and dr 2 must agree
                  ok       survives the loss of primary
                  NOT      the loss of primary together with replica, dr, site cellar (primary and replica) or site attic (dr): one more witness at a third site would change that
                  LOOK AT  node "dr" has a vote, and can't keep a record of what was decided
                           → Give it "ssh".
                  note     paused until 2026-01-01T02:00:00.000Z by ann: new\\u001bswitch
                """)
    }

    @Test func withAWitness() throws {
        let third = try shop([witness("garden")], automatic: false)
        expect(
            text(third, reading(of: third)),
            is: """
                Failover, mode manual
                  primary as the primary: of replica, dr and witness w 2 must agree
                  ok       survives the loss of primary, also together with replica, dr, witness w, site cellar (primary and replica), site attic (dr) or site garden (witness w)
                  note     node "dr" has a vote, and can't keep a record of what was decided
                           → Give it "ssh".
                """)
        let first = try shop([witness("cellar")], automatic: false)
        #expect(
            text(first, reading(of: first)).contains(
                "  NOT      the loss of primary together with site cellar (primary, replica and witness w): "
                    + "2 more witnesses, each at a site of its own, would change that\n"))
    }

    @Test func withNobodyToPromote() throws {
        var cluster = try shop([], automatic: false)
        cluster.nodes.removeAll { $0.name == "replica" }
        #expect(
            text(cluster, reading(of: cluster)).contains(
                "  ok       survives the loss of primary, also together with site cellar (primary)\n"
                    + "  NOT      the loss of primary together with dr or site attic (dr): "
                    + "nobody would be left to promote\n"))
        cluster.nodes[1].priority = 0
        #expect(
            text(cluster, reading(of: cluster)).contains(
                "  primary as the primary: nobody has a vote\n"
                    + "  NOT      the loss of primary, or together with dr, site cellar (primary) or site attic (dr): "
                    + "nobody would be left to promote\n"))
    }

    @Test func forScripts() throws {
        let cluster = try shop([witness("cellar")], automatic: true)
        let endless = ControlReading.Pause(until: Moment(rawValue: 253_402_214_400), reason: nil, actor: "ann")
        expect(
            try JSON.text(
                CheckDocument(
                    cluster: "shop", checks: [],
                    failover: cluster.failoverReadiness(reading(of: cluster, pause: endless))),
                .oneLine),
            is: #"""
                {"cluster":"shop","failover":{"control":{"node":"dr","paused":{"actor":"ann","reason":null,"until":null},"source":"node"},"findings":[{"code":"voter_without_ssh","hint":"Give it \"ssh\".","message":"node \"dr\" has a vote, and can't keep a record of what was decided","node":"dr","severity":"warning"}],"mode":"automatic","outlooks":[{"fatal":[{"kind":"site","missing_witnesses":2,"name":"cellar"}],"needed":2,"primary":"primary","survived":[{"kind":"node","name":"primary"},{"kind":"node","name":"replica"},{"kind":"node","name":"dr"},{"kind":"witness","name":"w"},{"kind":"site","name":"attic"}],"voters":["replica","dr"],"witnesses":["w"]}],"severity":"warning","thresholds":null},"nodes":[],"schema":1}
                """#)
    }
}
