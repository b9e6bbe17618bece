internal import Essentials
internal import FoundationEssentials
internal import Glibc
internal import SystemPackage

/// The lab's dealings with files: every mode and owner is set on purpose, and no symbolic link is followed when
/// writing, because root writes into directories that belong to the servers' account.
enum LabFile {
    /// Writes a whole file; `owner` nil leaves it to the invoking user.
    static func write(
        _ text: String, to path: String, mode: mode_t, owner: Account? = nil, adding: Adding? = nil
    ) throws(Failure) {
        do {
            let options: FileDescriptor.OpenOptions =
                adding == .atEnd
                ? [.create, .append, .noFollow, .closeOnExec] : [.create, .truncate, .noFollow, .closeOnExec]
            let file = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: options, permissions: .ownerReadWrite)
            try file.closeAfter {
                if let owner, owner.differsFromInvoker { try check(fchown(file.rawValue, owner.uid, owner.gid)) }
                try check(fchmod(file.rawValue, mode))
                try file.writeAll(text.utf8)
            }
        } catch { throw refused("write", path, error) }
    }

    /// How text is added to what a file holds.
    enum Adding { case atEnd }

    /// A file's text; nil when it can't be read.
    static func read(_ path: String) -> String? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec]) else {
            return nil
        }
        // Files of /proc have no size, so this reads until the end rather than as much as stat says.
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        let whole: Void? = try? file.closeAfter {
            while true {
                let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return }
                bytes += buffer[..<count]
            }
        }
        return whole == nil ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// The last lines of each of the files, as the detail of a failure; nil when there is nothing in them.
    static func tail(_ paths: String..., lines: Int = 10) -> String? {
        let last = paths.compactMap(read).flatMap { $0.split(separator: "\n").suffix(lines) }
        return last.isEmpty ? nil : last.joined(separator: "\n")
    }

    /// A nameless file in memory that holds `text`, to be read from its start.
    static func inMemory(_ text: String) throws(Failure) -> FileDescriptor {
        do {
            // The name is there for this moment only.
            let name = "/pgdr-\(UInt64.random(in: .min ... .max))"
            let number = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0o600)
            guard number >= 0 else { throw Errno(rawValue: errno) }
            shm_unlink(name)
            let file = FileDescriptor(rawValue: number)
            try file.writeAll(text.utf8)
            try file.seek(offset: 0, from: .start)
            return file
        } catch { throw refused("write", "input", error) }
    }

    /// Makes a directory; one that is there already is left as it is.
    static func makeDirectory(_ path: String, mode: mode_t, owner: Account? = nil) throws(Failure) {
        do {
            if mkdir(path, 0o700) != 0 {
                if errno == EEXIST { return }
                throw Errno(rawValue: errno)
            }
            if let owner, owner.differsFromInvoker { try check(lchown(path, owner.uid, owner.gid)) }
            // Not by mkdir, which the umask limits.
            try check(chmod(path, mode))
        } catch { throw refused("create directory", path, error) }
    }

    /// Gives a file a second name, unless that is taken: false.
    static func link(_ path: String, to name: String) throws(Failure) -> Bool {
        if Glibc.link(path, name) == 0 { return true }
        if errno == EEXIST { return false }
        throw refused("create", name, Errno(rawValue: errno))
    }

    /// The names in a directory; nil when there is no such directory.
    static func names(in path: String) throws(Failure) -> [String]? {
        var kind = stat()
        guard stat(path, &kind) == 0 else {
            if errno == ENOENT { return nil }
            throw refused("look at", path, Errno(rawValue: errno))
        }
        do { return try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw refused("read directory", path, error)
        }
    }

    /// Removes a file if it is there.
    static func removeFile(_ path: String) { unlink(path) }

    /// Removes a file or a directory with all in it; nothing to do when it is gone already.
    static func removeTree(_ path: String) throws(Failure) {
        do { try FileManager.default.removeItem(atPath: path) } catch {
            var kind = stat()
            if lstat(path, &kind) != 0, errno == ENOENT { return }
            throw refused("remove", path, error)
        }
    }

    /// An existing path without symbolic links; nil when it doesn't exist.
    static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func check(_ result: Int32) throws(Errno) {
        if result != 0 { throw Errno(rawValue: errno) }
    }

    private static func refused(_ verb: String, _ path: String, _ error: any Error) -> Failure {
        Failure(.lab, "could not \(verb) \"\(path)\"", detail: "\(error)")
    }
}
