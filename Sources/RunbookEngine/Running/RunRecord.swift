package import Audit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// How far a run is, as the audit log tells it: the state a later process goes on from.
package struct RunRecord: Sendable, Equatable {
    /// How far one step is.
    package enum StepState: String, Sendable, Equatable {
        /// Nothing of it was begun.
        case pending
        /// It was begun; whether it was finished, only the nodes can tell.
        case started
        /// It was done and verified.
        case done
        /// It was found done already.
        case skipped
        /// What it relies on did not hold, so that nothing of it was begun.
        case refused
        /// It was begun and failed.
        case failed
        /// Taking it back was begun.
        case undoing
        /// It was taken back.
        case undone
        /// Taking it back failed.
        case undoFailed = "undo_failed"

        /// Whether something of it was done, or may have been, or was found done.
        package var wasBegun: Bool { self != .pending && self != .refused }
    }

    /// Where the run as a whole stands.
    package enum Phase: String, Sendable, Equatable {
        /// Going forward, or cut off while it did.
        case forward
        /// Taking its steps back, or cut off while it did.
        case backward
        /// All was done.
        case done
        /// All was taken back.
        case undone
        /// A person ended it as it stands.
        case left
    }

    /// The run's identifier.
    package var id: String
    /// The plan it follows.
    package var plan: Plan
    /// When it began, as the log writes it.
    package var beganAt: String
    /// When the last event was written.
    package var lastAt: String
    /// Who began it.
    package var actor: String
    /// Where it stands.
    package var phase: Phase
    /// The state of each step, in the plan's order.
    package var steps: [StepState]
    /// The last failure's message, nil when nothing failed.
    package var failure: String?

    /// Whether something is left to do: it can be resumed or aborted.
    package var isUnfinished: Bool { phase == .forward || phase == .backward }

    /// Whether the point of no return was reached, or may have been.
    ///
    /// A step that was found done counts: what it stands for is so, whoever did it, and to take back what led there
    /// could make a second primary.
    package var isBeyondReturn: Bool {
        zip(plan.steps, steps).contains { step, state in step.isPointOfNoReturn && state.wasBegun }
    }

    /// Whether a server was stopped for another one to take its place that wasn't promoted yet.
    var isBetweenPrimaries: Bool {
        guard let promotion = plan.steps.firstIndex(where: { $0.action == "promote" }) else { return false }
        return ![.done, .skipped].contains(steps[promotion])
            && zip(plan.steps, steps).prefix(promotion).contains { step, state in
                ["stop", "fence", "fence_command"].contains(step.action) && state.wasBegun
            }
    }

    /// Whether a server was started apart; what leads back from there is at the end of its runbook.
    var isApart: Bool {
        zip(plan.steps, steps).contains { step, state in step.action == "start_apart" && state.wasBegun }
    }

    /// A run that is about to begin.
    package init(id: String, plan: Plan, at: String, actor: String) {
        self.id = id
        self.plan = plan
        beganAt = at
        lastAt = at
        self.actor = actor
        phase = .forward
        steps = plan.steps.map { _ in .pending }
    }

    /// Takes one more event of the log into account; events of other runs and of unknown kinds are passed over.
    package mutating func apply(_ event: AuditEvent) {
        guard event.run == id else { return }
        lastAt = event.at
        if let message = event.details["message"]?.text { failure = message }
        guard let kind = RunEvent(rawValue: event.event) else { return }
        let step = event.details["step"]?.text
        apply(kind, step: plan.steps.firstIndex { $0.id == step })
    }

    /// Takes an event into account; `step` is the step's place in the plan, nil for events of the whole run.
    package mutating func apply(_ event: RunEvent, step: Int?) {
        switch event {
        case .done: phase = .done
        case .undone: phase = .undone
        case .undoing: phase = .backward
        case .left: phase = .left
        default: break
        }
        if let step, let state = event.stepState { steps[step] = state }
    }
}

/// The runs that a series of events tells of.
package struct RunLedger {
    /// The runs, in the order in which they began.
    package private(set) var records: [RunRecord] = []
    private var places: [String: Int] = [:]

    /// The runs that these events tell of.
    package init(_ events: some Sequence<AuditEvent> = []) {
        for event in events { add(event) }
    }

    /// Takes the next event of the log into account.
    mutating func add(_ event: AuditEvent) {
        guard let run = event.run else { return }
        if let place = places[run] {
            records[place].apply(event)
        } else if event.event == RunEvent.planned.rawValue, let plan = Plan(auditValue: event.details["plan"]) {
            places[run] = records.count
            records.append(RunRecord(id: run, plan: plan, at: event.at, actor: event.actor))
        }
    }
}

/// The events that a run writes to the audit log.
package enum RunEvent: String, Sendable, CaseIterable {
    /// The plan; the first event of a run.
    case planned = "run.planned"
    /// A plan that was not begun because something did not hold.
    case refused = "run.refused"
    /// Another process goes on.
    case resumed = "run.resumed"
    /// All is done.
    case done = "run.done"
    /// From here on the steps are taken back.
    case undoing = "run.undoing"
    /// All is taken back.
    case undone = "run.undone"
    /// A person stopped it between two steps, or in one.
    case stopped = "run.stopped"
    /// A person ended it as it stands: nothing more was done, and nothing taken back.
    case left = "run.left"
    /// It ended part-way.
    case failed = "run.failed"
    /// A step is about to act.
    case stepStarted = "step.started"
    /// A step acted and was verified.
    case stepDone = "step.done"
    /// A step was found done.
    case stepSkipped = "step.skipped"
    /// A step was not begun, because what it relies on did not hold.
    case stepRefused = "step.refused"
    /// A step failed.
    case stepFailed = "step.failed"
    /// A step is about to be taken back.
    case undoStarted = "undo.started"
    /// A step was taken back.
    case undoDone = "undo.done"
    /// Taking a step back failed.
    case undoFailed = "undo.failed"

    /// The state that the event puts its step in; nil for events of the whole run.
    var stepState: RunRecord.StepState? {
        switch self {
        case .stepStarted: .started
        case .stepDone: .done
        case .stepSkipped: .skipped
        case .stepRefused: .refused
        case .stepFailed: .failed
        case .undoStarted: .undoing
        case .undoDone: .undone
        case .undoFailed: .undoFailed
        default: nil
        }
    }
}

extension Plan {
    /// The plan as a value of the audit log.
    package var auditValue: AuditValue {
        get throws { try JSONDecoder().decode(AuditValue.self, from: JSONEncoder().encode(self)) }
    }

    /// The plan that such a value holds; nil when it holds none that this version understands.
    package init?(auditValue: AuditValue?) {
        guard let auditValue, let data = try? JSONEncoder().encode(auditValue),
            let plan = try? JSONDecoder().decode(Plan.self, from: data)
        else { return nil }
        self = plan
    }
}
