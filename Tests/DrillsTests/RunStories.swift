import Configuration
import Failover
import Replication

@testable import Audit
@testable import Drills
@testable import RunbookEngine

/// Runs as the audit log tells of them.
struct RunStories {
    private(set) var events: [AuditEvent] = []

    /// A moment in milliseconds after the first one, as the log writes it.
    static func at(_ milliseconds: Int) -> String {
        AuditTime(microseconds: 1_767_225_600_000_000 + Int64(milliseconds) * 1000).text
    }

    mutating func add(
        _ event: String, at milliseconds: Int, run: String? = "r1", step: String? = nil, node: String? = nil,
        actor: String = "ann", _ details: [String: AuditValue] = [:]
    ) {
        var details = details
        details["step"] = step.map { .text($0) }
        events.append(
            AuditEvent(
                seq: UInt64(events.count + 1), at: Self.at(milliseconds), actor: actor, host: "desk", cluster: "shop",
                run: run, event: event, node: node, details: .object(details), prev: ""))
    }

    mutating func add(_ entry: AuditEntry, at milliseconds: Int) {
        guard case .object(let details) = entry.details else { return }
        add(entry.event, at: milliseconds, run: entry.run ?? "", node: entry.node, details)
    }

    mutating func plan(_ plan: Plan, at milliseconds: Int, run: String = "r1") throws {
        add("run.planned", at: milliseconds, run: run, ["plan": try plan.auditValue])
    }

    /// A step that is done right after it began.
    mutating func done(
        _ step: String, at milliseconds: Int, seconds: Double = 0.1, run: String = "r1", said: String? = nil
    ) {
        add("step.started", at: milliseconds, run: run, step: step)
        var details: [String: AuditValue] = ["seconds": .number(seconds)]
        details["said"] = said.map { .text($0) }
        // It is written when the next one begins.
        add("step.done", at: milliseconds + Int(seconds * 1000) + 50, run: run, step: step, details)
    }

    func report(
        on run: String = "r1", _ objectives: Objectives = Objectives(), problem: AuditProblem? = nil
    ) -> RunReport? {
        let log = AuditVerification(
            count: UInt64(events.count), head: AuditHead(seq: UInt64(events.count), hash: "ab"), files: 1,
            problem: problem, anchors: [])
        return RunReport(on: run, of: "shop", objectives, events, log)
    }
}

extension RunStories {
    static func step(_ id: String, _ action: String, on node: String?, returns: Bool = true, title: String? = nil)
        -> PlannedStep
    {
        PlannedStep(
            id: id, title: title ?? "Do \(id)", node: node, action: action, group: 0, requirements: [], guards: [],
            unless: nil, acts: [], verification: nil, timeout: 60, retries: 0, onFailure: .abort, undo: [],
            isRepeatable: true, isPointOfNoReturn: !returns)
    }

    /// A switchover from nas-1 to nas-2.
    static let switchover = Plan(
        runbook: "switchover", title: "Switch from nas-1 to nas-2", cluster: "shop", parameters: ["target": "nas-2"],
        answers: [:],
        requirements: [],
        steps: [
            step("stop", "stop", on: "nas-1", title: "Stop nas-1; clients are cut off from here on"),
            step("last-wal", "await_wal", on: "nas-2"),
            step("promote", "promote", on: "nas-2", returns: false), step("start", "start", on: "nas-1"),
        ])

    /// A failover from nas-1 to nas-2.
    static let failover = Plan(
        runbook: "failover", title: "Fail over from nas-1 to nas-2", cluster: "shop",
        parameters: ["old": "nas-1", "target": "nas-2"], answers: [:], requirements: [],
        steps: [step("fence", "fence", on: "nas-1"), step("promote", "promote", on: "nas-2", returns: false)])

    /// What brings nas-1 back.
    static func rejoin(_ method: String) -> Plan {
        Plan(
            runbook: "rejoin", title: "Bring nas-1 back", cluster: "shop", parameters: ["node_to_rejoin": "nas-1"],
            answers: ["method": method, "upstream": "nas-2"], requirements: [],
            steps: [step("save-wal", "save_wal", on: "nas-1"), step("start", "start", on: "nas-1")])
    }

    /// A primary that was killed; nas-2 has all of its WAL but some, reports gives no answer.
    static func situation(losing bytes: UInt64 = 1024, seen: String = "Connection refused") throws -> Situation {
        let at = Moment(rawValue: 1_767_225_600)
        let timeline = Timeline(rawValue: 1)
        var standby = StandbyEvidence(name: "nas-2", kind: .dr)
        standby.inRecovery = true
        standby.timeline = timeline
        standby.endOfWAL = try LSN(parsing: "0/5000000")
        standby.secondsBehind = 0.5
        let end = LSN(rawValue: (try LSN(parsing: "0/5000000")).rawValue + bytes)
        let evidence = Evidence(
            cluster: "shop", at: at, ticks: 100, primary: "nas-1", identification: [.seen], silentFor: 3,
            views: [View(.observer, .refused, seen), View(.standby("nas-2"), .unreachable)], host: .stopped,
            standbys: [standby, StandbyEvidence(name: "reports", kind: .replica, silence: "timed out")],
            last: LastKnown(lsn: end, timeline: timeline, at: at, synchronousStandbyNames: ""))
        var confirmation = Confirmation()
        confirmation.note(.postgresDown, at: 90)
        var policy = FailoverPolicy()
        policy.mode = .automatic
        return Situation(
            evidence: evidence, confirmation: confirmation, policy: DecisionPolicy(policy),
            request: .init(isAutomatic: true, triggerID: "alert-7", reason: "no answer"),
            quorum: .init(voters: ["nas-2", "third"], locked: ["nas-2", "third"]),
            control: ControlState(isKnown: true, at: at), fencing: .host)
    }

