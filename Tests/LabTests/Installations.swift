import Essentials
import Glibc
import Lab
import Testing

/// The PostgreSQL installations the tests run on: those whose program directories PGDR_TEST_POSTGRES_BINS lists,
/// parted by colons; otherwise the one a lab finds by itself.
let installations: [String?] = {
    let listed = getenv("PGDR_TEST_POSTGRES_BINS").map { String(cString: $0) } ?? ""
    let directories = listed.split(separator: ":").map(String.init)
    return directories.isEmpty ? [nil] : directories
}()

/// The processes whose argument list, title or environment names the directory.
func processes(naming directory: String) throws -> [String] {
    var found: [String] = []
    let handle = try #require(opendir("/proc"))
    defer { closedir(handle) }
    while let entry = readdir(handle) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard let pid = Int32(name), pid != getpid() else { continue }
        let text = contents("/proc/\(name)/cmdline") + contents("/proc/\(name)/environ")
        var target = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/\(name)/cwd", &target, target.count - 1)
        let cwd = String(decoding: target.prefix(max(length, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text.contains(directory) || cwd.hasPrefix(directory) { found.append("\(name): \(text.prefix(200))") }
    }
    return found
}

/// A file's text; empty when it can't be read.
func contents(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
    }
}

/// Makes a file of that text.
func write(_ text: String, to path: String) {
    guard let file = fopen(path, "w") else { return }
    fputs(text, file)
    fclose(file)
}

/// Whether there is a file or directory of that name.
func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Expects a failure whose message holds `words`.
func expectFailure(_ words: String, _ body: () async throws -> Void) async {
    do {
        try await body()
        Issue.record("no failure with \"\(words)\"")
    } catch let failure as Failure {
        #expect(failure.message.contains(words), "\(failure)")
    } catch { Issue.record(error) }
}
