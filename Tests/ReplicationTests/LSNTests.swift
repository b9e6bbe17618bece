import Replication
import Testing

@Suite struct LSNTests {
    @Test(
        "PostgreSQL's text form is read, in any case",
        arguments: [
            ("0/0", 0), ("16/B374D848", 0x16_B374_D848), ("16/b374d848", 0x16_B374_D848), ("0/FFFFFFFF", 4_294_967_295),
            ("1/0", 4_294_967_296), ("00000001/00000000", 4_294_967_296), ("ffffffff/ffffffff", UInt64.max),
        ])
    func parses(text: String, value: UInt64) throws {
        #expect(try LSN(parsing: text).rawValue == value)
    }

    @Test(
        "Field cases 5 and 6: what is no LSN is an error that names the expected form, never position 0",
        arguments: [
            "", "x/y", "1d4b17068128", "/", "1/", "/1", "1/2/3", "-1/0", "+1/0", "0/-1", " 1/0", "1/0 ", "1/0\n",
            "123456789/0", "0/123456789", "0x1/0", "0/G", "１/0",
        ])
    func refuses(text: String) throws {
        let error = try #require(throws: LSN.Malformed.self) { try LSN(parsing: text) }
        #expect(error.text == text)
        #expect(error.description.contains("\"\(text)\""))
        #expect(error.description.contains("16/B374D848"))
    }

    @Test(
        "Field case 4: both words are written in hexadecimal",
        arguments: [
            (0x0000_0000_0000_0028, "0/28"), (0x0000_0009_4D00_0000, "9/4D000000"),
            (0x0000_000A_4D00_0000, "A/4D000000"), (0x0000_000B_4D00_0000, "B/4D000000"),
            (0x0000_000F_FFFF_FFFF, "F/FFFFFFFF"), (0x0000_0010_0000_0000, "10/0"),
            (0xFFFF_FFFF_0000_0001, "FFFFFFFF/1"), (UInt64.max, "FFFFFFFF/FFFFFFFF"),
        ])
    func writes(value: UInt64, text: String) throws {
        let lsn = LSN(rawValue: value)
        #expect(lsn.description == text)
        #expect(try LSN(parsing: text) == lsn)
    }

    @Test(
        "Field cases 1 and 5: distances are unsigned 64-bit, and nothing is ahead of what is beyond it",
        arguments: [
            ("1/00000000", "0/FFFFFFFF", 1), ("1/00000010", "0/FFFFFFF0", 32), ("2/0", "1/0", 4_294_967_296),
            ("0/10", "0/20", 0), ("5/0", "5/0", 0), ("FFFFFFFF/FFFFFFFF", "0/0", UInt64.max),
            ("FFFFFFFF/FFFFFFFF", "FFFFFFFF/FFFFFFF0", 15), ("0/0", "FFFFFFFF/FFFFFFFF", 0),
        ])
    func distance(ahead: String, behind: String, bytes: UInt64) throws {
        #expect(try LSN(parsing: ahead).bytesAhead(of: LSN(parsing: behind)) == bytes)
    }

    @Test(
        "Field cases 2 and 10: order is that of the numbers, not of the texts",
        arguments: [
            ("F/FFFFFFFF", "10/00000000"), ("9/0", "A/0"), ("2/0", "10/0"), ("0/FFFFFFFF", "1/0"), ("0/9", "0/10"),
        ])
    func order(earlier: String, later: String) throws {
        #expect(try LSN(parsing: earlier) < LSN(parsing: later))
        #expect(try !(LSN(parsing: later) < LSN(parsing: earlier)))
    }

    @Test("Nothing lies beyond the last position")
    func advances() throws {
        #expect(LSN(rawValue: 0xFFFF_FFFF).advanced(by: 1) == LSN(rawValue: 0x1_0000_0000))
        #expect(LSN(rawValue: .max - 1).advanced(by: 1) == LSN(rawValue: .max))
        #expect(LSN(rawValue: .max).advanced(by: 1) == nil)
    }
}
