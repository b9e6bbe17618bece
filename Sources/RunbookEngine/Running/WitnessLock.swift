internal import Essentials
internal import Hosts
internal import SSH
internal import Synchronization

/// The lock of a cluster that a process on a witness holds for this one, as long as anything refers to it.
///
/// The process there ends when the session does: at once when this process ends, and within a quarter of an hour when
/// its machine or the way there is gone, since it writes and TCP gives up.
final class WitnessLock: Sendable {
    private let task: Task<Void, Never>
    private let state: LockState

    private init(_ task: Task<Void, Never>, _ state: LockState) {
        self.task = task
        self.state = state
    }

    deinit { task.cancel() }

    /// Whether the process there has said that it has the lock, and was not seen to end or to fall silent since.
    var isHeld: Bool { state.isHeld }

    /// Has a process hold it.
    /// - Throws: `busy` when another process has it, another code when it could not be tried.
    static func take(
        _ command: RemoteCommand, of cluster: String, on host: HostShell, until deadline: Deadline
    ) async throws(Failure) -> WitnessLock {
        let state = LockState()
        let form = Command(command.words, become: command.become, outputLimit: 4096)
        // It goes on when this function has returned; cancelled, it drops the session, and with that the lock.
        let task = Task {
            do throws(Failure) {
                let result = try await host.run(form, until: .after(LockState.longest)) { stream, bytes in
                    if stream == .output { state.hear(bytes) }
                }
                state.end(
                    Failure(.command, "\(command.name) ended", detail: result.summary, node: command.node))
            } catch {
                state.end(error)
            }
        }
        let lock = WitnessLock(task, state)
        switch await state.firstWord(until: deadline) {
        case .held: return lock
        case .taken:
            throw .busy(cluster, hint: "See what it does from where it runs: pgdr runs", node: command.node)
        case .ended(let failure): throw failure
        case nil:
            throw Failure(.timeout, "witness \"\(command.node)\" did not answer in time", node: command.node)
        }
    }
}

/// What is known of the process that holds a lock.
private final class LockState: Sendable {
    enum Word: Sendable {
        case held
        case taken
        case ended(Failure)
    }

    private struct Known {
        var text = ""
        var heard = ContinuousClock.now
        var word: Word?
    }

    private let known = Mutex(Known())
    private let words: AsyncStream<Word>
    private let says: AsyncStream<Word>.Continuation

    /// Longer than any run.
    static let longest = Duration.seconds(100 * 86_400)
    /// It says every five seconds that it is there.
    private static let silence = Duration.seconds(20)

    init() { (words, says) = AsyncStream.makeStream() }

    var isHeld: Bool {
        known.withLock { known in
            guard case .held = known.word else { return false }
            return known.heard.duration(to: .now) < Self.silence
        }
    }

    func hear(_ bytes: ArraySlice<UInt8>) {
        let first: Word? = known.withLock { known in
            known.heard = .now
            guard known.word == nil else { return nil }
            known.text += String(decoding: bytes, as: UTF8.self)
            guard let line = known.text.split(separator: "\n", omittingEmptySubsequences: false).first,
                known.text.contains("\n")
            else { return nil }
            known.word = line == "held" ? .held : .taken
            return known.word
        }
        if let first { says.yield(first) }
    }

    func end(_ failure: Failure) {
        known.withLock { $0.word = .ended(failure) }
        says.yield(.ended(failure))
        says.finish()
    }

    /// The first thing that is heard; nil when nothing is in time.
    func firstWord(until deadline: Deadline) async -> Word? {
        await withTaskGroup(of: Word?.self) { tasks in
            tasks.addTask {
                for await word in self.words { return word }
                return nil
            }
            tasks.addTask {
                _ = await ReadinessLoop.shared.sleep(until: deadline)
                return nil
            }
            let first = await tasks.next() ?? nil
            tasks.cancelAll()
            return first
        }
    }
}
