import Configuration
import Essentials
import Foundation
import Testing

/// Files on disk: which one is found, and what is said of one that can't be read.
@Suite struct FileTests {
    private static let content = "clusters: {c: {nodes: {n: {connection: host=h, kind: dr}}}}\n"

    /// Calls `body` with an empty folder of its own.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pgdr-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        try body(folder.path())
    }

    private func write(_ text: String, _ path: String, mode: Int = 0o600) throws {
        let folder = URL(filePath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let made = FileManager.default.createFile(
            atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
        try #require(made)
    }

    @Test func findsTheFirstFileOfTheSearchOrder() throws {
        try withFolder { folder in
            let places = ["given", "env", "here/pgdr.yaml", "home/.config/pgdr/pgdr.yaml", "etc/pgdr.yaml"]
                .map { "\(folder)/\($0)" }
            for place in places { try write(Self.content, place) }
            func find(explicit: String?, variable: String?) throws -> String {
                var environment = ["HOME": "\(folder)/home"]
                environment["PGDR_CONFIG"] = variable
                return try ConfigurationFile.find(
                    explicit: explicit, environment: environment, currentDirectory: "\(folder)/here",
                    systemDirectory: "\(folder)/etc")
            }
            #expect(try find(explicit: places[0], variable: places[1]) == places[0])
            #expect(try find(explicit: nil, variable: places[1]) == places[1])
            #expect(try find(explicit: nil, variable: "") == places[2])
            for (index, place) in places.enumerated().dropFirst(2) {
                #expect(try find(explicit: nil, variable: nil) == place)
                try FileManager.default.removeItem(atPath: place)
                guard index == places.count - 1 else { continue }
                let reason = "No such file or directory"
                let listed = places.dropFirst(2).map { "\($0): \(reason)" }
                #expect(
                    throws: Failure(
                        .configuration, "found no configuration file",
                        detail: (["--config: not given", "PGDR_CONFIG: not set"] + listed).joined(separator: "\n"),
                        hint: "Write one with: pgdr init CONNINFO")
                ) { try find(explicit: nil, variable: nil) }
            }
            let missing = "\(folder)/missing"
            #expect(
                throws: Failure(
                    .configuration, "could not open configuration file \"\(missing)\": No such file or directory",
                    detail: "It was named by --config; no other place was looked at.")
            ) { try find(explicit: missing, variable: places[1]) }
            #expect(
                throws: Failure(
                    .configuration, "could not open configuration file \"\(missing)\": No such file or directory",
                    detail: "It was named by PGDR_CONFIG; no other place was looked at.")
            ) { try find(explicit: nil, variable: missing) }
        }
    }

    @Test func looksInTheCurrentDirectoryByARelativePath() throws {
        let failure = try #require(throws: Failure.self) {
            try ConfigurationFile.find(explicit: nil, environment: [:], systemDirectory: "/nonexistent")
        }
        #expect(
            failure.detail == """
                --config: not given
                PGDR_CONFIG: not set
                ./pgdr.yaml: No such file or directory
                /nonexistent/pgdr.yaml: No such file or directory
                """)
    }

    @Test func saysWhyAFileCannotBeRead() throws {
        try withFolder { folder in
            let file = "\(folder)/pgdr.yaml"
            func refused(_ message: String, detail: String? = nil, hint: String? = nil, path: String? = nil) {
                #expect(throws: Failure(.configuration, message, detail: detail, hint: hint)) {
                    try ConfigurationFile.load(path: path ?? file)
                }
            }
            refused("could not open configuration file \"\(file)\": No such file or directory")
            refused(
                "could not read configuration file \"\(folder)\"", detail: "It is a directory.",
                hint: "Name the file itself: --config \(folder)\(folder.hasSuffix("/") ? "" : "/")pgdr.yaml",
                path: folder)
            try write("", file)
            refused("configuration file \"\(file)\" is empty", hint: "Write one with: pgdr init CONNINFO")
            try write(String(repeating: "#", count: (1 << 20) + 1), file)
            refused("configuration file \"\(file)\" is too large", detail: "At most 1048576 bytes are read.")
            try Data("clusters:\n  é".utf8 + [0xFF]).write(to: URL(filePath: file))
            refused(
                "\(file):2:4: the file is not UTF-8",
                hint: "Save it in UTF-8, for example with: iconv -f LATIN1 -t UTF-8")
            try write(Self.content, file)
            let clusters = try ConfigurationFile.load(path: file).clusters
            #expect(clusters.map(\.name) == ["c"])
        }
    }

    @Test(arguments: [(0o600, 1), (0o640, 2), (0o604, 2)])
    func warnsWhenOthersCanReadAPassword(mode: Int, count: Int) throws {
        try withFolder { folder in
            let file = "\(folder)/pgdr.yaml"
            try write(nodes("n: {kind: dr, connection: host=h password=x}"), file, mode: mode)
            let warnings = try ConfigurationFile.load(path: file).warnings
            #expect(warnings.count == count)
            guard count == 2 else { return }
            #expect(
                warnings.last
                    == ConfigurationWarning(
                        location: SourceLocation(path: file, line: 4, column: 33),
                        text: "the file holds a password and other users of this machine can read it",
                        hint: "Run: chmod 600 '\(file)'"))
            try write(Self.content, file, mode: 0o644)
            #expect(try ConfigurationFile.load(path: file).warnings.isEmpty)
            let node = "n: {kind: dr, connection: host=h, ssh: h}"
            try write("clusters: {c: {witnesses: {w: {ssh: h}}, nodes: {\(node)}}}", file, mode: 0o644)
            #expect(
                try ConfigurationFile.load(path: file).warnings.map(\.text)
                    == ["witness \"w\" is lost together with node \"n\""])
        }
    }
}
