import Configuration
import Essentials

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension SecretSource {
    /// The secret.
    /// - Throws: `configuration` when it can't be read; the failure never holds it.
    func read() throws(Failure) -> String {
        switch self {
        case .environment(let name):
            guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else {
                throw Failure(.configuration, "the environment has no variable \"\(name)\" with its password or token")
            }
            return value
        case .file(let path): return try Self.firstLine(of: LocalPath.expanded(path))
        }
    }

    private static func firstLine(of path: String) throws(Failure) -> String {
        let message = "could not read the file \"\(path)\" with its password or token"
        // Nothing that might keep us waiting, such as a pipe that nobody writes to.
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else { throw Failure(.configuration, message, detail: String(cString: strerror(errno))) }
        let file = Descriptor(owning: number)
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        let count = buffer.withUnsafeMutableBytes { bytes in
            #if canImport(Glibc)
                Glibc.read(file.number, bytes.baseAddress, bytes.count)
            #else
                Darwin.read(file.number, bytes.baseAddress, bytes.count)
            #endif
        }
        guard count >= 0 else { throw Failure(.configuration, message, detail: String(cString: strerror(errno))) }
        let line = buffer[..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty else { throw Failure(.configuration, message, detail: "Its first line is empty.") }
        return String(decoding: line, as: UTF8.self)
    }
}
