#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// What ties a line to its neighbours, taken from where it stands in each line: the number at its start and the
/// hash of the line before at its end.
struct LineFrame: Sendable, Equatable {
    var seq: UInt64
    var prev: LineHash

    /// The ends of a line; nil when it doesn't begin and end as all lines of a log do.
    init?(_ line: UnsafeRawBufferPointer) {
        let end = line.count - Self.tail.count - 64 - Self.close.count
        guard end > Self.start.count, line.starts(with: Self.start) else { return nil }
        var seq: UInt64 = 0
        var index = Self.start.count
        while index < end, (0x30...0x39).contains(line[index]) {
            let (product, isTooLarge) = seq.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(UInt64(line[index] - 0x30))
            guard !isTooLarge, !overflow else { return nil }
            seq = sum
            index += 1
        }
        // Numbers begin with 1, and one number has one spelling.
        guard seq > 0, line[Self.start.count] != 0x30 else { return nil }
        guard Self.matches(line, index, Self.time), Self.matches(line, end, Self.tail),
            Self.matches(line, line.count - Self.close.count, Self.close),
            let prev = LineHash(
                hex: UnsafeRawBufferPointer(rebasing: line[(end + Self.tail.count)..<(line.count - Self.close.count)]))
        else { return nil }
        self.seq = seq
        self.prev = prev
    }

    private static let start = Array("{\"seq\":".utf8)
    private static let time = Array(",\"at\":\"".utf8)
    private static let tail = Array(",\"prev\":\"".utf8)
    private static let close = Array("\"}".utf8)

    private static func matches(_ line: UnsafeRawBufferPointer, _ index: Int, _ text: [UInt8]) -> Bool {
        guard index + text.count <= line.count else { return false }
        return text.withUnsafeBytes { text in
            guard let line = line.baseAddress, let bytes = text.baseAddress else { return false }
            return memcmp(line + index, bytes, text.count) == 0
        }
    }
}
