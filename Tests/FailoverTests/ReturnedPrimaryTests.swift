import Failover
import Replication
import Testing

/// Whether one of two nodes that take writes is the old primary of the other.
@Suite struct ReturnedPrimaryTests {
    private static func primary(
        _ name: String, timeline: UInt32, at position: String, ancestors: [(UInt32, String)] = [],
        system: String = "7300000000000000001"
    ) throws -> ObservedNode {
        var own = NodeSnapshot(inRecovery: false, now: Moment(rawValue: 0))
        own.systemIdentifier = SystemIdentifier(rawValue: system)
        own.postmasterStart = Moment(rawValue: Double(timeline))
        own.timeline = Timeline(rawValue: timeline)
        own.currentLSN = try LSN(parsing: position)
        let timing = Timing(asked: Moment(rawValue: 0), answered: Moment(rawValue: 0))
        let history = TimelineHistory(
            timeline: Timeline(rawValue: timeline),
            ancestors: try ancestors.map {
                .init(timeline: Timeline(rawValue: $0.0), switchPoint: try LSN(parsing: $0.1))
            })
        return ObservedNode(
            name: name, kind: .replica, answer: .answered(own, timing), histories: timeline > 1 ? [history] : [])
    }

    private static func returned(_ nodes: ObservedNode...) -> ReturnedPrimary? {
        ReturnedPrimary(ClusterSnapshot(name: "main", at: Moment(rawValue: 0), nodes: nodes))
    }

    @Test func theOneThatWasReplaced() throws {
        let old = try Self.primary("a", timeline: 1, at: "0/5000100")
        let new = try Self.primary("b", timeline: 2, at: "0/7000000", ancestors: [(1, "0/5000000")])
        let wanted = ReturnedPrimary(old: "a", new: "b", fork: try LSN(parsing: "0/5000000"), lost: 0x100)
        #expect(Self.returned(old, new) == wanted)
        #expect(Self.returned(new, old) == wanted)
    }

    @Test func twoPromotionsLater() throws {
        let old = try Self.primary("a", timeline: 1, at: "0/4FFFF00")
        let new = try Self.primary(
            "b", timeline: 3, at: "0/7000000", ancestors: [(1, "0/5000000"), (2, "0/6000000")])
        #expect(Self.returned(old, new)?.old == "a")
        #expect(Self.returned(old, new)?.lost == 0)
    }

    @Test func whatCannotBeTold() throws {
        let old = try Self.primary("a", timeline: 1, at: "0/5000000")
        let new = try Self.primary("b", timeline: 2, at: "0/5000000", ancestors: [(1, "0/5000000")])
        // One alone.
        #expect(Self.returned(new) == nil)
        // Another cluster.
        let foreign = try Self.primary(
            "b", timeline: 2, at: "0/5000000", ancestors: [(1, "0/5000000")], system: "7300000000000000002")
        #expect(Self.returned(old, foreign) == nil)
        // Both promoted out of timeline 1.
        let rival = try Self.primary("c", timeline: 2, at: "0/5000000", ancestors: [(1, "0/4000000")])
        #expect(Self.returned(new, rival) == nil)
        // Another line: its timeline 2 is not the ancestor of the other's 3.
        let later = try Self.primary(
            "d", timeline: 3, at: "0/8000000", ancestors: [(1, "0/5000000"), (2, "0/6000000")])
        #expect(Self.returned(rival, later) == nil)
        #expect(Self.returned(new, later)?.old == "b")
        // No history to be read.
        var blind = new
        blind.histories = []
        #expect(Self.returned(old, blind) == nil)
        // Three at once.
        #expect(Self.returned(old, new, later) == nil)
    }
}
