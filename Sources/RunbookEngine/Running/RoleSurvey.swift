internal import Configuration
internal import Essentials
internal import Observation
internal import Postgres
internal import Replication

/// Who is a primary, as the nodes themselves say.
package struct RoleSurvey: Sendable, Equatable {
    /// The nodes that are one, in the configuration's order.
    package var primaries: [String]
    /// The nodes that gave no answer.
    package var silent: [String]
    /// Why, by node.
    package var reasons: [String: String]
    /// Those of them that live and have no connection left (SQLSTATE 53300).
    package var full: [String]

    /// A survey by its parts.
    package init(primaries: [String], silent: [String], reasons: [String: String] = [:], full: [String] = []) {
        self.primaries = primaries
        self.silent = silent
        self.reasons = reasons
        self.full = full
    }

    /// As a sentence says it.
    package var text: String {
        let said =
            switch primaries.count {
            case 0: "no node that answers is a primary, nobody can write"
            case 1: "\(primaries[0]) is the primary"
            default: "\(primaries.joined(separator: " and ")) are primaries, both may take writes"
            }
        return silent.isEmpty ? said : "\(said); \(silent.joined(separator: ", ")) did not answer"
    }
}

extension RunSessions {
    /// Asks all nodes at once, over the run's own sessions, since it is asked while clients wait.
    func roleSurvey(until deadline: Deadline) async -> RoleSurvey {
        let answers = await withTaskGroup(of: (String, Role).self) { group in
            for node in cluster.nodes {
                group.addTask {
                    if let silence = self.observer.lastSilence(of: node.name) {
                        return (node.name, Role(silence))
                    }
                    return (node.name, await self.role(of: node.name, until: deadline))
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        var survey = RoleSurvey(primaries: [], silent: [])
        for name in cluster.nodes.map(\.name) {
            switch answers[name] {
            case .primary: survey.primaries.append(name)
            case .standby: continue
            case .silent(let reason, let isFull):
                survey.silent.append(name)
                survey.reasons[name] = reason
                if isFull { survey.full.append(name) }
            case nil: survey.silent.append(name)
            }
        }
        return survey
    }

    private func role(of name: String, until deadline: Deadline) async -> Role {
        do throws(PostgresError) {
            let row = try await query("SELECT pg_is_in_recovery() AS standby", on: name, until: deadline).onlyRow()
            return try row.bool("standby") == false ? .primary : .standby
        } catch {
            let isFull = if case .silence(let silence) = error { silence.reason == .tooManyClients } else { false }
            return .silent(error.failure().text, isFull: isFull)
        }
    }
}

/// What a node says that it is.
private enum Role: Sendable {
    case primary
    case standby
    /// It gave no answer, for that reason.
    case silent(String, isFull: Bool)

    init(_ silence: NodeSilence) {
        self = .silent(silence.detail, isFull: silence.reason == Silence.Reason.tooManyClients.rawValue)
    }
}
