package import Configuration
package import Essentials
package import SSH
internal import Subprocess
internal import SystemPackage

extension Secrets {
    /// Passphrases from the configured `askpass` commands; of keys that have none, from `otherwise`.
    /// - Throws: `configuration` as for `Endpoint.init`.
    package init(
        askpassOf address: SSHAddress, otherwise: Secrets = .none
    ) throws(Failure) {
        var commands: [String: [String]] = [:]
        for hop in [address] + address.jumps where !hop.askpass.isEmpty {
            for file in try Endpoint.identityFiles(of: hop) { commands[file] = hop.askpass }
        }
        guard !commands.isEmpty else {
            self = otherwise
            return
        }
        let known = commands
        self.init { file in
            guard let command = known[file] else { return await otherwise.passphrase(file) }
            return await Self.answer(of: command)
        }
    }

    /// How long a command may take to print a passphrase.
    private static let patience: Duration = .seconds(30)

    /// What the command prints, without the line break at its end; nil when it fails, or doesn't end in time.
    private static func answer(of command: [String]) async -> String? {
        await withTaskGroup(of: String?.self) { tasks in
            tasks.addTask { await output(of: command) }
            tasks.addTask {
                _ = await ReadinessLoop.shared.sleep(until: .after(patience))
                return nil
            }
            let first = await tasks.next() ?? nil
            tasks.cancelAll()
            return first
        }
    }

    private static func output(of command: [String]) async -> String? {
        guard let program = command.first else { return nil }
        let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
        guard
            let result = try? await Subprocess.run(
                executable, arguments: Arguments(Array(command.dropFirst())), output: .string(limit: 4096),
                error: .discarded),
            result.terminationStatus.isSuccess
        else { return nil }
        let line = result.standardOutput.prefix { !$0.isNewline }
        return line.isEmpty ? nil : String(line)
    }
}
