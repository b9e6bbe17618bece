package import Configuration
package import Essentials
internal import Postgres
package import Replication
internal import SQLFiles
internal import Synchronization

/// Asks all nodes of a cluster at once, over connections that it keeps for the next round.
///
/// A round takes as long as the slowest node that answers, and never longer than its deadline: one that is dead or
/// hangs costs the deadline once, however many there are.
package final class ClusterObserver: Sendable {
    private let cluster: ClusterConfiguration
    private let sessions: [HeldSession]
    /// What the nodes said in the last round.
    private let last = Mutex<[ObservedNode]>([])
    private let vigils = Mutex<[String: Vigil]>([:])

    /// An observer without connections yet.
    package init(_ cluster: ClusterConfiguration) {
        self.cluster = cluster
        sessions = cluster.nodes.map { _ in HeldSession() }
    }

    /// Waits until the connection to a node ends, at the longest until the deadline.
    package func waitForEnd(of name: String, until deadline: Deadline) async {
        guard let index = cluster.nodes.firstIndex(where: { $0.name == name }), var session = sessions[index].take()
        else {
            _ = await ReadinessLoop.shared.sleep(until: deadline)
            return
        }
        await session.connection.waitForEnd(until: deadline)
        sessions[index].put(session)
    }

    /// Has nodes that gave no answer in the last round asked in the background, instead of those that were: rounds no
    /// longer wait for them, and take what they said last.
    package func keepVigil(over names: Set<String>) {
        let known = last.withLock { $0 }
        let vigils = cluster.nodes.filter { names.contains($0.name) }.map { node in
            let answer = known.first { $0.name == node.name } ?? Self.unasked(node)
            return (node.name, Vigil(node, known: answer, timeout: cluster.timeout))
        }
        self.vigils.withLock { $0 = Dictionary(uniqueKeysWithValues: vigils) }
    }

    /// What a node said last that is asked in the background; nil: it isn't.
    package func lastAnswer(of name: String) -> ObservedNode? { vigils.withLock { $0[name] }?.answer }

    /// Why a node that is asked in the background gave no answer last; nil: it did, or it isn't asked so.
    ///
    /// What one that answers again says of itself is asked anew: its server may have been stopped since.
    package func lastSilence(of name: String) -> NodeSilence? { lastAnswer(of: name)?.silence }

    /// One round of answers; nodes that don't answer are in it with their reason.
    /// - Parameter known: a round just before, of which silent nodes are not asked again; nil: all nodes are asked.
    package func round(until deadline: Deadline, after known: ClusterSnapshot? = nil) async -> ClusterSnapshot {
        let began = ContinuousClock.now
        var nodes = await withTaskGroup(of: (Int, ObservedNode).self) { group in
            for (index, node) in cluster.nodes.enumerated() {
                if let answer = known?.node(node.name), answer.snapshot == nil {
                    group.addTask { (index, answer) }
                    continue
                }
                let held = sessions[index]
                group.addTask {
                    if let answer = self.lastAnswer(of: node.name), answer.snapshot == nil { return (index, answer) }
                    return (index, await Self.ask(node, over: held, until: deadline))
                }
            }
            var nodes = [ObservedNode?](repeating: nil, count: cluster.nodes.count)
            for await (index, node) in group { nodes[index] = node }
            return nodes.compactMap(\.self)
        }
        let timelines = Set(nodes.compactMap { $0.snapshot?.currentTimeline })
        let primaries = nodes.count { $0.snapshot?.inRecovery == false }
        if timelines.count > 1 || primaries > 1 { await addHistories(to: &nodes, until: deadline) }
        last.withLock { [nodes] in $0 = nodes }
        let took = began.duration(to: .now).seconds
        return ClusterSnapshot(name: cluster.name, at: .wallClock, took: took, nodes: nodes)
    }

    /// Reads the timeline history files where that is allowed.
    ///
    /// Only they tell a standby that is behind from one that has diverged. What can't be read stays empty, and
    /// `assess` says that it could not be told.
    private func addHistories(to nodes: inout [ObservedNode], until deadline: Deadline) async {
        await withTaskGroup(of: (Int, [TimelineHistory]).self) { group in
            for (index, node) in nodes.enumerated() where node.snapshot?.canReadHistory == true {
                let held = sessions[index]
                group.addTask { (index, await Self.histories(over: held, until: deadline)) }
            }
            for await (index, histories) in group { nodes[index].histories = histories }
        }
    }

    /// The place of a node's connection.
    func session(of name: String) -> HeldSession? {
        cluster.nodes.firstIndex { $0.name == name }.map { sessions[$0] }
    }

    /// Asks one node; it is left silent in the answer when it doesn't say anything that can be used.
    static func ask(
        _ node: NodeConfiguration, over held: HeldSession, until deadline: Deadline
    ) async -> ObservedNode {
        var observed = unasked(node)
        let isReserved = await held.reserve(until: deadline)
        defer { if isReserved { held.release() } }
        if var session = held.take() {
            observed.note(session.connection.serverAddress)
            do {
                observed.answer = try await session.look(until: deadline)
                held.put(session)
                return observed
            } catch {
                observed.answer = .silent(NodeSilence(error, postmasterAlive: false))
                // That a session was ended since the last round says nothing of how the server is now.
                if deadline.hasPassed || Task.isCancelled { return observed }
            }
        }
        var isLetIn = false
        do {
            let settings = SessionSettings(access: .readOnly, statementTimeout: deadline.remaining)
            let connection = try await Connection.open(node.connection, settings, until: deadline)
            isLetIn = true
            observed.note(connection.serverAddress)
            var session = ObservingSession(connection)
            observed.answer = try await session.look(until: deadline)
            held.put(session)
        } catch {
            observed.answer = .silent(NodeSilence(error, postmasterAlive: isLetIn))
        }
        return observed
    }

    private static func histories(over held: HeldSession, until deadline: Deadline) async -> [TimelineHistory] {
        let isReserved = await held.reserve(until: deadline)
        defer { if isReserved { held.release() } }
        guard var session = held.take() else { return [] }
        do {
            let result = try await session.connection.query(SQLFile.timelineHistory, until: deadline)
            held.put(session)
            return try result.rows.compactMap { row throws(PostgresError) in
                guard let number = try row.integer("timeline"), let timeline = UInt32(exactly: number),
                    let content = try row.text("content")
                else { return nil }
                return try? TimelineHistory(parsing: content, of: Timeline(rawValue: timeline))
            }
        } catch {
            return []
        }
    }

    private static func unasked(_ node: NodeConfiguration) -> ObservedNode {
        var observed = ObservedNode(
            name: node.name, kind: node.kind, answer: .silent(NodeSilence(.other, "not asked")),
            priority: node.priority, applicationName: node.applicationName, expectedUpstream: node.upstream,
            addresses: addresses(of: node.connection))
        observed.ports = Set((node.connection.value(of: "port") ?? "").split(separator: ",").compactMap { Int($0) })
        return observed
    }

    private static func addresses(of connection: ConnectionString) -> Set<String> {
        let lists = [connection.value(of: "host"), connection.value(of: "hostaddr")]
        return Set(lists.compactMap(\.self).flatMap { $0.split(separator: ",").map(String.init) })
    }
}

extension ObservedNode {
    fileprivate mutating func note(_ serverAddress: String?) {
        self.serverAddress = serverAddress
        if let serverAddress { addresses.insert(serverAddress) }
    }
}
