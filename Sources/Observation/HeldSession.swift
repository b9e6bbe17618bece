internal import Essentials
internal import Postgres
internal import Replication
internal import SQLFiles
internal import Synchronization

/// A connection to a node, and whether the server has the question planned already.
struct ObservingSession: ~Copyable {
    var connection: Connection
    private var looks = 0

    init(_ connection: consuming Connection) { self.connection = connection }

    /// Asks the question of `observe.sql`.
    ///
    /// From the second look on the server has it planned: planning is half of what a look costs it.
    mutating func look(until deadline: Deadline) async throws(PostgresError) -> NodeAnswer {
        looks += 1
        if looks == 2 { try await connection.prepare(SQLFile.observe, as: Self.statement, until: deadline) }
        let asked = Moment.now
        let result =
            looks == 1
            ? try await connection.query(SQLFile.observe, until: deadline)
            : try await connection.execute(Self.statement, until: deadline)
        let timing = Timing(asked: asked, answered: .now)
        return .answered(try NodeSnapshot(row: result.onlyRow()), timing)
    }

    private static let statement = "observe"
}

/// A place for one session between two rounds.
///
/// Whoever takes it out is its only owner until it is put back, so that two statements never meet on it.
final class HeldSession: Sendable {
    private let held = Mutex<ObservingSession?>(nil)
    private let isReserved = Mutex(false)

    /// Waits until nobody else works with the session, for as long as the deadline at most, and keeps others from it
    /// until `release`: a second session costs a login.
    /// - Returns: whether it is reserved now.
    func reserve(until deadline: Deadline) async -> Bool {
        var pause = Duration.microseconds(500)
        while true {
            let isOurs = isReserved.withLock { isReserved in
                defer { isReserved = true }
                return !isReserved
            }
            if isOurs { return true }
            guard !deadline.hasPassed,
                await ReadinessLoop.shared.sleep(until: min(deadline, .after(pause))) != .cancelled
            else { return false }
            pause = min(pause * 2, .milliseconds(20))
        }
    }

    /// Lets others have it again.
    func release() { isReserved.withLock { $0 = false } }

    /// Takes the session out; nil when there is none that can be used, or somebody else has it.
    func take() -> ObservingSession? {
        guard let session = held.withLock({ $0.take() }), session.connection.isUsable else { return nil }
        return session
    }

    /// Puts a session in for the next round.
    func put(_ new: consuming ObservingSession) {
        var new: ObservingSession? = consume new
        held.withLock { $0 = new.take() }
    }
}
