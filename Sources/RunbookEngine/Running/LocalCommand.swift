internal import Essentials
internal import Subprocess
internal import Synchronization
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A command on the machine that pgdr runs on: words, none of which a shell interprets.
///
/// It leads a process group of its own, so that all it starts is ended with it where it must be ended, and Ctrl-C is
/// pgdr's alone. What it leaves running in the background when it ends by itself lives on, and is not waited for.
struct LocalCommand: Sendable {
    var words: [String]
    /// What it reads from its standard input; nil: nothing.
    var input: String?

    /// How long it has to end when told to, before it is killed.
    private static let grace: Duration = .seconds(2)

    private enum Event: Sendable {
        case ended(TerminationStatus)
        case refused(String)
        case read
        case late
    }

    /// Runs it to its end.
    /// - Throws: `command` unless it exits with 0; `timeout` or `cancelled` once it was ended.
    func run(until deadline: Deadline) async throws(Failure) {
        guard let program = words.first else { throw Failure(.command, "there is no command to run") }
        let process = try LocalProcess()
        let event = await withTaskGroup(of: Event.self) { tasks in
            tasks.addTask {
                do { return .ended(try await start(program, process)) } catch { return .refused("\(error)") }
            }
            tasks.addTask {
                await process.collect()
                return .read
            }
            tasks.addTask {
                _ = await ReadinessLoop.shared.sleep(until: deadline)
                return .late
            }
            var first = await tasks.next()
            // That its output ended says nothing of itself.
            if case .read = first { first = await tasks.next() }
            tasks.cancelAll()
            await tasks.waitForAll()
            return first
        }
        let isCut = if case .late = event { true } else { false }
        // Its own end doesn't end what it started.
        if isCut || Task.isCancelled, let leader = process.leader { kill(-leader, SIGKILL) }
        if Task.isCancelled { throw .cancelledStep }
        switch event {
        case .ended(let status) where status.isSuccess: return
        case .ended(let status):
            let said = process.lastLines
            let how =
                switch status {
                case .exited(let code): "exit status \(code)"
                case .signaled(let signal): "ended by signal \(signal)"
                }
            throw Failure(.command, "\(program) failed", detail: said.isEmpty ? how : "\(how): \(said)")
        case .refused(let reason): throw Failure(.command, "could not run \(program)", detail: reason)
        default: throw Failure(.timeout, "\(program) did not end in time")
        }
    }

    private func start(_ program: String, _ process: LocalProcess) async throws -> TerminationStatus {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: Self.grace)
        ]
        // A command that reads would otherwise take what is typed for pgdr.
        let reading = try readingEnd()
        return try await Subprocess.run(
            program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(Array(words.dropFirst())), platformOptions: options,
            input: .fileDescriptor(FileDescriptor(rawValue: reading), closeAfterSpawningProcess: true),
            output: .fileDescriptor(
                FileDescriptor(rawValue: process.takeWritingEnd()), closeAfterSpawningProcess: true),
            error: .combinedWithOutput
        ) { execution in process.leader = execution.processIdentifier.value }.terminationStatus
    }

    /// A blocking descriptor from which the whole input is read, and then its end.
    ///
    /// All of it waits in the pipe before the command starts: one that doesn't read it may end all the same.
    private func readingEnd() throws(Failure) -> Int32 {
        let pipe = try Pipe()
        let bytes = Array((input ?? "").utf8)
        guard bytes.isEmpty || write(pipe.writing.number, bytes, bytes.count) == bytes.count else {
            throw Failure(.system, "the input of \(words.first ?? "a command") is too long")
        }
        let number = fcntl(pipe.reading.number, F_DUPFD_CLOEXEC, 0)
        _ = fcntl(number, F_SETFL, 0)
        return number
    }
}

/// A program that runs here: the process group it leads, and the end of what it writes, all before which is dropped.
private final class LocalProcess: Sendable {
    private let pipe: Pipe
    private let group = Mutex<Int32?>(nil)
    private let kept = Mutex<[UInt8]>([])
    private static let limit = 1 << 14

    init() throws(Failure) { pipe = try Pipe() }

    /// The process group that it leads; nil before it was started.
    var leader: Int32? {
        get { group.withLock { $0 } }
        set { group.withLock { $0 = newValue } }
    }

    /// The end for the program, as a blocking descriptor of its own.
    func takeWritingEnd() -> Int32 {
        let number = fcntl(pipe.writing.number, F_DUPFD_CLOEXEC, 0)
        // Shared by all duplicates, none of which writes here.
        _ = fcntl(number, F_SETFL, 0)
        return number
    }

    /// Reads until the end or until the task is cancelled; then what is there is still read.
    func collect() async {
        while await ReadinessLoop.shared.wait(for: .readable, on: pipe.reading.number, until: .after(.seconds(3600)))
            != .cancelled
        {
            guard readAll() else { return }
        }
        _ = readAll()
    }

    /// Reads what is there, but no more than a program can write without end; false at the end.
    private func readAll() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        for _ in 0..<64 {
            let count = buffer.withUnsafeMutableBytes { read(pipe.reading.number, $0.baseAddress, $0.count) }
            guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
            kept.withLock { kept in
                kept += buffer[..<count]
                if kept.count > 2 * Self.limit { kept.removeFirst(kept.count - Self.limit) }
            }
        }
        return true
    }

    /// The last lines, on one.
    var lastLines: String {
        let text = kept.withLock { String(decoding: $0.suffix(Self.limit), as: UTF8.self) }
        return text.split(whereSeparator: \.isNewline).suffix(5).joined(separator: "; ")
    }
}
