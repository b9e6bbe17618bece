internal import Configuration
internal import Essentials
internal import Replication
internal import Synchronization

/// Asks a node that gave no answer again and again in the background, until nothing refers to it any more.
///
/// Whoever must know whether it is back reads what it last said, and waits for nothing: one whose host is gone would
/// cost everybody who asks it the whole of their time.
final class Vigil: Sendable {
    private let latest: Latest
    private let task: Task<Void, Never>

    /// What the node said last.
    var answer: ObservedNode { latest.node.withLock { $0 } }

    /// Begins to ask.
    /// - Parameters:
    ///   - known: what it said last.
    ///   - timeout: how long each of its answers is waited for.
    init(_ node: NodeConfiguration, known: ObservedNode, timeout: Duration) {
        let latest = Latest(known)
        self.latest = latest
        task = Task {
            let held = HeldSession()
            repeat {
                let answer = await ClusterObserver.ask(node, over: held, until: .after(timeout))
                guard !Task.isCancelled else { return }
                latest.node.withLock { $0 = answer }
            } while await ReadinessLoop.shared.sleep(until: .after(Self.pause)) != .cancelled
        }
    }

    deinit { task.cancel() }

    /// Between an answer and the next question.
    private static let pause: Duration = .milliseconds(10)

    /// Outlives the vigil in its task.
    private final class Latest: Sendable {
        let node: Mutex<ObservedNode>

        init(_ node: ObservedNode) { self.node = Mutex(node) }
    }
}
