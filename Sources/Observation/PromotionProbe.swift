internal import Configuration
internal import Essentials
internal import Postgres
package import Replication
internal import SQLFiles

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What one standby says of itself as the next primary.
package struct PromotionProbe: Sendable {
    /// What it could trip over; nil when it could not be asked.
    package var facts: PromotionFacts?
    /// What its `pg_hba.conf` says to the others' logins; empty when that could not be asked.
    package var logins: [ReplicationLogin: ReplicationLogin.Answer] = [:]

    /// Why something could not be asked, in the server's or libpq's words; nil when all was answered.
    package var problem: String?

    /// Asks a standby that has just answered a round.
    /// - Parameters:
    ///   - held: where its connection is; it is opened where there is none.
    ///   - version: its `server_version_num`; databases record a collation version from 15 on.
    ///   - logins: the logins to ask it about.
    init(
        _ node: NodeConfiguration, over held: HeldSession, version: Int, about logins: [ReplicationLogin],
        until deadline: Deadline
    ) async {
        let isReserved = await held.reserve(until: deadline)
        defer { if isReserved { held.release() } }
        do {
            var session = try await Self.session(of: node, at: held, until: deadline)
            do throws(PostgresError) {
                facts = try await Self.facts(&session.connection, version, until: deadline)
                for login in logins {
                    self.logins[login] = try await Self.answer(&session.connection, to: login, until: deadline)
                }
            } catch {
                // What is missing is shown as not proven, for this reason.
                problem = NodeSilence(error, postmasterAlive: false).detail
            }
            held.put(session)
        } catch {
            problem = NodeSilence(error, postmasterAlive: false).detail
        }
    }

    private static func session(
        of node: NodeConfiguration, at held: HeldSession, until deadline: Deadline
    ) async throws(PostgresError) -> ObservingSession {
        if let session = held.take() { return session }
        let settings = SessionSettings(access: .readOnly, statementTimeout: deadline.remaining)
        return ObservingSession(try await Connection.open(node.connection, settings, until: deadline))
    }

    private static func facts(
        _ connection: inout Connection, _ version: Int, until deadline: Deadline
    ) async throws(PostgresError) -> PromotionFacts? {
        let row = try await connection.query(SQLFile.validate, until: deadline).onlyRow()
        guard let document = try row.text("document"),
            var facts = try? JSONDecoder().decode(PromotionFacts.self, from: Data(document.utf8))
        else { return nil }
        guard version >= 150_000 else { return facts }
        for row in try await connection.query(SQLFile.databaseCollations, until: deadline).rows {
            facts.collations.append(
                PromotionFacts.Collation(
                    name: "database \(try row.text("name") ?? "?")", recorded: try row.text("recorded"),
                    actual: try row.text("actual")))
        }
        return facts
    }

    private static func answer(
        _ connection: inout Connection, to login: ReplicationLogin, until deadline: Deadline
    ) async throws(PostgresError) -> ReplicationLogin.Answer? {
        let result = try await connection.query(
            SQLFile.replicationAccess, [login.role, login.address], until: deadline)
        guard let row = result.rows.first else { return .noRule }
        guard let file = try row.text("file"), let line = try row.integer("line"), let method = try row.text("method")
        else { return nil }
        return .rule(place: "line \(line) of \(file)", method: method, certain: try row.bool("certain") ?? false)
    }
}
