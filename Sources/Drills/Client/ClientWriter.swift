internal import Configuration
internal import Essentials
internal import Postgres
internal import SQLFiles

/// The one client of a probe: commits, reads back, and connects anew when something goes wrong.
struct ClientWriter: Sendable {
    let cluster: ClusterConfiguration
    let path: ClientPath
    let interval: Duration
    let log: ClientLog

    /// A session over the path, and the node that it was meant to reach.
    struct Session: ~Copyable {
        var connection: Connection
        var node: String?
    }

    /// Writes until the task is cancelled or nothing that time heals stands in the way.
    func run() async {
        while !Task.isCancelled {
            do throws(PostgresError) {
                var session = try await open()
                if !log.isSwept { try await sweep(&session) }
                try await write(&session)
                return
            } catch {
                if case .silence(let silence) = error, silence.reason == .cancelled { return }
                if log.base.partialRecord.commits.isEmpty, let failure = hopeless(error) {
                    return log.base.giveUp(failure)
                }
                log.troubled(Self.words(of: error))
                // An application that came back at once would cost the server a process each time.
                let pause = min(max(interval, .milliseconds(10)), .milliseconds(100))
                guard await ReadinessLoop.shared.sleep(until: .after(pause)) != .cancelled else { return }
            }
        }
    }

    /// Connects by the first of the path's routes that lets a client in.
    /// - Parameter deadline: until when at most; nil: as long as a client waits.
    /// - Throws: what stood in the way on each, in one text.
    func open(until deadline: Deadline? = nil) async throws(PostgresError) -> Session {
        var troubles: [String] = []
        for route in path.routes {
            do throws(PostgresError) {
                let end = Deadline.after(Self.patience(for: route.connection))
                let connection = try await Connection.openAsClient(
                    route.connection, applicationName: ProbeLog.applicationName, until: min(end, deadline ?? end))
                return Session(connection: connection, node: route.node)
            } catch {
                if case .silence(let silence) = error, silence.reason == .cancelled { throw error }
                if path.routes.count == 1 { throw error }
                troubles.append("\(route.node ?? "?"): \(Self.words(of: error))")
            }
        }
        throw .silence(Silence(.other, troubles.joined(separator: "; ")))
    }

    /// How long connecting may take: `connect_timeout` for each host, as libpq has it, or what a statement has.
    private static func patience(for connection: ConnectionString) -> Duration {
        let hosts = connection.value(of: "host") ?? connection.value(of: "hostaddr") ?? ""
        let own = connection.value(of: "connect_timeout").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        let each = own.map { Duration.seconds(min($0, 60)) } ?? ClientLog.patience
        return each * (hosts.count { $0 == "," } + 1)
    }

    /// Commits, again and again.
    private func write(_ session: inout Session) async throws(PostgresError) {
        let run = log.base.run
        while true {
            let next = Deadline.after(interval)
            let number = log.base.nextNumber()
            let sent = log.base.elapsed
            let server: AnsweringServer
            do throws(PostgresError) {
                let answer = try await session.connection.query(
                    SQLFile.heartbeatWrite, [run, String(number)], until: .after(log.patience))
                server = try self.server(try answer.onlyRow(), session.node)
            } catch {
                if case .silence(let silence) = error {
                    if silence.reason == .cancelled { throw error }
                    if silence.reason == .queryTimeout { log.unanswered() }
                }
                log.base.refused(number, by: 0, sent: sent, Self.words(of: error))
                throw error
            }
            log.acknowledged(number, by: server, sent: sent)
            let found = try await session.connection.query(
                SQLFile.heartbeatRead, [run, String(number)], until: .after(log.patience))
            if try found.onlyRow().bool("is_there") != true { log.isMissing(number) }
            guard await ReadinessLoop.shared.sleep(until: next) != .cancelled else { return }
        }
    }

    private func server(_ row: Row, _ node: String?) throws(PostgresError) -> AnsweringServer {
        let address = try row.text("address")
        let port = try row.integer("port").map(Int.init)
        let known = address.flatMap { address in port.flatMap { cluster.node(at: address, port: $0) } }
        return AnsweringServer(
            node: node ?? known, address: address, port: port, timeline: try row.integer("timeline").map(Int.init))
    }

    private func sweep(_ session: inout Session) async throws(PostgresError) {
        _ = try await session.connection.query(
            SQLFile.heartbeatSweep, [log.base.run], until: .after(Self.lastPatience))
        log.swept()
    }

