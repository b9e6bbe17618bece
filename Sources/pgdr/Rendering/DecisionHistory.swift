import Configuration
import Failover

/// The decisions there were, as a table.
enum DecisionHistory {
    static func text(_ decisions: [RecordedDecision]) -> String {
        guard !decisions.isEmpty else { return "No decisions." }
        var table = TextTable([
            ("RUN", .left), ("AT", .left), ("PRIMARY", .left), ("WAS", .left), ("DECISION", .left), ("BY", .left),
        ])
        for decision in decisions {
            let evidence = decision.situation.evidence
            table.append([
                decision.id, decision.at, evidence.primary, evidence.diagnose().condition.rawValue,
                summary(decision), decision.actor,
            ])
        }
        return table.lines(style: Style(hasColours: Terminal.hasColours)).joined(separator: "\n")
    }

    private static func summary(_ decision: RecordedDecision) -> String {
        switch decision.verdict {
        case .failOver(let promotion): "promote \(promotion.election.nominee)"
        case .restart: "start again"
        case .refuse(let refusals):
            decision.event == .observed
                ? wouldHaveDone(decision) : "refused: \(refusals.map(\.rule.rawValue).joined(separator: ", "))"
        case .stay, .wait, .alreadyDone: "nothing"
        }
    }

    /// What a policy that only observes keeps from being done.
    private static func wouldHaveDone(_ decision: RecordedDecision) -> String {
        var situation = decision.situation
        situation.policy.mode = .automatic
        guard case .failOver(let promotion) = situation.decide() else { return "observed" }
        return "observed: would promote \(promotion.election.nominee)"
    }
}

/// The same as JSON.
struct DecisionHistoryDocument: Encodable {
    private let decisions: [RecordedDecision]

    init(_ decisions: [RecordedDecision]) { self.decisions = decisions }

    enum CodingKeys: String, CodingKey { case schema, decisions }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(decisions.map(Item.init), forKey: .decisions)
    }

    private struct Item: Encodable {
        private let decision: RecordedDecision

        init(_ decision: RecordedDecision) { self.decision = decision }

        enum CodingKeys: String, CodingKey { case run, at, actor, event, decision }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(decision.id, forKey: .run)
            try container.encode(decision.at, forKey: .at)
            try container.encode(decision.actor, forKey: .actor)
            try container.encode(decision.event.rawValue, forKey: .event)
            try container.encode(
                DecisionDocument(DecisionOutput(decision.situation, decision.verdict)), forKey: .decision)
        }
    }
}

/// Why a decision was made: what was seen, and what the rules made of it.
enum Explanation {
    static func text(_ decision: RecordedDecision) -> String {
        var lines = ["Decision \(decision.id), made at \(decision.at) by \(decision.actor):", ""]
        lines.append(DecisionOutput(decision.situation, decision.verdict).text)
        lines.append("")
        lines += decision.situation.circumstances.map { "\($0.name): \($0.text)" }
        lines.append("")
        lines.append(
            decision.isReproduced
                ? "Decided again from this evidence: the same." : "Decided again from this evidence: ANOTHER decision.")
        return lines.joined(separator: "\n")
    }
}

/// The same as JSON, with all that was recorded.
struct ExplanationDocument: Encodable {
    private let decision: RecordedDecision

    init(_ decision: RecordedDecision) { self.decision = decision }

    enum CodingKeys: String, CodingKey { case schema, run, at, actor, event, decision, situation, reproduced }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(decision.id, forKey: .run)
        try container.encode(decision.at, forKey: .at)
        try container.encode(decision.actor, forKey: .actor)
        try container.encode(decision.event.rawValue, forKey: .event)
        try container.encode(DecisionDocument(DecisionOutput(decision.situation, decision.verdict)), forKey: .decision)
        try container.encode(decision.situation, forKey: .situation)
        try container.encode(decision.isReproduced, forKey: .reproduced)
    }
}
