import Replication
import Testing

@Suite struct TimelineTests {
    static let three = "1\t0/3000000\tno recovery target specified\n\n2\t0/50000A0\tbefore 2026-01-01\n"

    @Test("A history file gives each ancestor and where it was left")
    func parses() throws {
        let history = try TimelineHistory(parsing: "# a comment\n" + Self.three, of: Timeline(rawValue: 3))
        #expect(history.timeline == Timeline(rawValue: 3))
        #expect(
            history.ancestors == [
                .init(timeline: Timeline(rawValue: 1), switchPoint: LSN(rawValue: 0x300_0000)),
                .init(timeline: Timeline(rawValue: 2), switchPoint: LSN(rawValue: 0x500_00A0)),
            ])
    }

    @Test("Timeline 1 has no ancestors")
    func first() throws {
        #expect(try TimelineHistory(parsing: "", of: Timeline(rawValue: 1)).ancestors.isEmpty)
    }

    @Test(
        "What is no history file is refused, with the line",
        arguments: [
            ("1", 1), ("one\t0/1", 1), ("1\t0-1", 1), ("1\t0/1\n1\t0/2", 2), ("2\t0/1\n\n1\t0/2", 3), ("3\t0/1", 1),
            ("4\t0/1", 1), ("0\t0/1", 1), ("-1\t0/1", 1), ("4294967296\t0/1", 1),
        ])
    func refuses(content: String, line: Int) throws {
        let error = try #require(throws: TimelineHistory.Malformed.self) {
            try TimelineHistory(parsing: content, of: Timeline(rawValue: 3))
        }
        #expect(error.line == line)
    }

    @Test(
        "A position is part of a history up to the point where its timeline was left, that point included",
        arguments: [
            (1, 0x2FF_FFFF, true), (1, 0x300_0000, true), (1, 0x300_0001, false), (2, 0x300_0000, true),
            (2, 0x500_00A0, true), (2, 0x500_00A1, false), (3, UInt64.max, true), (4, 0, false),
        ])
    func contains(timeline: UInt32, position: UInt64, expected: Bool) throws {
        let history = try TimelineHistory(parsing: Self.three, of: Timeline(rawValue: 3))
        #expect(history.contains(LSN(rawValue: position), on: Timeline(rawValue: timeline)) == expected)
    }

    @Test("Only ancestors have a fork point")
    func forks() throws {
        let history = try TimelineHistory(parsing: Self.three, of: Timeline(rawValue: 3))
        #expect(history.forkPoint(from: Timeline(rawValue: 2)) == LSN(rawValue: 0x500_00A0))
        #expect(history.forkPoint(from: Timeline(rawValue: 3)) == nil)
        #expect(history.forkPoint(from: Timeline(rawValue: 7)) == nil)
    }

    @Test("Timelines are ordered by number and shown in decimal")
    func order() {
        #expect(Timeline(rawValue: 9) < Timeline(rawValue: 10))
        #expect(Timeline(rawValue: 16).description == "16")
    }
}
