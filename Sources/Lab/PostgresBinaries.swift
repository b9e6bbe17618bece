internal import Essentials
internal import FoundationEssentials
internal import Glibc
internal import SystemPackage

/// Where the programs of one PostgreSQL installation are.
struct PostgresBinaries: Codable, Sendable, Equatable {
    /// The directory of `postgres`, `initdb` and the others.
    var directory: String
    /// The libraries that came with them, to be preferred to the system's; nil when there are none.
    ///
    /// Without it a relocatable build's walreceiver loads the system's older libpq, and the standby silently never
    /// streams.
    var libraries: String?

    /// The path of one program.
    func program(_ name: String) -> String { "\(directory)/\(name)" }

    private static let needed = ["initdb", "pg_basebackup", "pg_ctl", "postgres", "psql"]

    /// The programs in `given`; without it those `pg_config` names, else the newest of Debian's, else those in PATH.
    /// - Throws: `refused` when some are missing.
    static func find(_ given: String?) async throws(Failure) -> PostgresBinaries {
        if let given {
            let absent = missing(in: given)
            guard absent.isEmpty, let directory = LabFile.resolve(given) else {
                throw Failure(
                    .refused, "there is no complete PostgreSQL in \"\(given)\"",
                    detail: "Missing: \(absent.joined(separator: ", ")).",
                    hint: "Give the directory that holds initdb, postgres and the others: a server's bin directory.")
            }
            return PostgresBinaries(directory: directory)
        }
        for candidate in await candidates() where missing(in: candidate).isEmpty {
            return PostgresBinaries(directory: LabFile.resolve(candidate) ?? candidate)
        }
        throw Failure(
            .refused, "could not find PostgreSQL's server programs",
            detail: "Looked for \(needed.joined(separator: ", ")) where pg_config points to,"
                + " in /usr/lib/postgresql/*/bin and in PATH.",
            hint: "Install them with: apt-get install postgresql")
    }

    private init(directory: String) {
        self.directory = directory
        let beside = FilePath(directory).removingLastComponent().appending("lib").string
        let names = (try? FileManager.default.contentsOfDirectory(atPath: beside)) ?? []
        libraries = names.contains { $0.hasPrefix("libpq.so") } ? beside : nil
    }

    private static func missing(in directory: String) -> [String] {
        needed.filter { access("\(directory)/\($0)", X_OK) != 0 }
    }

    private static func candidates() async -> [String] {
        var found: [String] = []
        if let configured = Program.find("pg_config"),
            let output = try? await Program(configured, ["--bindir"]).run(),
            let line = output.split(separator: "\n").first
        {
            found.append(String(line))
        }
        let debian = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []
        found += versions.compactMap { Int($0) }.sorted(by: >).map { "\(debian)/\($0)/bin" }
        return found + Program.searchPath
    }
}
