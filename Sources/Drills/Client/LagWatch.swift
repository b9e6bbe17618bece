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
        var pauses = LagPauses()
        var last: ClusterSnapshot?
        while !Task.isCancelled {
            let next = Deadline.after(interval)
            let began = log.base.elapsed
            last?.nodes.removeAll { !pauses.isPaused($0.name, at: began) }
            let snapshot = await observer.round(until: .after(min(cluster.timeout, Self.patience)), after: last)
            if Task.isCancelled { return }
            for node in snapshot.nodes where !pauses.isPaused(node.name, at: began) {
                pauses.note(node.name, hasTimedOut: node.hasTimedOut, at: log.base.elapsed)
            }
            last = snapshot
            clock.record(snapshot)
            log.note(assess(snapshot, cluster.thresholds, clock: clock).nodes.map { $0.lag?.replay.bytes })
            guard await ReadinessLoop.shared.sleep(until: next) != .cancelled else { return }
        }
    }
}

/// Which nodes are left alone for a while, since a server that hangs keeps every connection that is given up on.
struct LagPauses {
    private var pauses: [String: (length: Duration, end: Duration)] = [:]

    /// The longest pause.
    private static let most: Duration = .seconds(64)

    /// Whether a node is not to be asked at a moment.
    func isPaused(_ node: String, at moment: Duration) -> Bool { pauses[node].map { moment < $0.end } ?? false }

    /// Takes what came of asking a node into account.
    mutating func note(_ node: String, hasTimedOut: Bool, at moment: Duration) {
        guard hasTimedOut else {
            pauses[node] = nil
            return
        }
        let length = min(pauses[node].map { $0.length * 2 } ?? .seconds(2), Self.most)
        pauses[node] = (length, moment + length)
    }
}

extension ObservedNode {
    /// Whether it gave no answer in time.
    fileprivate var hasTimedOut: Bool {
        guard case .silent(let silence) = answer else { return false }
        return ["connect_timeout", "query_timeout"].contains(silence.reason)
    }
}
