import Configuration
import Essentials
import Observation
import Replication

/// Looks again and again how far a cluster's standbys are behind, over connections of its own.
struct LagWatch: Sendable {
    let cluster: ClusterConfiguration
    /// From the start of one look to that of the next.
    let interval: Duration
    let log: ClientLog

    /// How long a node is waited for.
    private static let patience: Duration = .seconds(1)

    /// Looks until the task is cancelled.
    func run() async {
        let observer = ClusterObserver(cluster)
        var clock = LSNClock()
        while !Task.isCancelled {
            let next = Deadline.after(interval)
            let snapshot = await observer.round(until: .after(min(cluster.timeout, Self.patience)))
            if Task.isCancelled { return }
            clock.record(snapshot)
            log.note(assess(snapshot, cluster.thresholds, clock: clock).nodes.map { $0.lag?.replay.bytes })
            guard await ReadinessLoop.shared.sleep(until: next) != .cancelled else { return }
        }
    }
}
