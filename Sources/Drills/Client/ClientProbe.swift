package import Configuration
internal import Essentials

/// A client as an application is one: it commits over one path, at a set interval, and reads back what it committed.
///
/// What it sees is the judge of a drill: how long it could not commit (RTO), and which acknowledged commits are gone (RPO).
/// A commit that was sent and not acknowledged is neither.
/// ```swift
/// let probe = ClientProbe(cluster, try cluster.clientPath())
/// let (_, measurement) = try await probe.during { _ in try await switchover() }
/// print(measurement.longestOutage, measurement.lost)
/// ```
/// The rows go into table `pgdr.heartbeat` of `sql/schema.sql`, and are removed at the end.
package struct ClientProbe: Sendable {
    /// The cluster, which tells servers apart.
    package var cluster: ClusterConfiguration
    /// The way to it.
    package var path: ClientPath
    /// The time from one commit's start to the next one's.
    package var interval: Duration
    /// How long the first commit is waited for, and one after the end.
    package var patience: Duration = .seconds(20)
    /// How often it is looked how far the standbys are behind; nil: never.
    package var lagInterval: Duration?

    /// What must be before anything begins.
    package enum Start: Sendable {
        /// A commit was acknowledged.
        case committing
        /// The same, unless no server takes writes; then some node must have the table.
        case asItIs
    }

    /// A probe over a path to a cluster.
    package init(_ cluster: ClusterConfiguration, _ path: ClientPath, interval: Duration = .milliseconds(100)) {
        self.cluster = cluster
        self.path = path
        self.interval = interval
    }

    /// A look at a probe that runs.
    package struct Sight: Sendable {
        fileprivate let log: ClientLog
        fileprivate let probe: ClientProbe

        /// What happened up to now; what is only known at the end is missing.
        package var measurement: ClientMeasurement { log.measurement(probe.path.name, probe.interval) }
        /// What went wrong last, where nothing was acknowledged since; nil: all is well.
        package var trouble: String? {
            let last = log.base.partialRecord.commits.last?.acknowledged ?? .zero
            return log.base.elapsed - last > max(probe.interval * 3, .milliseconds(300)) ? log.lastError : nil
        }
    }

    /// Runs `body` while the client commits: from before its start, until after its end a commit is acknowledged.
    /// - Throws: what `body` throws; `refused` when there is no table to write to, or no commit was acknowledged before
    ///   its start, and then it isn't run. When none is after its end, the measurement says so.
    package func during<Result>(
        _ start: Start = .committing, isolation: isolated (any Actor)? = #isolation,
        _ body: (Sight) async throws -> Result
    ) async throws -> (result: Result, measurement: ClientMeasurement) {
        let log = try ClientLog(nodes: cluster.nodes.map(\.name))
        let writer = ClientWriter(cluster: cluster, path: path, interval: interval, log: log)
        var began: Duration?
        var isDown = false
        let result: Result
        do {
            result = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await writer.run() }
                if let lagInterval {
                    group.addTask { await LagWatch(cluster: cluster, interval: lagInterval, log: log).run() }
                }
                // Ends both, whichever way this scope is left, and waits for their end.
                defer { group.cancelAll() }
                try await awaitStart(start, writer)
                began = log.base.elapsed
                let result = try await body(Sight(log: log, probe: self))
                isDown = await !log.base.awaitCommits(
                    1, sentAfter: log.base.elapsed, until: .after(patience + interval))
                return result
            }
        } catch {
            if log.isSwept { await writer.tidy() }
            throw error
        }
        var measurement = log.measurement(path.name, interval)
        measurement.runBegan = began
        measurement.isDownAtEnd = isDown
        let last = measurement.record.commits.last.flatMap { measurement.server(of: $0)?.timeline }
        measurement.kept = await writer.kept(
            since: last, until: .after(isDown ? .seconds(1) : ClientWriter.lastPatience))
        measurement.errors = log.measurement(path.name, interval).errors
        if !isDown { await writer.tidy() }
        return (result, measurement)
    }

    /// Waits for what must be at the start.
    private func awaitStart(_ start: Start, _ writer: ClientWriter) async throws(Failure) {
        let log = writer.log
        switch start {
        case .committing:
            guard await log.base.awaitCommits(1, sentAfter: .zero - .seconds(1), until: .after(patience)) else {
                _ = try log.base.record()
                throw noCommit(log)
            }
        case .asItIs:
            _ = await log.base.awaitNews(until: .after(ClientLog.patience)) { !$0.commits.isEmpty || log.hasFailed }
            _ = try log.base.record()
            guard log.base.partialRecord.commits.isEmpty else { return }
            switch await writer.nodesHaveTable() {
            case .success?: return
            case .failure(let failure)?: throw failure
            case nil: throw noCommit(log)
            }
        }
    }

    private func noCommit(_ log: ClientLog) -> Failure {
        if Task.isCancelled { return Failure(.cancelled, "cancelled") }
        return Failure(
            .refused, "no write goes through path \"\(path.name)\"", detail: log.lastError ?? "No answer came in time.",
            hint: "Is there a primary, and does the path lead to it? See: pgdr status, pgdr config check")
    }
}
