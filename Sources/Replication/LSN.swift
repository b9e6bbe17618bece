/// A log sequence number: a byte position in the stream of WAL, as in PostgreSQL's type `pg_lsn`.
///
/// Positions of one system on one timeline are ordered; those on different timelines are compared only through the
/// timeline history.
public struct LSN: RawRepresentable, Hashable, Comparable, Sendable {
    /// Bytes since the start of WAL.
    public let rawValue: UInt64

    /// The position that many bytes after the start of WAL.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Why a text is no LSN, in words for the person who wrote it.
    public struct Malformed: Error, Sendable, Equatable, CustomStringConvertible {
        /// The text that was given.
        public let text: String
        /// What is wrong, and the form that is expected.
        public var description: String {
            "invalid LSN \"\(text)\": expected two hexadecimal numbers of up to 8 digits, such as \"16/B374D848\""
        }
    }

    /// Parses PostgreSQL's form: two hexadecimal halves of 32 bits, in any case, leading zeros optional.
    /// - Throws: `Malformed` for everything else, signs and blanks included.
    public init(parsing text: String) throws(Malformed) {
        let halves = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard halves.count == 2, let high = Self.half(halves[0]), let low = Self.half(halves[1]) else {
            throw Malformed(text: text)
        }
        rawValue = UInt64(high) << 32 | UInt64(low)
    }

    private static func half(_ digits: Substring.UTF8View) -> UInt32? {
        guard (1...8).contains(digits.count) else { return nil }
        var value: UInt32 = 0
        for digit in digits {
            let nibble: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = digit - UInt8(ascii: "0")
            case UInt8(ascii: "A")...UInt8(ascii: "F"): nibble = digit - UInt8(ascii: "A") + 10
            case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            value = value << 4 | UInt32(nibble)
        }
        return value
    }

    /// How many bytes this position is ahead of `other`; zero when it is at or behind it (see `<` for which).
    public func bytesAhead(of other: LSN) -> UInt64 { self > other ? rawValue - other.rawValue : 0 }

    /// The position `bytes` further on, nil beyond the last possible one.
    public func advanced(by bytes: UInt64) -> LSN? {
        let (sum, overflow) = rawValue.addingReportingOverflow(bytes)
        return overflow ? nil : LSN(rawValue: sum)
    }

    /// PostgreSQL's "no position": `0/0`, which several of its functions return instead of NULL.
    public static let invalid = LSN(rawValue: 0)

    /// The earlier position is the smaller.
    public static func < (left: LSN, right: LSN) -> Bool { left.rawValue < right.rawValue }
}

extension LSN: CustomStringConvertible, Codable {
    /// PostgreSQL's text form, for example `16/B374D848`.
    public var description: String {
        "\(String(rawValue >> 32, radix: 16, uppercase: true))/"
            + String(rawValue & 0xFFFF_FFFF, radix: 16, uppercase: true)
    }

    /// Decodes the text form.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        self = try LSN(parsing: text)
    }

    /// Encodes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
