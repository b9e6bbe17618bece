internal import Essentials
internal import Synchronization

/// Reads how far pg_basebackup or pg_rewind is from what it prints: `12345/67890 kB (18%), 0/1 tablespace`.
final class ProgressReader: Sendable {
    /// How far it is.
    struct Progress: Sendable, Equatable {
        var share: Double
        var text: String
    }

    private let rest = Mutex<[UInt8]>([])
    private let began = Mutex<(at: ContinuousClock.Instant, kilobytes: Double)?>(nil)

    /// Takes the next bytes of the output; returns the last complete report among them.
    func read(_ bytes: ArraySlice<UInt8>) -> Progress? {
        rest.withLock { rest in
            rest += bytes
            var found: Progress?
            // Reports end with a carriage return on a terminal and with a line feed elsewhere.
            while let end = rest.firstIndex(where: { $0 == 10 || $0 == 13 }) {
                if let report = Self.report(in: String(decoding: rest[..<end], as: UTF8.self)) {
                    found = progress(report)
                }
                rest.removeSubrange(...end)
            }
            if rest.count > 4096 { rest.removeAll() }
            return found
        }
    }

    /// The report, and the rate since the first one.
    private func progress(_ report: Report) -> Progress {
        let now = ContinuousClock.now
        let (start, first) = began.withLock { began in
            let start = began ?? (now, report.done)
            began = start
            return start
        }
        let seconds = start.duration(to: now).seconds
        let rate = seconds > 0.5 ? ", \(Self.mebibytes((report.done - first) / seconds)) MB/s" : ""
        return Progress(
            share: min(report.done / report.all, 1),
            text: "\(Self.mebibytes(report.done)) of \(Self.mebibytes(report.all)) MB\(rate)")
    }

    /// What a line says, in kilobytes.
    struct Report: Equatable {
        var done: Double
        var all: Double
    }

    /// The report on one line; nil when it is none.
    static func report(in line: String) -> Report? {
        let words = line.split(separator: " ")
        guard let unit = words.firstIndex(of: "kB"), unit > 0 else { return nil }
        let numbers = words[unit - 1].split(separator: "/")
        guard numbers.count == 2, let done = Double(numbers[0]), let all = Double(numbers[1]), all > 0 else {
            return nil
        }
        return Report(done: done, all: all)
    }

    private static func mebibytes(_ kilobytes: Double) -> Int { Int((kilobytes / 1024).rounded()) }
}
