import Failover
import Replication
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
    private var diagnosis: PrimaryDiagnosis { evidence.diagnose() }

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
        ([heading] + diagnosis.evidence.map { "  \($0)" } + [conclusion]).joined(separator: "\n")
    }

    private var heading: String { "\(evidence.cluster): primary \(evidence.primary) is \(diagnosis.condition.text)" }

    private var conclusion: String {
        switch verdict {
        case .stay: "Nothing to do."
        case .wait(let seconds): "It must be so for another \(Quantity.seconds(seconds))."
        case .alreadyDone(let run): "Done already, by run \(run)."
        case .restart: "\(evidence.primary) is started again first."
        case .refuse(let refusals): (["Refused:"] + refusals.flatMap(Self.lines)).joined(separator: "\n")
        case .failOver(let promotion): Self.text(promotion)
        }
    }

    private static func text(_ promotion: Ruling.Promotion) -> String {
        let election = promotion.election
        var lines = ["\(election.nominee) is promoted out of timeline \(promotion.timeline)."]
        if let source = election.source { lines.append("It fetches first what only \(source) has.") }
        lines.append(promotion.loss.text)
        lines += election.passedOver.flatMap(Self.lines)
        return lines.joined(separator: "\n")
    }

    private static func lines(_ refusal: Refusal) -> [String] {
        let node = refusal.node.map { "\($0): " } ?? ""
        return ["  \(node)\(refusal.evidence) (\(refusal.rule.rawValue))"]
            + (refusal.hint.map { ["    HINT: \($0)"] } ?? [])
    }
}

extension PrimaryCondition {
    /// The condition in words, after "is".
    var text: String {
        switch self {
        case .alive: "alive"
        case .replicationBroken: "alive, and no standby receives from it"
        case .notPrimary: "a standby"
        case .refusesUs: "alive, and lets pgdr not in"
        case .overloaded: "alive, with no connection left"
        case .startingUp: "starting up"
        case .shuttingDown: "shutting down"
        case .unreachableFromUs: "alive, but out of this observer's reach"
        case .hung: "hung"
        case .postgresDown: "down, its host is there"
        case .hostUnreachable: "unreachable for everybody"
        case .notTold: "not answering, and nobody else can tell why"
        }
    }
}

extension WALLoss {
    /// What is lost, as a sentence.
    var text: String {
        switch self {
        case .noCommit(let standbys):
            "No acknowledged commit is lost: \(standbys.joined(separator: ", ")) has them all."
        case .atLeast(0, _): "Nothing is lost of what the primary had when it was last heard."
        case .atLeast(let bytes, let seconds):
            "Lost: \(Quantity.bytes(bytes))" + (seconds.map { ", the last \(Quantity.seconds($0))" } ?? "")
                + ", and what the primary wrote after it was last heard."
        case .unknown: "What is lost is not known."
        }
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
