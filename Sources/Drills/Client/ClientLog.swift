internal import Audit
internal import Essentials
internal import Synchronization

/// What a client's probe has seen so far, which its writer fills.
final class ClientLog: Sendable {
    /// The commits.
    let base: ProbeLog
    let began = AuditTime.now
    private let state: Mutex<State>

    private struct State: Sendable {
        var servers: [AnsweringServer] = []
        var unread: [Int] = []
        var errors: [ClientError] = []
        var lastError: String?
        var failedFirst = false
        /// How many statements in a row got no answer.
        var unanswered = 0
        var isSwept = false
        var lag: LagSeries
    }

    /// A log of nothing yet.
    /// - Parameter nodes: those whose lag is noted.
    init(nodes: [String]) throws(Failure) {
        base = try ProbeLog(servers: [])
        state = Mutex(State(lag: LagSeries(nodes: nodes)))
    }

    /// Whether rows of probes that are gone were removed.
    var isSwept: Bool { state.withLock { $0.isSwept } }
    func swept() { state.withLock { $0.isSwept = true } }

    /// Whether something went wrong.
    var hasFailed: Bool { state.withLock { $0.lastError != nil } }
    /// What went wrong last; nil: nothing did.
    var lastError: String? { state.withLock { $0.lastError } }
    var servers: [AnsweringServer] { state.withLock { $0.servers } }

    /// How long an answer to a statement is waited for.
    ///
    /// Longer each time there is none: a server that makes each commit wait keeps every one that is given up on, and is
    /// not to be filled with them.
    var patience: Duration {
        Self.patience * (1 << state.withLock { min($0.unanswered, 5) })
    }

    static let patience: Duration = .seconds(2)

    /// Notes a commit that a server acknowledged.
    func acknowledged(_ number: Int, by server: AnsweringServer, sent: Duration) {
        let known = state.withLock { state in
            state.unanswered = 0
            if !state.servers.contains(server) { state.servers.append(server) }
            return state.servers.firstIndex(of: server)
        }
        _ = base.place(of: server.text)
        base.acknowledged(number, by: known ?? 0, sent: sent)
    }

    /// Notes that an acknowledged commit isn't there.
    func isMissing(_ number: Int) { state.withLock { $0.unread.append(number) } }

    /// Notes that a statement got no answer in time.
    func unanswered() { state.withLock { $0.unanswered += 1 } }

    /// Notes how far each of the nodes is behind now, in bytes.
    func note(_ bytes: [UInt64?]) {
        let now = (base.elapsed.seconds * 1000).rounded() / 1000
        state.withLock { $0.lag.add(LagSeries.Sample(at: now, bytes: bytes)) }
    }

    /// Notes what went wrong.
    func troubled(_ words: String) {
        let words = words.onOneLine
        let isFirst = base.partialRecord.commits.isEmpty
        state.withLock { state in
            state.lastError = words
            if isFirst { state.failedFirst = true }
            if let index = state.errors.firstIndex(where: { $0.text == words }) {
                state.errors[index].count += 1
            } else if state.errors.count < Self.mostErrors {
                state.errors.append(ClientError(text: words))
            }
        }
        base.tellNews()
    }

    /// How many different errors are kept.
    private static let mostErrors = 50

    /// All of it, without what is only known at the end.
    func measurement(_ path: String, _ interval: Duration) -> ClientMeasurement {
        let record = base.partialRecord
        return state.withLock { state in
            ClientMeasurement(
                path: path, interval: interval, began: began, record: record, servers: state.servers,
                failedFirst: state.failedFirst, unread: state.unread, errors: state.errors,
                lag: state.lag)
        }
    }
}
