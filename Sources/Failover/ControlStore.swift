package import Configuration
package import Essentials
internal import Observation
internal import Postgres
internal import Replication
internal import RunbookEngine
internal import SQLFiles

/// The control state of a cluster, in the cluster itself (`sql/schema.sql`): a pause, and the failovers there were.
///
/// It is replicated by the replication it governs, so every observer sees the same, and it outlives the primary: a pause
/// is in force as long as any node answers that has replayed it. One that was written to a primary that is lost before
/// any standby had received it is lost with it, as any other commit of that moment is; and one that a standby has
/// received is seen only once it has replayed it.
package final class ControlStore: Sendable {
    let cluster: ClusterConfiguration
    private let places: [SessionPlace]

    /// A store without connections yet; those for reading are kept for the next time.
    package init(_ cluster: ClusterConfiguration) {
        self.cluster = cluster
        places = cluster.nodes.map { _ in SessionPlace() }
    }

    /// Asks all nodes at once, standbys too, over the connections that pgdr observes with.
    /// - Parameter left: the nodes that nobody waits for, such as a primary that is lost.
    package func read(except left: Set<String> = [], until deadline: Deadline) async -> ControlReading {
        ControlReading(of: cluster, await answers(except: left, until: deadline), observedAt: .wallClock)
    }

    /// What each node says, by its name.
    func answers(except left: Set<String> = [], until deadline: Deadline) async -> [String: ControlAnswer] {
        await withTaskGroup(of: (String, ControlAnswer).self) { group in
            for (node, place) in zip(cluster.nodes, places) where !left.contains(node.name) {
                group.addTask { (node.name, await self.ask(node, at: place, until: deadline)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func ask(
        _ node: NodeConfiguration, at place: SessionPlace, until deadline: Deadline
    ) async -> ControlAnswer {
        do throws(PostgresError) {
            var connection = try await session(with: node, at: place, until: deadline)
            let answer = try await Self.ask(&connection, until: deadline)
            place.put(connection)
            return answer
        } catch {
            return .silent(error.failure().text)
        }
    }

    private func session(
        with node: NodeConfiguration, at place: SessionPlace, until deadline: Deadline
    ) async throws(PostgresError) -> Connection {
        if let connection = place.take() { return connection }
        let settings = SessionSettings(access: .readOnly, statementTimeout: cluster.timeout)
        return try await Connection.open(node.connection, settings, until: deadline)
    }

    private static func ask(
        _ connection: inout Connection, until deadline: Deadline
    ) async throws(PostgresError) -> ControlAnswer {
        do throws(PostgresError) {
            let row = try await connection.query(SQLFile.controlRead, until: deadline).onlyRow()
            return .told(try ControlDocument(row: row))
        } catch {
            // No such table or schema: both are made by one file.
            guard case .server(let refusal) = error, ["42P01", "3F000"].contains(refusal.sqlstate) else { throw error }
            let row = try await connection.query("SELECT pg_is_in_recovery() AS standby", until: deadline).onlyRow()
            return .noSchema(isPrimary: try row.bool("standby") == false)
        }
    }
}
