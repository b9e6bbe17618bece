/// What one vantage point sees of the primary, in one look.
package struct View: Sendable, Equatable, Codable {
    /// Where it is seen from.
    package var vantage: Vantage
    /// What is seen.
    package var sight: Sight
    /// The evidence, in words.
    package var detail: String

    /// A view by its parts.
    package init(_ vantage: Vantage, _ sight: Sight, _ detail: String = "") {
        self.vantage = vantage
        self.sight = sight
        self.detail = detail
    }
}

/// A place from which the primary is looked at.
package struct Vantage: Sendable, Hashable, Codable {
    /// What stands there.
    package enum Kind: String, Sendable, Codable {
        /// This process.
        case observer
        /// A standby: its walreceiver, and a TCP connection from its host.
        case standby
        /// A host that is asked by SSH only.
        case witness
    }

    /// What stands there.
    package var kind: Kind
    /// The name of the node or witness; of this process "observer".
    package var name: String

    /// This process.
    package static let observer = Vantage(kind: .observer, name: "observer")
    /// A standby by its name.
    package static func standby(_ name: String) -> Vantage { Vantage(kind: .standby, name: name) }
    /// A witness by its name.
    package static func witness(_ name: String) -> Vantage { Vantage(kind: .witness, name: name) }

    private init(kind: Kind, name: String) {
        self.kind = kind
        self.name = name
    }
}

/// What a vantage point sees of the primary.
package enum Sight: String, Sendable, Codable, CaseIterable {
    /// It answers, as a primary.
    case writable
    /// It answers, as a standby.
    case inRecovery = "in_recovery"
    /// A walreceiver has had a message from it since the observer last heard it, and since the look before.
    case sending
    /// A postmaster answers, be it with a refusal (SQLSTATE class 28, no such database, the answer to an SSLRequest).
    case answering
    /// A postmaster answers that it has no connection left (SQLSTATE 53300).
    case full
    /// A postmaster answers that it is starting up or recovering (SQLSTATE 57P03).
    case startingUp = "starting_up"
    /// A postmaster answers that it is shutting down (SQLSTATE 57P03).
    case shuttingDown = "shutting_down"
    /// The port takes TCP connections and nothing answers on them.
    case hung
    /// The host answers that nobody listens on the port.
    case refused
    /// Nothing answers at all.
    case unreachable
    /// The vantage point could not look.
    case blind

    /// Whether this proves that a postmaster is alive.
    package var provesLife: Bool {
        switch self {
        case .writable, .inRecovery, .sending, .answering, .full, .startingUp, .shuttingDown: true
        case .hung, .refused, .unreachable, .blind: false
        }
    }

    /// Whether the primary serves nobody, as far as can be seen from here.
    package var isLoss: Bool { !provesLife && self != .blind }
}
