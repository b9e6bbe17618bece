internal import Essentials

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Small files of this machine.
enum LocalFile {
    private static let sizeLimit = 16 << 20

    /// All bytes of a file; nil when there is none.
    /// - Throws: `configuration` when it can't be read; `purpose` says in the message what it is.
    static func read(_ path: String, _ purpose: String) throws(Failure) -> [UInt8]? {
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("read", purpose, path)
        }
        let descriptor = Descriptor(owning: number)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = readSome(descriptor.number, &buffer)
            guard count >= 0 else { throw failure("read", purpose, path) }
            if count == 0 { return bytes }
            bytes += buffer.prefix(count)
            guard bytes.count <= sizeLimit else {
                throw Failure(
                    .configuration, "\(purpose) \"\(path)\" is too long", detail: "It is over \(sizeLimit) bytes.")
            }
        }
    }

    private static func readSome(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Int {
        buffer.withUnsafeMutableBytes { bytes in
            #if canImport(Glibc)
                Glibc.read(descriptor, bytes.baseAddress, bytes.count)
            #else
                Darwin.read(descriptor, bytes.baseAddress, bytes.count)
            #endif
        }
    }

    /// Puts a file with these bytes, for the owner only, in the place of another, at once and durably.
    /// - Throws: `configuration` when it can't be written.
    static func replace(_ path: String, with bytes: [UInt8], _ purpose: String) throws(Failure) {
        // A link stays one: what it points to is replaced.
        let target = realpath(path, nil).map { pointer in
            defer { free(pointer) }
            return String(cString: pointer)
        }
        let path = target ?? path
        try makeDirectory(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)), purpose)
        let temporary = "\(path).\(RemoteScript.newToken().prefix(8))"
        let number = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw failure("write", purpose, path) }
        let descriptor = Descriptor(owning: number)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor.number, $0.baseAddress, $0.count) }
            guard count > 0 else {
                let failure = failure("write", purpose, path)
                unlink(temporary)
                throw failure
            }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor.number) == 0, rename(temporary, path) == 0 else {
            let failure = failure("write", purpose, path)
            unlink(temporary)
            throw failure
        }
    }

    private static func makeDirectory(_ path: String, _ purpose: String) throws(Failure) {
        guard !path.isEmpty, mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/") else {
            throw failure("make the directory of", purpose, path)
        }
        try makeDirectory(String(path[..<slash]), purpose)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw failure("make the directory of", purpose, path)
        }
    }

    private static func failure(_ verb: String, _ purpose: String, _ path: String) -> Failure {
        Failure(.configuration, "could not \(verb) \(purpose) \"\(path)\"", detail: String(cString: strerror(errno)))
    }
}
