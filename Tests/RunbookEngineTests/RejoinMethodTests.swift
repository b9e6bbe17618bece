import Replication
import Testing

@testable import RunbookEngine

struct RejoinMethodTests {
    /// A change of an old primary that was shut down at the fork, and what is decided then.
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var method: RejoinMethod
        var change: @Sendable (inout RejoinFacts) -> Void

        init(
            _ name: String, _ method: RejoinMethod, _ change: @escaping @Sendable (inout RejoinFacts) -> Void = { _ in }
        ) {
            testDescription = name
            self.method = method
            self.change = change
        }
    }

    private static let fork = LSN(rawValue: 0x6_60FA_E480)
    private static let beyond = LSN(rawValue: 0x6_6100_0028)

    private static func timeline(_ number: UInt32) -> Timeline { Timeline(rawValue: number) }

    /// Timeline 33 left 32 at the fork, 32 left 1 before.
    private static var facts: RejoinFacts {
        RejoinFacts(
            primarySystem: SystemIdentifier(rawValue: "7"), system: SystemIdentifier(rawValue: "7"),
            timeline: timeline(32), endOfWAL: fork, wasShutDown: true, streams: false, primaryTimeline: timeline(33),
            primaryHistory: TimelineHistory(
                timeline: timeline(33),
                ancestors: [
                    .init(timeline: timeline(1), switchPoint: LSN(rawValue: 0x1_0000_0000)),
                    .init(timeline: timeline(32), switchPoint: fork),
                ]), canTellPages: true, hasRewind: true, hasRestoreCommand: false, segmentSize: 16 << 20)
    }

    private static let givenUp =
        "it runs as a primary and may take writes; with give_up it is stopped, and what it wrote alone kept"

    @Test(arguments: [
        Row(
            "ended at the fork",
            .follow(reason: "its WAL ends at 6/60FAE480, the primary left timeline 32 at 6/60FAE480")),
        Row(
            "ended before the fork",
            .follow(reason: "its WAL ends at 6/60000000, the primary left timeline 32 at 6/60FAE480")
        ) {
            $0.endOfWAL = LSN(rawValue: 0x6_6000_0000)
        },
        Row("a byte beyond", .rewind(reason: "its WAL ends at 6/60FAE481, beyond the fork at 6/60FAE480")) {
            $0.endOfWAL = LSN(rawValue: fork.rawValue + 1)
        },
        Row("beyond", .rewind(reason: "its WAL ends at 6/61000028, beyond the fork at 6/60FAE480")) {
            $0.endOfWAL = beyond
        },
        Row("crashed beyond", .rewind(reason: "its WAL ends at 6/61000028, beyond the fork at 6/60FAE480")) {
            $0.endOfWAL = beyond
            $0.wasShutDown = false
        },
        // Not to know where it ends is not to know that it may follow.
        Row("unknown end", .rewind(reason: "where its WAL ends could not be found; the fork is at 6/60FAE480")) {
            $0.endOfWAL = nil
        },
        Row("an older ancestor", .rewind(reason: "its WAL ends at 6/60FAE480, beyond the fork at 1/0")) {
            $0.timeline = timeline(1)
        },
        Row(
            "an older ancestor, before its end",
            .follow(reason: "its WAL ends at 0/FF000000, the primary left timeline 1 at 1/0")
        ) {
            $0.timeline = timeline(1)
            $0.endOfWAL = LSN(rawValue: 0xFF00_0000)
        },
        Row(
            "no checksums",
            .rebuild(
                reason:
                    "its WAL ends at 6/61000028, beyond the fork at 6/60FAE480, and it has neither data checksums nor wal_log_hints"
            )
        ) {
            $0.endOfWAL = beyond
            $0.canTellPages = false
        },
        Row(
            "no checksums, but nothing to rewind",
            .follow(reason: "its WAL ends at 6/60FAE480, the primary left timeline 32 at 6/60FAE480")
        ) { $0.canTellPages = false },
        Row(
            "no pg_rewind",
            .rebuild(
                reason: "its WAL ends at 6/61000028, beyond the fork at 6/60FAE480, and pg_rewind is not on its host")
        ) {
            $0.endOfWAL = beyond
            $0.hasRewind = false
        },
        Row(
            "unknown end, no pg_rewind",
            .rebuild(
                reason:
                    "where its WAL ends could not be found; the fork is at 6/60FAE480, and pg_rewind is not on its host"
            )
        ) {
            $0.endOfWAL = nil
            $0.hasRewind = false
        },
        Row("unknown history", .rebuild(reason: "the primary's timeline history could not be read")) {
            $0.primaryHistory = nil
        },
        Row("no ancestor", .rebuild(reason: "its timeline 31 is not in the primary's history")) {
            $0.timeline = timeline(31)
        },
        Row("no ancestor, before the fork", .rebuild(reason: "its timeline 31 is not in the primary's history")) {
            $0.timeline = timeline(31)
            $0.endOfWAL = LSN(rawValue: 0x1_0000_0000)
        },
        Row("ahead", .refused(reason: "it is on timeline 34, the primary on 33: it was promoted later")) {
            $0.timeline = timeline(34)
        },
        Row(
            "another cluster",
            .refused(reason: "it belongs to another cluster: system identifier 8, the primary's is 7")
        ) {
            $0.system = SystemIdentifier(rawValue: "8")
        },
        Row(
            "another cluster that streams",
            .refused(reason: "it belongs to another cluster: system identifier 8, the primary's is 7")
        ) {
            $0.system = SystemIdentifier(rawValue: "8")
            $0.streams = true
        },
        Row("unknown cluster", .refused(reason: "the system identifiers could not be compared")) { $0.system = nil },
        Row("unknown primary's cluster", .refused(reason: "the system identifiers could not be compared")) {
            $0.primarySystem = nil
        },
        Row("two unknown clusters", .refused(reason: "the system identifiers could not be compared")) {
            $0.system = nil
            $0.primarySystem = nil
        },
        Row("streams", .nothing) {
            $0.timeline = timeline(33)
            $0.streams = true
        },
        Row("runs as a primary", .refused(reason: givenUp)) { $0.runsAsPrimary = true },
        Row("runs as a primary, diverged", .refused(reason: givenUp)) {
            $0.runsAsPrimary = true
            $0.endOfWAL = beyond
        },
        Row("given up", .rewind(reason: "its WAL ends at 6/61000028, beyond the fork at 6/60FAE480")) {
            $0.runsAsPrimary = true
            $0.isGivenUp = true
            $0.endOfWAL = beyond
        },
        Row("given up and copied anew, promoted later", .rebuild(reason: "a new copy is wanted")) {
            $0.timeline = timeline(34)
            $0.isGivenUp = true
            $0.isCopyWanted = true
        },
        Row(
            "given up, promoted later",
            .refused(reason: "it is on timeline 34, the primary on 33: it was promoted later")
        ) {
            $0.runsAsPrimary = true
            $0.isGivenUp = true
            $0.timeline = timeline(34)
        },
        Row("the same timeline", .follow(reason: "it is on the primary's timeline 33")) { $0.timeline = timeline(33) },
        Row("the same timeline, unknown history", .follow(reason: "it is on the primary's timeline 33")) {
            $0.timeline = timeline(33)
            $0.primaryHistory = nil
        },
        Row("the same timeline, behind", .follow(reason: "it is on the primary's timeline 33")) {
            $0.timeline = timeline(33)
            $0.primaryPosition = beyond
        },
        // pg_rewind takes such a pair for one history.
        Row(
            "the same timeline, ahead",
            .rebuild(reason: "its WAL ends at 6/61000028, the primary is on the same timeline and only at 6/60FAE480")
        ) {
            $0.timeline = timeline(33)
            $0.endOfWAL = beyond
            $0.primaryPosition = fork
        },
        Row(
            "the same timeline, was a primary",
            .rebuild(reason: "it was a primary on timeline 33 beside the primary, without having been promoted")
        ) {
            $0.timeline = timeline(33)
            $0.wasPrimary = true
            $0.primaryPosition = beyond
        },
        Row(
            "the same timeline, given up",
            .rebuild(reason: "it was a primary on timeline 33 beside the primary, without having been promoted")
        ) {
            $0.timeline = timeline(33)
            $0.runsAsPrimary = true
            $0.isGivenUp = true
        },
        Row(
            "the same number, another timeline",
            .rebuild(reason: "its timeline 33 is another one than the primary's: both were promoted")
        ) {
            $0.timeline = timeline(33)
            $0.history = TimelineHistory(
                timeline: timeline(33), ancestors: [.init(timeline: timeline(32), switchPoint: fork)])
        },
        Row(
            "an ancestor's number, another timeline",
            .rewind(reason: "its WAL ends at 6/60000000, beyond the fork at 1/0")
        ) {
            $0.endOfWAL = LSN(rawValue: 0x6_6000_0000)
            $0.history = TimelineHistory(
                timeline: timeline(32),
                ancestors: [.init(timeline: timeline(1), switchPoint: LSN(rawValue: 0x2_0000_0000))])
        },
        Row(
            "the WAL from there on is gone",
            .rebuild(
                reason:
                    "its WAL ends at 6/60FAE480, the primary left timeline 32 at 6/60FAE480, and the primary no longer "
                    + "has the WAL from there on")
        ) { $0.isWALThere = false },
        Row(
            "the archive has it",
            .follow(reason: "its WAL ends at 6/60FAE480, the primary left timeline 32 at 6/60FAE480")
        ) {
            $0.isWALThere = false
            $0.hasRestoreCommand = true
        },
        Row(
            "the same timeline, the WAL from there on is gone",
            .rebuild(reason: "it is on the primary's timeline 33, and the primary no longer has the WAL from there on")
        ) {
            $0.timeline = timeline(33)
            $0.isWALThere = false
        },
        Row("a copy is wanted", .rebuild(reason: "a new copy is wanted")) { $0.isCopyWanted = true },
        Row("a copy of another cluster", .refused(reason: "the system identifiers could not be compared")) {
            $0.isCopyWanted = true
            $0.system = nil
        },
    ])
    func decides(_ row: Row) {
        var facts = Self.facts
        row.change(&facts)
        let method = RejoinMethod.decide(facts)
        #expect(method == row.method)
        #expect(!method.reason.isEmpty)
    }

    @Test func keywords() {
        let methods: [RejoinMethod] = [
            .nothing, .follow(reason: "a"), .rewind(reason: "a"), .rebuild(reason: "a"), .refused(reason: "a"),
        ]
        #expect(methods.map(\.keyword) == ["nothing", "follow", "rewind", "rebuild", "refused"])
    }

    @Test func theForksSegment() {
        var facts = Self.facts
        #expect(facts.forkSegment == "000000200000000600000060")
        facts.segmentSize = 1 << 30
        #expect(facts.forkSegment == "000000200000000600000001")
        facts.segmentSize = 0
        #expect(facts.forkSegment == nil)
        facts.timeline = Self.timeline(33)
        #expect(facts.fork == nil)
    }
}
