import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Ctrl-C and SIGTERM as cancellation, so that everything that waits ends at once and cleans up.
enum Interruption {
    /// Runs `body` and cancels it when the process is told to stop; returns once it has ended.
    static func untilInterrupted<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let task = Task { try await body() }
        return try await listening({ _ in task.cancel() }) { try await task.value }
    }

    /// Runs `body`, which is told when the process is to stop and ends at its next opportunity; told again by a person,
    /// it is cancelled where it stands.
    ///
    /// A terminal that is closed tells it twice, by its shell and by the kernel, and means no more by that.
    /// - Parameter heedsHangup: whether a terminal that is closed is a reason to stop.
    static func inTwoSteps<Result: Sendable>(
        saying text: String = "Stopping after this step; once more to end the step.", heedsHangup: Bool = true,
        _ body: @escaping @Sendable (_ wantsStop: @escaping @Sendable () -> Bool) async throws -> Result
    ) async throws -> Result {
        let wish = StopWish(text: text)
        let task = Task { try await body { wish.isThere } }
        return try await listening({ number in
            if number == SIGHUP, !heedsHangup { return }
            if wish.wasThere(), number != SIGHUP { task.cancel() }
        }) { try await task.value }
    }

    /// Runs `body`, which learns whether the process was told to stop, also within parts of it that see to that
    /// themselves; nothing else comes of it.
    static func heeded<Result: Sendable>(
        _ body: (_ wantsStop: @escaping @Sendable () -> Bool) async throws -> Result
    ) async throws -> Result {
        let wish = StopWish(text: nil)
        return try await listening({ _ in _ = wish.wasThere() }) { try await body { wish.isThere } }
    }

    private static func listening<Result: Sendable>(
        _ interrupted: @escaping Listener, _ body: () async throws -> Result
    ) async throws -> Result {
        // A reader that is gone must not kill what has something to clean up; see `Terminal.write`.
        signal(SIGPIPE, SIG_IGN)
        let outer = listener.withLock { $0 }
        listener.withLock {
            $0 = { number in
                interrupted(number)
                outer?(number)
            }
        }
        _ = sources
        defer {
            listener.withLock { $0 = outer }
            if outer == nil { signal(SIGPIPE, SIG_DFL) }
        }
        return try await body()
    }

    private typealias Listener = @Sendable (_ signal: Int32) -> Void

    /// Who hears of a signal; nil: it does what it does by default.
    private static let listener = Mutex<Listener?>(nil)

    /// They stay from the first time on: libdispatch catches a signal for its first source, and not anew for another one.
    nonisolated(unsafe) private static let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            if let interrupted = listener.withLock({ $0 }) { return interrupted(number) }
            signal(number, SIG_DFL)
            kill(getpid(), number)
        }
        source.activate()
        return source
    }
}

/// Whether a person wants a stop.
private final class StopWish: Sendable {
    private let wish = Mutex(false)
    /// What a person is told; nil: nothing.
    private let text: String?

    init(text: String?) { self.text = text }

    var isThere: Bool { wish.withLock { $0 } }

    /// Makes the wish and says whether it was there before.
    func wasThere() -> Bool {
        wish.withLock { wish in
            defer { wish = true }
            if !wish, let text { Terminal.note(text) }
            return wish
        }
    }
}