    /// What a probe saw that began a second before the first event: a gap of 400 ms, half a second after it.
    static func probe(lost: Int? = 0, doubt: String? = nil) -> ProbeSummary {
        ProbeSummary(
            path: "app", isProven: doubt == nil, doubt: doubt.map { .init(message: $0, detail: "seen", hint: "Look.") },
            outage: 0.4, isAtLeast: false, acknowledged: 26, unacknowledged: 1, lost: lost,
            firstServer: "nas-1, timeline 1", lastServer: "nas-2, timeline 2",
            began: AuditTime(at(-1000)), duration: 3, gaps: [.init(began: 1.5, seconds: 0.4)],
            gapThreshold: 0.2, roleChanges: 1,
            writes: WriteSeries(bucket: 0.5, commits: [5, 5, 5, 1, 5, 5]),
            lag: LagSeries(
                nodes: ["nas-1", "nas-2"],
                samples: [
                    .init(at: 0.5, bytes: [nil, 300]), .init(at: 1, bytes: [nil, 0]), .init(at: 2.5, bytes: [77, nil]),
                ]),
            errors: [ClientError(text: "refused", count: 3)])
    }

    /// A switchover that was done and proven.
    static func switched(_ probe: ProbeSummary? = probe(), plan: Plan = switchover) throws -> RunStories {
        var story = RunStories()
        try story.addSwitchover(probe, plan: plan)
        return story
    }

    mutating func add(_ probe: ProbeSummary, at milliseconds: Int, run: String? = "r1") {
        add(ProbeSummary.event, at: milliseconds, run: run, probe.objectDetails)
    }

    mutating func addSwitchover(
        _ probe: ProbeSummary? = probe(), plan: Plan = switchover, run: String = "r1"
    ) throws {
        try self.plan(plan, at: 0, run: run)
        done("stop", at: 500, run: run)
        done("last-wal", at: 650, run: run)
        done("promote", at: 800, run: run)
        done("start", at: 950, seconds: 0.5, run: run)
        add("run.done", at: 1500, run: run, ["failed": []])
        if let probe { add(ProbeSummary.event, at: 2100, run: run, probe.objectDetails) }
    }

    /// A failover that was done.
    static func failedOver(_ situation: Situation, _ probe: ProbeSummary? = nil) throws -> RunStories {
        var story = RunStories()
        story.add(AuditEntry(situation, situation.decide(), as: "r1"), at: 0)
        try story.plan(failover, at: 10)
        story.done("fence", at: 20)
        story.done("promote", at: 200)
        story.add("run.done", at: 400, ["failed": []])
        if let probe { story.add(ProbeSummary.event, at: 2100, probe.objectDetails) }
        return story
    }

    /// What another probe saw, which ran for a minute from ten seconds before the first event on.
    mutating func probeBeside(
        _ gaps: [ProbeSummary.Gap], lost: Int, from seconds: Int = -10, roleChanges: Int? = 1
    ) {
        var probe = Self.probe(lost: lost)
        probe.roleChanges = roleChanges
        probe.isProven = nil
        (probe.began, probe.duration, probe.gaps) = (AuditTime(Self.at(seconds * 1000)), 60, gaps)
        probe.outage = gaps.map(\.seconds).max()
        add(ProbeSummary.event, at: 50_000, run: nil, probe.objectDetails)
    }

    /// nas-1 comes back, or was about to.
    mutating func bringBack(_ method: String, said: String?, run: String = "r2", isDone: Bool = true) throws {
        try plan(Self.rejoin(method), at: 60_000, run: run)
        if method != "follow" { done("save-wal", at: 60_100, run: run, said: said) }
        guard isDone else { return }
        done("start", at: 60_300, run: run)
        add("run.done", at: 60_500, run: run, ["failed": []])
    }

    /// Another role change, from nas-2 to reports.
    mutating func moveOn(run: String = "r8") throws {
        var next = Self.failover
        next.steps[0].node = "nas-2"
        next.steps[1].node = "reports"
        try plan(next, at: 55_000, run: run)
        done("promote", at: 55_100, run: run)
        add("run.done", at: 55_400, run: run, ["failed": []])
    }
}

extension ProbeSummary {
    fileprivate var objectDetails: [String: AuditValue] {
        if case .object(let details) = auditDetails { details } else { [:] }
    }
}
