import RunbookEngine

/// A plan as JSON: each step with the very lines that `--plan` prints for people.
struct PlanDocument: Encodable {
    private let proposal: RunDesk.Proposal

    init(_ proposal: RunDesk.Proposal) { self.proposal = proposal }

    enum CodingKeys: String, CodingKey {
        case schema, runbook, title, cluster, parameters, answers, requirements, steps
        case mayRun = "may_run"
    }

    func encode(to encoder: any Encoder) throws {
        let plan = proposal.plan
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(plan.runbook, forKey: .runbook)
        try container.encode(plan.title, forKey: .title)
        try container.encode(plan.cluster, forKey: .cluster)
        try container.encode(plan.parameters, forKey: .parameters)
        try container.encode(plan.answers, forKey: .answers)
        try container.encode(plan.mayRun, forKey: .mayRun)
        try container.encode(plan.requirements.map(RequirementDocument.init), forKey: .requirements)
        try container.encode(plan.steps.map(StepDocument.init), forKey: .steps)
    }

    private struct RequirementDocument: Encodable {
        var title: String
        var holds: Bool?
        var evidence: String

        enum CodingKeys: String, CodingKey { case title, holds, evidence }

        init(_ requirement: Plan.Requirement) {
            title = requirement.title
            holds = requirement.result.holds
            evidence = requirement.result.evidence
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(title, forKey: .title)
            try container.encode(holds, forKey: .holds)
            try container.encode(evidence, forKey: .evidence)
        }
    }

    private struct StepDocument: Encodable {
        var step: PlannedStep

        init(_ step: PlannedStep) { self.step = step }

        enum CodingKeys: String, CodingKey {
            case id, title, node, action, group, unless, does, verify, undo, retries
            case onFailure = "on_failure"
            case reliesOn = "relies_on"
            case timeoutSeconds = "timeout_seconds"
            case pointOfNoReturn = "point_of_no_return"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(step.id, forKey: .id)
            try container.encode(step.title, forKey: .title)
            try container.encode(step.node, forKey: .node)
            try container.encode(step.action, forKey: .action)
            try container.encode(step.requirements.map(ProbeText.text), forKey: .reliesOn)
            try container.encode(step.unless.map(ProbeText.text), forKey: .unless)
            try container.encode(step.acts.map { ActText.lines($0).joined(separator: "\n") }, forKey: .does)
            try container.encode(step.verification.map(ProbeText.text), forKey: .verify)
            try container.encode(step.undo.map { ActText.lines($0).joined(separator: "\n") }, forKey: .undo)
            try container.encode(step.timeout, forKey: .timeoutSeconds)
            try container.encode(step.group, forKey: .group)
            try container.encode(step.retries, forKey: .retries)
            try container.encode(step.onFailure.rawValue, forKey: .onFailure)
            try container.encode(step.isPointOfNoReturn, forKey: .pointOfNoReturn)
        }
    }
}
