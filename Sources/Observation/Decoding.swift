internal import Essentials
#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
internal import Postgres
package import Replication

extension NodeSnapshot {
    /// Decodes the answer to `sql/observe.sql`.
    init(row: Row) throws(PostgresError) {
        guard let document = try row.text("document") else {
            throw .failure(Failure(.unexpectedAnswer, "the server's answer is empty"))
        }
        do {
            self = try JSONDecoder().decode(NodeSnapshot.self, from: Data(document.utf8))
        } catch {
            throw .failure(
                Failure(.unexpectedAnswer, "the server's answer is not of the expected form", detail: "\(error)"))
        }
    }
}

extension NodeSilence {
    /// The silence behind an error; a statement that the server refused, or an answer of another form, counts as
    /// silence too, since nothing about replication was learned.
    /// - Parameter postmasterAlive: whether it let us in before it fell silent.
    init(_ error: PostgresError, postmasterAlive: Bool) {
        switch error {
        case .silence(let silence):
            // A session that the server ended may be the last thing it did.
            let isAlive = silence.isAnswer || (postmasterAlive && silence.reason == .queryTimeout)
            self.init(reason: silence.reason.rawValue, detail: silence.detail, postmasterAlive: isAlive)
        case .server(let server):
            let isTimeout = server.sqlstate == "57014"
            self.init(
                reason: isTimeout ? Silence.Reason.queryTimeout.rawValue : "statement_refused",
                detail: "\(server.message) (SQLSTATE \(server.sqlstate))", postmasterAlive: true)
        case .failure(let failure):
            let detail = [failure.message, failure.detail].compactMap(\.self).joined(separator: ": ")
            self.init(reason: failure.code.rawValue, detail: detail, postmasterAlive: false)
        }
    }

    init(_ reason: Silence.Reason, _ detail: String) {
        self.init(reason: reason.rawValue, detail: detail, postmasterAlive: false)
    }
}

extension Moment {
    /// This machine's clock.
    package static var wallClock: Moment { Moment(rawValue: Date().timeIntervalSince1970) }

    /// A clock that starts as this machine's and never jumps, whatever is done to that: only its differences count.
    package static var now: Moment { start.wall + start.steady.duration(to: .now).seconds }

    private static let start = (wall: Moment.wallClock, steady: ContinuousClock.now)
}
