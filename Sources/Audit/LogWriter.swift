internal import Essentials
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The end of a log that this process writes to; several processes may, one at a time.
struct LogWriter: ~Copyable, Sendable {
    private let directory: LogDirectory
    private let line: EventLine
    private let rotationSize: Int
    private let patience: Duration
    private var lock: LogLock
    private var digest: Digest
    private var file: Descriptor?
    private var tail = LogTail()
    /// Whether the end has been looked for.
    private var isLocated = false
    /// Whether the name of the file may not be on the disk yet.
    private var isNameUnsaved = true
    /// What was recovered and is not recorded yet.
    private var recovered: [AuditEntry] = []

    init(
        _ directory: LogDirectory, _ line: EventLine, rotationSize: Int, patience: Duration
    ) throws(Failure) {
        self.directory = directory
        self.line = line
        self.rotationSize = rotationSize
        self.patience = patience
        lock = LogLock(directory)
        digest = try Digest()
    }

    /// Appends the entries in one write and returns the new head once it is on the disk.
    mutating func append(_ entries: [AuditEntry]) throws(Failure) -> AuditHead {
        try lock.acquire(patience: patience)
        defer { lock.release() }
        try catchUp()
        let entries = recovered + entries
        guard !entries.isEmpty else { return tail.head }
        let (bytes, seq, hash) = try lines(of: entries)
        if file == nil || tail.offset > 0 && tail.offset + bytes.count > rotationSize { try startNextFile() }
        try write(bytes)
        tail.offset += bytes.count
        tail.seq = seq
        tail.hash = hash
        recovered = []
        return tail.head
    }

    /// The head, with what others have appended.
    mutating func head() throws(Failure) -> AuditHead { try append([]) }

    private mutating func lines(
        of entries: [AuditEntry]
    ) throws(Failure) -> (bytes: [UInt8], seq: UInt64, hash: LineHash) {
        var bytes: [UInt8] = []
        var (seq, hash) = (tail.seq, tail.hash)
        let at = AuditTime.now.text
        for entry in entries {
            let start = bytes.count
            seq += 1
            line.append(entry, seq: seq, at: at, prev: hash, to: &bytes)
            guard bytes.count - start <= EventLine.greatestLength else {
                throw Failure(
                    .audit, "an event of type \"\(entry.event)\" is too long for the audit log",
                    detail: "It has \(bytes.count - start) bytes; \(EventLine.greatestLength) are allowed.")
            }
            hash = try digest.hash(of: bytes, from: start)
            bytes.append(UInt8(ascii: "\n"))
        }
        return (bytes, seq, hash)
    }

    // MARK: Where the log ends

    /// Takes in what others have appended since, and cuts off a line that was not written to its end.
    ///
    /// This process's own head is an anchor: what is there must still be there.
    private mutating func catchUp() throws(Failure) {
        guard isLocated else {
            let (found, torn) = try directory.findTail(&digest)
            if found.file > 0 { try open(found.file) }
            tail = found
            isLocated = true
            if let torn { try cut(torn) }
            return
        }
        guard try hasChanged() else { return }
        let numbers = try directory.numbers()
        let later = numbers.filter { $0 >= max(tail.file, 1) }
        guard tail.file == 0 || later.first == tail.file else {
            throw directory.distrust("\(LogDirectory.fileName(tail.file)) is gone.")
        }
        guard later == later.indices.map({ max(tail.file, 1) + $0 }) else {
            throw directory.distrust("Between \(LogDirectory.fileName(max(tail.file, 1))) and the last a file is gone.")
        }
        try requireLength()
        let (reached, torn) = try directory.follow(tail, through: later, &digest)
        if reached.file != tail.file { try open(reached.file) }
        tail = reached
        if let torn { try cut(torn) }
    }

    /// Whether anybody else has written.
    ///
    /// Almost always nobody has; this costs two calls.
    private func hasChanged() throws(Failure) -> Bool {
        do throws(Errno) {
            if try FileStatus.of(path: directory.filePath(tail.file + 1)) != nil { return true }
            guard tail.file > 0 else { return false }
            guard let named = try FileStatus.of(path: directory.filePath(tail.file)),
                let number, try FileStatus.of(number).isSameFile(as: named)
            else {
                throw Errno.noSuchFileOrDirectory
            }
            return named.size != tail.offset
        } catch {
            guard error == .noSuchFileOrDirectory else { throw directory.failure("look at", directory.path, error) }
            throw directory.distrust("\(LogDirectory.fileName(tail.file)) is gone, or is another file now.")
        }
    }

    private var number: Int32? {
        switch file {
        case .some(let file): file.number
        case .none: nil
        }
    }

    /// What this process knows of the file must still be in it.
    private func requireLength() throws(Failure) {
        let size: Int
        do throws(Errno) {
            size = try number.map { number throws(Errno) in try FileStatus.of(number).size } ?? 0
        } catch { throw directory.failure("look at", directory.filePath(tail.file), error) }
        guard size >= tail.offset else {
            throw directory.distrust(
                "\(LogDirectory.fileName(tail.file)) was \(tail.offset) bytes long and is now \(size) bytes long.")
        }
    }

    /// Takes a line that was not written to its end out of the chain; the next write tells of it.
    private mutating func cut(_ torn: TornLine) throws(Failure) {
        guard let number else { return }
        do { try FileDescriptor(rawValue: number).resize(to: Int64(torn.offset)) } catch {
            throw directory.failure("write", directory.filePath(torn.file), error)
        }
        recovered.append(torn.entry)
    }

    // MARK: Files

    private mutating func open(_ number: Int) throws(Failure) {
        file = try directory.open(number, .writeOnly, options: [.append])
        isNameUnsaved = true
    }

    private mutating func startNextFile() throws(Failure) {
        file = try directory.open(tail.file + 1, .writeOnly, options: [.append, .create, .exclusiveCreate])
        isNameUnsaved = true
        tail.file += 1
        tail.offset = 0
    }

    /// Writes and waits for the disk; what was written in part is taken back.
    private mutating func write(_ bytes: [UInt8]) throws(Failure) {
        guard let number else { return }
        let descriptor = FileDescriptor(rawValue: number)
        do {
            try descriptor.writeAll(bytes)
            try sync(number)
        } catch {
            // Nobody has been told of these events. If this fails too, the next one to write finds them.
            try? descriptor.resize(to: Int64(tail.offset))
            throw directory.failure("write", directory.filePath(tail.file), error)
        }
        guard isNameUnsaved else { return }
        do throws(Failure) { try directory.sync() } catch {
            try? descriptor.resize(to: Int64(tail.offset))
            throw error
        }
        isNameUnsaved = false
    }

    private func sync(_ number: Int32) throws(Errno) {
        #if canImport(Glibc)
            let result = fdatasync(number)
        #else
            // fsync leaves it in the drive's cache there.
            let result = fcntl(number, F_FULLFSYNC)
        #endif
        if result != 0 { throw Errno(rawValue: errno) }
    }
}
