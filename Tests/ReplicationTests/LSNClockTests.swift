import Replication
import Testing

@Suite struct LSNClockTests {
    static let one = Timeline(rawValue: 1)

    /// Idle at 1000 from second 0 to 20, at 2000 in second 30, at 3000 in second 40.
    static var clock: LSNClock {
        var clock = LSNClock()
        for (second, lsn) in [(0.0, 1000), (10, 1000), (20, 1000), (30, 2000), (40, 3000)] {
            clock.record(LSN(rawValue: UInt64(lsn)), on: one, at: Moment(rawValue: second))
        }
        return clock
    }

    @Test(
        "An age is the time since the primary last stood there",
        arguments: [
            (3000, 40, 0), (3000, 45, 5), (2000, 40, 10), (2500, 40, 5), (1000, 40, 20), (1500, 42, 17),
            (3000, 39, 0),
        ])
    func ages(lsn: UInt64, now: Double, age: Double) throws {
        let measured = try #require(Self.clock.age(of: LSN(rawValue: lsn), asOf: Moment(rawValue: now)))
        #expect(abs(measured - age) < 1e-9)
    }

    @Test(
        "What the primary passed before the first sample or reached after the last has no age",
        arguments: [0, 999, 3001])
    func unknown(lsn: UInt64) {
        #expect(Self.clock.age(of: LSN(rawValue: lsn), asOf: Moment(rawValue: 50)) == nil)
    }

    @Test("An empty history knows no age")
    func empty() {
        #expect(LSNClock().age(of: LSN(rawValue: 1), asOf: Moment(rawValue: 1)) == nil)
    }

    @Test(
        "Another timeline, a position that goes back and a clock that goes back start anew",
        arguments: [(2, 4000, 50), (1, 2999, 50), (1, 4000, 39)])
    func startsAnew(timeline: UInt32, lsn: UInt64, second: Double) {
        var clock = Self.clock
        clock.record(LSN(rawValue: lsn), on: Timeline(rawValue: timeline), at: Moment(rawValue: second))
        #expect(clock.samples.map(\.lsn.rawValue) == [lsn])
        #expect(clock.timeline == Timeline(rawValue: timeline))
    }

    @Test("It never holds more than its capacity, and thins the past first", arguments: [2, 3, 4, 64])
    func capacity(capacity: Int) throws {
        var clock = LSNClock(capacity: capacity)
        for second in 0..<1000 {
            clock.record(LSN(rawValue: UInt64(second)), on: Self.one, at: Moment(rawValue: Double(second)))
            #expect(clock.samples.count <= max(3, capacity))
        }
        #expect(clock.samples.first?.lsn == LSN(rawValue: 0))
        #expect(clock.samples.suffix(2).map(\.lsn.rawValue) == [998, 999])
        // All samples lie on one line, so that interpolation over what was dropped is exact.
        let age = try #require(clock.age(of: LSN(rawValue: 500), asOf: Moment(rawValue: 999)))
        #expect(abs(age - 499) < 1e-6)
    }

    @Test("A round with one primary is recorded, when it answered")
    func records() {
        var clock = LSNClock()
        clock.record(Cluster.healthy.snapshot)
        #expect(clock.samples.map(\.lsn) == [Cluster.position])
        #expect(clock.samples.map(\.at) == [Cluster.answered])
        #expect(clock.timeline == Self.one)
    }

    @Test(
        "A round without a primary, or with two, is not",
        arguments: [
            Change("silent primary") { $0.silence("primary") }, Change("two primaries") { $0.promote("dr", to: 2) },
        ])
    func leavesOut(change: Change) {
        var clock = LSNClock()
        clock.record(change.cluster.snapshot)
        #expect(clock.samples.isEmpty)
    }

    @Test("A primary that is configured twice is one primary")
    func twin() {
        var cluster = Cluster.healthy
        cluster.observe("replica") {
            $0.answer = .answered(Cluster.primary(), Timing(asked: Cluster.asked, answered: Cluster.answered))
        }
        var clock = LSNClock()
        clock.record(cluster.snapshot)
        #expect(clock.samples.map(\.lsn) == [Cluster.position])
    }
}
