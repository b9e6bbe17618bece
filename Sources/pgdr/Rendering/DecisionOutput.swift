import Failover
import RunbookEngine

/// What is the matter with a primary and what is done about it, for people and scripts.
struct DecisionOutput {
    var situation: Situation
    var verdict: Ruling

    init(_ situation: Situation, _ verdict: Ruling) {
        self.situation = situation
        self.verdict = verdict
    }

    private var evidence: Evidence { situation.evidence }

    /// The exit status that says so before anything is done.
    var status: Int32 {
        switch verdict {
        case .failOver, .restart: 0
        case .stay, .alreadyDone: ExitStatus.unneeded
        case .wait, .refuse: ExitStatus.refused
        }
    }

    /// The stable word for it: that of the first rule where it is refused.
    var word: String {
        switch verdict {
        case .failOver: "fail_over"
        case .restart: "restart"
        case .stay: "stay"
        case .alreadyDone: "already_done"
        case .wait: "wait"
        case .refuse: "refuse"
        }
    }

    /// The reasons why it is refused.
    var refusals: [Refusal] {
        if case .refuse(let refusals) = verdict { refusals } else { [] }
    }

    /// All of it in words.
    var text: String {
        let sights = situation.sights
        return (sights.prefix(1) + sights.dropFirst().map { "  \($0)" } + verdict.conclusion(on: evidence.primary))
            .joined(separator: "\n")
    }
}

/// A decision as JSON.
struct DecisionDocument: Encodable {
    private let output: DecisionOutput
    private let proposal: RunDesk.Proposal?

    init(_ output: DecisionOutput, _ proposal: RunDesk.Proposal? = nil) {
        self.output = output
        self.proposal = proposal
    }

    enum CodingKeys: String, CodingKey {
        case schema, cluster, primary, condition, evidence, verdict, reason, refusals, nominee, source, loss, plan
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let evidence = output.situation.evidence
        let diagnosis = evidence.diagnose()
        var promotion: Ruling.Promotion?
        if case .failOver(let found) = output.verdict { promotion = found }
        try container.encode(1, forKey: .schema)
        try container.encode(evidence.cluster, forKey: .cluster)
        try container.encode(evidence.primary, forKey: .primary)
        try container.encode(diagnosis.condition.rawValue, forKey: .condition)
        try container.encode(diagnosis.evidence, forKey: .evidence)
        try container.encode(output.word, forKey: .verdict)
        try container.encode(output.refusals.first?.rule.rawValue, forKey: .reason)
        try container.encode(output.refusals.map(RefusalDocument.init), forKey: .refusals)
        try container.encode(promotion?.election.nominee, forKey: .nominee)
        try container.encode(promotion?.election.source, forKey: .source)
        try container.encode(promotion.map { LossDocument($0.loss) }, forKey: .loss)
        try container.encode(proposal.map(PlanDocument.init), forKey: .plan)
    }
}

/// A refusal as JSON.
struct RefusalDocument: Encodable {
    private let refusal: Refusal

    init(_ refusal: Refusal) { self.refusal = refusal }

    enum CodingKeys: String, CodingKey { case rule, node, evidence, hint }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(refusal.rule.rawValue, forKey: .rule)
        try container.encode(refusal.node, forKey: .node)
        try container.encode(refusal.evidence, forKey: .evidence)
        try container.encode(refusal.hint, forKey: .hint)
    }
}

/// What is lost, as JSON; null is not known.
struct LossDocument: Encodable {
    private let loss: WALLoss

    init(_ loss: WALLoss) { self.loss = loss }

    enum CodingKeys: String, CodingKey {
        case bytes, seconds
        case acknowledgedCommitsSafe = "acknowledged_commits_safe"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        var bytes: UInt64?
        var seconds: Double?
        var isSafe = false
        switch loss {
        case .noCommit: isSafe = true
        case .atLeast(let known, let span): (bytes, seconds) = (known, span)
        case .unknown: break
        }
        try container.encode(bytes, forKey: .bytes)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(isSafe, forKey: .acknowledgedCommitsSafe)
    }
}
