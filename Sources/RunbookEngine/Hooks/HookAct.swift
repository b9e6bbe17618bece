internal import Audit
package import Essentials

/// Commands on this machine that are told of something, in their final form but for when, and the timeline.
package struct HookAct: Sendable, Equatable, Codable {
    /// The commands: a program and its arguments each.
    package var commands: [[String]]
    /// What each of them reads.
    package var event: HookEvent
    /// How long, in seconds, each of them may take.
    package var timeout: Double

    /// An act by its parts.
    package init(_ commands: [[String]], _ event: HookEvent, timeout: Double) {
        self.commands = commands
        self.event = event
        self.timeout = timeout
    }

    /// Runs all of them, one after the other, whether or not others fail.
    ///
    /// Each has its own time: one that hangs is ended, and those after it still run.
    /// - Parameter told: called with each failure as it happens.
    /// - Throws: `cancelled` at once; else the failures, once all have run.
    package func run(told: (Failure) -> Void) async throws(Failure) {
        var event = event
        event.at = AuditTime.now.text
        var failures: [Failure] = []
        for command in commands {
            do throws(Failure) {
                try await LocalCommand(words: command, input: event.line + "\n").run(until: .after(.seconds(timeout)))
            } catch {
                guard error.code != .cancelled else { throw error }
                failures.append(error)
                told(error)
            }
        }
        guard let first = failures.first else { return }
        guard commands.count > 1 else { throw first }
        throw Failure(
            first.code, "\(failures.count) of \(commands.count) commands failed",
            detail: failures.map(\.text).joined(separator: "\n"))
    }
}

extension ActRunner {
    /// Tells commands of a role change, and on which timeline the new primary is.
    func perform(_ act: HookAct) async throws(Failure) {
        var act = act
        act.event.timeline = await timeline(of: act.event.primary.node)
        try await act.run { attendant.told(.note(step: step, text: $0.text)) }
    }

    /// The timeline that a primary writes on; nil when it doesn't tell at once: clients wait.
    private func timeline(of name: String) async -> UInt32? {
        let statement =
            "SELECT ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint AS timeline"
        let row = try? await sessions.values(statement, on: name, until: .after(.seconds(1)))
        return row?["timeline"].flatMap { UInt32($0) }
    }
}
