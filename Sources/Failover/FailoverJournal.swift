package import Audit
package import Essentials

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What is written to the audit log about decisions, before anything is done about them.
struct FailoverJournal: Sendable {
    let directory: String
    let actor: Actor

    /// Writes down a situation and what is done about it.
    /// - Throws: `audit` when it can't be put on the disk: then nothing may be done.
    func record(_ situation: Situation, _ verdict: Ruling, as id: String) throws(Failure) {
        let log = try AuditLog.open(directory, actor: actor)
        try log.append(AuditEntry(situation, verdict, as: id))
    }
}

extension AuditEntry {
    /// What tells of a decision, with all that is needed to make it again.
    package init(_ situation: Situation, _ verdict: Ruling, as id: String) {
        self.init(
            verdict.event.rawValue, cluster: situation.evidence.cluster, run: id, node: situation.evidence.primary,
            details: [
                "condition": .text(situation.evidence.diagnose().condition.rawValue),
                "verdict": AuditValue(encoding: verdict), "situation": AuditValue(encoding: situation),
            ])
    }
}

/// The events that decisions write to the audit log.
package enum FailoverEvent: String, Sendable, CaseIterable {
    /// A failover begins; the run's own events follow.
    case decided = "failover.decided"
    /// The lost primary's server is started again first.
    case restarting = "failover.restarting"
    /// It would have been done, but the policy only observes.
    case observed = "failover.observed"
    /// It is not done, since rules forbid it.
    case refused = "failover.refused"
    /// There is nothing to be done.
    case unneeded = "failover.unneeded"
}

extension Ruling {
    /// The event that tells of it.
    package var event: FailoverEvent {
        switch self {
        case .failOver: .decided
        case .restart: .restarting
        case .refuse(let refusals): refusals.map(\.rule) == [.modeObserve] ? .observed : .refused
        case .stay, .wait, .alreadyDone: .unneeded
        }
    }
}

/// A decision as the audit log tells of it.
package struct RecordedDecision: Sendable, Equatable {
    /// What identifies it, and the run that carried it out.
    package var id: String
    /// When it was made, RFC 3339.
    package var at: String
    /// Who made it, as the log names actors.
    package var actor: String
    /// What was done about it.
    package var event: FailoverEvent
    /// All that it rested on.
    package var situation: Situation
    /// What was decided.
    package var verdict: Ruling

    /// The decision that an event tells of; nil when it tells of none that this version understands.
    package init?(_ event: AuditEvent) {
        guard let kind = FailoverEvent(rawValue: event.event), let id = event.run,
            let situation = event.details["situation"]?.decoded(as: Situation.self),
            let verdict = event.details["verdict"]?.decoded(as: Ruling.self)
        else { return nil }
        self.id = id
        at = event.at
        actor = event.actor
        self.event = kind
        self.situation = situation
        self.verdict = verdict
    }

    /// Whether the same situation leads to the same verdict today.
    package var isReproduced: Bool { situation.decide() == verdict }

    /// All decisions of a cluster that a log tells of, the oldest first.
    package static func all(in directory: String, cluster: String) throws(Failure) -> [RecordedDecision] {
        guard AuditLog.exists(directory) else { return [] }
        var decisions: [RecordedDecision] = []
        var reader = try AuditReader(directory)
        while let line = try reader.next() {
            guard line.text.contains("\"event\":\"failover."), let event = line.event, event.cluster == cluster,
                let decision = RecordedDecision(event)
            else { continue }
            decisions.append(decision)
        }
        return decisions
    }
}

extension AuditValue {
    /// A value as JSON has it; null where it can't be encoded.
    fileprivate init(encoding value: some Encodable) {
        self = (try? JSONDecoder().decode(AuditValue.self, from: JSONEncoder().encode(value))) ?? .null
    }

    /// The value that it encodes; nil when it is another one.
    fileprivate func decoded<Value: Decodable>(as type: Value.Type) -> Value? {
        (try? JSONEncoder().encode(self)).flatMap { try? JSONDecoder().decode(type, from: $0) }
    }
}
