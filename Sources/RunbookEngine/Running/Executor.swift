package import Audit
internal import Configuration
package import Essentials

/// How a run ended.
package enum RunOutcome: Sendable, Equatable {
    /// All steps are done; steps that failed and were passed over are named.
    case done(failed: [String])
    /// It failed before the point of no return, and everything was taken back.
    case undone(Failure)
    /// It failed where it can't be taken back, or taking it back failed; it can be resumed.
    case partWay(Failure)
    /// A person stopped it; it can be resumed or aborted.
    case stopped(changed: Bool)

    /// Why it is not done; nil when it is, or a person stopped it.
    package var failure: Failure? {
        switch self {
        case .undone(let failure), .partWay(let failure): failure
        case .done, .stopped: nil
        }
    }
}

/// Carries out a plan: each step is announced in the audit log before it acts, verified after it acted, and taken back
/// where it failed before the point of no return.
///
/// Killed at any instant, it leaves a log from which another executor goes on: steps that were begun are looked at
/// before anything is done again.
package final class Executor: Sendable {
    let sessions: RunSessions
    let log: AuditLog
    let attendant: RunAttendant
    /// Whether a node that gives no answer, and isn't proved to be stopped, counts as no primary.
    let trustsSilence: Bool
    let proofs = FreshProofs()

    /// An executor over sessions that belong to it alone.
    /// - Parameter trustsSilence: whether a node that gives no answer counts as no primary; not in a run that another
    ///   process left, since the cluster may have gone on without it.
    package init(_ sessions: RunSessions, log: AuditLog, attendant: RunAttendant, trustsSilence: Bool = true) {
        self.sessions = sessions
        self.log = log
        self.attendant = attendant
        self.trustsSilence = trustsSilence
    }

    /// Begins a run.
    /// - Parameter asked: when what the plan requires was asked; nil: that isn't known.
    /// - Throws: when the log can't be written; nothing was done then.
    package func begin(
        _ plan: Plan, id: String, asked: ContinuousClock.Instant? = nil
    ) async throws(Failure) -> RunOutcome {
        if let asked {
            // Nothing that the run does itself can make it untrue, unlike what else it requires.
            for requirement in plan.requirements where requirement.result.holds == true {
                if case .noOtherDecision = requirement.probe { proofs.keep(requirement.probe, since: asked) }
            }
        }
        var run = Course(RunRecord(id: id, plan: plan, at: "", actor: ""))
        do { run.note(.planned, details: ["plan": try plan.auditValue]) } catch {
            throw (error as? Failure) ?? Failure(.system, "could not encode the plan", detail: "\(error)")
        }
        try run.write(to: log)
        return await forward(run)
    }

    /// Goes on with a run that another process left.
    /// - Parameter verdicts: what a person says of steps of which it can't be told whether they were done, by their
    ///   names.
    /// - Throws: `refused` when such a step is left, or of another step something is said; nothing was done then.
    package func resume(
        _ record: RunRecord, _ verdicts: [String: StepVerdict] = [:]
    ) async throws(Failure) -> RunOutcome {
        var run = Course(record)
        run.note(.resumed, details: ["accept_silent": .bool(trustsSilence)])
        let uncertain = record.plan.steps.indices.filter(record.isUncertain).map { record.plan.steps[$0].id }
        if let other = verdicts.keys.sorted().first(where: { !uncertain.contains($0) }) {
            throw Failure(
                .refused, "of no step\(other.echo) can't be told whether it was done",
                detail: uncertain.isEmpty
                    ? "There is no such step in run \(record.id)." : "It can't of \(quotedList(uncertain)).")
        }
        for (index, step) in record.plan.steps.enumerated() where record.isUncertain(index) {
            switch verdicts[step.id] {
            case .done: run.note(.stepDone, step: index, details: ["said_by": "a person"])
            case .again: break
            case nil where record.phase == .backward: break
            case nil: throw .uncertain(step, of: record.id)
            }
        }
        try run.write(to: log)
        return record.phase == .backward
            ? await backward(run, Failure(.refused, record.failure ?? "the run was being taken back"))
            : await forward(run)
    }

    /// Takes back a run that another process left.
    /// - Throws: `refused` beyond the point of no return.
    package func abort(_ record: RunRecord) async throws(Failure) -> RunOutcome {
        guard !record.isBeyondReturn else {
            throw Failure(
                .refused, "run \(record.id) is beyond its point of no return and can't be taken back",
                detail: "From there on it only goes forward.", hint: "Complete it with: pgdr resume \(record.id)")
        }
        var run = Course(record)
        run.note(.undoing, details: ["message": "aborted by a person", "accept_silent": .bool(trustsSilence)])
        try run.write(to: log)
        return await backward(run, Failure(.cancelled, "aborted by a person"))
    }

    func runner(for step: Int) -> ActRunner {
        ActRunner(
            sessions: sessions, attendant: attendant, log: log, step: step, trustsSilence: trustsSilence,
            proofs: proofs)
    }

    func give(up run: Course, _ failure: Failure) async throws(Failure) -> RunOutcome {
        var run = run
        guard !run.record.isBeyondReturn else {
            run.note(.failed, details: failure.auditDetails)
            try run.write(to: log)
            return .partWay(failure)
        }
        run.note(.undoing, details: failure.auditDetails)
        try run.write(to: log)
        return await backward(run, failure)
    }

    private func backward(_ start: Course, _ failure: Failure) async -> RunOutcome {
        do throws(Failure) { return try await goBackward(start, failure) } catch { return .partWay(error) }
    }

    private func goBackward(_ start: Course, _ failure: Failure) async throws(Failure) -> RunOutcome {
        var run = start
        var unresolved: Failure?
        for index in run.plan.steps.indices.reversed() {
            let step = run.plan.steps[index]
            guard [.started, .done, .failed, .undoing, .undoFailed].contains(run.record.steps[index]) else { continue }
            guard !step.undo.isEmpty else { continue }
            run.note(.undoStarted, step: index)
            try run.write(to: log)
            attendant.told(.undoing(step: index))
            let began = ContinuousClock.now
            do throws(Failure) {
                let runner = runner(for: index)
                let isTidied = Vocabulary.tidied.contains(step.action)
                let deadline = Deadline.after(.seconds(isTidied ? min(step.timeout, 10) : max(step.timeout, 600)))
                for act in step.undo { try await runner.perform(act, until: deadline) }
                run.note(.undoDone, step: index)
                attendant.told(.ended(step: index, .undone, took: began.duration(to: .now), note: nil))
            } catch {
                run.note(.undoFailed, step: index, details: error.auditDetails)
                attendant.told(.ended(step: index, .undoFailed, took: began.duration(to: .now), note: error.text))
                if error.code == .cancelled { return try stop(run) }
                guard !Vocabulary.tidied.contains(step.action) else { continue }
                unresolved = unresolved ?? error
            }
        }
        if let unresolved {
            run.note(.failed, details: unresolved.auditDetails)
            try run.write(to: log)
            return .partWay(unresolved)
        }
        run.note(.undone)
        try run.write(to: log)
        return .undone(failure)
    }

    func stop(_ run: Course) throws(Failure) -> RunOutcome {
        var run = run
        let isChanged = run.record.steps.contains { $0.wasBegun && $0 != .skipped }
        // Nothing is left to go on with or to take back.
        run.note(isChanged ? .stopped : .undone)
        try run.write(to: log)
        return .stopped(changed: isChanged)
    }
}

