internal import Synchronization

/// Reads how far pg_basebackup or pg_rewind is from what it prints: `12345/67890 kB (18%), 0/1 tablespace`.
final class ProgressReader: Sendable {
    /// How far it is.
    struct Progress: Sendable, Equatable {
        var share: Double
        var text: String
    }

    private let rest = Mutex<[UInt8]>([])

    /// Takes the next bytes of the output; returns the last complete report among them.
    func read(_ bytes: ArraySlice<UInt8>) -> Progress? {
        rest.withLock { rest in
            rest += bytes
            var found: Progress?
            // Reports end with a carriage return on a terminal and with a line feed elsewhere.
            while let end = rest.firstIndex(where: { $0 == 10 || $0 == 13 }) {
                if let progress = Self.progress(in: String(decoding: rest[..<end], as: UTF8.self)) { found = progress }
                rest.removeSubrange(...end)
            }
            if rest.count > 4096 { rest.removeAll() }
            return found
        }
    }

    /// The report on one line; nil when it is none.
    static func progress(in line: String) -> Progress? {
        let words = line.split(separator: " ")
        guard let unit = words.firstIndex(of: "kB"), unit > 0 else { return nil }
        let numbers = words[unit - 1].split(separator: "/")
        guard numbers.count == 2, let done = Double(numbers[0]), let all = Double(numbers[1]), all > 0 else {
            return nil
        }
        return Progress(share: min(done / all, 1), text: "\(mebibytes(done)) of \(mebibytes(all)) MB")
    }

    private static func mebibytes(_ kilobytes: Double) -> Int { Int((kilobytes / 1024).rounded()) }
}
