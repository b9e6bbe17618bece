#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Finds the records of the remote script in one output stream, and what the command wrote between them.
struct OutputFrame: Sendable {
    /// What came instead of the command's start.
    private(set) var noise: [UInt8] = []
    /// What stands in the record at the end, such as `0` or `137 KILL`; nil before it.
    private(set) var ending: String?
    /// Whether the command has started.
    private(set) var hasStarted = false
    /// Whether the script found that it leads no process group, and started nothing.
    private(set) var leadsNoGroup = false
    /// Whether something came after the end: from what the command left behind.
    private(set) var isFollowed = false

    private let marker: [UInt8]
    /// The beginning of what may become a record.
    private var held: [UInt8] = []

    /// The start, the end, and no process group.
    private static let kinds = Array("+-!".utf8)
    private static let longestRecord = 128
    private static let keptNoise = 2048

    init(token: String) { marker = [RemoteScript.separator] + Array(token.utf8) }

    /// Takes what arrived; `emit` gets the parts that the command wrote.
    mutating func consume(_ arrived: ArraySlice<UInt8>, emit: (ArraySlice<UInt8>) -> Void) {
        var rest = arrived
        if !held.isEmpty {
            rest = (held + arrived)[...]
            held = []
        }
        while ending == nil, let index = Self.separator(in: rest) {
            pass(rest[..<index], emit)
            rest = rest[index...]
            guard let record = record(at: rest) else {
                // Not one of ours: the byte is the command's own.
                pass(rest.prefix(1), emit)
                rest = rest.dropFirst()
                continue
            }
            guard let end = record else {
                held = Array(rest)
                return
            }
            take(rest[rest.startIndex + marker.count..<end])
            rest = rest[(end + 1)...]
        }
        if ending == nil { pass(rest, emit) } else if !rest.isEmpty { isFollowed = true }
    }

    /// Where the next separator stands, found by the C library: output may be long.
    private static func separator(in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress,
                let found = memchr(start, Int32(RemoteScript.separator), buffer.count)
            else { return nil }
            return bytes.startIndex + start.distance(to: UnsafeRawPointer(found))
        }
    }

    /// Where the record that begins here ends, at its newline; nil inside when that has yet to come; nil outside when
    /// it is none.
    private func record(at bytes: ArraySlice<UInt8>) -> Int?? {
        let beginning = bytes.prefix(marker.count)
        guard marker.starts(with: beginning) else { return .none }
        guard let kind = bytes.dropFirst(marker.count).first else { return .some(nil) }
        guard Self.kinds.contains(kind) else { return .none }
        if let end = bytes.prefix(Self.longestRecord).firstIndex(of: UInt8(ascii: "\n")) { return .some(end) }
        return bytes.count < Self.longestRecord ? .some(nil) : .none
    }

    private mutating func take(_ record: ArraySlice<UInt8>) {
        switch record.first {
        case UInt8(ascii: "+"): hasStarted = true
        case UInt8(ascii: "!"): leadsNoGroup = true
        case UInt8(ascii: "-"):
            let words = String(decoding: record.dropFirst(), as: UTF8.self)
            ending = words.last == " " ? String(words.dropLast()) : words
        default: break
        }
    }

    private mutating func pass(_ bytes: ArraySlice<UInt8>, _ emit: (ArraySlice<UInt8>) -> Void) {
        guard !bytes.isEmpty else { return }
        if hasStarted { return emit(bytes) }
        // The last of it says why there was no start.
        noise = Array((noise + bytes.suffix(Self.keptNoise)).suffix(Self.keptNoise))
    }
}

extension CommandEnd {
    /// The end as the remote script reports it: the exit status as a shell sees it, and the name of the signal.
    ///
    /// A shell reports a signal as a status above 128. A program that exits with such a status by itself can't be told
    /// from a killed one; both are failures.
    init?(record: String) {
        let words = record.split(separator: " ")
        guard let first = words.first, let status = Int32(first), (0...255).contains(status) else { return nil }
        let signal = status - 128
        if words.count > 1, (1...31).contains(signal) {
            self = .signalled(String(words[1]))
        } else {
            self = .exited(status)
        }
    }
}
