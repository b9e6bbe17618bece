internal import Essentials
internal import Postgres
internal import Replication

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What one node says of the control state.
enum ControlAnswer: Sendable, Equatable {
    /// What it knows.
    case told(ControlDocument)
    /// That the tables, or some of them, are not there.
    case noSchema(isPrimary: Bool)
    /// Nothing, for this reason.
    case silent(String)
}

/// The answer to `sql/control_read.sql`.
struct ControlDocument: Sendable, Equatable, Decodable {
    /// The server's own clock.
    var at: Moment
    var inRecovery: Bool
    var systemIdentifier: SystemIdentifier
    /// The timeline that its WAL is of; nil when it can't be told.
    var timeline: Timeline?
    /// What it has written, or replayed; nil: nothing yet.
    var lsn: LSN?
    var pause: ControlReading.Pause?
    var failovers: [Failover] = []

    /// A failover as the server tells it.
    struct Failover: Sendable, Equatable, Decodable {
        var at: Moment
        var primary: String
        var timeline: Timeline
        var run: String
        var triggerID: String?
        var automatic: Bool

        private enum CodingKeys: String, CodingKey {
            case at, primary, timeline, run, automatic
            case triggerID = "trigger_id"
        }

        /// The same for a decision.
        var past: ControlState.PastFailover {
            ControlState.PastFailover(
                at: at, primary: primary, timeline: timeline, run: run, triggerID: triggerID, isAutomatic: automatic)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case at, timeline, lsn, pause, failovers
        case inRecovery = "in_recovery"
        case systemIdentifier = "system_identifier"
    }
}

extension ControlDocument {
    init(row: Row) throws(PostgresError) {
        guard let document = try row.text("document") else {
            throw .failure(Failure(.unexpectedAnswer, "the server's answer is empty"))
        }
        do { self = try JSONDecoder().decode(ControlDocument.self, from: Data(document.utf8)) } catch {
            throw .failure(
                Failure(.unexpectedAnswer, "the control state is not of the expected form", detail: "\(error)"))
        }
    }
}
