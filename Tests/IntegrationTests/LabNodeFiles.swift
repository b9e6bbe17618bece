import Essentials
import Glibc
import Lab
import Subprocess
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension LabNode {
    /// A file of the data directory as text.
    func dataFile(_ name: String) throws -> String {
        try String(contentsOfFile: "\(dataDirectory)/\(name)", encoding: .utf8)
    }

    /// What lies beside the data directory, or in it, that a run has left behind.
    func leftovers() throws -> [String] {
        let manager = FileManager.default
        // What a rejoin keeps of the node's own WAL stays; the log of pg_ctl's start is the service's.
        let beside = try manager.contentsOfDirectory(atPath: directory).filter { name in
            name.contains("pgdr-") && !name.hasSuffix("-wal")
        }
        let inside = try manager.contentsOfDirectory(atPath: dataDirectory).filter { name in
            name.contains("pgdr") && name != "pgdr-start.log"
        }
        return (beside + inside).sorted()
    }

    /// The only entry beside the data directory whose name ends so.
    func beside(ending suffix: String) throws -> String? {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(suffix) }
        return names.count == 1 ? names.first.map { "\(directory)/\($0)" } : nil
    }

    /// Sends a signal to one of the server's processes.
    func signal(_ signal: Int32, to process: String) async throws {
        let pid = try await psql("SELECT pid FROM pg_stat_activity WHERE backend_type = '\(process)'")
        if let pid = pid_t(pid), pid > 1 { Glibc.kill(pid, signal) }
    }

    /// Replaces a file of the data directory, whose owner and mode stay.
    func replaceDataFile(_ name: String, _ text: String) throws {
        let file = try FileDescriptor.open("\(dataDirectory)/\(name)", .writeOnly, options: .truncate)
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }

    /// Adds to the end of a file of the data directory.
    func appendDataFile(_ name: String, _ text: String) throws {
        let file = try FileDescriptor.open("\(dataDirectory)/\(name)", .writeOnly, options: .append)
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }
}

extension Stage {
    /// Runs `body` while somebody copies a server, so slowly that the copy outlives it.
    func whileCopied(_ node: LabNode, _ body: () async throws -> Void) async throws {
        let arguments = [
            "-D", "\(lab.directory)/copy", "-d", node.connectionString(as: .superuser), "-c",
            "fast", "--max-rate=32k",
        ]
        let program = "\(lab.postgresBin)/pg_basebackup"
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try? await Subprocess.run(
                    .path(FilePath(program)), arguments: Arguments(arguments), input: .none, output: .discarded,
                    error: .discarded)
            }
            defer { group.cancelAll() }
            try await body()
        }
    }
}

extension Stage {
    /// Runs a program as the servers' account.
    func asServer(_ program: String, _ arguments: [String]) async throws {
        let words =
            geteuid() == 0 ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--"] : []
        let command = words + [program] + arguments
        let result = try await Subprocess.run(
            .name(command[0]), arguments: Arguments(Array(command.dropFirst())), input: .none,
            output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
        #expect(result.terminationStatus.isSuccess, "\(program): \(result.standardError)")
    }

    /// Runs one of PostgreSQL's programs as the servers' account.
    func serverProgram(_ name: String, _ arguments: [String]) async throws {
        try await asServer("\(lab.postgresBin)/\(name)", arguments)
    }
}
