package import Configuration
package import Essentials
package import SSH
internal import Synchronization

/// A node's host as pgdr works on it, with what it takes to act there as the server's account.
package final class NodeShell: Sendable {
    /// The node.
    package let node: NodeConfiguration
    /// The host, for what needs no node.
    package let host: HostShell

    private let dataDirectory: String?
    private let known = Mutex<Known?>(nil)

    private struct Known {
        var facts: HostFacts
        /// When they were asked for.
        var at: ContinuousClock.Instant
    }

    /// A shell for a node; nobody is asked yet.
    /// - Parameters:
    ///   - dataDirectory: what the server says its data directory is, where the configuration names none.
    ///   - secrets: where passphrases of keys come from that have no `askpass`.
    /// - Throws: `refused` when the node has no SSH address, `configuration` when a path of it can't be made out.
    package init(
        _ node: NodeConfiguration, dataDirectory: String? = nil, secrets: Secrets = .none
    ) throws(Failure) {
        guard let address = node.ssh else { throw .noSSHAddress(node) }
        self.node = node
        self.dataDirectory = dataDirectory
        host = try HostShell(node.name, address, secrets: secrets)
    }

    /// Runs a command as its account and returns what came of it; a status other than 0 is a result.
    /// - Parameter shell: `shared` for what only looks (see `Command.Shell`).
    /// - Throws: `refused` when there is no way to its account, otherwise as `Session.run`; the failure names the node.
    package func run(
        _ command: HostCommand, in shell: Command.Shell = .own, until deadline: Deadline,
        onOutput: (@Sendable (OutputStream, ArraySlice<UInt8>) -> Void)? = nil
    ) async throws(Failure) -> CommandResult {
        var prepared = try await prepared(command, until: deadline)
        prepared.shell = shell
        return try await host.run(prepared, until: deadline, onOutput: onOutput)
    }

    /// Runs a command that has to succeed.
    /// - Throws: `command` when it ends otherwise, with its last words as the detail; otherwise as `run`.
    @discardableResult
    package func succeed(
        _ command: HostCommand, _ purpose: String, until deadline: Deadline
    ) async throws(Failure) -> CommandResult {
        let result = try await run(command, until: deadline)
        guard !result.succeeded else { return result }
        throw result.failure("could not \(purpose) on node \"\(node.name)\"", node: node.name)
    }

    /// Looks at the host; what it finds is also what later commands rely on to become another account.
    /// - Throws: as `run`, `unexpectedAnswer`.
    package func facts(until deadline: Deadline) async throws(Failure) -> HostFacts {
        let asked = ContinuousClock.now
        let command = HostFacts.command(for: node, dataDirectory: dataDirectory)
        let result = try await succeed(command, "look at the host", until: deadline)
        let facts = try HostFacts.parse(result.output, of: node)
        known.withLock { $0 = Known(facts: facts, at: asked) }
        return facts
    }

    /// The facts as seen no longer ago than that, where they are of the kind that only a person changes; otherwise the
    /// host is looked at.
    ///
    /// Whether the server runs may be out of date in them; what its supervisor is up to never is.
    package func facts(within age: Duration, until deadline: Deadline) async throws(Failure) -> HostFacts {
        if let known = known.withLock({ $0 }), known.at.duration(to: .now) <= age, known.facts.isLasting {
            return known.facts
        }
        return try await facts(until: deadline)
    }

    /// The facts as last seen; the host is looked at when it never was.
    package func lastFacts(until deadline: Deadline) async throws(Failure) -> HostFacts {
        if let facts = known.withLock(\.?.facts) { return facts }
        return try await facts(until: deadline)
    }

    private func change(_ facts: HostFacts) -> AccountChange { AccountChange(facts, become: node.ssh?.become ?? []) }

    private func prepared(_ command: HostCommand, until deadline: Deadline) async throws(Failure) -> Command {
        var prefix: [String] = []
        if command.account != .login {
            let facts = try await lastFacts(until: deadline)
            do { prefix = try change(facts).prefix(for: command) } catch { throw error.naming(node.name) }
        }
        let input = Array(command.input.utf8)
        // Before the words themselves: a sudoers line for root is for one program only. The server's account may run
        // anything, and what runs there long is to end with us.
        if command.account == .root { return Command(prefix + command.words, input: input) }
        return Command(command.words, become: prefix, input: input)
    }
}
