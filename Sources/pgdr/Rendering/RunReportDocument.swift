import Audit
import Configuration
import Drills
import Essentials
import Failover
import RunbookEngine

/// What `pgdr report --format json` prints; the same promises as `StatusDocument`.
struct RunReportDocument: Encodable {
    private let report: RunReport

    init(_ report: RunReport) { self.report = report }

    enum CodingKeys: String, CodingKey {
        case schema, run, cluster, runbook, title, headline, outcome, from, to, promoted, proven, failure, seconds,
            people
        case request, decision, reproduced, objectives, probe, steps, timeline, losses, returns, remaining, log
        case beganAt = "began_at", endedAt = "ended_at", probeBegan = "probe_began_seconds"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(report.id, forKey: .run)
        try container.encode(report.cluster, forKey: .cluster)
        try container.encode(report.runbook, forKey: .runbook)
        try container.encode(report.title, forKey: .title)
        try container.encode(report.headline, forKey: .headline)
        try container.encode(report.outcome.rawValue, forKey: .outcome)
        try container.encode(report.from, forKey: .from)
        try container.encode(report.to, forKey: .to)
        try container.encode(report.isPromoted, forKey: .promoted)
        try container.encode(report.probe?.isProven, forKey: .proven)
        try container.encode(report.trouble.map(Self.failure), forKey: .failure)
        try container.encode(report.beganAt, forKey: .beganAt)
        try container.encode(report.endedAt, forKey: .endedAt)
        try container.encode(report.seconds, forKey: .seconds)
        try container.encode(report.people.map(Self.person), forKey: .people)
        try container.encode(report.decision.map(Self.request), forKey: .request)
        try container.encode(
            report.decision.map { DecisionDocument(DecisionOutput($0.situation, $0.verdict)) }, forKey: .decision)
        try container.encode(report.decision?.isReproduced, forKey: .reproduced)
        try container.encode(objectives, forKey: .objectives)
        try container.encode(report.probe?.auditDetails, forKey: .probe)
        try container.encode(report.probeBegan, forKey: .probeBegan)
        try container.encode(report.steps.map(Self.step), forKey: .steps)
        try container.encode(report.timeline.map(Self.entry), forKey: .timeline)
        try container.encode(report.losses, forKey: .losses)
        try container.encode(report.returns.map(Self.back), forKey: .returns)
        try container.encode(report.remaining.map(Self.remainder), forKey: .remaining)
        try container.encode(Self.log(report.log), forKey: .log)
    }

    private var objectives: AuditValue {
        let probe = report.probe
        return [
            "rto": [
                "target_seconds": .optional(report.objectives.rto?.seconds),
                "measured_seconds": .optional(probe?.outage),
                "at_least": probe?.outage == nil ? .null : .bool(probe?.isAtLeast ?? false),
                "verdict": .optional(report.rtoVerdict?.rawValue),
            ],
            "rpo": [
                "target": .optional(report.objectives.rpo), "lost": .optional(probe?.lost),
                "lost_at_most": .optional(report.mostLost), "verdict": .optional(report.rpoVerdict?.rawValue),
            ],
        ]
    }

    static func log(_ log: AuditVerification) -> AuditValue {
        [
            "verdict": .text(log.problem.map { $0.kind == .torn ? "incomplete" : "tampered" } ?? "intact"),
            "events": .integer(Int64(clamping: log.count)), "head": .text(log.head.description),
            "problem": .optional(log.problem?.text),
        ]
    }

    private static func failure(_ trouble: RunReport.Trouble) -> AuditValue {
        ["message": .text(trouble.message), "detail": .optional(trouble.detail), "hint": .optional(trouble.hint)]
    }

    private static func person(_ person: RunReport.Person) -> AuditValue {
        ["actor": .text(person.actor), "host": .text(person.host)]
    }

    private static func request(_ decision: RecordedDecision) -> AuditValue {
        let request = decision.situation.request
        return [
            "automatic": .bool(request.isAutomatic), "mode": .text(decision.situation.policy.mode.rawValue),
            "trigger": .optional(request.triggerID), "reason": .optional(request.reason),
        ]
    }

    private static func step(_ step: RunReport.Step) -> AuditValue {
        [
            "number": .optional(step.number), "step": .text(step.id), "title": .text(step.title),
            "node": .optional(step.node), "action": .text(step.action), "state": .text(step.state.rawValue),
            "began_seconds": .optional(step.began), "seconds": .optional(step.seconds),
        ]
    }

    private static func entry(_ entry: RunReport.Entry) -> AuditValue {
        [
            "at": .text(entry.at), "offset_seconds": .number(entry.offset), "event": .text(entry.event),
            "step": .optional(entry.step), "node": .optional(entry.node), "text": .text(entry.text),
            "note": .optional(entry.note), "seconds": .optional(entry.seconds), "trouble": .bool(entry.isTrouble),
        ]
    }

    private static func back(_ back: RunReport.Return) -> AuditValue {
        [
            "run": .text(back.run), "runbook": .text(back.runbook), "node": .text(back.node),
            "phase": .text(back.phase.rawValue), "commits_kept": .optional(back.kept?.commits),
            "commits_beyond": .optional(back.kept?.fork), "commits_listed_in": .optional(back.kept?.list),
        ]
    }

    private static func remainder(_ remainder: RunReport.Remainder) -> AuditValue {
        ["text": .text(remainder.text), "command": .optional(remainder.command)]
    }
}

/// The same of a drill of several runs.
struct DrillReportDocument: Encodable {
    private let report: DrillReport

    init(_ report: DrillReport) { self.report = report }

    enum CodingKeys: String, CodingKey {
        case schema, drill, cluster, kind, node, home, headline, outcome, actor, host, problems, objectives, runs, log
        case beganAt = "began_at", endedAt = "ended_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(report.drill.id, forKey: .drill)
        try container.encode(report.cluster, forKey: .cluster)
        try container.encode(report.drill.kind, forKey: .kind)
        try container.encode(report.drill.node, forKey: .node)
        try container.encode(report.home, forKey: .home)
        try container.encode(report.headline, forKey: .headline)
        try container.encode(report.drill.outcome.rawValue, forKey: .outcome)
        try container.encode(report.drill.actor, forKey: .actor)
        try container.encode(report.host, forKey: .host)
        try container.encode(report.drill.problems, forKey: .problems)
        try container.encode(report.drill.beganAt, forKey: .beganAt)
        try container.encode(report.drill.endedAt, forKey: .endedAt)
        try container.encode(objectives, forKey: .objectives)
        try container.encode(report.runs.map { RunReportDocument($0) }, forKey: .runs)
        try container.encode(RunReportDocument.log(report.log), forKey: .log)
    }

    private var objectives: AuditValue {
        [
            "rto": [
                "target_seconds": .optional(report.objectives.rto?.seconds),
                "measured_seconds": .optional(report.drill.outage),
                "at_least": report.drill.outage == nil ? .null : .bool(report.drill.isAtLeast),
                "verdict": .optional(report.rtoVerdict?.rawValue),
            ],
            "rpo": [
                "target": .optional(report.objectives.rpo), "lost": .optional(report.drill.lost),
                "verdict": .optional(report.rpoVerdict?.rawValue),
            ],
        ]
    }
}
