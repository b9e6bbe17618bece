internal import Configuration
package import Essentials
package import Hosts
package import SSH

extension RunSessions {
    /// Runs a command on a node's or witness's host.
    /// - Parameter shell: `shared` for what only looks (see `Command.Shell`).
    /// - Throws: when the link breaks, the deadline passes or how it ended can't be known; an exit status is a result.
    package func run(
        _ command: RemoteCommand, in shell: Command.Shell = .own, until deadline: Deadline,
        onOutput: (@Sendable (ArraySlice<UInt8>) -> Void)? = nil
    ) async throws(Failure) -> CommandResult {
        let form = Command(
            command.words, become: command.become, input: Array(command.input.utf8), shell: shell)
        return try await host(of: command.node).run(form, until: deadline) { _, bytes in onOutput?(bytes) }
    }

    /// What a node's host says of itself.
    func facts(
        of name: String, _ asking: HostAsking, until deadline: Deadline
    ) async throws(Failure) -> HostFacts {
        guard !asking.silent.contains(name) else {
            throw Failure(.timeout, "its host did not answer a moment ago", node: name)
        }
        let shell = try shell(of: name)
        guard let age = asking.keptWithin else { return try await shell.facts(until: deadline) }
        return try await shell.facts(within: age, until: deadline)
    }

    /// Writes a file on a node's host, as the user who logs in.
    package func upload(
        _ content: String, to path: String, mode: UInt32, on name: String, until deadline: Deadline
    ) async throws(Failure) {
        try await host(of: name).upload(Array(content.utf8), to: path, mode: mode, until: deadline)
    }

    /// The host of a node, with what it takes to act there as the server's account.
    /// - Throws: why there is no way to it.
    package func shell(of name: String) throws(Failure) -> NodeShell {
        if let shell = shells[name] { return shell }
        // Says why there is none.
        return try NodeShell(cluster.existingNode(named: name))
    }
}