    /// What nobody has to wait for to change; nil: it may heal.
    private func hopeless(_ error: PostgresError) -> Failure? {
        switch error {
        case .failure(let failure): failure
        case .server(let refusal) where Self.lacksTable(refusal): .noHeartbeat(refusal.message, path.name)
        default: nil
        }
    }

    /// Whether a refusal says that there is no such table, that it is an older one, or that the role may not use it.
    static func lacksTable(_ refusal: ServerError) -> Bool {
        ["42P01", "42703", "3F000", "42501"].contains(refusal.sqlstate)
    }

    static func words(of error: PostgresError) -> String {
        switch error {
        case .silence(let silence): silence.detail
        case .server(let refusal): refusal.message
        case .failure(let failure): failure.detail.map { "\(failure.message): \($0)" } ?? failure.message
        }
    }
}

extension ClientWriter {
    /// How long what ends a probe may take.
    static let lastPatience: Duration = .seconds(10)

    /// What the primary has of the commits, asked over the path; nil: it could not be asked.
    /// - Parameter timeline: the one that the last commit was written on, which an old primary is not on; nil: not known.
    func kept(since timeline: Int?, until deadline: Deadline) async -> Set<Int>? {
        while !Task.isCancelled {
            do throws(PostgresError) {
                var session = try await open(until: deadline)
                let row = try await session.connection.query(
                    SQLFile.heartbeatKept, [log.base.run], until: deadline
                ).onlyRow()
                guard try row.bool("in_recovery") == false else {
                    throw .silence(Silence(.other, "the path leads to a standby"))
                }
                if let timeline, let own = try row.integer("timeline"), own < timeline {
                    throw .silence(Silence(.other, "the path leads to an old primary"))
                }
                return Set(try row.text("numbers")?.split(separator: ",").compactMap { Int($0) } ?? [])
            } catch {
                log.troubled(Self.words(of: error))
                guard !deadline.hasPassed,
                    await ReadinessLoop.shared.sleep(until: min(deadline, .after(.milliseconds(100)))) == .timedOut
                else { return nil }
            }
        }
        return nil
    }

    /// Removes the probe's own rows, where that is possible.
    func tidy() async {
        do throws(PostgresError) {
            var session = try await open()
            try await sweep(&session)
        } catch {
            // The next probe does it.
        }
    }

    /// Whether any of the nodes that can be asked has the table in the path's database, over their own connections; nil:
    /// none could be asked.
    func nodesHaveTable() async -> Result<Bool, Failure>? {
        await withTaskGroup(of: Result<Bool, Failure>?.self) { group in
            for node in cluster.nodes { group.addTask { await hasTable(node) } }
            var refusal: Result<Bool, Failure>?
            for await answer in group {
                // A standby may not have replayed yet that it was made.
                guard case .success? = answer else { refusal = refusal ?? answer; continue }
                group.cancelAll()
                return answer
            }
            return refusal
        }
    }

    private func hasTable(_ node: NodeConfiguration) async -> Result<Bool, Failure>? {
        let route = path.routes.first { $0.node == node.name } ?? path.routes.first
        let database = route?.connection.value(of: "dbname")
        let place = database.map { node.connection.setting("dbname", to: $0) } ?? node.connection
        let deadline = Deadline.after(ClientLog.patience)
        let settings = SessionSettings(
            access: .readOnly, statementTimeout: deadline.remaining, applicationName: ProbeLog.applicationName)
        do throws(PostgresError) {
            var connection = try await Connection.open(place, settings, until: deadline)
            _ = try await connection.query(SQLFile.heartbeatKept, [""], until: deadline)
            return .success(true)
        } catch .server(let refusal) where Self.lacksTable(refusal) {
            return .failure(.noHeartbeat(refusal.message, node.name))
        } catch {
            return nil
        }
    }
}

extension Failure {
    /// There is nothing to write to.
    fileprivate static func noHeartbeat(_ words: String, _ place: String) -> Failure {
        Failure(
            .refused, "the probe can't use table pgdr.heartbeat", detail: "\(place): \(words)",
            hint: "Run sql/schema.sql on the primary, as a superuser, in the database that the path leads to;"
                + " another role than pgdr needs: GRANT pgdr TO that_role")
    }
}
