package import Essentials
package import Postgres

/// A client that commits one small transaction after the other on whichever server takes writes, to measure what a
/// role change does to clients.
///
/// It holds a session on every server. It writes on one of them; when that fails, all the others are asked every few
/// milliseconds whether they have become primary, and the first that has is written to. So a gap in the
/// acknowledgements is the cluster's own, not that of a reconnecting client.
///
/// ```swift
/// let (_, record) = try await WriteProbe(connections: connections).during { try await switchover() }
/// print(record.longestGap, try await record.lost(on: connection, until: deadline))
/// ```
/// The rows go into table `public.pgdr_probe`, which is made if it is missing.
package struct WriteProbe: Sendable {
    /// The servers, one in each.
    package var connections: [ConnectionString]
    /// The time from one transaction's start to the next one's.
    package var interval: Duration
    /// After this time without an answer a server is given up.
    package var statementTimeout: Duration = .seconds(1)

    /// A probe of servers that hold the same data.
    package init(connections: [ConnectionString], interval: Duration = .milliseconds(10)) {
        self.connections = connections
        self.interval = interval
    }

    /// Writes until the task is cancelled, which is the ordinary end, and returns what was seen.
    /// - Throws: when the table can't be made.
    package func run() async throws(Failure) -> WriteRecord {
        let log = try ProbeLog(servers: servers)
        await run(log)
        return try log.record()
    }

    /// Runs `body` while the probe writes: from before its start, until after its end a commit is acknowledged.
    /// - Parameter patience: how long to wait for the first commits, and for one after the end.
    /// - Throws: what `body` throws; `timeout` when no server takes writes before its start, and then it isn't run. When
    ///   none does after its end, the record just ends there.
    package func during<Result>(
        patience: Duration = .seconds(10), isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async throws -> (result: Result, record: WriteRecord) {
        let log = try ProbeLog(servers: servers)
        let result = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await run(log) }
            // Cancels the probe and waits for its end, whichever way this scope is left.
            defer { group.cancelAll() }
            guard await log.awaitCommits(3, sentAfter: .zero, until: .after(patience)) else {
                _ = try log.record()
                throw Failure(
                    Task.isCancelled ? .cancelled : .timeout, "no server took the probe's writes",
                    detail: log.troubles)
            }
            let result = try await body()
            _ = await log.awaitCommits(1, sentAfter: log.elapsed, until: .after(patience))
            return result
        }
        return (result, try log.record())
    }

    private func run(_ log: ProbeLog) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, connection) in connections.enumerated() {
                let server = ProbedServer(probe: self, connection: connection, index: index, log: log)
                group.addTask { await server.run() }
            }
            // The first one to end was cancelled or has given up the probe.
            await group.next()
            group.cancelAll()
        }
    }

    private var servers: [String] {
        connections.map { "\($0.value(of: "host") ?? "localhost"):\($0.value(of: "port") ?? "5432")" }
    }
}
