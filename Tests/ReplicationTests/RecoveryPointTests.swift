import Replication
import Testing

@Suite struct RecoveryPointTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var change: Change
        var node: String?
        var bytes: UInt64?
        var source: LagSource?
        var testDescription: String { change.testDescription }

        init(
            _ name: String, _ node: String?, _ bytes: UInt64?, _ source: LagSource?,
            _ apply: @escaping @Sendable (inout Cluster) -> Void
        ) {
            change = Change(name, apply)
            (self.node, self.bytes, self.source) = (node, bytes, source)
        }
    }

    /// Both standbys lack WAL: dr 4 MB, replica 2 MB.
    static func late(_ cluster: inout Cluster) {
        cluster.place("dr", received: Cluster.behind(4 << 20), replayed: Cluster.behind(4 << 20))
        cluster.place("replica", received: Cluster.behind(2 << 20), replayed: Cluster.behind(200 << 20))
    }

    @Test(
        "What losing the primary would lose: what the best candidate hasn't received, replayed or not",
        arguments: [
            Row("level: dr before others", "dr", 0, .primaryPosition) { _ in },
            Row("the one that has most", "replica", 2 << 20, .primaryPosition, late),
            Row("a server for backups is no candidate", "dr", 4 << 20, .primaryPosition) {
                late(&$0)
                $0.observe("replica") { $0.kind = .backup }
            },
            Row("nor is one of priority 0", "dr", 4 << 20, .primaryPosition) {
                late(&$0)
                $0.observe("replica") { $0.priority = 0 }
            },
            Row("nor one that is delayed", "dr", 4 << 20, .primaryPosition) {
                late(&$0)
                $0.set("recovery_min_apply_delay", "1000", on: "replica")
            },
            Row("nor one of another system", "dr", 4 << 20, .primaryPosition) {
                late(&$0)
                $0.change("replica") { $0.systemIdentifier = SystemIdentifier(rawValue: "1") }
            },
            Row("a silent one counts by what its walsender knows", "replica", 2 << 20, .primaryPosition) {
                late(&$0)
                $0.silence("replica")
            },
            Row("nobody left", nil, nil, nil) {
                for name in ["dr", "replica"] { $0.observe(name) { $0.priority = 0 } }
            },
            Row("field case 28: the primary is silent, its last position known", "dr", 32 << 20, .lastKnownPrimary) {
                $0.place("replica", received: Cluster.behind(64 << 20), replayed: Cluster.behind(64 << 20))
                LagTests.delay(&$0, received: 32 << 20, replayed: 32 << 20)
                LagTests.lose(&$0)
            },
            Row("nothing known of a silent primary: unknown, not zero", "replica", nil, nil) {
                late(&$0)
                $0.silence("primary")
            },
            Row("a standby that can't be promoted has more: at least that", "dr", 2 << 20, .mostAdvancedStandby) {
                late(&$0)
                $0.silence("primary")
                $0.observe("replica") { $0.kind = .backup }
            },
        ])
    func loses(row: Row) {
        let rpo = row.change.cluster.report.rpo
        #expect(rpo.node == row.node)
        #expect(rpo.bytes == row.bytes)
        #expect(rpo.source == row.source)
    }

    @Test("In seconds it is the age of the oldest WAL that is missing")
    func seconds() throws {
        var cluster = Cluster.healthy
        Self.late(&cluster)
        cluster.changeRow(of: "replica") { $0.flushLag = 0.25 }
        #expect(cluster.report.rpo.seconds == 0.25)
        #expect(Cluster.healthy.report.rpo.seconds == 0)
    }
}
