import Essentials
import Glibc
import SystemPackage
import Testing

@testable import Audit

/// A directory for one test, removed at its end.
func withFolder(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/pgdr-audit-XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer { removeTree(path) }
    try await body(path)
}

/// Removes a directory and the files in it, which are all a log has.
func removeTree(_ path: String) {
    chmod(path, 0o700)
    for name in names(in: path) where unlink("\(path)/\(name)") != 0 { removeTree("\(path)/\(name)") }
    rmdir(path)
}

/// The names in a directory, sorted.
func names(in path: String) -> [String] {
    guard let handle = opendir(path) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// A file's bytes.
func bytes(_ path: String) throws -> [UInt8] {
    let file = try FileDescriptor.open(FilePath(path), .readOnly)
    return try file.closeAfter {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}

/// A file's lines, without their newlines.
func lines(_ path: String) throws -> [String] {
    String(decoding: try bytes(path), as: UTF8.self).split(separator: "\n").map(String.init)
}

/// Makes a file of these bytes.
func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
    let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll(bytes) }
}

/// Makes a file of these lines.
func write(lines: [String], to path: String) throws { try write(lines.map { "\($0)\n" }.joined().utf8, to: path) }

/// The failure that `body` ends with.
func failure(_ body: () throws -> Void) -> Failure? {
    do { try body() } catch { return error as? Failure }
    return nil
}

/// Who acts in these tests.
let tester = Actor(user: "tester")

extension AuditLog {
    /// A log with so many events, named `event.1` and so on.
    static func filled(_ directory: String, _ count: Int, rotationSize: Int = defaultRotationSize) throws -> AuditLog {
        let log = try AuditLog.open(directory, actor: tester, rotationSize: rotationSize)
        for number in 1...count {
            try log.append(AuditEntry("event.\(number)", details: ["n": .integer(Int64(number))]))
        }
        return log
    }
}
