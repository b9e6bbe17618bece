internal import Essentials
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// One file of a log, and up to where it is read.
struct LogFile: Sendable, Equatable {
    /// Its number, from 1, in the order of the events.
    var number: Int
    /// Where reading ends, in bytes; the largest integer for the file's own end.
    var limit = Int.max
}

/// What a file is, whatever name it has, and how long.
struct FileStatus: Sendable, Equatable {
    var device: UInt64
    var inode: UInt64
    var size: Int

    fileprivate init(_ status: stat) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        size = Int(status.st_size)
    }

    func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }

    static func of(_ descriptor: Int32) throws(Errno) -> FileStatus {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Errno(rawValue: errno) }
        return FileStatus(status)
    }

    /// Nil when there is no file of that name.
    static func of(path: String) throws(Errno) -> FileStatus? {
        var status = stat()
        if lstat(path, &status) == 0 { return FileStatus(status) }
        guard errno == ENOENT else { throw Errno(rawValue: errno) }
        return nil
    }
}

/// The directory of a log and the names in it: `audit-000001.jsonl` and so on, and `audit.lock`.
struct LogDirectory: Sendable {
    let path: String

    static func fileName(_ number: Int) -> String { "audit-\(padded(number, 6)).jsonl" }

    func filePath(_ number: Int) -> String { "\(path)/\(Self.fileName(number))" }

    var lockPath: String { "\(path)/audit.lock" }

    /// The numbers of the files there are, in order.
    /// - Throws: `audit` when the directory can't be read.
    func numbers() throws(Failure) -> [Int] {
        guard let handle = opendir(path) else { throw failure("read", path, Errno(rawValue: errno)) }
        defer { closedir(handle) }
        var numbers: [Int] = []
        while true {
            errno = 0
            guard let entry = readdir(handle) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let digits = name.dropFirst(6).dropLast(6)
            guard let number = Int(digits), number > 0, name == Self.fileName(number) else { continue }
            numbers.append(number)
        }
        guard errno == 0 else { throw failure("read", path, Errno(rawValue: errno)) }
        return numbers.sorted()
    }

    /// Makes the directory, for its owner only, and those above it that are missing.
    /// - Throws: `audit`.
    func make() throws(Failure) {
        var missing: [String] = []
        var current = FilePath(path)
        while mkdir(current.string, 0o700) != 0 {
            let reason = Errno(rawValue: errno)
            if reason == .fileExists { break }
            guard reason == .noSuchFileOrDirectory, let parent = Self.parent(of: current) else {
                throw failure("create", current.string, reason)
            }
            missing.append(current.string)
            current = parent
        }
        for directory in missing.reversed() where mkdir(directory, 0o700) != 0 && errno != EEXIST {
            throw failure("create", directory, Errno(rawValue: errno))
        }
        // Its own name must survive a power cut too.
        if let parent = Self.parent(of: FilePath(path)) { try? Self.sync(directory: parent.string) }
    }

    private static func parent(of path: FilePath) -> FilePath? {
        let parent = path.removingLastComponent()
        if parent == path { return nil }
        return parent.isEmpty ? "." : parent
    }

    /// Opens a file; no symbolic link is followed, since root may write in directories of others.
    /// - Throws: `audit`.
    func open(
        _ number: Int, _ mode: FileDescriptor.AccessMode, options: FileDescriptor.OpenOptions = []
    ) throws(Failure) -> Descriptor {
        let path = filePath(number)
        do {
            let file = try FileDescriptor.open(
                FilePath(path), mode, options: options.union([.noFollow, .closeOnExec, .nonBlocking]),
                permissions: .ownerReadWrite)
            return Descriptor(owning: file.rawValue)
        } catch { throw failure(options.contains(.create) ? "create" : "open", path, error) }
    }

    /// Writes the names in the directory to the disk.
    /// - Throws: `audit`.
    func sync() throws(Failure) {
        do { try Self.sync(directory: path) } catch { throw failure("sync", path, error) }
    }

    private static func sync(directory: String) throws {
        let file = try FileDescriptor.open(FilePath(directory), .readOnly, options: [.directory, .closeOnExec])
        try file.closeAfter {
            guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
        }
    }

    /// What the operating system refused.
    func failure(_ verb: String, _ path: String, _ reason: any Error) -> Failure {
        let hint: String? =
            switch reason as? Errno {
            case .noSpace, .diskQuotaExceeded: "Free space on the disk. Until an event can be written no action starts."
            case .permissionDenied, .notPermitted: "Run pgdr as the account that the log belongs to."
            case .noSuchFileOrDirectory where verb == "read": "The log begins with pgdr's first action."
            case .readOnlyFileSystem: "Until an event can be written no action starts."
            default: nil
            }
        return Failure(.audit, "could not \(verb) \"\(path)\": \(words(reason))", hint: hint)
    }

    private func words(_ reason: any Error) -> String {
        guard let reason = reason as? Errno else { return "\(reason)" }
        return String(cString: strerror(reason.rawValue))
    }

    /// What speaks against writing after what is there.
    func distrust(_ detail: String) -> Failure {
        Failure(
            .audit, "the audit log in \"\(path)\" is not as pgdr left it", detail: detail,
            hint: "Run: pgdr audit verify --directory '\(path)'"
                + "\nTo act before that is cleared up, keep the directory under another name: pgdr begins a new log.")
    }
}
