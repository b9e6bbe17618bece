internal import Essentials
internal import Subprocess
internal import SystemPackage

/// A command on the machine that pgdr runs on: words, none of which a shell interprets.
struct LocalCommand: Sendable {
    var words: [String]

    /// Runs it to its end.
    /// - Throws: `command` unless it exits with 0; `timeout` or `cancelled` once it was ended.
    func run(until deadline: Deadline) async throws(Failure) {
        guard let program = words.first else { throw Failure(.command, "there is no command to run") }
        let arguments = Array(words.dropFirst())
        let ended: Failure?
        do {
            ended = try await withThrowingTaskGroup(of: Failure?.self) { group in
                group.addTask {
                    // A command that reads would otherwise take what is typed for pgdr.
                    let result = try await Subprocess.run(
                        program.contains("/") ? .path(FilePath(program)) : .name(program),
                        arguments: Arguments(arguments), input: .none, output: .string(limit: 1 << 20),
                        error: .string(limit: 1 << 20))
                    if result.terminationStatus.isSuccess { return nil }
                    let said = result.standardError.isEmpty ? result.standardOutput : result.standardError
                    let end = said.split(separator: "\n").suffix(5).joined(separator: "; ")
                    return Failure(.command, "\(program) failed", detail: "\(result.terminationStatus): \(end)")
                }
                group.addTask {
                    _ = await ReadinessLoop.shared.sleep(until: deadline)
                    return Failure(.timeout, "\(program) did not end in time")
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
        } catch {
            throw Task.isCancelled ? .cancelledStep : Failure(.command, "could not run \(program)", detail: "\(error)")
        }
        if Task.isCancelled { throw .cancelledStep }
        if let ended { throw ended }
    }
}
