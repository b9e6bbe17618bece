import Essentials
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ReadinessLoopTests {
    @Test func wakesWhenSomethingCanBeRead() async throws {
        let pipe = try Pipe()
        let number = pipe.writing.number
        async let outcome = ReadinessLoop.shared.wait(
            for: .readable, on: pipe.reading.number, until: .after(.seconds(20)))
        try await Task.sleep(for: .milliseconds(20))
        #expect(write(number, "x", 1) == 1)
        #expect(await outcome == .ready)
    }

    @Test func whatIsReadyNeedsNoWait() async throws {
        let pipe = try Pipe()
        let outcome = await ReadinessLoop.shared.wait(
            for: .writable, on: pipe.writing.number, until: .after(.seconds(20)))
        #expect(outcome == .ready)
    }

    @Test(arguments: [0, 1, 30, 120])
    func endsAtTheDeadlineAndNotBefore(milliseconds: Int) async throws {
        let pipe = try Pipe()
        let began = ContinuousClock.now
        let wait = Duration.milliseconds(milliseconds)
        let outcome = await ReadinessLoop.shared.wait(for: .readable, on: pipe.reading.number, until: .after(wait))
        #expect(outcome == .timedOut)
        let took = began.duration(to: .now)
        #expect(took >= wait)
        #expect(took < wait + .seconds(2))
    }

    @Test func endsWhenItsTaskIsCancelled() async throws {
        let task = Task { await ReadinessLoop.shared.sleep(until: .after(.seconds(50))) }
        try await Task.sleep(for: .milliseconds(10))
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    @Test func aTaskCancelledBeforeItWaitsDoesNotWait() async {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await ReadinessLoop.shared.sleep(until: .after(.seconds(50)))
        }
        #expect(await task.value == .cancelled)
    }

    @Test func manyWaitAtOnceAndEachGetsItsOwn() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<300 {
                group.addTask {
                    let pipe = try Pipe()
                    guard index.isMultiple(of: 2) else {
                        let outcome = await ReadinessLoop.shared.wait(
                            for: .readable, on: pipe.reading.number, until: .after(.milliseconds(50)))
                        return outcome == .timedOut
                    }
                    let number = pipe.writing.number
                    async let outcome = ReadinessLoop.shared.wait(
                        for: .readable, on: pipe.reading.number, until: .after(.seconds(20)))
                    await Task.yield()
                    guard write(number, "x", 1) == 1 else { return false }
                    return await outcome == .ready
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test func aBlockingCallIsGivenUpOnAtTheDeadline() async throws {
        let began = ContinuousClock.now
        let outcome = try await callBlocking(until: .after(.milliseconds(50))) { usleep(20_000_000) }
        guard case .timedOut = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(began.duration(to: .now) < .seconds(15))
    }

    @Test func aBlockingCallReturnsItsResult() async throws {
        let outcome = try await callBlocking(until: .after(.seconds(20))) { 42 }
        guard case .returned(42) = outcome else { return #expect(Bool(false), "\(outcome)") }
    }
}

struct DeadlineTests {
    @Test(arguments: [
        (Duration.zero, 0), (.nanoseconds(1), 1), (.milliseconds(1), 1), (.microseconds(1001), 2), (.seconds(3), 3000),
    ])
    func waitsAreRoundedUp(duration: Duration, milliseconds: Int) {
        #expect(duration.millisecondsRoundedUp == milliseconds)
    }

    @Test func sharesDivideWhatIsLeft() {
        let deadline = Deadline.after(.seconds(100))
        let share = deadline.share(of: 4).remaining
        #expect(share > .seconds(24) && share <= .seconds(25))
        #expect(Deadline.after(.seconds(-5)).hasPassed)
    }
}
