internal import Audit
internal import Essentials
internal import Postgres
internal import SSH

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What a run tells while it goes on.
package enum RunUpdate: Sendable {
    /// A step begins.
    case started(step: Int)
    /// A step is over: done, skipped, failed, undone, …; and what there is to say of it.
    case ended(step: Int, RunRecord.StepState, took: Duration, note: String?)
    /// How far a long command is: a share from 0 to 1 and its own words.
    case progress(step: Int, share: Double, text: String)
    /// A step is being taken back.
    case undoing(step: Int)
    /// Something to read; of a step, or of the run as a whole.
    case note(step: Int?, text: String)
}

/// Who watches a run and answers its questions.
package struct RunAttendant: Sendable {
    /// Told of everything, in order.
    package var told: @Sendable (RunUpdate) -> Void
    /// Asked to confirm; false ends the run as a failed step.
    package var confirms: @Sendable (String) async -> Bool
    /// Whether a person asked to stop between two steps.
    package var wantsStop: @Sendable () -> Bool

    /// An attendant by its parts.
    package init(
        told: @escaping @Sendable (RunUpdate) -> Void, confirms: @escaping @Sendable (String) async -> Bool,
        wantsStop: @escaping @Sendable () -> Bool
    ) {
        self.told = told
        self.confirms = confirms
        self.wantsStop = wantsStop
    }
}

/// Performs acts on real servers and hosts.
struct ActRunner {
    let sessions: RunSessions
    let attendant: RunAttendant
    let log: AuditLog
    /// The step's place in the plan.
    let step: Int
    /// As the executor's.
    let trustsSilence: Bool
    /// Where what came about is remembered for the steps that rely on it.
    let proofs: FreshProofs
    /// What a ladder of this step led to a moment ago.
    private let reached = FreshProofs()

    /// A runner for one step; its parameters are its properties.
    init(
        sessions: RunSessions, attendant: RunAttendant, log: AuditLog, step: Int, trustsSilence: Bool,
        proofs: FreshProofs
    ) {
        self.sessions = sessions
        self.attendant = attendant
        self.log = log
        self.step = step
        self.trustsSilence = trustsSilence
        self.proofs = proofs
    }

    /// Performs one act.
    /// - Returns: what it says to people and to the audit log; nil for most.
    /// - Throws: why it can't be said to have worked.
    @discardableResult
    func perform(_ act: Act, until deadline: Deadline) async throws(Failure) -> String? {
        switch act {
        case .statement(let statement): try await perform(statement, until: deadline)
        case .command(let command): return told(command, try await perform(command, until: deadline))
        case .pipe(let source, var sink):
            sink.input = try await perform(source, until: deadline).outputText
            return told(sink, try await perform(sink, until: deadline))
        case .pooler(let console, let command): try await command.run(on: console, until: deadline)
        case .local(let words, let input): try await LocalCommand(words: words, input: input).run(until: deadline)
        case .upload(let node, let path, let content, let mode):
            try await sessions.upload(content, to: path, mode: mode, on: node, until: deadline)
        case .wait(let probe, let nudge): try await wait(for: probe, nudge, until: deadline)
        case .pause(let seconds):
            if await ReadinessLoop.shared.sleep(until: .after(.seconds(seconds))) == .cancelled { throw .cancelledStep }
        case .stay(let seconds, let probe): try await stay(.seconds(seconds), whilst: probe)
        case .whilst(let probe, let acts): return try await perform(acts, whilst: probe, until: deadline)
        case .awaitReplay(let node, let primary):
            return try await awaitReplay(on: node, of: primary, until: deadline)
        case .confirm(let text):
            guard await attendant.confirms(text) else { throw Failure(.refused, "not confirmed: \(text)") }
        case .notify(let text): attendant.told(.note(step: step, text: text))
        case .ladder(let rungs, let probe): try await climb(rungs, until: probe, deadline)
        case .check(let probe): try await check(probe, for: "it", until: deadline)
        case .attempt(let acts):
            do throws(Failure) { for act in acts { try await perform(act, until: deadline) } } catch {
                guard error.code != .cancelled else { throw error }
                attendant.told(.note(step: step, text: error.textWithNode))
                return error.textWithNode
            }
        case .unless(let probe, let acts):
            if await sessions.ask(probe, until: deadline).holds == true { return nil }
            for act in acts { try await perform(act, until: deadline) }
        case .hinted(let acts, let hint):
            do throws(Failure) { for act in acts { try await perform(act, until: deadline) } } catch {
                var failure = error
                failure.hint = failure.hint ?? hint
                throw failure
            }
        case .decide(let act):
            let isOpen = Probe.noOtherDecision(act.ballot, isAccepted: false)
            let began = ContinuousClock.now
            let text = try await sessions.decide(
                act, by: log.actor.description, isOpen: proofs.isFresh(isOpen), until: deadline)
            // A majority holds it, or it was accepted that none does.
            if !act.acceptsNoQuorum { proofs.keep(isOpen, since: began) }
            attendant.told(.note(step: step, text: text))
            return text
        case .hooks(let act): try await perform(act)
        case .estate: return try await checkEstate()
        case .optional(let statement, let states):
            do throws(PostgresError) {
                _ = try await sessions.query(
                    statement.sql, statement.parameters, on: statement.node, until: deadline)
            } catch .server(let error) where states.contains(error.sqlstate) {
                let text = error.failure(node: statement.node).textWithNode
                attendant.told(.note(step: step, text: text))
                return text
            } catch {
                throw error.failure(node: statement.node)
            }
        }
        return nil
    }

