internal import Essentials
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Where a line stands.
struct LinePlace: Sendable, Equatable {
    /// The number of the file.
    var file: Int
    /// The number of the line in it, from 1.
    var line: Int
    /// Where the line begins, in bytes from the start of the file.
    var offset: Int
    /// What the line ends with.
    var ending: Ending

    enum Ending: Sendable {
        /// As it should.
        case newline
        /// The end of the file, so it wasn't written to its end, or was cut.
        case endOfFile
        /// It goes on beyond what any line of a log has; nothing after it is read.
        case tooLong
    }
}

/// A line as the chain sees it.
struct Line: Sendable {
    /// Its ends; nil when they are not those of an event.
    var frame: LineFrame?
    var hash: LineHash
    /// Its bytes, without the newline.
    var length: Int
    var place: LinePlace
}

/// Reads the lines of a log's files one after the other, block by block, so that memory doesn't grow with the log.
struct LineStream: ~Copyable {
    private let directory: LogDirectory
    private var files: ArraySlice<LogFile>
    private var descriptor: Descriptor?
    private var buffer: [UInt8]
    /// What of the buffer is still to be handed out.
    private var unread = 0..<0
    /// Where the buffer's unread part begins in the file.
    private var offset: Int
    private var line: Int
    private var isAtEnd = false

    /// Lines of these files, in their order; the first file is read from `offset`, whose line is the `line`th.
    init(_ directory: LogDirectory, _ files: [LogFile], from offset: Int = 0, line: Int = 1) {
        self.directory = directory
        self.files = files[...]
        self.offset = offset
        self.line = line
        buffer = [UInt8](repeating: 0, count: 1 << 18)
    }

    /// Hands the next line, without its newline, to `body`; nil at the end.
    /// - Throws: `audit` when a file can't be read.
    mutating func next<Result>(
        _ body: (UnsafeRawBufferPointer, LinePlace) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        while let file = files.first {
            if descriptor == nil { try open(file) }
            if let (line, ending) = try nextRange(limit: file.limit) {
                let place = LinePlace(file: file.number, line: self.line, offset: offset, ending: ending)
                self.line += 1
                let length = line.count + (ending == .newline ? 1 : 0)
                offset += length
                unread = (unread.lowerBound + length)..<unread.upperBound
                if ending == .tooLong { files = [] }
                return try hand(line, place, to: body)
            }
            descriptor = nil
            files = files.dropFirst()
            unread = 0..<0
            isAtEnd = false
            offset = 0
            line = 1
        }
        return nil
    }

    /// The next line's place in the chain; nil at the end.
    /// - Throws: `audit` when a file can't be read.
    mutating func nextHashed(_ digest: inout Digest) throws(Failure) -> Line? {
        try next { bytes, place throws(Failure) in
            Line(frame: LineFrame(bytes), hash: try digest.hash(of: bytes), length: bytes.count, place: place)
        }
    }

    private func hand<Result>(
        _ line: Range<Int>, _ place: LinePlace, to body: (UnsafeRawBufferPointer, LinePlace) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try buffer.withUnsafeBufferPointer { bytes throws(Failure) in
            try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[line])), place)
        }
    }

    private mutating func open(_ file: LogFile) throws(Failure) {
        let opened = try directory.open(file.number, .readOnly)
        do { try FileDescriptor(rawValue: opened.number).seek(offset: Int64(offset), from: .start) } catch {
            throw directory.failure("read", directory.filePath(file.number), error)
        }
        descriptor = consume opened
    }

    /// The place in the buffer of the file's next line, read as far as needed; nil when the file has no more.
    private mutating func nextRange(limit: Int) throws(Failure) -> (Range<Int>, LinePlace.Ending)? {
        var searched = 0
        while true {
            if let end = newline(from: unread.lowerBound + searched) {
                return (unread.lowerBound..<end, .newline)
            }
            searched = unread.count
            if searched >= EventLine.greatestLength { return (unread, .tooLong) }
            if isAtEnd { return unread.isEmpty ? nil : (unread, .endOfFile) }
            try fill(limit: limit)
        }
    }

    private func newline(from start: Int) -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard start < unread.upperBound, let base = bytes.baseAddress,
                let found = memchr(base + start, 0x0A, unread.upperBound - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// Reads one block more behind what is unread.
    private mutating func fill(limit: Int) throws(Failure) {
        if unread.lowerBound > 0 {
            let kept = unread
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                memmove(base, base + kept.lowerBound, kept.count)
            }
            unread = 0..<kept.count
        }
        if unread.count == buffer.count { buffer.append(contentsOf: repeatElement(0, count: buffer.count)) }
        let wanted = min(buffer.count - unread.count, limit - offset - unread.count)
        guard wanted > 0, let number = descriptor?.number else {
            isAtEnd = true
            return
        }
        do {
            let free = unread.upperBound..<(unread.upperBound + wanted)
            let count = try buffer.withUnsafeMutableBytes { bytes in
                try FileDescriptor(rawValue: number).read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[free]))
            }
            isAtEnd = count == 0
            unread = 0..<(unread.count + count)
        } catch { throw directory.failure("read", path, error) }
    }

    private var path: String { directory.filePath(files.first?.number ?? 0) }
}
