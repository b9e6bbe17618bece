package import Configuration
package import Essentials
internal import Hosts
internal import Postgres

/// Keeps other processes, wherever they run, from running a runbook or deciding on a failover of the same cluster.
///
/// It is a session-level advisory lock on each node that answers, and a locked file on each witness, and ends with the
/// process, whatever ends that, or when nothing refers to it any more. Two processes exclude each other as long as one
/// node or witness answers both, and both connect to the same database of it. That gives order, not safety: a process
/// may be frozen and wake up, so each step proves anew what it relies on.
///
/// Of any number of processes that try at once one gets through: all try the locks in one order, so the one that has
/// the last lock that anybody has was never refused one.
package final class ClusterLock: Sendable {
    /// The nodes and witnesses whose locks were taken, in the configuration's order.
    package let names: [String]
    /// Why the locks of others could not be tried, by name.
    package let unasked: [String: Failure]
    private let holds: [Hold]

    /// `pg_advisory_lock`'s keys: "pgdr" in ASCII, and runs.
    private static let keys = ["1885824114", "1"]

    /// A lock that was taken.
    private enum Hold: Sendable {
        case session(SessionPlace)
        case process(WitnessLock)
    }

    private init(_ holds: [(name: String, hold: Hold)], unasked: [String: Failure]) {
        names = holds.map(\.name)
        self.holds = holds.map(\.hold)
        self.unasked = unasked
    }

    /// Takes the locks of all nodes and witnesses that answer in time.
    /// - Parameters:
    ///   - left: a node that is left out, such as a primary that is lost.
    ///   - voters: those of whom a majority must be in reach; otherwise nothing is locked: an observer that can't decide
    ///     would keep one that can from it. Once they are, nobody waits for those that were silent a moment ago.
    ///   - patience: how long answers are waited for, first to all connections at once, then to each lock.
    /// - Throws: `busy` when another process has one of the locks; those taken are let go of.
    package static func take(
        _ sessions: RunSessions, except left: String? = nil, voters: Voters? = nil, patience: Duration
    ) async throws(Failure) -> ClusterLock {
        let cluster = sessions.cluster
        let names = cluster.nodes.map(\.name).filter { $0 != left } + cluster.witnesses.map(\.name)
        let soon = Deadline.after(patience)
        let reached = await poll(
            names, silent: sessions.silent(among: names, byServer: true),
            suffices: { voters?.isMajority($0.filter(\.value.isSuccess).keys) ?? false },
            { name in await place(name, sessions, until: soon) })
        if let voters, !voters.isMajority(reached.filter(\.value.isSuccess).keys) {
            return ClusterLock([], unasked: [:])
        }
        var unasked: [String: Failure] = [:]
        var holds: [(name: String, hold: Hold)] = []
        for name in names {
            do throws(Failure) {
                guard let place = try reached[name]?.get() else { continue }
                holds.append((name, try await lock(place, name, of: cluster, until: .after(patience))))
            } catch {
                guard error.code != .busy else { throw error }
                unasked[name] = error
            }
        }
        return ClusterLock(holds, unasked: unasked)
    }

    /// Where a lock can be taken.
    private enum Place: Sendable {
        case session(SessionPlace, NodeConfiguration)
        case host(HostShell, WitnessConfiguration)
    }

    private static func place(
        _ name: String, _ sessions: RunSessions, until deadline: Deadline
    ) async -> Result<Place, Failure> {
        if let node = sessions.cluster.node(named: name) {
            return await opened(node, sessions, until: deadline).map { .session($0, node) }
        }
        return await outcome { () throws(Failure) in
            guard let witness = sessions.cluster.witnesses.first(where: { $0.name == name }) else {
                throw Failure(.configuration, "there is no voter \"\(name)\"")
            }
            let host = try sessions.host(of: name)
            try await host.open(until: deadline)
            return .host(host, witness)
        }
    }

    /// - Throws: `busy` when another process has it, another code when it could not be tried.
    private static func lock(
        _ place: Place, _ name: String, of cluster: ClusterConfiguration, until deadline: Deadline
    ) async throws(Failure) -> Hold {
        switch place {
        case .session(let session, let node):
            try await lock(node, of: cluster, at: session, until: deadline)
            return .session(session)
        case .host(let host, let witness):
            let command = DecisionPlace(witness).lock(cluster.name)
            return .process(try await .take(command, of: cluster.name, on: host, until: deadline))
        }
    }

    /// The nodes and witnesses that still hold the lock for this process, in the configuration's order; those that give
    /// no answer in time don't count.
    package func held(until deadline: Deadline) async -> [String] {
        let stands = await withTaskGroup(of: (Int, Bool).self) { tasks in
            for (index, hold) in holds.enumerated() {
                tasks.addTask { (index, await Self.stands(hold, until: deadline)) }
            }
            return await tasks.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return names.indices.filter { stands[$0] == true }.map { names[$0] }
    }

    private static func stands(_ hold: Hold, until deadline: Deadline) async -> Bool {
        switch hold {
        case .process(let lock): return lock.isHeld
        case .session(let place):
            guard var connection = place.take() else { return false }
            let answer = try? await connection.query("SELECT true AS stands", until: deadline)
            place.put(connection)
            return answer != nil
        }
    }

    // MARK: Connections

    /// As `outcome`.
    @inline(never)
    private static func opened(
        _ node: NodeConfiguration, _ sessions: RunSessions, until deadline: Deadline
    ) async -> Result<SessionPlace, Failure> {
        do throws(PostgresError) { return .success(try await open(node, sessions, until: deadline)) } catch {
            return .failure(error.failure(node: node.name))
        }
    }

    private static func open(
        _ node: NodeConfiguration, _ sessions: RunSessions, until deadline: Deadline
    ) async throws(PostgresError) -> SessionPlace {
        let place = SessionPlace()
        // One that lay idle may have died.
        if var spare = sessions.spares[node.name]?.take(), (try? await settle(&spare, until: deadline)) != nil {
            place.put(spare)
            return place
        }
        let settings = SessionSettings(access: .readWrite, statementTimeout: .seconds(60))
        var connection = try await Connection.open(
            sessions.cluster.actingConnection(of: node), settings, until: deadline)
        try await settle(&connection, until: deadline)
        place.put(connection)
        return place
    }

    /// Without these settings the session of a host that lost its power would live on for hours.
    private static func settle(_ connection: inout Connection, until deadline: Deadline) async throws(PostgresError) {
        _ = try await connection.query(
            """
            SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), \
            set_config('tcp_keepalives_count', '3', false)
            """, until: deadline)
    }

    /// Has connections ready for a lock that will be wanted in a hurry, without taking it; those that are there are
    /// tried.
    package static func prepare(_ sessions: RunSessions, until deadline: Deadline) async {
        await withTaskGroup(of: Void.self) { tasks in
            for node in sessions.cluster.nodes {
                tasks.addTask {
                    let opened = await opened(node, sessions, until: deadline)
                    guard let connection = (try? opened.get())?.take() else { return }
                    sessions.spares[node.name]?.put(connection)
                }
            }
        }
    }

    // MARK: Locks

    /// - Throws: `busy` when another session has it, another code when it could not be tried.
    private static func lock(
        _ node: NodeConfiguration, of cluster: ClusterConfiguration, at place: SessionPlace, until deadline: Deadline
    ) async throws(Failure) {
        guard var connection = place.take() else {
            throw Failure(.connection, "the connection was lost", node: node.name)
        }
        do throws(PostgresError) {
            let attempt = try await connection.query(
                "SELECT pg_try_advisory_lock($1, $2) AS taken", keys, until: deadline
            ).onlyRow()
            if try attempt.bool("taken") == true { return place.put(connection) }
            let holder = try await connection.query(
                """
                SELECT pid, COALESCE(host(client_addr), 'its own host') AS host, backend_start FROM pg_locks \
                JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted \
                AND classid = $1::bigint::oid AND objid = $2::bigint::oid
                """, keys, until: deadline
            ).rows.first
            throw PostgresError.failure(try taken(node, cluster, holder))
        } catch {
            throw error.failure(node: node.name)
        }
    }

    private static func taken(
        _ node: NodeConfiguration, _ cluster: ClusterConfiguration, _ holder: Row?
    ) throws(PostgresError) -> Failure {
        guard let holder, let pid = try holder.text("pid") else {
            // It has ended in this moment.
            return .busy(cluster.name, hint: "Try again.", node: node.name)
        }
        let host = try holder.text("host") ?? "?"
        let since = try holder.text("backend_start") ?? "?"
        return .busy(
            cluster.name, detail: "Its session comes from \(host), since \(since).",
            hint: "See there what it does. Of one that is gone for good: SELECT pg_terminate_backend(\(pid))",
            node: node.name)
    }
}

extension Failure {
    /// Another process has the lock of a cluster.
    static func busy(
        _ cluster: String, detail: String? = nil, hint: String, node: String? = nil
    ) -> Failure {
        Failure(
            .busy, "another process is running a runbook on cluster \"\(cluster)\"", detail: detail, hint: hint,
            node: node)
    }
}

extension Result {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}
