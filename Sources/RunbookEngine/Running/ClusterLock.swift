internal import Configuration
internal import Essentials
internal import Postgres

/// Keeps other processes, wherever they run, from running a runbook on the same cluster.
///
/// It is a session-level advisory lock on each node that answers, and ends with the process, whatever ends that. Two
/// processes exclude each other as long as one node answers both, and both connect to the same database of it. That
/// gives order, not safety: a process may be frozen and wake up, so each step proves anew what it relies on.
struct ClusterLock: Sendable {
    private let sessions: [SessionPlace]

    /// `pg_advisory_lock`'s keys: "pgdr" in ASCII, and runs.
    private static let keys = ["1885824114", "1"]

    /// Takes the lock of each node that answers in time.
    /// - Throws: `refused` when another session has that of a node.
    static func take(_ cluster: ClusterConfiguration, until deadline: Deadline) async throws(Failure) -> ClusterLock {
        let answers = await withTaskGroup(of: Result<SessionPlace, Failure>?.self) { tasks in
            for node in cluster.nodes {
                tasks.addTask { await lock(node, of: cluster, until: deadline) }
            }
            return await tasks.reduce(into: []) { $0.append($1) }
        }
        var sessions: [SessionPlace] = []
        for answer in answers.compactMap(\.self) { sessions.append(try answer.get()) }
        return ClusterLock(sessions: sessions)
    }

    /// The session that has the lock, or why none can have it; nil of a node that gives no answer.
    private static func lock(
        _ node: NodeConfiguration, of cluster: ClusterConfiguration, until deadline: Deadline
    ) async -> Result<SessionPlace, Failure>? {
        do throws(PostgresError) {
            let settings = SessionSettings(access: .readWrite, statementTimeout: .seconds(60))
            var connection = try await Connection.open(cluster.actingConnection(of: node), settings, until: deadline)
            // Without them the session of a host that lost its power would live on for hours.
            let attempt = try await connection.query(
                """
                SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), \
                set_config('tcp_keepalives_count', '3', false), pg_try_advisory_lock($1, $2) AS taken
                """, keys, until: deadline
            ).onlyRow()
            if try attempt.bool("taken") == true {
                let place = SessionPlace()
                place.put(connection)
                return .success(place)
            }
            let holder = try await connection.query(
                """
                SELECT pid, COALESCE(host(client_addr), 'its own host') AS host, backend_start FROM pg_locks \
                JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted \
                AND classid = $1::bigint::oid AND objid = $2::bigint::oid
                """, keys, until: deadline
            ).rows.first
            return .failure(try taken(node, cluster, holder))
        } catch {
            return nil
        }
    }

    private static func taken(
        _ node: NodeConfiguration, _ cluster: ClusterConfiguration, _ holder: Row?
    ) throws(PostgresError) -> Failure {
        let message = "another process is running a runbook on cluster \"\(cluster.name)\""
        guard let holder, let pid = try holder.text("pid") else {
            // It has ended in this moment.
            return Failure(.refused, message, hint: "Try again.", node: node.name)
        }
        let host = try holder.text("host") ?? "?"
        let since = try holder.text("backend_start") ?? "?"
        return Failure(
            .refused, message, detail: "Its session comes from \(host), since \(since).",
            hint: "See there what it does. Of one that is gone for good: SELECT pg_terminate_backend(\(pid))",
            node: node.name)
    }
}
