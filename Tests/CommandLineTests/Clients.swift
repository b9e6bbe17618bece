import Essentials
import Lab
import Postgres
import Synchronization
import Testing

/// Clients that try to commit on every node all the time, whatever it says of itself: two nodes that take writes at
/// the same time don't escape them.
struct Clients: Sendable {
    private let servers: [(name: String, connection: String)]

    init(_ lab: Lab) { servers = lab.nodes.map { ($0.name, $0.connectionString(as: .superuser)) } }

    /// Makes the table that they write to.
    static let table = "CREATE TABLE IF NOT EXISTS public.client (number bigint PRIMARY KEY)"

    /// What a node has of what clients wrote.
    static func numbers(on node: LabNode, from least: Int = 0) async throws -> Set<Int> {
        let rows = try await node.psql("SELECT number FROM public.client WHERE number >= \(least)")
        return Set(rows.split(separator: "\n").compactMap { Int($0) })
    }

    /// A commit that was acknowledged.
    struct Commit: Sendable {
        var number: Int
        var node: String
        /// Since the clients began.
        var acknowledged: Duration
    }

    /// What they saw.
    struct Record: Sendable {
        /// In the order of their acknowledgement.
        var commits: [Commit] = []
        /// What was sent to a node and neither acknowledged nor refused: whether it was committed, the clients can't tell.
        var unanswered: [String: Set<Int>] = [:]

        /// The nodes that acknowledged commits, one after the other; a node that comes twice took writes while another
        /// one did, or got the role back.
        var primaries: [String] {
            commits.reduce(into: []) { list, commit in if list.last != commit.node { list.append(commit.node) } }
        }

        /// The longest time without an acknowledgement.
        var longestGap: Duration {
            zip(commits, commits.dropFirst()).map { $1.acknowledged - $0.acknowledged }.max() ?? .zero
        }

        /// The acknowledged commits that a node doesn't have, but for so many that were acknowledged first.
        func lost(on node: LabNode, after first: Int = 0) async throws -> [Commit] {
            let kept = try await Clients.numbers(on: node, from: commits.dropFirst(first).map(\.number).min() ?? 0)
            return commits.dropFirst(first).filter { !kept.contains($0.number) }
        }
    }

    /// Writes while `body` runs, and until a commit is acknowledged after it.
    /// - Parameter last: the node that is to acknowledge it; nil: any.
    func during<Result>(
        until last: String? = nil, isolation: isolated (any Actor)? = #isolation, _ body: (Log) async throws -> Result
    ) async throws -> (Result, Record) {
        let log = Log()
        let result = try await withThrowingTaskGroup(of: Void.self) { group in
            for (name, connection) in servers {
                let connection = try ConnectionString(connection)
                group.addTask { await Self.write(on: name, connection, log) }
            }
            defer { group.cancelAll() }
            try await log.awaitCommit(on: nil)
            let result = try await body(log)
            try await log.awaitCommit(on: last)
            return result
        }
        return (result, log.record)
    }

    /// The nodes that take a write now.
    func writable() async -> [String] {
        let log = Log()
        await withTaskGroup(of: Void.self) { group in
            for (name, connection) in servers {
                guard let connection = try? ConnectionString(connection) else { continue }
                group.addTask { await Self.write(on: name, connection, log, attempts: 1) }
            }
        }
        let names = Set(log.record.commits.map(\.node))
        return servers.map(\.name).filter(names.contains)
    }

    private static func write(on node: String, _ server: ConnectionString, _ log: Log, attempts: Int? = nil) async {
        var settings = SessionSettings(access: .readWrite, statementTimeout: patience, applicationName: "client")
        settings.durability = .asConfigured
        var left = attempts ?? .max
        while !Task.isCancelled, left > 0 {
            do throws(PostgresError) {
                var session = try await Connection.open(server, settings, until: .after(patience))
                while !Task.isCancelled, left > 0 {
                    left -= 1
                    let number = log.nextNumber()
                    do throws(PostgresError) {
                        _ = try await session.query(
                            "INSERT INTO public.client VALUES ($1)", ["\(number)"], until: .after(patience))
                        log.acknowledged(number, by: node)
                    } catch {
                        // A standby's refusal; it may be a primary the next time.
                        guard case .server(let refusal) = error, refusal.sqlstate == "25006" else {
                            log.unanswered(number, by: node)
                            throw error
                        }
                    }
                    await pause(.milliseconds(20))
                }
            } catch {
                left -= 1
                await pause(.milliseconds(50))
            }
        }
    }

    private static let patience = Duration.seconds(2)

    /// What they share.
    final class Log: Sendable {
        private let start = ContinuousClock.now
        private let state = Mutex((record: Record(), number: Int.random(in: 1...1_000_000_000) * 1_000_000))

        /// What happened up to now.
        var record: Record { state.withLock { $0.record } }

        fileprivate func nextNumber() -> Int {
            state.withLock { state in
                state.number += 1
                return state.number
            }
        }

        fileprivate func acknowledged(_ number: Int, by node: String) {
            let now = start.duration(to: .now)
            state.withLock { $0.record.commits.append(Commit(number: number, node: node, acknowledged: now)) }
        }

        fileprivate func unanswered(_ number: Int, by node: String) {
            state.withLock { _ = $0.record.unanswered[node, default: []].insert(number) }
        }

        /// Waits for a commit from now on; nil: on any node.
        func awaitCommit(on node: String?, within limit: Duration = .seconds(30)) async throws {
            let now = start.duration(to: .now)
            let deadline = Deadline.after(limit)
            while record.commits.last(where: { node == nil || $0.node == node })?.acknowledged ?? .zero <= now {
                try #require(!deadline.hasPassed, "no commit on \(node ?? "any node")")
                await pause(.milliseconds(10))
            }
        }
    }
}
