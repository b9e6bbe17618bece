package import Configuration
package import Essentials
package import SSH
internal import Synchronization

/// A node's host as pgdr works on it: one SSH session that is opened when it is first needed and kept.
///
/// Two commands at once get a session each; one of them is kept.
package final class NodeShell: Sendable {
    /// The node.
    package let node: NodeConfiguration

    private let endpoint: Endpoint
    private let secrets: Secrets
    private let dataDirectory: String?
    private let held = Mutex<Held?>(nil)
    private let knownFacts = Mutex<HostFacts?>(nil)

    private struct Held: ~Copyable {
        var session: Session
        /// When it last did something.
        var used: ContinuousClock.Instant
    }

    /// A session that lay idle for longer may be gone without a trace, so it is tried first.
    private static let trustedIdle = Duration.seconds(5)

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
        do throws(Failure) {
            endpoint = try Endpoint(address)
            self.secrets = try Secrets(askpassOf: address, otherwise: secrets)
        } catch {
            throw Self.naming(node, error)
        }
    }

    /// Runs a command as its account and returns what came of it; a status other than 0 is a result.
    /// - Throws: `refused` when there is no way to its account, otherwise as `Session.run`; the failure names the node.
    package func run(
        _ command: HostCommand, until deadline: Deadline,
        onOutput: (@Sendable (OutputStream, ArraySlice<UInt8>) -> Void)? = nil
    ) async throws(Failure) -> CommandResult {
        try await run(prepared(command, until: deadline), until: deadline, onOutput: onOutput)
    }

    /// Runs a command just as it is.
    package func run(
        _ command: Command, until deadline: Deadline,
        onOutput: (@Sendable (OutputStream, ArraySlice<UInt8>) -> Void)? = nil
    ) async throws(Failure) -> CommandResult {
        try await withSession(until: deadline) { session throws(Failure) in
            try await session.run(command, until: deadline, onOutput: onOutput)
        }
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

    /// Writes a file whole, as the user who logged in.
    /// - Throws: as `Session.upload`; the failure names the node.
    package func upload(
        _ bytes: [UInt8], to path: String, mode: UInt32, until deadline: Deadline
    ) async throws(Failure) {
        try await withSession(until: deadline) { session throws(Failure) in
            try await session.upload(bytes, to: path, mode: mode, until: deadline)
        }
    }

    /// Has the host connect to a port of another one; see `Session.reach`.
    /// - Throws: as `Session.reach`; the failure names the node.
    package func reach(
        _ host: String, port: Int, greeting: [UInt8], until deadline: Deadline
    ) async throws(Failure) -> Reach {
        try await withSession(until: deadline) { session throws(Failure) in
            try await session.reach(host, port: port, greeting: greeting, until: deadline)
        }
    }

    /// Opens the session, where it isn't yet.
    package func open(until deadline: Deadline) async throws(Failure) {
        try await withSession(until: deadline) { _ throws(Failure) in }
    }

    /// Looks at the host; what it finds is also what later commands rely on to become another account.
    /// - Throws: as `run`, `unexpectedAnswer`.
    package func facts(until deadline: Deadline) async throws(Failure) -> HostFacts {
        let command = HostFacts.command(for: node, dataDirectory: dataDirectory)
        let result = try await succeed(command, "look at the host", until: deadline)
        let facts = try HostFacts.parse(result.output, of: node)
        knownFacts.withLock { $0 = facts }
        return facts
    }

    /// The facts as last seen; the host is looked at when it never was.
    package func lastFacts(until deadline: Deadline) async throws(Failure) -> HostFacts {
        if let facts = knownFacts.withLock({ $0 }) { return facts }
        return try await facts(until: deadline)
    }

    private func change(_ facts: HostFacts) -> AccountChange { AccountChange(facts, become: node.ssh?.become ?? []) }

    private func prepared(_ command: HostCommand, until deadline: Deadline) async throws(Failure) -> Command {
        var prefix: [String] = []
        if command.account != .login {
            let facts = try await lastFacts(until: deadline)
            do { prefix = try change(facts).prefix(for: command) } catch { throw Self.naming(node, error) }
        }
        let input = Array(command.input.utf8)
        // Before the words themselves: a sudoers line for root is for one program only. The server's account may run
        // anything, and what runs there long is to end with us.
        if command.account == .root { return Command(prefix + command.words, input: input) }
        return Command(command.words, become: prefix, input: input)
    }

    private func withSession<Value: Sendable>(
        until deadline: Deadline, _ body: (inout Session) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        do throws(Failure) {
            var session = try await session(until: deadline)
            let value: Value
            do throws(Failure) {
                value = try await body(&session)
            } catch {
                keep(session)
                throw error
            }
            keep(session)
            return value
        } catch {
            throw Self.naming(node, error)
        }
    }

    /// A session that works: the one held, unless it is gone, or a new one.
    private func session(until deadline: Deadline) async throws(Failure) -> Session {
        if var old = held.withLock({ $0.take() }), old.session.isUsable {
            if old.used.duration(to: .now) < Self.trustedIdle { return old.session }
            let soon = min(deadline, .after(.seconds(5)))
            if (try? await old.session.keepAlive(until: soon)) != nil { return old.session }
        }
        return try await Session.open(endpoint, secrets, until: deadline)
    }

    private func keep(_ session: consuming Session) {
        guard session.isUsable else { return }
        var new: Held? = Held(session: session, used: .now)
        held.withLock { $0 = new.take() }
    }

    private static func naming(_ node: NodeConfiguration, _ failure: Failure) -> Failure {
        var failure = failure
        failure.node = failure.node ?? node.name
        failure.hint = failure.hint?.replacing("ssh trust NODE", with: "ssh trust \(node.name)")
        return failure
    }
}

extension CommandResult {
    /// The failure that this result is where success was needed.
    package func failure(_ message: String, node: String?) -> Failure {
        let how =
            switch end {
            case .exited(let status): "It ended with status \(status)."
            case .signalled(let name): "It was ended by SIG\(name)."
            }
        let lines = (errorText.isEmpty ? outputText : errorText).split(whereSeparator: \.isNewline).suffix(10)
        return Failure(
            .command, message, detail: lines.isEmpty ? how : lines.joined(separator: "\n"), node: node)
    }
}
