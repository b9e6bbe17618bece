internal import Essentials
internal import Synchronization

/// What the tasks of one running probe share: who may write, the next number, and what happened so far.
final class ProbeLog: Sendable {
    static let applicationName = "pgdr probe"

    /// There is a mark while nobody writes; whoever takes it does, until it raises it again.
    let vacancy: Signal
    /// Raised at each acknowledgement, and when the probe gives up.
    private let news: Signal
    private let start = ContinuousClock.now
    private let state: Mutex<State>

    private struct State: Sendable {
        var record: WriteRecord
        var lastNumber = 0
        var hasTable = false
        /// What each server last said instead of taking a write.
        var troubles: [Int: String] = [:]
        var failure: Failure?
    }

    init(servers: [String]) throws(Failure) {
        vacancy = try Signal()
        news = try Signal()
        let run = String(UInt64.random(in: .min ... .max), radix: 36)
        state = Mutex(
            State(record: WriteRecord(run: run, servers: servers, commits: [], refusals: [], duration: .zero)))
        vacancy.raise()
    }

    /// What marks this probe's rows.
    var run: String { state.withLock { $0.record.run } }
    /// Whether the table is there for certain.
    var hasTable: Bool { state.withLock { $0.hasTable } }
    /// The time since the start.
    var elapsed: Duration { ContinuousClock.now - start }

    func tableIsThere() { state.withLock { $0.hasTable = true } }

    func nextNumber() -> Int {
        state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    func acknowledged(_ number: Int, by server: Int, sent: Duration) {
        let now = elapsed
        state.withLock {
            $0.record.commits.append(.init(number: number, sent: sent, acknowledged: now, server: server))
        }
        news.raise()
    }

    /// The place of a server among the record's servers, at which it is from now on.
    func place(of server: String) -> Int {
        state.withLock { state in
            if let place = state.record.servers.firstIndex(of: server) { return place }
            state.record.servers.append(server)
            return state.record.servers.count - 1
        }
    }

    func refused(_ number: Int, by server: Int, sent: Duration, _ reason: String) {
        let now = elapsed
        state.withLock {
            $0.record.refusals.append(
                .init(number: number, sent: sent, elapsed: now - sent, server: server, reason: reason))
        }
    }

    func troubled(_ server: Int, _ reason: String) { state.withLock { $0.troubles[server] = reason } }

    /// What stood in the way at each server, a line each.
    var troubles: String {
        state.withLock { state in
            state.record.servers.indices.map { index in
                "\(state.record.servers[index]): \(state.troubles[index] ?? "nothing went wrong")"
            }
        }.joined(separator: "\n")
    }

    /// The probe can't go on.
    func giveUp(_ failure: Failure) {
        state.withLock { $0.failure = $0.failure ?? failure }
        news.raise()
    }

    /// Waits until `count` commits that were sent after `moment` are acknowledged, the probe has given up, the deadline
    /// passes or the task is cancelled: false in all cases but the first.
    func awaitCommits(_ count: Int, sentAfter moment: Duration, until deadline: Deadline) async -> Bool {
        await awaitNews(until: deadline) { record in
            record.commits.reversed().prefix(count).count { $0.sent > moment } >= count
        }
    }

    /// Waits until something is so of what happened up to now, the probe has given up, the deadline passes or the task is
    /// cancelled: false in all cases but the first.
    func awaitNews(until deadline: Deadline, _ isSo: (WriteRecord) -> Bool) async -> Bool {
        while true {
            while news.take() {}
            let (isThere, failed) = state.withLock { (isSo($0.record), $0.failure != nil) }
            if isThere { return true }
            guard !failed, await news.wait(until: deadline) == .ready else { return false }
        }
    }

    /// Wakes who waits for news.
    func tellNews() { news.raise() }

    /// What happened up to now, whether or not the probe has given up.
    var partialRecord: WriteRecord {
        var record = state.withLock { $0.record }
        record.duration = elapsed
        return record
    }

    /// What happened up to now.
    /// - Throws: why the probe gave up.
    func record() throws(Failure) -> WriteRecord {
        let (record, failure) = state.withLock { ($0.record, $0.failure) }
        if let failure { throw failure }
        var whole = record
        whole.duration = elapsed
        return whole
    }
}
