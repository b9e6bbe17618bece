internal import Audit
internal import Essentials

extension Executor {
    /// How long to wait for what a process that is gone may have set going.
    private static let patience: Duration = .seconds(10)

    /// Performs what is left to do.
    ///
    /// A log that can't be written any more ends a run where it stands.
    func forward(_ start: Course) async -> RunOutcome {
        do throws(Failure) { return try await goForward(start) } catch { return .partWay(error) }
    }

    private func goForward(_ start: Course) async throws(Failure) -> RunOutcome {
        var run = start
        var failed: [String] = []
        var index = 0
        var waits = false
        while index < run.plan.steps.count {
            if Task.isCancelled { return try await end(run) }
            if attendant.wantsStop() {
                let isApart = run.record.isApart
                guard run.record.isBetweenPrimaries || isApart else { return try stop(run) }
                // What is open is closed first: by the steps that lead back where they are next, else as after a failure.
                if isApart, !run.record.isBeyondReturn, !run.plan.steps[index].isPointOfNoReturn {
                    return try await give(up: run, Failure(.cancelled, "stopped by a person"))
                }
                if !waits {
                    waits = true
                    attendant.told(
                        .note(
                            step: nil,
                            text: isApart
                                ? "it stops once the node is as it was"
                                : "nobody can write now: it stops once there is a primary again"))
                }
            }
            let group = run.plan.group(at: index)
            let due = group.filter { [.pending, .started, .failed, .refused].contains(run.record.steps[$0]) }
            index = group.upperBound
            guard !due.isEmpty else { continue }
            let failures = try await side(by: due, &run)
            for (step, failure) in failures.sorted(by: { $0.key < $1.key }) {
                if failure.code == .cancelled { return try await end(run) }
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

    /// Ends a run that was told to, in the middle of a step or between two.
    ///
    /// What is open is closed all the same, and nothing of that is cut off any more.
    private func end(_ run: Course) async throws(Failure) -> RunOutcome {
        guard run.record.isApart, !run.record.isBeyondReturn else { return try stop(run) }
        let closing = Task {
            await outcome { () throws(Failure) in
                try await self.give(up: run, Failure(.cancelled, "stopped by a person"))
            }
        }
        return try await closing.value.get()
    }

    /// Performs the steps of one group, each on its own node; returns which of them failed.
    ///
    /// A step is announced only when it is about to act: what is announced may have been done by this run, and what
    /// isn't was not.
    private func side(by due: [Int], _ run: inout Course) async throws(Failure) -> [Int: Failure] {
        let plan = run.plan
        let states = run.record.steps
        let began = ContinuousClock.now
        var failures: [Int: Failure] = [:]
        var acting: [Int] = []
        for step in due { attendant.told(.started(step: step)) }
        let looks = await beside(due) { step throws(Failure) in
            try await self.retrying(plan.steps[step], step) { attempt throws(Failure) in
                try await self.look(plan.steps[step], step, wasBegun: states[step].wasBegun)
            }
        }
        for step in due {
            switch looks[step] {
            case .success(.some(let end)): note(end, step, &run, since: began)
            case .success(nil): acting.append(step)
            case .failure(let failure):
                failures[step] = failure
                note(failure, step, &run, since: began)
            case nil: continue
            }
        }
        // None of them begins where one that counts can't.
        guard !acting.isEmpty, failures.keys.allSatisfy({ plan.steps[$0].onFailure == .continue }) else {
            return failures
        }
        for step in acting { run.note(.stepStarted, step: step) }
        let looked = ContinuousClock.now
        // On disk before anything is done, together with what ended before.
        try run.write(to: log)
        // A slow disk, or a frozen process: what was seen is out of date.
        let isOld = looked.duration(to: .now) > .seconds(1)
        let results = await beside(acting) { step throws(Failure) in
            try await self.retrying(plan.steps[step], step) { attempt throws(Failure) in
                if attempt > 0 || isOld, let end = try await self.look(plan.steps[step], step, wasBegun: true) {
                    return end
                }
                return try await self.act(plan.steps[step], step)
            }
        }
        for step in acting {
            switch results[step] {
            case .success(let end): note(end, step, &run, since: began)
            case .failure(let failure):
                failures[step] = failure
                note(failure, step, &run, since: began)
            case nil: continue
            }
        }
        return failures
    }

    private func beside<Value: Sendable>(
        _ steps: [Int], _ body: @escaping @Sendable (Int) async throws(Failure) -> Value
    ) async -> [Int: Result<Value, Failure>] {
        await withTaskGroup(of: (Int, Result<Value, Failure>).self) { tasks in
            for step in steps {
                tasks.addTask { (step, await outcome { () throws(Failure) in try await body(step) }) }
            }
            var results: [Int: Result<Value, Failure>] = [:]
            for await (step, result) in tasks { results[step] = result }
            return results
        }
    }

    /// Does something for a step, and again as often as the step says.
    private func retrying<Value>(
        _ step: PlannedStep, _ index: Int, _ body: (_ attempt: Int) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        var attempt = 0
        while true {
            do throws(Failure) { return try await body(attempt) } catch {
                guard attempt < step.retries, error.code != .cancelled else { throw error }
                attempt += 1
                attendant.told(.note(step: index, text: "trying again after: \(error.text)"))
                guard await ReadinessLoop.shared.sleep(until: .after(.seconds(1))) != .cancelled else {
                    throw .cancelledStep
                }
            }
        }
    }

    private func note(
        _ end: StepEnd, _ step: Int, _ run: inout Course, since began: ContinuousClock.Instant
    ) {
        let took = began.duration(to: .now)
        switch end {
        case .done(let said):
            var details: [String: AuditValue] = ["seconds": .number(took.roundedSeconds)]
            if let said { details["said"] = .text(said) }
            run.note(.stepDone, step: step, details: details)
            attendant.told(.ended(step: step, .done, took: took, note: nil))
        case .skipped(let reason):
            run.note(.stepSkipped, step: step, details: ["reason": .text(reason)])
            attendant.told(.ended(step: step, .skipped, took: took, note: reason))
        }
    }

    private func note(
        _ failure: Failure, _ step: Int, _ run: inout Course, since began: ContinuousClock.Instant
    ) {
        let isBegun = run.record.steps[step].wasBegun
        // Cut off before it acted: as if it had never been looked at.
        if !isBegun, failure.code == .cancelled { return }
        run.note(isBegun ? .stepFailed : .stepRefused, step: step, details: failure.auditDetails)
        attendant.told(
            .ended(
                step: step, isBegun ? .failed : .refused, took: began.duration(to: .now), note: failure.text))
    }

    /// How a step ended that did not fail: done, or found done.
    private enum StepEnd {
        case done(said: String?)
        case skipped(String)
    }

    /// Looks whether a step is to act: nil when it is.
    /// - Throws: why it must not.
    private func look(_ step: PlannedStep, _ index: Int, wasBegun: Bool) async throws(Failure) -> StepEnd? {
        let runner = runner(for: index)
        let deadline = Deadline.after(.seconds(step.timeout))
        if let unless = step.unless {
            let result = await sessions.ask(unless, until: deadline)
            if result.holds == true {
                guard wasBegun else { return .skipped(result.evidence) }
                if let verification = step.verification { try await runner.wait(for: verification, until: deadline) }
                return .done(said: nil)
            }
        }
        // Begun by a process that is gone: whether it was finished, only what it should have led to can tell.
        if wasBegun, let verification = step.verification,
            await sessions.ask(verification, until: deadline).holds == true
        {
            return .done(said: nil)
        }
        do throws(Failure) {
            // A process that was frozen, or went on with a run of another one, may find another cluster.
            for requirement in step.requirements + step.guards
            where !proofs.isFresh(runner.sharpened(requirement)) {
                try await runner.check(requirement, for: "step \"\(step.id)\"", until: deadline)
            }
        } catch {
            // It may not hold any more because the step is about to have done its work.
            guard wasBegun, let verification = step.verification, error.code != .cancelled else {
                throw error
            }
            do throws(Failure) {
                try await runner.wait(for: verification, until: min(deadline, .after(Self.patience)))
            } catch let late {
                throw late.code == .cancelled ? late : error
            }
            return .done(said: nil)
        }
        if Task.isCancelled { throw .cancelledStep }
        return nil
    }

    private func act(_ step: PlannedStep, _ index: Int) async throws(Failure) -> StepEnd {
        let runner = runner(for: index)
        let deadline = Deadline.after(.seconds(step.timeout))
        var said: [String] = []
        for act in step.acts {
            if let text = try await runner.perform(act, until: deadline) { said.append(text) }
        }
        if let verification = step.verification {
            try await runner.wait(for: verification, until: .after(.seconds(step.timeout)))
        }
        return .done(said: said.isEmpty ? nil : said.joined(separator: "\n"))
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

extension Duration {
    /// Seconds with milliseconds.
    fileprivate var roundedSeconds: Double { (seconds * 1000).rounded() / 1000 }
}
