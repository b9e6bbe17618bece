package import Essentials
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// What was copied out of a log, so that the copy can be told from any other.
package struct AuditExport: Sendable, Equatable {
    /// How the events are written.
    package enum Form: String, Sendable, CaseIterable {
        /// The lines as they stand in the log.
        case jsonl
        /// A line of titles, then a line for each event as RFC 4180 has it, the details as JSON.
        case csv
    }

    /// Where they are written to.
    package enum Destination: Sendable, Equatable {
        /// An open descriptor, which stays open.
        case descriptor(Int32)
        /// A new file, for its owner only; one that exists is never overwritten.
        case newFile(String)
    }

    /// How many events.
    package var count: UInt64
    /// The number of the first event; nil when there is none.
    package var first: UInt64?
    /// The number of the last event; nil when there is none.
    package var last: UInt64?
    /// How many bytes were written.
    package var bytes: UInt64
    /// The SHA-256 of those bytes, hexadecimal.
    package var sha256: String

    /// An export by its parts.
    package init(count: UInt64 = 0, first: UInt64? = nil, last: UInt64? = nil, bytes: UInt64 = 0, sha256: String = "") {
        self.count = count
        self.first = first
        self.last = last
        self.bytes = bytes
        self.sha256 = sha256
    }

    /// Copies the events that the filter lets through.
    ///
    /// Nothing is proven of them; `verify` does that, and lines that are no events are copied as they are.
    /// - Throws: `audit` when the log can't be read; `system` when the copy can't be written, which is then removed.
    package static func write(
        _ directory: String, _ filter: AuditFilter, as form: Form, to destination: Destination
    ) throws(Failure) -> AuditExport {
        var reader = try AuditReader(directory, filter)
        switch destination {
        case .descriptor(let number):
            var writer = try ExportWriter(number, path: "the standard output")
            return try writer.write(&reader, as: form)
        case .newFile(let path):
            let file: FileDescriptor
            do {
                file = try FileDescriptor.open(
                    FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                    permissions: .ownerReadWrite)
            } catch { throw ExportWriter.failure("create", path, error) }
            let owner = Descriptor(owning: file.rawValue)
            do throws(Failure) {
                var writer = try ExportWriter(owner.number, path: path)
                let export = try writer.write(&reader, as: form)
                guard fsync(owner.number) == 0 else {
                    throw ExportWriter.failure("write", path, Errno(rawValue: errno))
                }
                return export
            } catch {
                unlink(path)
                throw error
            }
        }
    }
}

/// Writes events and takes the hash of what it writes.
private struct ExportWriter: ~Copyable {
    private let file: FileDescriptor
    private let path: String
    private var digest: Digest
    private var buffer: [UInt8] = []
    private var export = AuditExport()

    init(_ number: Int32, path: String) throws(Failure) {
        file = FileDescriptor(rawValue: number)
        self.path = path
        digest = try Digest()
    }

    mutating func write(_ reader: inout AuditReader, as form: AuditExport.Form) throws(Failure) -> AuditExport {
        try digest.start()
        if form == .csv { buffer += Array(CSV.titles.utf8) }
        while let line = try reader.next() {
            export.count += 1
            if let seq = line.text.utf8.withContiguousStorageIfAvailable({ LineFrame(UnsafeRawBufferPointer($0))?.seq })
            {
                export.first = export.first ?? seq
                export.last = seq
            }
            buffer += Array((form == .csv ? CSV.line(line) : line.text + "\n").utf8)
            if buffer.count >= 1 << 16 { try flush() }
        }
        try flush()
        export.sha256 = try digest.finish().hex
        return export
    }

    private mutating func flush() throws(Failure) {
        try digest.take(buffer)
        do { try file.writeAll(buffer) } catch { throw Self.failure("write", path, error) }
        export.bytes += UInt64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }

    static func failure(_ verb: String, _ path: String, _ reason: any Error) -> Failure {
        let words = (reason as? Errno).map { String(cString: strerror($0.rawValue)) } ?? "\(reason)"
        return Failure(
            .system, "could not \(verb) \"\(path)\": \(words)",
            hint: reason as? Errno == .fileExists ? "An export overwrites nothing: name another file." : nil)
    }
}

/// Events as RFC 4180 has them.
private enum CSV {
    static let titles = "seq,at,actor,host,cluster,run,event,node,details,prev\r\n"

    static func line(_ line: AuditLine) -> String {
        guard let event = line.event else { return ",,,,,,,,\(cell(line.text)),\r\n" }
        let cells = [
            "\(event.seq)", event.at, event.actor, event.host, event.cluster ?? "", event.run ?? "", event.event,
            event.node ?? "", event.details.json, event.prev,
        ]
        return cells.map(cell).joined(separator: ",") + "\r\n"
    }

    private static func cell(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte >= 0x20
        }
        if isPlain { return text }
        let parts = text.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
        return "\"" + parts.joined(separator: "\"\"") + "\""
    }
}
