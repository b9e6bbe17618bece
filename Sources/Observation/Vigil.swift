internal import Configuration
internal import Essentials
internal import Replication
internal import Synchronization

/// Asks a node that gave no answer again and again in the background, until nothing refers to it any more.
///
/// Whoever must know whether it is back reads what it last said, and waits for nothing: one whose host is gone would
/// cost everybody who asks it the whole of their time. A new attempt doesn't wait for those before it, since what was
/// sent to a host that could not be reached is sent again only after seconds.
final class Vigil: Sendable {
    private let latest: Latest
    private let task: Task<Void, Never>

    /// What the node said last.
    var answer: ObservedNode { latest.answer }

    /// Begins to ask.
    /// - Parameters:
    ///   - known: what it said last.
    ///   - timeout: how long each of its answers is waited for.
    init(_ node: NodeConfiguration, known: ObservedNode, timeout: Duration) {
        let latest = Latest(known)
        self.latest = latest
        task = Task {
            await withDiscardingTaskGroup { attempts in
                var number = 0
                repeat {
                    number += 1
                    attempts.addTask { [number] in
                        let answer = await ClusterObserver.ask(node, over: HeldSession(), until: .after(timeout))
                        if !Task.isCancelled { latest.note(answer, of: number) }
                    }
                } while await ReadinessLoop.shared.sleep(until: .after(Self.pause(after: number))) != .cancelled
            }
        }
    }

    deinit { task.cancel() }

    /// Between the beginnings of two attempts: while clients wait a moment; later, while a person thinks, a second.
    private static func pause(after number: Int) -> Duration { number < 100 ? .milliseconds(100) : .seconds(1) }

    /// Outlives the vigil in its task.
    private final class Latest: Sendable {
        private let held: Mutex<(number: Int, answer: ObservedNode)>

        init(_ answer: ObservedNode) { held = Mutex((0, answer)) }

        var answer: ObservedNode { held.withLock(\.answer) }

        func note(_ answer: ObservedNode, of number: Int) {
            held.withLock { if number > $0.number { $0 = (number, answer) } }
        }
    }
}
