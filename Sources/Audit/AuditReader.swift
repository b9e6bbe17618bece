package import Essentials
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A line of a log, as it stands in the file.
package struct AuditLine: Sendable, Equatable {
    /// Its bytes, without the newline.
    package var text: String
    /// The name of its file.
    package var file: String
    /// Its number in the file, from 1.
    package var number: Int

    /// A line by its parts.
    package init(text: String, file: String, number: Int) {
        self.text = text
        self.file = file
        self.number = number
    }

    /// The event; nil when the line is none, as `verify` will say.
    package var event: AuditEvent? { try? JSONDecoder().decode(AuditEvent.self, from: Data(text.utf8)) }
}

/// Which lines are wanted.
package struct AuditFilter: Sendable, Equatable {
    /// Only those about this cluster; nil for all, those about no cluster too.
    package var cluster: String?
    /// Only those of this run; nil for all, those of no run too.
    package var run: String?
    /// Only those written at or after this moment; nil for all.
    package var since: AuditTime?

    /// A filter by its parts.
    package init(cluster: String? = nil, run: String? = nil, since: AuditTime? = nil) {
        self.cluster = cluster
        self.run = run
        self.since = since
    }
}

/// Reads a log's lines in order, in memory that doesn't grow with the log.
///
/// A line that is still being written is not there yet: at the end `next()` returns nil, and later the lines that
/// were appended since. Nothing is proven of what is read; `verify` does that.
package struct AuditReader: ~Copyable {
    private let directory: LogDirectory
    private let filter: LineFilter
    private var stream: LineStream?
    /// Where the next line begins.
    private var position = LinePlace(file: 1, line: 1, offset: 0, ending: .newline)

    /// A reader at the start of the log in `directory`.
    /// - Throws: `audit` when there is no such directory or it can't be read.
    package init(_ directory: String, _ filter: AuditFilter = AuditFilter()) throws(Failure) {
        self.directory = LogDirectory(path: directory)
        self.filter = LineFilter(filter)
        _ = try self.directory.numbers()
    }

    /// The next line that the filter lets through; nil when there is none, for now.
    /// - Throws: `audit` when a file can't be read.
    package mutating func next() throws(Failure) -> AuditLine? {
        while let (line, place, length) = try advance() {
            if place.ending == .newline {
                position = place
                position.line += 1
                position.offset += length + 1
            }
            if let line { return line }
        }
        return nil
    }

    private mutating func advance() throws(Failure) -> (AuditLine?, LinePlace, Int)? {
        if stream == nil { stream = try rest() }
        let found = try stream?.next { [filter] bytes, place throws(Failure) -> (AuditLine?, LinePlace, Int) in
            guard place.ending == .newline, filter.admits(bytes) else { return (nil, place, bytes.count) }
            let name = LogDirectory.fileName(place.file)
            let line = AuditLine(text: String(decoding: bytes, as: UTF8.self), file: name, number: place.line)
            return (line, place, bytes.count)
        }
        // What is appended from now on is for a new look.
        if found == nil { stream = nil }
        return found
    }

    /// The lines behind the position.
    ///
    /// A file gets no more lines once there is another after it, and the names are
    /// read before the files, so none is missed.
    private func rest() throws(Failure) -> LineStream {
        let numbers = try directory.numbers().filter { $0 >= position.file }
        let isSameFile = numbers.first == position.file
        return LineStream(
            directory, numbers.map { LogFile(number: $0) }, from: isSameFile ? position.offset : 0,
            line: isSameFile ? position.line : 1)
    }

    /// The newest event of that name that is wanted; nil when there is none, or no log.
    ///
    /// The newest file is read first, so that the length of the log doesn't matter where there is such an event.
    /// - Throws: `audit` when the log can't be read.
    package static func newest(
        _ name: String, in directory: String, where isWanted: (AuditEvent) -> Bool
    ) throws(Failure) -> AuditEvent? {
        let directory = LogDirectory(path: directory)
        do { guard try FileStatus.of(path: directory.path) != nil else { return nil } } catch {
            throw directory.failure("read", directory.path, error)
        }
        let part = Array("\"event\":\"\(name)\"".utf8)
        for number in try directory.numbers().reversed() {
            var stream = LineStream(directory, [LogFile(number: number)])
            var newest: AuditEvent?
            while let line = try stream.next({ bytes, place throws(Failure) -> String? in
                guard place.ending == .newline, bytes.holds(part) else { return nil }
                return String(decoding: bytes, as: UTF8.self)
            }) {
                guard let text = line else { continue }
                let event = try? JSONDecoder().decode(AuditEvent.self, from: Data(text.utf8))
                if let event, event.event == name, isWanted(event) { newest = event }
            }
            if let newest { return newest }
        }
        return nil
    }

    /// All events of a run, in order; empty when the log has none of it, or there is no log.
    /// - Throws: `audit` when the log can't be read, or a line of the run is no event.
    package static func events(ofRun run: String, in directory: String) throws(Failure) -> [AuditEvent] {
        do { guard try FileStatus.of(path: directory) != nil else { return [] } } catch {
            throw LogDirectory(path: directory).failure("read", directory, error)
        }
        var reader = try AuditReader(directory, AuditFilter(run: run))
        var events: [AuditEvent] = []
        while let line = try reader.next() {
            guard let event = line.event else {
                throw LogDirectory(path: directory).distrust("Line \(line.number) of \(line.file) is no event.")
            }
            events.append(event)
        }
        return events
    }
}

extension UnsafeRawBufferPointer {
    /// Whether those bytes stand in it, one after the other.
    fileprivate func holds(_ part: [UInt8]) -> Bool {
        guard let base = baseAddress, let first = part.first else { return false }
        var start = 0
        while count - start >= part.count,
            let found = memchr(base + start, Int32(first), count - start - part.count + 1)
        {
            if memcmp(found, part, part.count) == 0 { return true }
            start = UnsafeRawPointer(found) - base + 1
        }
        return false
    }
}
