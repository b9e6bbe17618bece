internal import Essentials
internal import SystemPackage

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Where a log ends: what the next line is tied to.
struct LogTail: Sendable, Equatable {
    /// The number of the last file; 0 when there is none.
    var file = 0
    /// The length of the last file's complete lines, in bytes.
    var offset = 0
    /// The number of the last event; 0 when there is none.
    var seq: UInt64 = 0
    /// The hash of the last line; zero when there is none.
    var hash = LineHash.zero

    var head: AuditHead { AuditHead(seq: seq, hash: hash.hex) }
}

/// What stands behind the last newline: a line that was begun when the power or the process went.
struct TornLine: Sendable, Equatable {
    var file: Int
    var offset: Int
    var bytes: Int
    var hash: LineHash

    /// The event that tells of it.
    var entry: AuditEntry {
        AuditEntry(
            "audit.recovered",
            details: [
                "file": .text(LogDirectory.fileName(file)), "offset": .integer(Int64(offset)),
                "bytes": .integer(Int64(bytes)), "sha256": .text(hash.hex),
            ])
    }
}

extension LogDirectory {
    /// Looks for the end of a log that this process hasn't written to yet.
    ///
    /// Only the last two lines are read: that
    /// the chain holds before them is for `verify` to say.
    /// - Throws: `audit` when the end is not that of an unbroken chain.
    func findTail(_ digest: inout Digest) throws(Failure) -> (LogTail, TornLine?) {
        let numbers = try numbers()
        guard let last = numbers.last, let first = numbers.first else { return (LogTail(), nil) }
        var tail = LogTail(file: last)
        var torn: TornLine?
        // The last line and the one before it.
        var found: [[UInt8]] = []
        var place = ""
        for number in numbers.reversed() where found.count < 2 {
            let end = try end(of: number, lines: 2 - found.count)
            if number == last {
                tail.offset = end.complete
                if !end.rest.isEmpty {
                    let hash = try digest.hash(of: end.rest)
                    torn = TornLine(file: last, offset: end.complete, bytes: end.rest.count, hash: hash)
                }
            } else if !end.rest.isEmpty {
                throw distrust("\(Self.fileName(number)) is not the last file and has no newline at its end.")
            }
            if found.isEmpty, !end.lines.isEmpty { place = "The last line of \(Self.fileName(number))" }
            found += end.lines.reversed()
        }
        guard let line = found.first else {
            if first == 1, last == 1 { return (tail, torn) }
            throw distrust("\(Self.fileName(last)) has no line to go on from and the files before it none either.")
        }
        guard let frame = line.withUnsafeBytes({ LineFrame($0) }),
            let event = try? JSONDecoder().decode(AuditEvent.self, from: Data(line)), event.seq == frame.seq
        else { throw distrust("\(place) is no event.") }
        let before = try found.count > 1 ? digest.hash(of: found[1]) : .zero
        let seqBefore = found.count > 1 ? found[1].withUnsafeBytes { LineFrame($0)?.seq } : 0
        guard frame.prev == before, let seqBefore, frame.seq - 1 == seqBefore else {
            throw distrust("\(place) does not follow from the line before it.")
        }
        tail.seq = frame.seq
        tail.hash = try digest.hash(of: line)
        return (tail, torn)
    }

    /// Goes through what others have written behind a known end, in that file and those after it.
    /// - Throws: `audit` when it does not follow.
    func follow(
        _ known: LogTail, through numbers: [Int], _ digest: inout Digest
    ) throws(Failure) -> (LogTail, TornLine?) {
        var reached = known
        var torn: TornLine?
        var stream = LineStream(self, numbers.map { LogFile(number: $0) }, from: known.offset)
        while torn == nil, let line = try stream.nextHashed(&digest) {
            let name = Self.fileName(line.place.file)
            if line.place.ending == .endOfFile, line.place.file == numbers.last {
                torn = TornLine(
                    file: line.place.file, offset: line.place.offset, bytes: line.length, hash: line.hash)
            } else if line.place.ending == .newline, let frame = line.frame, frame.seq == reached.seq + 1,
                frame.prev == reached.hash
            {
                reached = LogTail(
                    file: line.place.file, offset: line.place.offset + line.length + 1, seq: frame.seq, hash: line.hash)
            } else {
                throw distrust(
                    "The line at byte \(line.place.offset) of \(name), written by another process, does not follow"
                        + " from the one before it.")
            }
        }
        // A file that was made and not written to yet.
        if let last = numbers.last, last != reached.file { (reached.file, reached.offset) = (last, 0) }
        return (reached, torn)
    }

    private func read(
        _ file: borrowing Descriptor, _ number: Int, _ range: Range<Int>
    ) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var count = 0
        do {
            while count < bytes.count {
                let position = Int64(range.lowerBound + count)
                let more = try bytes.withUnsafeMutableBytes { bytes in
                    try FileDescriptor(rawValue: file.number).read(
                        fromAbsoluteOffset: position, into: UnsafeMutableRawBufferPointer(rebasing: bytes[count...]))
                }
                if more == 0 { break }
                count += more
            }
        } catch { throw failure("read", filePath(number), error) }
        return Array(bytes.prefix(count))
    }

    /// The last complete lines of a file, the length of all complete lines, and what stands behind them.
    private func end(
        of number: Int, lines count: Int
    ) throws(Failure) -> (lines: [[UInt8]], complete: Int, rest: [UInt8]) {
        let file = try open(number, .readOnly)
        let size: Int
        do { size = try FileStatus.of(file.number).size } catch { throw failure("look at", filePath(number), error) }
        var length = 1 << 16
        while true {
            let start = max(size - length, 0)
            let bytes = try read(file, number, start..<size)
            let newlines = bytes.indices.reversed().lazy.filter { bytes[$0] == 0x0A }.prefix(count + 1)
            // One newline more than lines, so that the first of them is whole.
            guard start == 0 || newlines.count > count else {
                guard length <= (count + 1) * (EventLine.greatestLength + 1) else {
                    throw distrust("\(Self.fileName(number)) has a line that is longer than any event.")
                }
                length *= 2
                continue
            }
            let complete = newlines.first.map { $0 + 1 } ?? 0
            let lines = bytes[..<complete].split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
            return (lines.suffix(count).map { Array($0) }, start + complete, Array(bytes[complete...]))
        }
    }
}
