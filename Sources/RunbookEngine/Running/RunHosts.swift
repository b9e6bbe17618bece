internal import Configuration
package import Essentials
package import Hosts
package import SSH
internal import Synchronization

extension RunSessions {
    /// Runs a command on a node's host.
    /// - Throws: when the link breaks, the deadline passes or how it ended can't be known; an exit status is a result.
    package func run(
        _ command: RemoteCommand, until deadline: Deadline,
        onOutput: (@Sendable (ArraySlice<UInt8>) -> Void)? = nil
    ) async throws(Failure) -> CommandResult {
        let shell = Command(command.words, input: Array(command.input.utf8))
        return try await withSession(of: command.node, until: deadline) { session throws(Failure) in
            try await session.run(shell, until: deadline) { _, bytes in onOutput?(bytes) }
        }
    }

    /// What a node's host says of itself.
    package func facts(of name: String, until deadline: Deadline) async throws(Failure) -> HostFacts {
        let node = try cluster.existingNode(named: name)
        let command = RemoteCommand(name, HostFacts.command(for: node).words)
        let result = try await run(command, until: deadline)
        return try HostFacts.parse(result.output, of: node)
    }

    /// Writes a file on a node's host.
    package func upload(
        _ content: String, to path: String, mode: UInt32, on name: String, until deadline: Deadline
    ) async throws(Failure) {
        try await withSession(of: name, until: deadline) { session throws(Failure) in
            try await session.upload(Array(content.utf8), to: path, mode: mode, until: deadline)
        }
    }

    private func withSession<Value: Sendable>(
        of name: String, until deadline: Deadline, _ body: (inout Session) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let node = try cluster.existingNode(named: name)
        guard let place = shells[name], let address = node.ssh else {
            throw Failure(
                .refused, "node \"\(name)\" has no \"ssh\" in the configuration",
                hint: "Say how its host is reached: ssh: user@host", node: name)
        }
        do throws(Failure) {
            var session: Session
            if let held = place.take() { session = held } else {
                session = try await Session.open(
                    Endpoint(address), Secrets(askpassOf: address), until: deadline)
            }
            let value = try await body(&session)
            place.put(session)
            return value
        } catch {
            var failure = error
            failure.node = failure.node ?? name
            throw failure
        }
    }
}

/// A place for one SSH session between two commands.
final class ShellPlace: Sendable {
    private let session = Mutex<Session?>(nil)

    func take() -> Session? {
        guard let session = session.withLock({ $0.take() }), session.isUsable else { return nil }
        return session
    }

    func put(_ new: consuming Session) {
        var new: Session? = consume new
        session.withLock { $0 = new.take() }
    }
}
