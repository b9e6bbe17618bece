/// How long a loss has been seen without a break.
///
/// A postmaster that is starting up interrupts a loss but doesn't end it: one that crashes again each time it starts
/// serves nobody either. Only a primary that serves does, or views that don't suffice to tell.
package struct Confirmation: Sendable, Equatable, Codable {
    /// When the loss was first seen, as `Evidence.ticks`; nil: there is none.
    package private(set) var since: Double?

    /// Nothing seen yet.
    package init() {}

    /// Takes up what a look found.
    package mutating func note(_ condition: PrimaryCondition, at ticks: Double) {
        if condition.isLost {
            since = since ?? ticks
        } else if condition != .startingUp, condition != .shuttingDown {
            since = nil
        }
    }

    /// How long, in seconds, the loss has been seen at a moment; nil: there is none.
    package func age(at ticks: Double) -> Double? { since.map { max(0, ticks - $0) } }
}
