internal import Essentials
internal import Glibc
internal import Subprocess
internal import SystemPackage

/// A program to run to its end: an argument list, never a shell's text, and an environment made from nothing, so
/// that no PGHOST, PGSERVICE or LANG of the user's leaks into the lab.
struct Program: Sendable {
    var path: String
    var arguments: [String]
    /// Variables beside the few every program gets.
    var environment: [String: String] = [:]
    /// The account to run as; nil for the invoking user.
    var account: Account?
    /// The network namespace to run in, which only root can enter; nil for the invoking process's.
    var namespace: String?
    /// A directory that account may enter; PostgreSQL's programs fail in one they can't.
    var workingDirectory = "/"
    /// What is said on failure after "could not".
    var purpose: String

    init(_ path: String, _ arguments: [String], purpose: String? = nil) {
        self.path = path
        self.arguments = arguments
        self.purpose = purpose ?? "run \"\(path)\""
    }

    /// Runs it and returns its standard output.
    /// - Throws: `lab` when it can't be started or ends with anything but status 0, with the last lines it wrote as
    ///   the detail; `cancelled` when the task was cancelled, after the program was killed.
    @discardableResult
    func run(input: String = "") async throws(Failure) -> String {
        // A file and no pipe: writing to a program that ended early would end this one with SIGPIPE.
        let input = try LabFile.inMemory(input)
        let limit = 64 << 20
        let status: TerminationStatus
        let output: String
        let errors: String
        do {
            let result = try await Subprocess.run(
                configuration, input: .fileDescriptor(input, closeAfterSpawningProcess: true),
                output: .string(limit: limit), error: .string(limit: limit))
            (status, output, errors) = (result.terminationStatus, result.standardOutput, result.standardError)
        } catch {
            throw Task.isCancelled ? cancelled : Failure(.lab, "could not \(purpose)", detail: "\(error)")
        }
        // A killed program's status is only a consequence.
        if Task.isCancelled { throw cancelled }
        guard status.isSuccess else {
            let lines = (output + "\n" + errors).split(separator: "\n").suffix(15)
            let detail = lines.isEmpty ? "\(status)" : lines.joined(separator: "\n")
            throw Failure(.lab, "could not \(purpose)", detail: detail)
        }
        return output
    }

    /// The failure of what was under way when the task was cancelled.
    var cancelled: Failure { Failure(.cancelled, "cancelled while about to \(purpose)") }

    /// The same as the library takes it.
    var configuration: Subprocess.Configuration {
        var variables: [Environment.Key: String] = [
            "PATH": Self.searchPath.joined(separator: ":"), "LC_ALL": "C", "TZ": "UTC",
            "HOME": account?.home ?? Self.variable("HOME") ?? "/",
        ]
        for (name, value) in environment { variables[Environment.Key(rawValue: name) ?? "_"] = value }
        let command = [path] + arguments
        let prefix = account.flatMap { $0.differsFromInvoker ? Self.becoming($0) : nil } ?? []
        let line = (namespace.map(Self.entering) ?? []) + prefix + command
        return Subprocess.Configuration(
            executable: .path(FilePath(line[0])), arguments: Arguments(Array(line.dropFirst())),
            environment: .custom(variables), workingDirectory: FilePath(workingDirectory))
    }

    /// The start of a command line that runs the rest of it in a network namespace.
    ///
    /// Not by `ip netns exec`, which gives it a view of the mounts of its own.
    static func entering(_ namespace: String) -> [String] {
        [find("nsenter") ?? "/usr/bin/nsenter", "--net=/run/netns/\(namespace)", "--"]
    }

    /// The start of a command line that runs the rest of it as another account.
    ///
    /// Not by the library's own options: they call setgroups between fork and exec, where glibc waits for ever for a
    /// thread that was being made at the moment of the fork and that the child doesn't have.
    private static func becoming(_ account: Account) -> [String] {
        ["/usr/bin/setpriv", "--reuid=\(account.uid)", "--regid=\(account.gid)", "--init-groups", "--"]
    }
}

extension Program {
    /// The directories programs are looked for in: PATH, then the places for administrators' programs, which an
    /// ordinary user's PATH lacks.
    static var searchPath: [String] {
        let own = (variable("PATH") ?? "").split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
        let system = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        return own + system.filter { !own.contains($0) }
    }

    /// The first program of that name; nil when there is none.
    static func find(_ name: String) -> String? {
        searchPath.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// A variable of the invoking process's environment.
    static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
