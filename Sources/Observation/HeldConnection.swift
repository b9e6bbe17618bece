internal import Postgres
internal import Synchronization

/// A place for one connection between two rounds.
///
/// Whoever takes it out is its only owner until it is put back, so that two statements never meet on it.
final class HeldConnection: Sendable {
    private let connection = Mutex<Connection?>(nil)

    /// Takes the connection out; nil when there is none, or somebody else has it.
    func take() -> Connection? {
        connection.withLock { held in
            let taken = held.take()
            return taken
        }
    }

    /// Puts a connection in for the next round.
    func put(_ new: consuming Connection) {
        var new: Connection? = consume new
        connection.withLock { held in held = new.take() }
    }
}