/// What a person says of a step of which it can't be told whether it was done.
package enum StepVerdict: Sendable {
    /// It was done.
    case done
    /// It is to be done again, whatever came of it.
    case again
}

extension RunRecord {
    /// Whether a step was begun by a process that is gone, and nothing tells whether it was done.
    func isUncertain(_ index: Int) -> Bool {
        let step = plan.steps[index]
        return steps[index] == .started && !step.isRepeatable && step.unless == nil && step.verification == nil
    }
}

extension Failure {
    /// Why a run can't just go on.
    fileprivate static func uncertain(_ step: PlannedStep, of run: String) -> Failure {
        Failure(
            .refused, "whether step \"\(step.id)\" was done can't be told",
            detail: "It was begun by a process that is gone, and has neither \"unless\" nor \"verify\".",
            hint:
                "Look at what it does: \(step.title). Then: pgdr resume \(run) --done \(step.id), or --repeat \(step.id)",
            node: step.node)
    }

    /// The failure as details of an event.
    var auditDetails: [String: AuditValue] {
        [
            "code": .text(code.rawValue), "message": .text(message), "detail": detail.map { .text($0) } ?? .null,
            "hint": hint.map { .text($0) } ?? .null, "failed_node": node.map { .text($0) } ?? .null,
        ]
    }
}
