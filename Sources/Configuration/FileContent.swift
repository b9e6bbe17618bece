package import Essentials

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A configuration file's text and who can read it.
package struct FileContent {
    /// The text.
    package var text: String
    /// Whether users other than its owner can.
    var isReadableByOthers: Bool

    /// The most that is read; a thousand nodes are a third of it.
    static let maximumSize = 1 << 20

    /// Reads the whole file; pipes too, as in `--config <(decrypt pgdr.yaml.gpg)`.
    package static func read(_ path: String) throws(Failure) -> FileContent {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path, errno) }
        defer { _ = close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("read", path, errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw Failure(
                .configuration, "could not read configuration file \"\(path)\"", detail: "It is a directory.",
                hint: "Name the file itself: --config \(path.hasSuffix("/") ? path : path + "/")pgdr.yaml")
        }
        let bytes = try bytes(of: descriptor, path: path)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .configuration(
                at: location(ofInvalidByteIn: bytes, path: path), "the file is not UTF-8",
                hint: "Save it in UTF-8, for example with: iconv -f LATIN1 -t UTF-8")
        }
        return FileContent(text: text, isReadableByOthers: status.st_mode & (S_IRGRP | S_IROTH) != 0)
    }

    private static func bytes(of descriptor: Int32, path: String) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, &buffer, buffer.count)
            #else
                let count = Darwin.read(descriptor, &buffer, buffer.count)
            #endif
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("read", path, errno)
            }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= maximumSize else {
                throw Failure(
                    .configuration, "configuration file \"\(path)\" is too large",
                    detail: "At most \(maximumSize) bytes are read.")
            }
        }
    }

    /// Where the first bytes stand that are no character.
    private static func location(ofInvalidByteIn bytes: [UInt8], path: String) -> SourceLocation {
        var location = SourceLocation(path: path, line: 1, column: 1)
        var iterator = bytes.makeIterator()
        var decoder = UTF8()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            if scalar == "\n" {
                location.line += 1
                location.column = 1
            } else {
                location.column += 1
            }
        }
        return location
    }

    private static func failure(_ verb: String, _ path: String, _ code: Int32) -> Failure {
        Failure(
            .configuration, "could not \(verb) configuration file \"\(path)\": \(String(cString: strerror(code)))",
            hint: code == EACCES ? "Look at the permissions with: namei -l '\(path)'" : nil)
    }
}
