internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The one place where pgdr waits for sockets: a thread of its own in poll(2), for any number of descriptors.
///
/// libpq and libssh2 are driven without blocking; whoever must wait suspends here, so that neither a thread per
/// connection nor a thread of the cooperative pool is spent on waiting. Every wait has a deadline and ends early
/// when its task is cancelled.
package final class ReadinessLoop: Sendable {
    /// What a descriptor is waited for.
    package enum Interest: Sendable {
        /// That a read would not block: data, an end or an error is there.
        case readable
        /// That a write would not block: the kernel's buffer has room, or a connect has ended.
        case writable
        /// Whichever of the two comes first.
        case either

        fileprivate var events: Int16 {
            switch self {
            case .readable: Int16(POLLIN)
            case .writable: Int16(POLLOUT)
            case .either: Int16(POLLIN) | Int16(POLLOUT)
            }
        }
    }

    /// Why a wait ended.
    package enum Outcome: Sendable, Equatable {
        /// The descriptor is ready, or has an error that the next call on it will report.
        case ready
        /// The deadline passed first.
        case timedOut
        /// The waiting task was cancelled first.
        case cancelled
    }

    /// The process's loop; its thread starts with the first wait.
    package static let shared = ReadinessLoop()

    private struct Waiter: Sendable {
        var descriptor: Int32
        var events: Int16
        var deadline: Deadline
        var continuation: CheckedContinuation<Outcome, Never>
    }

    private struct State: Sendable {
        var waiters: [UInt64: Waiter] = [:]
        var nextIdentifier: UInt64 = 0
        /// Writes to the loop's pipe; nil until the thread runs.
        var wakeDescriptor: Int32?
        /// Whether the thread is in poll(2) and has not been woken yet.
        var needsWaking = false
    }

    private let state = Mutex(State())

    /// Waits until `descriptor` is ready, the deadline passes or the task is cancelled.
    ///
    /// A negative descriptor is never ready: such a wait is a cancellable sleep. The caller keeps the descriptor
    /// open until this returns.
    package func wait(
        for interest: Interest, on descriptor: Int32, until deadline: Deadline
    ) async -> Outcome {
        // Before anything else: a server that keeps sending is always ready.
        if Task.isCancelled { return .cancelled }
        if deadline.hasPassed { return .timedOut }
        if descriptor >= 0 {
            var entry = pollfd(fd: descriptor, events: interest.events, revents: 0)
            if poll(&entry, 1, 0) > 0 { return .ready }
        }
        let identifier = state.withLock { state in
            state.nextIdentifier += 1
            return state.nextIdentifier
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                register(
                    Waiter(
                        descriptor: descriptor, events: interest.events, deadline: deadline,
                        continuation: continuation),
                    as: identifier)
                // A cancellation before the registration found nothing to end.
                if Task.isCancelled { end(identifier, with: .cancelled) }
            }
        } onCancel: {
            end(identifier, with: .cancelled)
        }
    }

    /// Suspends until the deadline passes or the task is cancelled.
    package func sleep(until deadline: Deadline) async -> Outcome {
        await wait(for: .readable, on: -1, until: deadline)
    }

    private func register(_ waiter: Waiter, as identifier: UInt64) {
        let isWatched = state.withLock { state in
            state.waiters[identifier] = waiter
            if state.wakeDescriptor == nil { state.wakeDescriptor = startThread() }
            guard let descriptor = state.wakeDescriptor else { return false }
            if state.needsWaking {
                state.needsWaking = false
                _ = write(descriptor, "w", 1)
            }
            return true
        }
        // Nobody would ever end a wait that nobody watches.
        if !isWatched { end(identifier, with: .cancelled) }
    }

    private func end(_ identifier: UInt64, with outcome: Outcome) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: identifier) }
        waiter?.continuation.resume(returning: outcome)
    }

    /// Starts the loop's thread and returns the descriptor that wakes it, which lives as long as the process; nil when
    /// no descriptor or thread is left.
    private func startThread() -> Int32? {
        guard let pipe = try? Pipe() else { return nil }
        let reading = pipe.reading.number
        guard runOnOwnThread({ [self] in run(wakeDescriptor: reading) }) else { return nil }
        _ = pipe.reading.release()
        return pipe.writing.release()
    }

    private func run(wakeDescriptor: Int32) {
        var entries: [pollfd] = []
        var identifiers: [UInt64] = []
        while true {
            entries.removeAll(keepingCapacity: true)
            identifiers.removeAll(keepingCapacity: true)
            entries.append(pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0))
            let earliest = state.withLock { state in
                state.needsWaking = true
                var earliest: Deadline?
                for (identifier, waiter) in state.waiters {
                    entries.append(pollfd(fd: waiter.descriptor, events: waiter.events, revents: 0))
                    identifiers.append(identifier)
                    earliest = min(earliest ?? waiter.deadline, waiter.deadline)
                }
                return earliest
            }
            let timeout = earliest.map { Int32(clamping: $0.remaining.millisecondsRoundedUp) } ?? -1
            let count = poll(&entries, nfds_t(entries.count), timeout)
            let polled = count > 0 ? entries : []
            if let first = polled.first, first.revents != 0 { drain(wakeDescriptor) }
            finishWaits(polled: polled, identifiers: identifiers)
        }
    }

    /// Resumes those whose descriptor is ready, and those whose deadline has passed.
    private func finishWaits(polled: [pollfd], identifiers: [UInt64]) {
        let finished = state.withLock { state in
            state.needsWaking = false
            var finished: [(CheckedContinuation<Outcome, Never>, Outcome)] = []
            for (entry, identifier) in zip(polled.dropFirst(), identifiers) where entry.revents != 0 {
                // Gone if it was cancelled meanwhile; its descriptor may then belong to somebody else already.
                guard let waiter = state.waiters.removeValue(forKey: identifier) else { continue }
                finished.append((waiter.continuation, .ready))
            }
            let now = ContinuousClock.now
            for (identifier, waiter) in state.waiters where waiter.deadline.instant <= now {
                state.waiters[identifier] = nil
                finished.append((waiter.continuation, .timedOut))
            }
            return finished
        }
        for (continuation, outcome) in finished { continuation.resume(returning: outcome) }
    }

    private func drain(_ descriptor: Int32) {
        var buffer: (UInt64, UInt64) = (0, 0)
        while read(descriptor, &buffer, 16) == 16 {}
    }
}
