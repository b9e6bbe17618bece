/// A value of the protocol that Redis speaks (RESP 2).
package enum RESPValue: Sendable, Equatable {
    /// A simple or a bulk string.
    case text(String)
    /// An error, in the server's words.
    case error(String)
    case number(Int64)
    case list([RESPValue])
    /// A null string or list.
    case nothing

    /// What is no such value.
    package struct Flaw: Error {}

    /// The first value in `bytes`, and how many of them it takes; nil when more must come first.
    package static func parse(_ bytes: ArraySlice<UInt8>) throws(Flaw) -> (RESPValue, length: Int)? {
        var parser = RESPParser(rest: bytes)
        guard let value = try parser.value(depth: 0) else { return nil }
        return (value, bytes.count - parser.rest.count)
    }

    /// A command with its arguments, as a list of bulk strings: no argument can be taken for anything else.
    package static func command(_ words: [String]) -> [UInt8] {
        var bytes = Array("*\(words.count)\r\n".utf8)
        for word in words { bytes += Array("$\(word.utf8.count)\r\n\(word)\r\n".utf8) }
        return bytes
    }

    /// The text of a string, or a number as text; nil for all else.
    package var text: String? {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        default: nil
        }
    }
}

private struct RESPParser {
    var rest: ArraySlice<UInt8>

    /// Of what a server says by itself nothing is deeper or longer.
    private static let greatestDepth = 8
    private static let greatestCount = 1 << 20

    mutating func value(depth: Int) throws(RESPValue.Flaw) -> RESPValue? {
        guard depth < Self.greatestDepth else { throw RESPValue.Flaw() }
        guard let kind = rest.first else { return nil }
        guard "+-:$*".utf8.contains(kind) else { throw RESPValue.Flaw() }
        guard let line = try line() else { return nil }
        switch kind {
        case UInt8(ascii: "+"): return .text(String(decoding: line, as: UTF8.self))
        case UInt8(ascii: "-"): return .error(String(decoding: line, as: UTF8.self))
        case UInt8(ascii: ":"): return .number(try number(line))
        case UInt8(ascii: "$"): return try bulk(try number(line))
        default: return try list(try number(line), depth)
        }
    }

    /// The line behind the first byte.
    private mutating func line() throws(RESPValue.Flaw) -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\r")), rest.index(after: end) < rest.endIndex else {
            return nil
        }
        guard rest[rest.index(after: end)] == UInt8(ascii: "\n") else { throw RESPValue.Flaw() }
        let line = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[(end + 2)...]
        return line
    }

    private func number(_ line: ArraySlice<UInt8>) throws(RESPValue.Flaw) -> Int64 {
        guard let number = Int64(String(decoding: line, as: UTF8.self)) else { throw RESPValue.Flaw() }
        return number
    }

    private mutating func bulk(_ length: Int64) throws(RESPValue.Flaw) -> RESPValue? {
        if length == -1 { return .nothing }
        guard (0...Int64(Self.greatestCount)).contains(length) else { throw RESPValue.Flaw() }
        guard rest.count >= Int(length) + 2 else { return nil }
        let text = rest.prefix(Int(length))
        guard rest.dropFirst(Int(length)).starts(with: "\r\n".utf8) else { throw RESPValue.Flaw() }
        rest = rest.dropFirst(Int(length) + 2)
        return .text(String(decoding: text, as: UTF8.self))
    }

    private mutating func list(_ count: Int64, _ depth: Int) throws(RESPValue.Flaw) -> RESPValue? {
        if count == -1 { return .nothing }
        guard (0...Int64(Self.greatestCount)).contains(count) else { throw RESPValue.Flaw() }
        var values: [RESPValue] = []
        for _ in 0..<count {
            guard let value = try value(depth: depth + 1) else { return nil }
            values.append(value)
        }
        return .list(values)
    }
}
