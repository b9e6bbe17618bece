#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A filter over the bytes of lines: their keys stand in one order, so no line need be decoded to be left out.
struct LineFilter: Sendable {
    private let cluster: [UInt8]?
    private let run: [UInt8]?
    private let since: [UInt8]?

    init(_ filter: AuditFilter) {
        cluster = filter.cluster.map(Self.json)
        run = filter.run.map(Self.json)
        since = filter.since.map { Array($0.text.utf8) }
    }

    private static func json(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(json: text)
        return bytes
    }

    /// Whether the line is wanted; one that is no event never is when anything is asked of it.
    func admits(_ line: UnsafeRawBufferPointer) -> Bool {
        guard cluster != nil || run != nil || since != nil else { return true }
        var scanner = LineScanner(line)
        guard scanner.skip("{\"seq\":"), scanner.skipNumber(), scanner.skip(",\"at\":"), let at = scanner.value()
        else { return false }
        if let since {
            // Inside the quotes; texts of one length compare as their moments do.
            guard at.count == since.count + 2 else { return false }
            let written = line[(at.lowerBound + 1)..<(at.upperBound - 1)]
            guard !written.lexicographicallyPrecedes(since) else { return false }
        }
        guard cluster != nil || run != nil else { return true }
        for key in [",\"actor\":", ",\"host\":"] as [StaticString] {
            guard scanner.skip(key), scanner.value() != nil else { return false }
        }
        guard scanner.skip(",\"cluster\":"), let ownCluster = scanner.value(), scanner.skip(",\"run\":"),
            let ownRun = scanner.value()
        else { return false }
        return (cluster.map { line[ownCluster].elementsEqual($0) } ?? true)
            && (run.map { line[ownRun].elementsEqual($0) } ?? true)
    }
}

/// Goes through the start of a line, key by key.
private struct LineScanner {
    private let line: UnsafeRawBufferPointer
    private var index = 0

    init(_ line: UnsafeRawBufferPointer) { self.line = line }

    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard line.count - index >= count, let base = line.baseAddress,
            memcmp(base + index, text.utf8Start, count) == 0
        else { return false }
        index += count
        return true
    }

    mutating func skipNumber() -> Bool {
        let start = index
        while index < line.count, (0x30...0x39).contains(line[index]) { index += 1 }
        return index > start
    }

    /// The place of a text, its quotes included, or of `null`.
    mutating func value() -> Range<Int>? {
        let start = index
        if skip("null") { return start..<index }
        guard index < line.count, line[index] == UInt8(ascii: "\"") else { return nil }
        index += 1
        while index < line.count {
            let byte = line[index]
            index += 1
            if byte == UInt8(ascii: "\"") { return start..<index }
            if byte == UInt8(ascii: "\\") { index += 1 }
        }
        return nil
    }
}
