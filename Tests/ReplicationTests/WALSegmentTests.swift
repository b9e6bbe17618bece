import Replication
import Testing

@Suite struct WALSegmentTests {
    static let megabyte: UInt64 = 1 << 20

    @Test(
        "Field case 8: names are hexadecimal, and 4 GiB of segments make one high part",
        arguments: [
            ("0000000A00000001000000FF", 10, 0x1_FF00_0000, 16), ("000000010000000000000001", 1, 0x0100_0000, 16),
            ("000000010000000200000000", 1, 0x2_0000_0000, 16), ("000000010000000100000FFF", 1, 0x1_FFF0_0000, 1),
            ("000000100000000100000003", 16, 0x1_C000_0000, 1024),
            ("00000001FFFFFFFF000000FF", 1, 0xFFFF_FFFF_FF00_0000, 16),
        ])
    func names(name: String, timeline: UInt32, start: UInt64, megabytes: UInt64) throws {
        let parsed = try #require(WALSegment(name: name, size: megabytes * Self.megabyte))
        #expect(parsed.timeline == Timeline(rawValue: timeline))
        #expect(parsed.start == LSN(rawValue: start))
        let first = try #require(
            WALSegment(
                containing: LSN(rawValue: start), on: Timeline(rawValue: timeline), size: megabytes * Self.megabyte))
        #expect(first.name == name)
        let last = WALSegment(
            containing: LSN(rawValue: start + (megabytes * Self.megabyte - 1)), on: Timeline(rawValue: timeline),
            size: megabytes * Self.megabyte)
        #expect(last == first)
    }

    @Test("The byte before a segment is in the segment before, over the high part too")
    func boundary() throws {
        let before = WALSegment(
            containing: LSN(rawValue: 0x1_FFFF_FFFF), on: Timeline(rawValue: 1), size: 16 * Self.megabyte)
        #expect(before?.name == "0000000100000001000000FF")
        #expect(before?.number == 511)
    }

    @Test(
        "A suffix is left aside",
        arguments: ["000000020000000000000003.partial", "000000020000000000000003.00000028.backup"])
    func suffix(name: String) {
        #expect(WALSegment(name: name, size: 16 * Self.megabyte)?.name == "000000020000000000000003")
    }

    @Test(
        "Other names are no segments",
        arguments: [
            "", "00000002.history", "00000001000000000000000", "0000000100000000000000011", "00000001000000000000000G",
            "000000010000000000000100", "+00000010000000000000001", ".partial",
        ])
    func refusesNames(name: String) {
        #expect(WALSegment(name: name, size: 16 * Self.megabyte) == nil)
    }

    @Test(
        "Sizes that PostgreSQL doesn't know are refused", arguments: [0, 1, 524_288, 3 << 20, (16 << 20) + 1, 2 << 30])
    func refusesSizes(size: UInt64) {
        #expect(WALSegment(name: "000000010000000000000001", size: size) == nil)
        #expect(WALSegment(containing: LSN(rawValue: 1), on: Timeline(rawValue: 1), size: size) == nil)
    }
}
