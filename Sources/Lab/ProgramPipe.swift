internal import Glibc
internal import SystemPackage

/// A pipe into a program that may stop reading or end at any moment, without harm to the writer.
///
/// The reading end stays open here too, so that a write after the program's end goes nowhere rather than ending this
/// process with SIGPIPE; the writing end never blocks.
final class ProgramPipe: Sendable {
    /// What the program reads from.
    let reading: FileDescriptor
    private let writing: FileDescriptor

    init() throws {
        (reading, writing) = try FileDescriptor.pipe(options: .closeOnExec)
        guard fcntl(writing.rawValue, F_SETFL, O_NONBLOCK) == 0 else { throw Errno(rawValue: errno) }
    }

    deinit {
        try? reading.close()
        try? writing.close()
    }

    /// Writes all of `bytes`, at most 4096 of them, or nothing when there is no room for them: false.
    func write(_ bytes: [UInt8]) throws -> Bool {
        do {
            // Up to this size the kernel parts no write.
            _ = try bytes.withUnsafeBytes { try writing.write($0) }
            return true
        } catch Errno.wouldBlock { return false }
    }
}
