import Estate
import Testing

@Suite struct RESPTests {
    @Test(
        arguments: [
            ("+PONG\r\n", .text("PONG"), 7), ("-ERR no\r\n+", .error("ERR no"), 9), (":-12\r\n", .number(-12), 6),
            ("$5\r\na\r\nbc\r\n", .text("a\r\nbc"), 11), ("$0\r\n\r\n", .text(""), 6), ("$-1\r\n", .nothing, 5),
            ("*-1\r\n", .nothing, 5), ("*0\r\n", .list([]), 4),
            ("*3\r\n$6\r\nmaster\r\n:9\r\n*0\r\n", .list([.text("master"), .number(9), .list([])]), 24),
        ] as [(String, RESPValue, Int)])
    func parses(text: String, value: RESPValue, length: Int) throws {
        let bytes = Array(text.utf8)
        let parsed = try #require(try RESPValue.parse(bytes[...]))
        #expect(parsed.0 == value && parsed.length == length)
        for count in 0..<length { #expect(try RESPValue.parse(bytes[..<count]) == nil, "\(count)") }
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\n", "$x\r\n", "$-2\r\n", "*-5\r\n", "$99999999999\r\n", "*99999999\r\n",
        "+a\rb\r\n",
        "$1\r\nabc", ":\r\n", String(repeating: "*1\r\n", count: 20),
    ])
    func refuses(text: String) {
        #expect(throws: RESPValue.Flaw.self) { try RESPValue.parse(Array(text.utf8)[...]) }
    }

    @Test func noArgumentBecomesACommand() {
        let bytes = RESPValue.command(["AUTH", "a\r\nFLUSHALL", "ä"])
        #expect(String(decoding: bytes, as: UTF8.self) == "*3\r\n$4\r\nAUTH\r\n$11\r\na\r\nFLUSHALL\r\n$2\r\nä\r\n")
    }

    @Test(
        arguments: [
            (.list([.text("master"), .number(1), .list([])]), .master),
            (
                .list([.text("slave"), .text("h"), .number(6379), .text("connected"), .number(1)]),
                .replica(of: "h:6379", link: "connected")
            ),
            (.list([.text("slave")]), nil), (.list([.text("sentinel")]), nil), (.error("NOPERM"), nil),
        ] as [(RESPValue, RedisAnswer.Role?)])
    func role(value: RESPValue, role: RedisAnswer.Role?) { #expect(RedisAnswer.Role(value) == role) }
}
