internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// How a blocking call ended for the one who waited for it.
package enum BlockingOutcome<Value: Sendable>: Sendable {
    /// The call came back in time, with this.
    case returned(Value)
    /// The deadline passed; the call goes on by itself and its result is dropped.
    case timedOut
    /// The task that waited was cancelled; the call goes on likewise.
    case cancelled
}

/// Runs a call that blocks and can't be interrupted, such as name resolution, on a thread of its own, and waits for
/// it no longer than the deadline.
/// - Throws: `system` when no pipe could be opened or no thread started.
package func callBlocking<Value: Sendable>(
    until deadline: Deadline, _ body: @escaping @Sendable () -> Value
) async throws(Failure) -> BlockingOutcome<Value> {
    let box = Box<Value>()
    let pipe = try Pipe()
    let reading = pipe.reading
    let writing = pipe.writing.release()
    let started = runOnOwnThread {
        let value = body()
        box.value.withLock { $0 = value }
        _ = close(writing)
    }
    guard started else {
        _ = close(writing)
        throw Failure(.system, "could not start a thread", hint: "Raise the limit of processes (ulimit -u).")
    }
    switch await ReadinessLoop.shared.wait(for: .readable, on: reading.number, until: deadline) {
    case .ready: return box.value.withLock { $0 }.map { .returned($0) } ?? .timedOut
    case .timedOut: return .timedOut
    case .cancelled: return .cancelled
    }
}

private final class Box<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}

/// Starts a detached thread that runs `body` once; false when the operating system refuses one.
func runOnOwnThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    let argument = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    #if canImport(Glibc)
        var thread = pthread_t()
    #else
        var thread: pthread_t?
    #endif
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 512 << 10)
    let error = pthread_create(
        &thread, &attributes,
        { argument in
            let pointer: UnsafeMutableRawPointer? = argument
            if let pointer { Unmanaged<ThreadBody>.fromOpaque(pointer).takeRetainedValue().run() }
            return nil
        }, argument)
    pthread_attr_destroy(&attributes)
    if error != 0 { Unmanaged<ThreadBody>.fromOpaque(argument).release() }
    return error == 0
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
