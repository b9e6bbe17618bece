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
}

/// Carries out a plan: each step is announced in the audit log before it acts, verified after it acted, and taken back
/// where it failed before the point of no return.
///
/// Killed at any instant, it leaves a log from which another executor goes on: steps that were begun are looked at
/// before anything is done again.
package final class Executor: Sendable {
    private let sessions: RunSessions
    private let log: AuditLog
    private let attendant: RunAttendant

    /// An executor over sessions that belong to it alone.
    package init(_ sessions: RunSessions, log: AuditLog, attendant: RunAttendant) {
        self.sessions = sessions
        self.log = log
        self.attendant = attendant
    }

    /// Begins a run.
    /// - Throws: when the log can't be written; nothing was done then.
    package func begin(_ plan: Plan, id: String) async throws(Failure) -> RunOutcome {
        var run = Course(RunRecord(id: id, plan: plan, at: "", actor: ""))
        do { run.note(.planned, details: ["plan": try plan.auditValue]) } catch {
            throw (error as? Failure) ?? Failure(.system, "could not encode the plan", detail: "\(error)")
        }
        try run.write(to: log)
        return try await forward(run)
    }

    /// Goes on with a run that another process left.
    package func resume(_ record: RunRecord) async throws(Failure) -> RunOutcome {
        var run = Course(record)
        run.note(.resumed)
        try run.write(to: log)
        return record.phase == .backward
            ? try await backward(run, Failure(.refused, record.failure ?? "the run was being taken back"))
            : try await forward(run)
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
        run.note(.undoing, details: ["message": "aborted by a person"])
        try run.write(to: log)
        return try await backward(run, Failure(.cancelled, "aborted by a person"))
    }

    // MARK: Forward

    private func forward(_ start: Course) async throws(Failure) -> RunOutcome {
        var run = start
        var failed: [String] = []
        var index = 0
        while index < run.plan.steps.count {
            if attendant.wantsStop() || Task.isCancelled { return try stop(run) }
            let group = run.plan.group(at: index)
            let due = group.filter { [.pending, .started, .failed].contains(run.record.steps[$0]) }
            index = group.upperBound
            guard !due.isEmpty else { continue }
            let wasBegun = due.filter { run.record.steps[$0] != .pending }
            let results = try await side(by: due, &run, begun: Set(wasBegun))
            for (step, result) in results.sorted(by: { $0.key < $1.key }) {
                guard case .failure(let failure) = result else { continue }
                if failure.code == .cancelled { return try stop(run) }
                if run.plan.steps[step].onFailure == .continue {
                    failed.append(run.plan.steps[step].id)
                    continue
                }
                return try await give(up: run, failure)
            }
        }
        run.note(.done, details: ["failed": .list(failed.map { .text($0) })])
        try run.write(to: log)
        return .done(failed: failed)
    }

    /// Performs the steps of one group, each on its own node.
    private func side(
        by due: [Int], _ run: inout Course, begun: Set<Int>
    ) async throws(Failure) -> [Int: Result<StepEnd, Failure>] {
        for step in due { run.note(.stepStarted, step: step) }
        // On disk before anything is done, together with what ended before.
        try run.write(to: log)
        let steps = run.plan.steps
        let began = ContinuousClock.now
        let results = await withTaskGroup(of: (Int, Result<StepEnd, Failure>).self) { tasks in
            for step in due {
                attendant.told(.started(step: step))
                tasks.addTask {
                    do throws(Failure) {
                        return (
                            step, .success(try await self.perform(steps[step], step, wasBegun: begun.contains(step)))
                        )
                    } catch {
                        return (step, .failure(error))
                    }
                }
            }
            var results: [Int: Result<StepEnd, Failure>] = [:]
            for await (step, result) in tasks { results[step] = result }
            return results
        }
        let took = began.duration(to: .now)
        for step in due {
            let state: RunRecord.StepState
            var note: String?
            switch results[step] {
            case .success(.done):
                run.note(.stepDone, step: step, details: ["seconds": .number(took.roundedSeconds)])
                state = .done
            case .success(.skipped(let reason)):
                run.note(.stepSkipped, step: step, details: ["reason": .text(reason)])
                state = .skipped
                note = reason
            case .failure(let failure):
                run.note(.stepFailed, step: step, details: failure.auditDetails)
                state = .failed
                note = failure.text
            case nil: continue
            }
            attendant.told(.ended(step: step, state, took: took, note: note))
        }
        return results
    }

    private enum StepEnd { case done, skipped(String) }

    /// Performs one step, as often as it says.
    private func perform(_ step: PlannedStep, _ index: Int, wasBegun: Bool) async throws(Failure) -> StepEnd {
        var attempt = 0
        while true {
            do throws(Failure) {
                return try await attemptOnce(step, index, wasBegun: wasBegun || attempt > 0)
            } catch {
                guard attempt < step.retries, error.code != .cancelled else { throw error }
                attempt += 1
                attendant.told(.note(step: index, text: "trying again after: \(error.text)"))
                guard await ReadinessLoop.shared.sleep(until: .after(.seconds(1))) != .cancelled else {
                    throw .cancelledStep
                }
            }
        }
    }

    private func attemptOnce(_ step: PlannedStep, _ index: Int, wasBegun: Bool) async throws(Failure) -> StepEnd {
        let runner = ActRunner(sessions: sessions, attendant: attendant, step: index)
        let deadline = Deadline.after(.seconds(step.timeout))
        if let unless = step.unless {
            let result = await sessions.ask(unless, until: deadline)
            if result.holds == true { return .skipped(result.evidence) }
        }
        // Begun by a process that is gone: whether it was finished, only what it should have led to can tell.
        if wasBegun, let verification = step.verification,
            await sessions.ask(verification, until: deadline).holds == true
        {
            return .done
        }
        for requirement in step.requirements {
            let result = await sessions.ask(requirement, until: deadline)
            guard result.holds == true else {
                throw Failure(
                    .refused,
                    result.holds == false
                        ? "what step \"\(step.id)\" relies on does not hold"
                        : "what step \"\(step.id)\" relies on could not be proved", detail: result.evidence,
                    node: step.node)
            }
        }
        for act in step.acts { try await runner.perform(act, until: deadline) }
        if let verification = step.verification {
            try await runner.wait(for: verification, until: .after(.seconds(step.timeout)))
        }
        return .done
    }

    // MARK: Backward

    private func give(up run: Course, _ failure: Failure) async throws(Failure) -> RunOutcome {
        var run = run
        guard !run.record.isBeyondReturn else {
            run.note(.failed, details: failure.auditDetails)
            try run.write(to: log)
            return .partWay(failure)
        }
        run.note(.undoing, details: failure.auditDetails)
        try run.write(to: log)
        return try await backward(run, failure)
    }

    private func backward(_ start: Course, _ failure: Failure) async throws(Failure) -> RunOutcome {
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
                let runner = ActRunner(sessions: sessions, attendant: attendant, step: index)
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

    private func stop(_ run: Course) throws(Failure) -> RunOutcome {
        var run = run
        run.note(.stopped)
        try run.write(to: log)
        return .stopped(changed: run.record.steps.contains { $0 != .pending && $0 != .skipped })
    }
}

/// A run on its way: its record, and what of it isn't in the log yet.
private struct Course {
    var record: RunRecord
    private var unwritten: [AuditEntry] = []

    var plan: Plan { record.plan }

    init(_ record: RunRecord) { self.record = record }

    mutating func note(_ event: RunEvent, step: Int? = nil, details: [String: AuditValue] = [:]) {
        var details = details
        if let step { details["step"] = .text(plan.steps[step].id) }
        unwritten.append(
            AuditEntry(
                event.rawValue, cluster: plan.cluster, run: record.id, node: step.flatMap { plan.steps[$0].node },
                details: .object(details)))
        record.apply(event, step: step)
    }

    /// What ended is written together with what begins next: should the process end before, the step is looked at
    /// again, and found done.
    mutating func write(to log: AuditLog) throws(Failure) {
        guard !unwritten.isEmpty else { return }
        try log.append(unwritten)
        unwritten = []
    }
}

extension Plan {
    /// The steps from `index` on that belong to one group.
    func group(at index: Int) -> Range<Int> {
        let group = steps[index].group
        let end = steps[index...].firstIndex { $0.group != group } ?? steps.count
        return index..<end
    }
}

extension Failure {
    /// The failure as details of an event.
    var auditDetails: [String: AuditValue] {
        [
            "code": .text(code.rawValue), "message": .text(message), "detail": detail.map { .text($0) } ?? .null,
            "hint": hint.map { .text($0) } ?? .null, "failed_node": node.map { .text($0) } ?? .null,
        ]
    }
}

extension Duration {
    /// Seconds with milliseconds.
    fileprivate var roundedSeconds: Double { (seconds * 1000).rounded() / 1000 }
}
