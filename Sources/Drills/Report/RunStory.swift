package import Audit
package import Configuration
internal import Failover
internal import RunbookEngine

extension RunReport {
    /// The report on a run or decision; nil: the events tell of none of that name in the cluster.
    /// - Parameters:
    ///   - events: those of the run and of later ones, in the log's order.
    ///   - log: what became of the whole log.
    package init?(
        on id: String, of cluster: String, _ objectives: Objectives, _ events: [AuditEvent], _ log: AuditVerification
    ) {
        let own = events.filter { $0.run == id && $0.cluster == cluster }
        guard let story = RunStory(own, beside: events.filter { $0.run == nil && $0.cluster == cluster }) else {
            return nil
        }
        let record = story.record
        let decision = own.compactMap { RecordedDecision($0) }.last
        let promotion = record?.promotion
        self.init(
            id: id, cluster: cluster, objectives: objectives, runbook: record?.plan.runbook ?? story.refusedRunbook,
            title: story.title(decision), from: record?.former ?? decision?.situation.evidence.primary,
            to: promotion.flatMap { record?.plan.steps[$0].node } ?? decision?.nominee,
            isPromoted: promotion.map { record?.hasDone($0) ?? false } ?? false, outcome: story.outcome,
            trouble: story.trouble, beganAt: story.first.at, endedAt: story.last.at,
            seconds: story.offset(story.last.at) ?? 0, people: story.people, decision: decision, probe: story.probe,
            probeBegan: story.probe?.began.flatMap { story.offset($0.text) }, steps: story.steps,
            timeline: story.timeline, bounds: [], returns: [], settled: [], remaining: [], log: log)
        let later = events.filter { $0.seq > story.first.seq && $0.run != id }
        let records = RunLedger(later).records
        // A run that itself brings a node back tells that of its own.
        returns =
            record?.returning.map { Self.returns(of: [$0], by: [record].compactMap(\.self), own) }
            ?? Self.returns(of: behind.filter { !hasStarted($0) }, by: records, later)
        settled = Self.settled(by: records)
        bounds = bounds(record)
        remaining = remainders(record)
    }

    /// The nodes that may have to be brought back afterwards: the old primary, and the standbys that gave no answer when it
    /// was decided.
    var behind: [String] {
        let silent = decision?.situation.evidence.standbys.filter { $0.silence != nil }.map(\.name) ?? []
        return [from].compactMap(\.self) + silent.filter { $0 != from && $0 != to }
    }

    /// Whether the run itself has started a node.
    private func hasStarted(_ node: String) -> Bool {
        steps.contains { $0.node == node && $0.action == "start" && $0.state == .done }
    }

    /// Whether a node is not back yet, as far as the log tells.
    func isBehind(_ node: String) -> Bool { !hasStarted(node) && !settled.contains(node) }
}

extension RecordedDecision {
    /// The node that is promoted; nil: none is.
    var nominee: String? {
        if case .failOver(let promotion) = verdict { promotion.election.nominee } else { nil }
    }
}

extension RunRecord {
    /// The place of the step that makes a node the primary; nil: there is none.
    var promotion: Int? { plan.steps.firstIndex { $0.action == "promote" } }

    /// The node that the run is to bring back; nil: none.
    var returning: String? { plan.parameters["node_to_rejoin"] ?? plan.parameters["node_to_rebuild"] }

    /// Whether a step was done, or found done.
    func hasDone(_ index: Int) -> Bool { steps[index] == .done || steps[index] == .skipped }

    /// The primary that the run replaces: the one that it is told, or whose server it stops or fences; nil: none.
    var former: String? {
        guard let promotion else { return nil }
        let told = [plan.parameters["old"], plan.answers["old_primary"]].compactMap(\.self).first { !$0.isEmpty }
        return told
            ?? plan.steps.prefix(promotion).last { ["stop", "fence", "fence_command"].contains($0.action) }?.node
    }
}

/// What the events of one run tell, each for itself.
struct RunStory {
    let events: [AuditEvent]
    let first: AuditEvent
    let last: AuditEvent
    /// The run; nil: only something was decided or refused, or an unknown version has written it.
    let record: RunRecord?
    let probe: ProbeSummary?

    /// The moment from which all is counted.
    private let start: AuditTime?

    /// nil: there are no events.
    /// - Parameter others: events of no run, which may tell of probes that ran meanwhile.
    init?(_ events: [AuditEvent], beside others: [AuditEvent]) {
        guard let first = events.first else { return nil }
        self.events = events
        self.first = first
        record = RunLedger(events).records.first
        // The probe speaks after the run's end.
        let last = events.last { $0.event != ProbeSummary.event } ?? first
        self.last = last
        start = AuditTime(first.at)
        let isRoleChange = record.map { run in run.promotion.map { run.hasDone($0) } ?? false } ?? false
        let judge = Self.judge(in: events)
        probe =
            judge?.isWhole == true ? judge : Self.probe(over: first, last, in: others, judge, isRoleChange) ?? judge
    }

