internal import Essentials

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A count of raised marks that tasks can wait for; a pipe's bytes.
///
/// Each mark is taken by one task only, so a single mark that is raised again after use lets one task in at a time.
final class Signal: Sendable {
    private let pipe: Pipe

    init() throws(Failure) { pipe = try Pipe() }

    /// Adds a mark; beyond some ten thousand that nobody took, nothing.
    func raise() { _ = write(pipe.writing.number, "!", 1) }

    /// Takes a mark; false when there is none.
    func take() -> Bool {
        var byte: UInt8 = 0
        return read(pipe.reading.number, &byte, 1) == 1
    }

    /// Waits until there is a mark, which stays there; another task may take it meanwhile.
    func wait(until deadline: Deadline) async -> ReadinessLoop.Outcome {
        await ReadinessLoop.shared.wait(for: .readable, on: pipe.reading.number, until: deadline)
    }
}
