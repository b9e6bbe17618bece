internal import Configuration
package import Essentials
package import RunbookEngine
internal import Synchronization

/// The loop that looks at a cluster and acts by itself, as far as its policy lets it.
package struct Watch: Sendable {
    private let desk: FailoverDesk
    private let told: @Sendable (Event) -> Void
    private let ran: @Sendable (RunUpdate) -> Void
    private let end = EndOfWatch()
    /// What people are yet to be told: the watch goes on looking meanwhile.
    private let news = AsyncStream.makeStream(of: HookEvent.self, bufferingPolicy: .bufferingNewest(16))

    /// Something worth telling.
    package enum Event: Sendable {
        /// The primary's condition is another one than at the look before.
        case condition(Evidence, PrimaryDiagnosis)
        /// Something was decided that wasn't decided at the look before.
        case decided(Situation, Ruling, run: String)
        /// A run has ended.
        case ended(run: String, RunOutcome)
        /// A failover that another observer carried out has not been done to its end.
        case unfinished(DecisionRecord)
        /// A primary has come back although another one had taken its place.
        case returned(ReturnedPrimary)
        /// Something could not be done; it is tried again.
        case failed(Failure)
    }

    /// A watch that hasn't begun.
    /// - Parameters:
    ///   - told: called with what it notices and decides.
    ///   - ran: called with what its runs do.
    package init(
        _ desk: FailoverDesk, told: @escaping @Sendable (Event) -> Void, ran: @escaping @Sendable (RunUpdate) -> Void
    ) {
        self.desk = desk
        self.told = told
        self.ran = ran
    }

    /// After which what was refused is decided anew: deciding takes locks, which a person may need meanwhile.
    private static let reconsideration: Duration = .seconds(5)
    /// How often what is needed only once the primary is lost is tried, so that it is there then.
    private static let upkeep: Duration = .seconds(5)

    /// How long a failover may go on after the promotion before somebody looks whether anything is left of it, and how
    /// long another process that is at it is waited for.
    private static let settling: Duration = .seconds(3)

    /// How long after a look at which the primary gave no answer the next one follows, in seconds, each a bit later than
    /// the one before: what others still heard of it at the first may have been its last words.
    private static let haste = 0.01

    /// What the watch carries from look to look.
    private struct Memory {
        var haste = Watch.haste
        var confirmation = Confirmation()
        var condition: PrimaryCondition?
        var refusals: [Refusal.Rule]?
        /// Before when nothing is decided again; nil: at any time.
        var rests: Deadline?
        /// What people were told last; nil: nothing since the primary was well.
        var news: HookEvent?
        var wasRestarted = false
        var failure: Failure?
        var returned: ReturnedPrimary?
        /// When to look whether something is left of the failover that made the primary one; nil: not again.
        var settles: Deadline?
        /// The failover of which something is left, as far as is known.
        var unfinished: DecisionRecord?
        /// The run that this watch completed last: what can't be recorded isn't done again for ever.
        var completed: String?
    }

    /// Watches until the task is cancelled; a run that goes on then ends after its step.
    package func run() async {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    repeat {
                        await desk.prepare(until: .after(desk.cluster.timeout))
                    } while await ReadinessLoop.shared.sleep(until: .after(Self.upkeep)) != .cancelled
                }
                group.addTask {
                    for await event in news.stream { await desk.tell(event) { told(.failed($0)) } }
                }
                await look()
                group.cancelAll()
            }
        } onCancel: {
            end.come()
        }
    }

    /// Carries out a run that is not cancelled with the watch: it is never cut off in the middle of a step.
    private func shielded<Value: Sendable>(
        _ body: @escaping @Sendable (RunAttendant) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let attendant = RunAttendant(told: ran, confirms: { _ in false }, wantsStop: { end.hasCome })
        let task = Task { () -> Result<Value, Failure> in
            do throws(Failure) { return .success(try await body(attendant)) } catch { return .failure(error) }
        }
        return try await task.value.get()
    }

    private func look() async {
        var memory = Memory()
        var pace = Pace(timeout: desk.cluster.timeout)
        while !Task.isCancelled {
            let next = Deadline.after(desk.cluster.failover.interval)
            let look = await desk.lookout.look(until: pace.begin())
            guard !Task.isCancelled else { return }
            let pause: Deadline?
            do throws(Failure) {
                pause = try await heed(look, &memory, &pace)
                memory.failure = nil
            } catch {
                pause = nil
                if error != memory.failure { told(.failed(error)) }
                memory.failure = error
            }
            if let pause {
                _ = await ReadinessLoop.shared.sleep(until: min(next, pause))
            } else {
                await desk.lookout.waitForEnd(until: next)
            }
        }
    }

    /// Does what a look asks for.
    /// - Returns: when to look again at the latest; nil: as usual.
    private func heed(
        _ look: Lookout.Look, _ memory: inout Memory, _ pace: inout Pace
    ) async throws(Failure) -> Deadline? {
        guard look.primaries.count < 2 else {
            try await meet(look, &memory)
            return nil
        }
        memory.returned = nil
        let diagnosis = look.evidence.diagnose()
        if diagnosis.condition != memory.condition {
            told(.condition(look.evidence, diagnosis))
            memory.condition = diagnosis.condition
            // Where an observer went away too early, nobody receives from a primary that lives.
            if diagnosis.condition == .alive || diagnosis.condition == .replicationBroken {
                memory.settles = .after(Self.settling)
                try await complete()
            }
        }
        memory.confirmation.note(diagnosis.condition, at: look.evidence.ticks)
        if diagnosis.condition == .alive || diagnosis.condition == .replicationBroken {
            memory.wasRestarted = false
            memory.refusals = nil
            memory.rests = nil
            memory.news = nil
            memory.haste = Self.haste
            try await settle(look, &memory)
        }
        let situation = Situation(
            look.evidence, memory.confirmation, desk.cluster.failover, .init(isAutomatic: true),
            wasRestarted: memory.wasRestarted)
        switch situation.outlook {
        case nil:
            guard desk.cluster.failover.mode != .manual, memory.rests?.hasPassed ?? true else { return nil }
            memory.rests = .after(Self.reconsideration)
            try await act(try await desk.decide(situation), &memory)
        case .wait(let seconds): return pace.end(missing: .seconds(seconds))
        default: break
        }
        guard diagnosis.condition == .unreachableFromUs else { return nil }
        defer { memory.haste *= 2 }
        return .after(.seconds(memory.haste))
    }

    private func act(_ decision: FailoverDesk.Case, _ memory: inout Memory) async throws(Failure) {
        if case .refuse(let refusals) = decision.verdict {
            let rules = refusals.map(\.rule)
            guard rules != memory.refusals else { return }
            memory.refusals = rules
            let id = try desk.record(decision)
            if let event = desk.news(of: decision, as: id) { announce(event, &memory) }
            return told(.decided(decision.situation, decision.verdict, run: id))
        }
        do throws(Failure) { try await carryOut(decision, &memory) } catch {
            if error.code != .busy, error.code != .cancelled {
                announce(desk.news(of: error, in: decision, as: nil), &memory)
            }
            throw error
        }
    }

    /// Has people told what they don't know yet.
    private func announce(_ event: HookEvent, _ memory: inout Memory) {
        guard event.isNews(after: memory.news) else { return }
        memory.news = event
        news.continuation.yield(event)
    }

    private func carryOut(_ decision: FailoverDesk.Case, _ memory: inout Memory) async throws(Failure) {
        guard let proposal = try await desk.propose(decision) else { return }
        memory.refusals = nil
        if decision.verdict == .restart { memory.wasRestarted = true }
        try desk.record(decision, as: proposal.id)
        told(.decided(decision.situation, decision.verdict, run: proposal.id))
        let outcome = try await shielded { attendant throws(Failure) in
            try await desk.carryOut(decision, proposal, attendant)
        }
        told(.ended(run: proposal.id, outcome))
        if let failure = outcome.failure {
            announce(desk.news(of: failure, in: decision, as: proposal.id), &memory)
        }
        // What failed is not tried again at once.
        guard case .done = outcome else { return }
        memory.rests = nil
        memory.confirmation = Confirmation()
    }

    /// Completes a failover that was cut off once its node had been promoted.
    private func complete() async throws(Failure) {
        guard desk.cluster.failover.mode == .automatic, let left = try desk.leftRun(), left.isBeyondReturn else {
            return
        }
        let outcome = try await shielded { attendant throws(Failure) in
            try await desk.runs.resume(left.id, [:], attendant)
        }
        told(.ended(run: left.id, outcome))
    }

    /// Does what another observer has left of a failover.
    private func settle(_ look: Lookout.Look, _ memory: inout Memory) async throws(Failure) {
        guard desk.cluster.failover.mode == .automatic, let due = memory.settles, due.hasPassed,
            look.primaries.count == 1
        else { return }
        memory.settles = nil
        do throws(Failure) {
            guard let decision = try await desk.unfinishedFailover(of: look), decision.run != memory.completed else {
                return
            }
            if decision != memory.unfinished { told(.unfinished(decision)) }
            memory.unfinished = decision
            let (run, outcome) = try await shielded { attendant throws(Failure) in
                try await desk.complete(decision, attendant)
            }
            memory.completed = decision.run
            told(.ended(run: run, outcome))
        } catch {
            guard error.code == .busy || error.code == .timeout else { throw error }
            memory.settles = .after(Self.settling)
        }
    }

    /// A primary that came back is fenced the moment it is seen.
    private func meet(_ look: Lookout.Look, _ memory: inout Memory) async throws(Failure) {
        guard let returned = ReturnedPrimary(look.snapshot) else { throw .severalPrimaries(look.primaries) }
        if returned.old != memory.returned?.old { told(.returned(returned)) }
        memory.returned = returned
        guard desk.cluster.failover.mode == .automatic else { return }
        let (run, outcome) = try await shielded { attendant throws(Failure) in
            try await desk.fence(returned, attendant)
        }
        told(.ended(run: run, outcome))
    }
}

/// Whether a watch has been told to end.
private final class EndOfWatch: Sendable {
    private let came = Mutex(false)

    var hasCome: Bool { came.withLock { $0 } }

    func come() { came.withLock { $0 = true } }
}