    /// What the run's own probe saw of it: where something was done before it began or after its end, not all.
    private static func judge(in events: [AuditEvent]) -> ProbeSummary? {
        guard let place = events.lastIndex(where: { $0.event == ProbeSummary.event }),
            var judge = ProbeSummary(events[place].details)
        else { return nil }
        let acts = events.indices.filter { events[$0].event.hasPrefix("step.") || events[$0].event.hasPrefix("undo.") }
        let began = acts.first.flatMap { AuditTime(events[$0].at) }
        let isLate = judge.began.map { own in began.map { $0.microseconds < own.microseconds } ?? false } ?? false
        if isLate || acts.last.map({ $0 > place }) ?? false { (judge.isAtLeast, judge.lost) = (true, nil) }
        return judge
    }

    /// What a probe that ran from before the run until after it saw of it; the run's own says whether it is proven.
    private static func probe(
        over first: AuditEvent, _ last: AuditEvent, in others: [AuditEvent], _ judge: ProbeSummary?,
        _ isRoleChange: Bool
    ) -> ProbeSummary? {
        guard let start = AuditTime(first.at), let end = AuditTime(last.at) else { return nil }
        for event in others.reversed() where event.event == ProbeSummary.event {
            guard let probe = ProbeSummary(event.details), let began = probe.began else { continue }
            let from = Double(start.microseconds - began.microseconds) / 1e6
            let to = Double(end.microseconds - began.microseconds) / 1e6
            guard 0 <= from, from <= to, to <= probe.duration else { continue }
            var part = probe.during(from...to, isRoleChange: isRoleChange)
            (part.isProven, part.doubt) = (judge?.isProven, judge?.doubt)
            return part
        }
        return nil
    }

    /// A moment in seconds since the start, to the millisecond; nil: the text is no moment.
    func offset(_ text: String) -> Double? {
        guard let start, let time = AuditTime(text) else { return nil }
        return (Double(time.microseconds - start.microseconds) / 1000).rounded() / 1000
    }

    /// The runbook of a run that was not begun.
    var refusedRunbook: String? { refusal?.details["runbook"]?.text }

    private var refusal: AuditEvent? { events.last { $0.event == RunEvent.refused.rawValue } }

    func title(_ decision: RecordedDecision?) -> String {
        if let record { return record.plan.title }
        if let refusedRunbook { return "Runbook \(refusedRunbook)" }
        return decision.map { "Failover from \($0.situation.evidence.primary)" } ?? "Run \(first.run ?? "")"
    }

    var outcome: RunReport.Outcome {
        guard let record else {
            return refusal != nil ? .refused : events.contains { $0.event.hasPrefix("run.") } ? .open : .decided
        }
        switch record.phase {
        case .done: return .done
        case .undone: return .undone
        case .left: return .left
        case .forward, .backward:
            switch RunEvent(rawValue: last.event) {
            case .failed: return .partWay
            case .stopped: return .stopped
            default: return .open
            }
        }
    }

    var trouble: RunReport.Trouble? {
        if let refusal {
            let reasons = refusal.details["reasons"]?.list?.compactMap(\.text) ?? []
            return RunReport.Trouble(message: reasons.joined(separator: "; "))
        }
        guard outcome != .done else { return nil }
        return events.last { $0.details["message"] != nil }.flatMap { Self.trouble($0.details) }
    }

    private static func trouble(_ details: AuditValue) -> RunReport.Trouble? {
        details["message"]?.text.map {
            RunReport.Trouble(message: $0, detail: details["detail"]?.text, hint: details["hint"]?.text)
        }
    }

    var people: [RunReport.Person] {
        events.reduce(into: []) { people, event in
            let person = RunReport.Person(actor: event.actor, host: event.host)
            if !people.contains(person) { people.append(person) }
        }
    }
}

// MARK: Steps

extension RunStory {
    var steps: [RunReport.Step] {
        guard let record else { return [] }
        return record.plan.steps.enumerated().map { index, step in
            var began: Double?
            var seconds: Double?
            for event in events where event.details["step"]?.text == step.id {
                let moment = offset(event.at)
                switch RunEvent(rawValue: event.event) {
                case .stepStarted, .undoStarted: (began, seconds) = (moment, nil)
                case .stepDone, .stepFailed, .undoDone, .undoFailed:
                    // What ended is written with what begins next; what it says itself is the closer.
                    let most = began.flatMap { began in moment.flatMap { $0 < began ? nil : $0 - began } }
                    seconds = [event.details["seconds"]?.number, most].compactMap(\.self).min()
                default: break
                }
            }
            return RunReport.Step(
                number: index + 1, id: step.id, title: step.title, node: step.node, action: step.action,
                state: record.steps[index],
                began: began, seconds: seconds)
        }
    }
}

