/// One WAL segment file: a timeline and a stretch of WAL of `wal_segment_size` bytes.
///
/// Names are three hexadecimal numbers of eight digits: timeline, and the two parts of the segment's number. The
/// second part counts to 4 GiB divided by the segment size (`XLogFileName` in PostgreSQL's `xlog_internal.h`).
public struct WALSegment: Sendable, Hashable {
    /// The timeline in the file's name.
    public let timeline: Timeline
    /// The number of the segment, counted from the start of WAL.
    public let number: UInt64
    /// The size of a segment in bytes: a power of two from 1 MiB to 1 GiB.
    public let size: UInt64

    /// The segment that holds the byte at `position`; nil for a size PostgreSQL doesn't know.
    public init?(containing position: LSN, on timeline: Timeline, size: UInt64) {
        guard Self.isValid(size: size) else { return nil }
        self.timeline = timeline
        self.number = position.rawValue / size
        self.size = size
    }

    /// The segment of that file name; a suffix behind a dot (`.partial`, `.00000028.backup`) is left aside.
    ///
    /// Nil for other names, history files included, and for a size PostgreSQL doesn't know.
    public init?(name: String, size: UInt64) {
        let stem = name.prefix { $0 != "." }
        guard Self.isValid(size: size), stem.utf8.count == 24, stem.allSatisfy(\.isHexDigit) else { return nil }
        func part(_ index: Int) -> UInt64? {
            UInt64(stem.dropFirst(index * 8).prefix(8), radix: 16)
        }
        guard let timeline = part(0), let high = part(1), let low = part(2), low < Self.perHighPart(size) else {
            return nil
        }
        self.timeline = Timeline(rawValue: UInt32(timeline))
        self.number = high * Self.perHighPart(size) + low
        self.size = size
    }

    /// The file's name.
    public var name: String {
        let perHighPart = Self.perHighPart(size)
        return [UInt64(timeline.rawValue), number / perHighPart, number % perHighPart].map { part in
            let digits = String(part, radix: 16, uppercase: true)
            return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        }.joined()
    }

    /// The name of a timeline's history file.
    package static func historyFileName(of timeline: Timeline) -> String {
        let digits = String(timeline.rawValue, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".history"
    }

    /// The position of its first byte.
    public var start: LSN { LSN(rawValue: number * size) }

    private static func isValid(size: UInt64) -> Bool {
        (1 << 20...1 << 30).contains(size) && size & (size - 1) == 0
    }

    private static func perHighPart(_ size: UInt64) -> UInt64 { (1 << 32) / size }
}
