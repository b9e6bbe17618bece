internal import Essentials
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The lock between processes, and between the logs of one process, on the directory's lock file.
///
/// It vanishes with its holder.
struct LogLock: ~Copyable, Sendable {
    private let directory: LogDirectory
    private var file: Descriptor?

    init(_ directory: LogDirectory) { self.directory = directory }

    /// Takes the lock for writing.
    /// - Throws: `audit` when it can't be had, or somebody else still holds it after `patience`.
    mutating func acquire(patience: Duration) throws(Failure) {
        let deadline = Deadline.after(patience)
        while true {
            if file == nil { file = try open(creating: true) }
            guard let number else { continue }
            guard try wait(for: LOCK_EX, on: number, until: deadline) else {
                throw Failure(
                    .audit, "could not lock the audit log",
                    detail: "Another process has held \"\(directory.lockPath)\" for \(patience).",
                    hint: "Find it with: fuser '\(directory.lockPath)'")
            }
            if try isInPlace() { return }
            // Removed by somebody: whoever comes later locks the new one.
            file = nil
        }
    }

    /// Lets the next one in.
    func release() {
        if let number { _ = flock(number, LOCK_UN) }
    }

    /// Runs `body` while nobody writes; also without the lock when there is none, as in a copy of a log, or when it
    /// isn't to be had in time.
    static func whileNobodyWrites<Result>(
        in directory: LogDirectory, patience: Duration, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var lock = LogLock(directory)
        lock.file = try? lock.open(creating: false)
        guard let number = lock.number else { return try body() }
        let isLocked = try lock.wait(for: LOCK_SH, on: number, until: .after(patience))
        defer { if isLocked { lock.release() } }
        return try body()
    }

    private func open(creating: Bool) throws(Failure) -> Descriptor {
        let mode = creating ? FileDescriptor.AccessMode.readWrite : .readOnly
        let options: FileDescriptor.OpenOptions = creating ? [.create] : []
        do {
            let file = try FileDescriptor.open(
                FilePath(directory.lockPath), mode, options: options.union([.noFollow, .closeOnExec, .nonBlocking]),
                permissions: .ownerReadWrite)
            return Descriptor(owning: file.rawValue)
        } catch { throw directory.failure("open", directory.lockPath, error) }
    }

    /// Tries until the deadline: flock(2) knows no time limit and gives no event to wait for.
    ///
    /// It is held only for as long as one write takes.
    private func wait(for kind: Int32, on number: Int32, until deadline: Deadline) throws(Failure) -> Bool {
        var pause: useconds_t = 50
        while flock(number, kind | LOCK_NB) != 0 {
            let reason = Errno(rawValue: errno)
            guard reason == .wouldBlock || reason == .interrupted else {
                throw directory.failure("lock", directory.lockPath, reason)
            }
            if deadline.hasPassed { return false }
            usleep(pause)
            pause = min(pause * 2, 2000)
        }
        return true
    }

    private func isInPlace() throws(Failure) -> Bool {
        do throws(Errno) {
            guard let number, let named = try FileStatus.of(path: directory.lockPath) else { return false }
            return try FileStatus.of(number).isSameFile(as: named)
        } catch { throw directory.failure("look at", directory.lockPath, error) }
    }

    private var number: Int32? {
        switch file {
        case .some(let file): file.number
        case .none: nil
        }
    }
}
