import Configuration
import Replication

// What was seen and decided, in words.

extension PrimaryCondition {
    /// The condition in words, after "is".
    package var text: String {
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
    package var text: String {
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

extension Situation {
    /// What the primary is, and what each place saw that shows it; the first line is the heading of the rest.
    package var sights: [String] {
        let diagnosis = evidence.diagnose()
        return ["\(evidence.cluster): primary \(evidence.primary) is \(diagnosis.condition.text)"] + diagnosis.evidence
    }

    /// What else the decision rests on: each with its name.
    package var circumstances: [(name: String, text: String)] {
        let seen = confirmation.age(at: evidence.ticks).map { "\(($0 * 10).rounded() / 10) s" } ?? "no time"
        return [
            (
                "policy",
                "mode \(policy.mode.rawValue), fencing \(policy.fencing.rawValue); a loss must last "
                    + "\(Quantity.seconds(policy.confirmFor)), it was seen for \(seen)"
            ),
            (
                "voters",
                "\(quorum.voters.joined(separator: ", ")), \(quorum.majority) needed; locked: \(Self.list(quorum.locked))"
            ),
            ("recorded before", Self.list(decisions.map { "\($0.voter) has \($0.nominee) (run \($0.run))" })),
            ("fencing", fencing.rawValue),
        ] + evidence.standbys.map { ($0.name, $0.text) }
    }

    private static func list(_ items: [String]) -> String { items.isEmpty ? "none" : items.joined(separator: ", ") }
}

extension StandbyEvidence {
    /// What was known of it, without its name.
    fileprivate var text: String {
        if let silence { return "no answer, \(silence)" }
        let timeline = timeline.map { "timeline \($0)" } ?? "timeline unknown"
        return "priority \(priority), \(timeline), its WAL ends at "
            + (endOfWAL?.description ?? "a place that isn't known")
    }
}

extension Ruling {
    /// What is done about a primary, a line each.
    package func conclusion(on primary: String) -> [String] {
        switch self {
        case .stay: ["Nothing to do."]
        case .wait(let seconds): ["It must be so for another \(Quantity.seconds(seconds))."]
        case .alreadyDone(let run): ["Done already, by run \(run)."]
        case .restart: ["\(primary) is started again first."]
        case .refuse(let refusals): ["Refused:"] + refusals.flatMap(\.lines)
        case .failOver(let promotion): promotion.lines
        }
    }
}

extension Ruling.Promotion {
    fileprivate var lines: [String] {
        var lines = ["\(election.nominee) is promoted out of timeline \(timeline)."]
        if let source = election.source { lines.append("It fetches first what only \(source) has.") }
        lines.append(loss.text)
        lines += election.passedOver.flatMap(\.lines)
        return lines
    }
}

extension Refusal {
    fileprivate var lines: [String] {
        let node = node.map { "\($0): " } ?? ""
        return ["  \(node)\(evidence) (\(rule.rawValue))"] + (hint.map { ["    HINT: \($0)"] } ?? [])
    }
}