// MARK: What happened

extension RunStory {
    /// The run's events in the log's order, whatever the clock did, and between them what the probe saw.
    var timeline: [RunReport.Entry] {
        var entries = events.map(entry)
        for seen in probe.map(gaps) ?? [] {
            let place = entries.lastIndex { $0.offset <= seen.offset }.map { $0 + 1 } ?? 0
            entries.insert(seen, at: place)
        }
        return entries
    }

    private func gaps(_ probe: ProbeSummary) -> [RunReport.Entry] {
        guard let began = probe.began else { return [] }
        func entry(_ seconds: Double, _ event: String, _ text: String) -> RunReport.Entry? {
            guard abs(seconds) < 1e9 else { return nil }
            let at = AuditTime(microseconds: began.microseconds + Int64((seconds * 1e6).rounded())).text
            return offset(at).map {
                RunReport.Entry(
                    at: at, offset: $0, event: "probe.\(event)", text: text, isTrouble: event == "gap_began")
            }
        }
        return probe.gaps.flatMap { gap in
            let length = SpanText.measured(gap.seconds)
            return [
                entry(
                    gap.began, "gap_began",
                    "probe: no commit is acknowledged from here on for \(length)\(gap.isAtLeast ? " at least" : "")"),
                gap.isAtLeast && gap.began > 0
                    ? nil : entry(gap.began + gap.seconds, "gap_ended", "probe: commits are acknowledged again"),
            ]
        }.compactMap(\.self)
    }

    private func entry(_ event: AuditEvent) -> RunReport.Entry {
        let id = event.details["step"]?.text
        let index = id.flatMap { id in record?.plan.steps.firstIndex { $0.id == id } }
        let trouble = Self.trouble(event.details)
        var entry = RunReport.Entry(
            at: event.at, offset: offset(event.at) ?? 0, event: event.event, step: index.map { $0 + 1 },
            node: event.node, text: text(event, index.flatMap { record?.plan.steps[$0].title } ?? id),
            note: trouble?.text ?? (event.details["said"] ?? event.details["reason"])?.text,
            seconds: event.details["seconds"]?.number, isTrouble: trouble != nil)
        if event.event == RunEvent.refused.rawValue {
            entry.note = self.trouble?.message
            entry.isTrouble = true
        }
        return entry
    }

    private func text(_ event: AuditEvent, _ step: String?) -> String {
        if event.event == ProbeSummary.event { return probe?.text ?? "the probe has ended" }
        if let decision = RecordedDecision(event) { return decision.text }
        let step = step ?? "a step"
        return switch RunEvent(rawValue: event.event) {
        case .planned: "planned, \(record?.plan.steps.count ?? 0) steps: \(record?.plan.title ?? "")"
        case .refused: "not begun, since something did not hold"
        case .resumed: "taken up again"
        case .done: "all is done"
        case .undoing: "from here on it is taken back"
        case .undone: "all is taken back"
        case .stopped: "a person stopped it"
        case .left:
            event.details["successor"]?.text.map { "left as it stood; run \($0) takes its place" }
                ?? "a person ended it as it stood"
        case .failed: "failed part-way"
        case .stepStarted: "begins: \(step)"
        case .stepDone: "done: \(step)"
        case .stepSkipped: "nothing to do: \(step)"
        case .stepRefused: "not begun: \(step)"
        case .stepFailed: "failed: \(step)"
        case .undoStarted: "being taken back: \(step)"
        case .undoDone: "taken back: \(step)"
        case .undoFailed: "could not be taken back: \(step)"
        case nil: event.event
        }
    }
}

extension RecordedDecision {
    /// What was decided, in a line.
    fileprivate var text: String {
        let condition = situation.evidence.diagnose().condition.text
        let primary = "primary \(situation.evidence.primary) is \(condition)"
        return switch verdict {
        case .failOver(let promotion): "decided, since \(primary): \(promotion.election.nominee) is promoted"
        case .restart: "decided, since \(primary): it is started again first"
        case .refuse(let refusals):
            "nothing is done though \(primary): \(refusals.map(\.rule.rawValue).joined(separator: ", "))"
        case .stay, .wait, .alreadyDone: "nothing is to be done: \(primary)"
        }
    }
}

extension ProbeSummary {
    /// Whether it tells of the whole outage, and of what was lost.
    fileprivate var isWhole: Bool { outage != nil && !isAtLeast && lost != nil }

    /// What it comes to, in a line.
    var text: String {
        let longest = outage.map { "\(SpanText.measured($0))\(isAtLeast ? " at least" : "")" } ?? "not known"
        let gone = lost.map { "\($0)" } ?? "not known"
        return "probe: longest time without a commit \(longest); of \(acknowledged) acknowledged commits lost: \(gone)"
    }
}
