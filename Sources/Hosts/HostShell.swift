package import Configuration
package import Essentials
package import SSH
internal import Synchronization

/// A host as pgdr works on it, be it a node's or a witness's: one SSH session that is opened when it is first needed and
/// kept.
///
/// Two commands at once get a session each; one of them is kept.
package final class HostShell: Sendable {
    /// The name of the node or witness; failures name it.
    package let name: String

    private let endpoint: Endpoint
    private let secrets: Secrets
    private let held = Mutex<Held?>(nil)
    private let silent = Mutex(false)

    private struct Held: ~Copyable {
        var session: Session
        /// When it last did something.
        var used: ContinuousClock.Instant
    }

    /// A session that lay idle for longer may be gone without a trace, so it is tried first.
    private static let trustedIdle = Duration.seconds(5)

    /// Whether it gave no answer when it was last connected to.
    package var isSilent: Bool { silent.withLock { $0 } }

    /// A shell for a host; nobody is asked yet.
    /// - Parameter secrets: where passphrases of keys come from that have no `askpass`.
    /// - Throws: `configuration` when a path of its address can't be made out.
    package init(_ name: String, _ address: SSHAddress, secrets: Secrets = .none) throws(Failure) {
        self.name = name
        do throws(Failure) {
            endpoint = try Endpoint(address)
            self.secrets = try Secrets(askpassOf: address, otherwise: secrets)
        } catch {
            throw error.naming(name)
        }
    }

    /// Runs a command just as it is and returns what came of it; a status other than 0 is a result.
    /// - Throws: as `Session.run`; the failure names the node or witness.
    package func run(
        _ command: Command, until deadline: Deadline,
        onOutput: (@Sendable (OutputStream, ArraySlice<UInt8>) -> Void)? = nil
    ) async throws(Failure) -> CommandResult {
        try await withSession(until: deadline) { session throws(Failure) in
            try await session.run(command, until: deadline, onOutput: onOutput)
        }
    }

    /// Writes a file whole, as the user who logged in.
    /// - Throws: as `Session.upload`; the failure names the node or witness.
    package func upload(
        _ bytes: [UInt8], to path: String, mode: UInt32, until deadline: Deadline
    ) async throws(Failure) {
        try await withSession(until: deadline) { session throws(Failure) in
            try await session.upload(bytes, to: path, mode: mode, until: deadline)
        }
    }

    /// Has the host connect to a port of another one; see `Session.reach`.
    /// - Throws: as `Session.reach`; the failure names the node or witness.
    package func reach(
        _ host: String, port: Int, greeting: [UInt8]?, until deadline: Deadline
    ) async throws(Failure) -> Reach {
        try await withSession(until: deadline) { session throws(Failure) in
            try await session.reach(host, port: port, greeting: greeting, until: deadline)
        }
    }

    /// Opens the session, where it isn't yet.
    package func open(until deadline: Deadline) async throws(Failure) {
        try await withSession(until: deadline) { _ throws(Failure) in }
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
            throw error.naming(name)
        }
    }

    /// A session that works: the one held, unless it is gone, or a new one.
    private func session(until deadline: Deadline) async throws(Failure) -> Session {
        if var old = held.withLock({ $0.take() }), old.session.isUsable {
            if old.used.duration(to: .now) < Self.trustedIdle { return old.session }
            let soon = min(deadline, .after(.seconds(5)))
            if (try? await old.session.keepAlive(until: soon)) != nil { return old.session }
        }
        do throws(Failure) {
            let new = try await Session.open(endpoint, secrets, until: deadline)
            silent.withLock { $0 = false }
            return new
        } catch {
            if error.code == .timeout || error.code == .connection { silent.withLock { $0 = true } }
            throw error
        }
    }

    private func keep(_ session: consuming Session) {
        guard session.isUsable else { return }
        var new: Held? = Held(session: session, used: .now)
        held.withLock { $0 = new.take() }
    }
}

extension Failure {
    /// The same, of a node or witness where it names none.
    func naming(_ name: String) -> Failure {
        var failure = self
        failure.node = node ?? name
        failure.hint = hint?.replacing("ssh trust NODE", with: "ssh trust \(name)")
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
