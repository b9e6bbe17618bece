/// What is the matter with the primary.
package enum PrimaryCondition: String, Sendable, Codable, CaseIterable {
    /// It answers and takes writes.
    case alive
    /// It takes writes, and no standby receives from it.
    case replicationBroken = "replication_broken"
    /// It answers as a standby: there is no primary, or it is another node.
    case notPrimary = "not_primary"
    /// Its postmaster answers, and lets this observer not in.
    case refusesUs = "refuses_us"
    /// Its postmaster has no connection left.
    case overloaded
    /// Its postmaster is starting up, or recovering from a crash.
    case startingUp = "starting_up"
    /// Its postmaster is shutting down.
    case shuttingDown = "shutting_down"
    /// This observer can't reach it, and another vantage point sees it alive.
    case unreachableFromUs = "unreachable_from_us"
    /// Its port takes connections, and it answers nobody.
    case hung
    /// Its host answers, and no PostgreSQL there.
    case postgresDown = "postgres_down"
    /// Its host answers nobody.
    case hostUnreachable = "host_unreachable"
    /// Too few vantage points could look to tell its death from a cut between it and this observer.
    case notTold = "not_told"

    /// Whether the primary serves nobody, by the word of more than this observer.
    package var isLost: Bool { self == .hung || self == .postgresDown || self == .hostUnreachable }
}

/// The condition of the primary, and what shows it.
package struct PrimaryDiagnosis: Sendable, Equatable, Codable {
    /// The condition.
    package var condition: PrimaryCondition
    /// What shows it, a sentence each.
    package var evidence: [String]
}

extension Evidence {
    /// What is the matter with the primary.
    ///
    /// One vantage point that sees it alive outweighs all others: a false alarm costs nothing, a second primary loses
    /// data. Without such a veto it is lost when more than half of the vantage points that could look see it serve
    /// nobody, and one of them is not this observer: a host that itself says that no postmaster runs counts as one.
    package func diagnose() -> PrimaryDiagnosis {
        let told = views.filter { $0.sight != .blind }.map(\.sentence)
        if let life = proofOfLife { return PrimaryDiagnosis(condition: life, evidence: told) }
        let looking = views.filter { $0.sight != .blind }
        let losses = looking.filter(\.sight.isLoss)
        let others = losses.contains { $0.vantage != .observer } || host == .stopped
        guard others, losses.count * 2 > looking.count else {
            let blind = views.filter { $0.sight == .blind }.map(\.sentence)
            return PrimaryDiagnosis(condition: .notTold, evidence: told + blind)
        }
        return PrimaryDiagnosis(condition: kindOfLoss(losses), evidence: told + [host.sentence])
    }

    /// What a living postmaster comes to; nil when nobody sees one.
    private var proofOfLife: PrimaryCondition? {
        let alive = views.filter(\.sight.provesLife)
        guard let own = alive.first(where: { $0.vantage == .observer })?.sight else {
            return alive.isEmpty ? nil : .unreachableFromUs
        }
        switch own {
        case .writable:
            let receivers = standbys.filter { $0.silence == nil && $0.inRecovery == true }
            return receivers.isEmpty || receivers.contains(where: \.isReceiving) ? .alive : .replicationBroken
        case .inRecovery: return .notPrimary
        case .full: return .overloaded
        case .startingUp: return .startingUp
        case .shuttingDown: return .shuttingDown
        default: return .refusesUs
        }
    }

    private func kindOfLoss(_ losses: [View]) -> PrimaryCondition {
        if host == .stopped { return .postgresDown }
        // A port that still takes connections belongs to a process that hangs, whatever its host says.
        if losses.contains(where: { $0.sight == .hung }) { return .hung }
        if host == .running { return .hung }
        if losses.contains(where: { $0.sight == .refused }) || host == .answers { return .postgresDown }
        return .hostUnreachable
    }
}

extension View {
    /// The view as a sentence.
    package var sentence: String {
        let from = vantage == .observer ? "this observer" : "\(vantage.kind.rawValue) \(vantage.name)"
        let seen =
            switch sight {
            case .writable: "it takes writes"
            case .inRecovery: "it is a standby"
            case .sending: "its WAL still arrives"
            case .answering: "its postmaster answers"
            case .full: "it has no connection left"
            case .startingUp: "it is starting up"
            case .shuttingDown: "it is shutting down"
            case .hung: "its port takes connections and nothing answers"
            case .refused: "nobody listens on its port"
            case .unreachable: "nothing answers"
            case .blind: "could not look"
            }
        return "\(from): \(seen)" + (detail.isEmpty ? "" : " (\(detail))")
    }
}

extension HostSight {
    /// What the host says, as a sentence.
    package var sentence: String {
        switch self {
        case .stopped: "its host: no postmaster runs"
        case .running: "its host: a postmaster runs"
        case .answers: "its host: answers, and can't tell of the server"
        case .silent: "its host: gives no answer"
        case .notAsked: "its host: not asked, it has no \"ssh\""
        }
    }
}
