package import Configuration
package import Essentials
package import Hosts
package import Observation
package import Postgres
internal import Replication
package import SSH
internal import Synchronization

/// The sessions of a run: one to each node's PostgreSQL, and one to its host and to each witness, opened once and used
/// again.
package final class RunSessions: Sendable {
    /// The cluster.
    package let cluster: ClusterConfiguration
    /// What depends on it; nil: not said.
    let estate: EstateConfiguration?
    /// What looks at all nodes, over connections of its own that it keeps.
    package let observer: ClusterObserver
    /// Whether clients wait, so that nobody waits for what gave no answer a moment ago.
    private let isHurried = Mutex(false)
    private let places: [String: SessionPlace]
    /// Connections that hold no lock yet, by node: one is there when a lock is wanted in a hurry.
    let spares: [String: SessionPlace]
    let shells: [String: NodeShell]
    private let witnesses: [String: HostShell]
    private let statementTimeout: Duration
    let secrets: Secrets

    /// Sessions that open when they are first used.
    /// - Parameters:
    ///   - estate: what depends on the cluster; nil: not said.
    ///   - statementTimeout: after which the servers themselves end a statement.
    ///   - secrets: where passphrases of keys come from that have no `askpass`.
    package init(
        _ cluster: ClusterConfiguration, estate: EstateConfiguration? = nil, statementTimeout: Duration,
        secrets: Secrets = .none
    ) {
        self.cluster = cluster
        self.estate = estate
        self.secrets = secrets
        self.statementTimeout = statementTimeout
        observer = ClusterObserver(cluster)
        places = Dictionary(uniqueKeysWithValues: cluster.nodes.map { ($0.name, SessionPlace()) })
        spares = Dictionary(uniqueKeysWithValues: cluster.nodes.map { ($0.name, SessionPlace()) })
        shells = Dictionary(
            uniqueKeysWithValues: cluster.nodes.compactMap { node in
                (try? NodeShell(node, secrets: secrets)).map { (node.name, $0) }
            })
        witnesses = Dictionary(
            uniqueKeysWithValues: cluster.witnesses.compactMap { witness in
                (try? HostShell(witness.name, witness.ssh, secrets: secrets)).map { (witness.name, $0) }
            })
    }

    /// The host of a node or witness.
    /// - Throws: why there is no way to it.
    package func host(of name: String) throws(Failure) -> HostShell {
        if let shell = shells[name]?.host ?? witnesses[name] { return shell }
        guard let witness = cluster.witnesses.first(where: { $0.name == name }) else {
            return try NodeShell(cluster.existingNode(named: name)).host
        }
        return try HostShell(witness.name, witness.ssh)
    }

    /// Says which servers gave no answer just now however long they were waited for, until `waitForAll`.
    ///
    /// What is asked of all nodes does not wait for these again, and voters whose hosts could not be reached last time are
    /// waited for only where they are needed.
    package func leaveBehind(_ names: Set<String>) {
        isHurried.withLock { $0 = true }
        observer.keepVigil(over: names)
    }

    /// Has everybody waited for again.
    package func waitForAll() {
        isHurried.withLock { $0 = false }
        observer.keepVigil(over: [])
    }

    /// Of places, those that gave no answer a moment ago, as long as clients wait.
    /// - Parameter byServer: whether of nodes the server counts; otherwise the host.
    func silent(among names: [String], byServer: Bool) -> Set<String> {
        guard isHurried.withLock({ $0 }) else { return [] }
        return Set(
            names.filter { name in
                if byServer, let answer = observer.lastAnswer(of: name) { return answer.snapshot == nil }
                let host = byServer ? witnesses[name] : shells[name]?.host ?? witnesses[name]
                return host?.isSilent ?? false
            })
    }

    /// What all nodes answer now, those that hang for as long as the cluster's timeout.
    func round(until deadline: Deadline) async -> ClusterSnapshot {
        await observer.round(until: min(deadline, .after(cluster.timeout)))
    }

    /// Runs one statement on a node, as the acting role.
    /// - Throws: `PostgresError` as `Connection.query`; `silence` too when the node can't be reached.
    package func query(
        _ statement: String, _ parameters: [String?] = [], on name: String, until deadline: Deadline
    ) async throws(PostgresError) -> QueryResult {
        guard let node = cluster.node(named: name), let place = places[name] else {
            throw .failure(Failure(.configuration, "there is no node \"\(name)\" in cluster \"\(cluster.name)\""))
        }
        if let silence = observer.lastSilence(of: name) {
            throw .failure(Failure(.timeout, "it gave no answer a moment ago", detail: silence.detail, node: name))
        }
        var connection = try await session(of: node, at: place, until: deadline)
        do {
            let result = try await connection.query(statement, parameters, until: deadline)
            place.put(connection)
            return result
        } catch {
            place.put(connection)
            throw error
        }
    }

    /// The session that is held, or a new one: the server may have been restarted since the last statement.
    private func session(
        of node: NodeConfiguration, at place: SessionPlace, until deadline: Deadline
    ) async throws(PostgresError) -> Connection {
        if let connection = place.take() { return connection }
        let settings = SessionSettings(access: .readWrite, statementTimeout: statementTimeout)
        return try await Connection.open(cluster.actingConnection(of: node), settings, until: deadline)
    }
}

/// A place for one connection between two statements; whoever takes it out is its only owner.
package final class SessionPlace: Sendable {
    private let connection = Mutex<Connection?>(nil)

    /// An empty place.
    package init() {}

    /// Takes out the connection; nil when there is none that still stands, or somebody else has it.
    package func take() -> Connection? {
        guard var connection = connection.withLock({ $0.take() }), connection.stillConnected() else { return nil }
        return connection
    }

    /// Puts a connection in for the next statement.
    package func put(_ new: consuming Connection) {
        var new: Connection? = consume new
        connection.withLock { $0 = new.take() }
    }
}
