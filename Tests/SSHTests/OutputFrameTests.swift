import Testing

@testable import SSH

struct OutputFrameTests {
    private static let start = "\u{1E}T+\n"

    /// Each stream, what of it is the command's, and what its end says.
    private static let streams: [(stream: String, output: String, ending: String?)] = [
        ("", "", nil), (start, "", nil), (start + "abc", "abc", nil), (start + "abc\u{1E}T-0 \n", "abc", "0"),
        ("Welcome\n" + start + "a\nb\n\u{1E}T-7 \n", "a\nb\n", "7"), (start + "\u{1E}T-137 KILL\n\n", "", "137 KILL"),
        (start + "\u{1E}\u{1E}T\u{1E}x\u{1E}T-0 \n", "\u{1E}\u{1E}T\u{1E}x", "0"),
        (start + "a\u{1E}T-0 \nlater", "a", "0"), (start + "printf \\036T-0\n", "printf \\036T-0\n", nil),
        (start + "\u{1E}U-0 \nx", "\u{1E}U-0 \nx", nil), (start + "\u{1E}T-", "", nil), ("\u{1E}T-0 \n", "", "0"),
        ("\u{1E}x" + start + "y", "y", nil),
    ]

    @Test(arguments: streams, [1, 2, 3, 5, 1000])
    func recordsAreFoundWhereverTheStreamIsCut(
        row: (stream: String, output: String, ending: String?), size: Int
    ) {
        var frame = OutputFrame(token: "T")
        var output: [UInt8] = []
        var rest = Array(row.stream.utf8)[...]
        while !rest.isEmpty {
            frame.consume(rest.prefix(size)) { output += $0 }
            rest = rest.dropFirst(size)
        }
        #expect(String(decoding: output, as: UTF8.self) == row.output)
        #expect(frame.ending == row.ending)
    }

    @Test(
        arguments: [
            ("a", false), ("a\u{1E}T-0 \n", false), ("a\u{1E}T-0 \nb", true), ("a\u{1E}T-0 \n\u{1E}T-0 \n", true),
        ] as [(String, Bool)], [1, 1000])
    func whatComesAfterTheEndIsNoticed(row: (text: String, isFollowed: Bool), size: Int) {
        var frame = OutputFrame(token: "T")
        var rest = Array((Self.start + row.text).utf8)[...]
        while !rest.isEmpty {
            frame.consume(rest.prefix(size)) { _ in }
            rest = rest.dropFirst(size)
        }
        #expect(frame.isFollowed == row.isFollowed)
    }

    @Test func theLastOfTheNoiseIsKept() {
        var frame = OutputFrame(token: "T")
        for _ in 0..<1000 { frame.consume(Array("noise ".utf8)[...]) { _ in Issue.record("noise is no output") } }
        frame.consume(Array("last".utf8)[...]) { _ in }
        #expect(frame.noise.count == 2048)
        #expect(String(decoding: frame.noise, as: UTF8.self).hasSuffix("noise last"))
        #expect(!frame.hasStarted)
    }

    @Test(
        arguments: [
            ("0", .exited(0)), ("7", .exited(7)), ("255", .exited(255)), ("255 127", .exited(255)),
            ("137 KILL", .signalled("KILL")),
            ("143 TERM", .signalled("TERM")), ("137", .exited(137)), ("", nil), ("x", nil), ("256", nil), ("-1", nil),
        ] as [(String, CommandEnd?)])
    func theEndIsRead(record: String, end: CommandEnd?) {
        #expect(CommandEnd(record: record) == end)
    }
}