    private func told(_ command: RemoteCommand, _ result: CommandResult) -> String? {
        guard command.isTold else { return nil }
        let text = result.outputText.trimmed
        for line in text.split(separator: "\n") { attendant.told(.note(step: step, text: String(line))) }
        return text.isEmpty ? nil : text
    }

    /// The probe as it is asked in this run.
    func sharpened(_ probe: Probe) -> Probe { trustsSilence ? probe : probe.distrustingSilence }

    /// Fails unless the probe holds; a step may take long, but clients may be waiting while it is asked what it needs.
    /// - Parameter subject: what relies on it, in words.
    func check(_ probe: Probe, for subject: String, until deadline: Deadline) async throws(Failure) {
        let result = await sessions.ask(sharpened(probe), until: min(deadline, .after(.seconds(10))))
        if result.holds == true { return }
        guard !Task.isCancelled else { throw .cancelledStep }
        throw Failure(
            .refused,
            result.holds == false
                ? "what \(subject) relies on does not hold" : "what \(subject) relies on could not be proved",
            detail: result.evidence)
    }

    private func climb(_ rungs: [Act.Rung], until probe: Probe, _ deadline: Deadline) async throws(Failure) {
        var last = Failure(.timeout, "there was no way to try")
        for rung in rungs {
            let asked = ContinuousClock.now
            if await sessions.ask(probe, until: deadline).holds == true { return reached.keep(probe, since: asked) }
            let end = min(deadline, .after(.seconds(rung.patience)))
            do throws(Failure) {
                for act in rung.acts { try await perform(act, until: end) }
                return try await wait(for: probe, until: end)
            } catch {
                guard error.code != .cancelled else { throw error }
                attendant.told(.note(step: step, text: error.text))
                last = error
            }
        }
        guard await sessions.ask(probe, until: deadline).holds == true else { throw last }
    }

    private func perform(_ statement: Statement, until deadline: Deadline) async throws(Failure) {
        do throws(PostgresError) {
            let result = try await sessions.query(
                statement.sql, statement.parameters, on: statement.node, until: deadline)
            guard let expected = statement.expected else { return }
            let value = try result.onlyRow().text(result.columns.first ?? "")
            guard value == expected else {
                throw PostgresError.failure(
                    Failure(
                        .unexpectedAnswer, "the server answered \(value.map { "\"\($0)\"" } ?? "NULL") to a statement",
                        detail: "\(statement.sql) was expected to answer \"\(expected)\"."))
            }
        } catch .server(let error) where statement.tolerated.contains(error.sqlstate) {
            return
        } catch {
            throw error.failure(node: statement.node)
        }
    }

    private func perform(_ command: RemoteCommand, until deadline: Deadline) async throws(Failure) -> CommandResult {
        let reader = command.progress.map { _ in ProgressReader() }
        let result = try await sessions.run(command, until: deadline) { bytes in
            guard let progress = reader?.read(bytes) else { return }
            attendant.told(.progress(step: step, share: progress.share, text: progress.text))
        }
        guard result.succeeded else {
            throw Failure(
                .command, "\(command.name) failed",
                detail: result.summary, node: command.node)
        }
        return result
    }

    /// What of a probe this step has not proved just now.
    private func open(_ probe: Probe) -> Probe {
        guard case .all(let probes) = probe else { return probe }
        return .all(probes.filter { !reached.isFresh($0) })
    }

    /// Polls until the probe holds: densely at first, since a role change is a matter of milliseconds.
    func wait(for probe: Probe, _ nudge: Statement? = nil, until deadline: Deadline) async throws(Failure) {
        let began = ContinuousClock.now
        var nudged = began
        while true {
            let asked = ContinuousClock.now
            let open = open(probe)
            let result = await sessions.ask(sharpened(open), until: deadline)
            if result.holds == true {
                if open == probe { proofs.keep(sharpened(probe), since: asked) }
                return
            }
            guard !Task.isCancelled else { throw .cancelledStep }
            guard !deadline.hasPassed else {
                throw Failure(.timeout, "what was waited for did not come about in time", detail: result.evidence)
            }
            let waited = began.duration(to: .now)
            let pause: Duration = waited < .seconds(2) ? .milliseconds(2) : .milliseconds(50)
            guard await ReadinessLoop.shared.sleep(until: min(deadline, .after(pause))) != .cancelled else {
                throw .cancelledStep
            }
            if let nudge, nudged.duration(to: .now) >= .milliseconds(20) {
                nudged = .now
                try? await perform(nudge, until: deadline)
            }
        }
    }
}

extension Failure {
    /// The task was cancelled in the middle of a step.
    static let cancelledStep = Failure(.cancelled, "cancelled")
}
