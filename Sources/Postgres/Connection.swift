internal import CLibpq
public import Essentials

/// A connection to one PostgreSQL server, over libpq without blocking, from the first packet to the last row.
///
/// Only its owner can use it, one statement after the other: it can't be copied, and asking is `mutating`. Every
/// wait has a deadline and ends when the task is cancelled; the connection is then useless and is dropped, which
/// together with the server's own `statement_timeout` ends the statement. Dropping it closes it.
///
/// ```swift
/// var connection = try await Connection.open(string, settings, until: deadline)
/// let row = try await connection.query("SELECT pg_is_in_recovery() AS standby", until: deadline).onlyRow()
/// ```
public struct Connection: ~Copyable, Sendable {
    /// May move between threads, is never shared: unique by ~Copyable.
    private nonisolated(unsafe) let pointer: OpaquePointer
    /// Set once a wait was given up: libpq's state is then in the middle of a statement.
    private var abandoned: Silence?

    private init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQfinish(pointer) }

    /// Connects to the first address of `string` that lets the session in; each may take its share of the time.
    /// - Throws: `silence` with the reason of the address that said most (a server's refusal rather than a time-out).
    public static func open(
        _ string: ConnectionString, _ settings: SessionSettings, until deadline: Deadline
    ) async throws(PostgresError) -> Connection {
        try await open(string, .session(settings), until: deadline)
    }

    /// Connects as an application does: with what `string` says and nothing else, so that a pooler takes it.
    ///
    /// No time limit of the server's own ends a statement that is given up on.
    /// - Throws: as `open`.
    public static func openAsClient(
        _ string: ConnectionString, applicationName: String, until deadline: Deadline
    ) async throws(PostgresError) -> Connection {
        try await open(string, .client(applicationName), until: deadline)
    }

    /// Connects to PgBouncer's administration console (database `pgbouncer`), which takes no session settings, and
    /// statements by `command` only.
    /// - Throws: as `open`.
    public static func openConsole(
        _ string: ConnectionString, until deadline: Deadline
    ) async throws(PostgresError) -> Connection {
        try await open(string, .console, until: deadline)
    }

    /// What is on the other side, as far as it takes settings.
    private enum Purpose {
        case session(SessionSettings)
        case client(String)
        case console

        var options: String? { if case .session(let settings) = self { settings.options } else { nil } }

        var applicationName: String {
            switch self {
            case .session(let settings): settings.applicationName
            case .client(let name): name
            case .console: "pgdr"
            }
        }

        /// A session that only reads takes any server: each host is asked by itself, and told what it is.
        var isChoosy: Bool {
            switch self {
            case .session(let settings): settings.access == .readWrite
            case .client: true
            case .console: false
            }
        }
    }

    private static func open(
        _ string: ConnectionString, _ purpose: Purpose, until deadline: Deadline
    ) async throws(PostgresError) -> Connection {
        let expanded: [ConnectionString.Setting]
        do { expanded = try string.expanded() } catch { throw .failure(error) }
        let addresses = try await Address.all(of: expanded, until: deadline)
        let parameters = parameters(expanded, of: string, purpose)
        var silence: Silence?
        for (index, address) in addresses.enumerated() {
            do {
                let share = deadline.share(of: addresses.count - index)
                return try await connect(address, parameters, until: share)
            } catch {
                guard case .silence(let reason) = error, reason.reason != .cancelled else { throw error }
                if silence.map({ !$0.isAnswer }) ?? true { silence = reason }
            }
        }
        throw .silence(silence ?? Silence(.other, "the connection string names no server"))
    }

    /// Sends one statement with bound parameters and returns all of its rows.
    ///
    /// A nil parameter is NULL. The statement is never put together from values: they travel apart from it.
    /// - Throws: `server` when the server refuses the statement (the connection lives on), `silence` when the
    ///   connection breaks or the deadline passes (it doesn't).
    public mutating func query(
        _ statement: String, _ parameters: [String?] = [], until deadline: Deadline
    ) async throws(PostgresError) -> QueryResult {
        try await exchange(until: deadline) { pointer in
            withValues(parameters) { PQsendQueryParams(pointer, statement, Int32($0.count), nil, $0, nil, nil, 0) }
        }
    }

    /// Sends a statement that takes no parameters by the simple protocol, which is all that PgBouncer's console knows.
    ///
    /// Only ever a text that is written in the program.
    /// - Throws: as `query`.
    public mutating func command(
        _ statement: StaticString, until deadline: Deadline
    ) async throws(PostgresError) -> QueryResult {
        try await exchange(until: deadline) { PQsendQuery($0, "\(statement)") }
    }

    /// Has the server parse and plan a statement once, to be run often under `name` by `execute`.
    /// - Throws: as `query`.
    public mutating func prepare(
        _ statement: String, as name: String, until deadline: Deadline
    ) async throws(PostgresError) {
        _ = try await exchange(until: deadline) { PQsendPrepare($0, name, statement, 0, nil) }
    }

    /// Runs a prepared statement with bound parameters and returns all of its rows.
    /// - Throws: as `query`; `server` with SQLSTATE 26000 when nothing is prepared under that name.
    public mutating func execute(
        _ name: String, _ parameters: [String?] = [], until deadline: Deadline
    ) async throws(PostgresError) -> QueryResult {
        try await exchange(until: deadline) { pointer in
            withValues(parameters) { PQsendQueryPrepared(pointer, name, Int32($0.count), $0, nil, nil, 0) }
        }
    }

    private mutating func exchange(
        until deadline: Deadline, _ send: (OpaquePointer) -> Int32
    ) async throws(PostgresError) -> QueryResult {
        if let abandoned { throw .silence(abandoned) }
        guard send(pointer) == 1 else { throw .silence(lost()) }
        try await flush(until: deadline)
        var answer: Result<QueryResult, ServerError>?
        while let result = try await nextResult(until: deadline) {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK: answer = answer ?? .success(QueryResult(copying: result))
            case PGRES_FATAL_ERROR:
                guard let error = ServerError(result: result) else { throw .silence(lost()) }
                answer = .failure(error)
            default:
                throw .failure(Failure(.unexpectedAnswer, "the server answered with something that is no row"))
            }
        }
        switch answer {
        case .success(let result): return result
        case .failure(let error):
            let reason = Silence.reason(sqlstate: error.sqlstate, message: error.message)
            guard error.severity != "ERROR", reason == .terminated else { throw .server(error) }
            throw .silence(abandon(.terminated, error.message))
        case nil: throw .silence(lost())
        }
    }

    /// Whether the connection can still be used.
    public var isUsable: Bool { abandoned == nil && PQstatus(pointer) == CONNECTION_OK }

    /// Takes note of an end that the server has announced meanwhile; true while nothing of the kind has come.
    ///
    /// For a session that was idle: a statement sent into a connection that is gone leaves open whether it ran.
    package mutating func stillConnected() -> Bool {
        guard isUsable else { return false }
        guard PQconsumeInput(pointer) == 1, PQstatus(pointer) == CONNECTION_OK else {
            _ = lost()
            return false
        }
        return true
    }

    /// Waits, between two statements, until the server ends the connection, at the longest until the deadline.
    package mutating func waitForEnd(until deadline: Deadline) async {
        while stillConnected() {
            guard await ReadinessLoop.shared.wait(for: .readable, on: PQsocket(pointer), until: deadline) == .ready
            else {
                return
            }
        }
    }

    /// The numeric address of the server, nil for a Unix socket.
    public var serverAddress: String? {
        PQhostaddr(pointer).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The host, by the name or number that the connection string gives it, and the port of the server that let the
    /// session in; nil where libpq doesn't tell.
    package var place: (host: String, port: Int)? {
        guard let host = PQhost(pointer).map({ String(cString: $0) }), !host.isEmpty,
            let port = PQport(pointer).flatMap({ Int(String(cString: $0)) })
        else { return nil }
        return (host, port)
    }

    // MARK: Connecting

    private static func parameters(
        _ expanded: [ConnectionString.Setting], of string: ConnectionString, _ purpose: Purpose
    ) -> [(keyword: String, value: String)] {
        let ours: Set<String> = [
            "host", "hostaddr", "port", "options", "connect_timeout", "client_encoding", "application_name",
            "fallback_application_name", "replication",
        ]
        let unwanted = purpose.isChoosy ? ours : ours.union(["target_session_attrs"])
        var parameters = expanded.filter { !unwanted.contains($0.keyword) }.map {
            (keyword: $0.keyword, value: $0.value)
        }
        // Looking for a Kerberos ticket may ask the network, and blocks; only who writes it down gets it.
        if string.value(of: "gssencmode") == nil {
            parameters = parameters.map { parameter in
                parameter == ("gssencmode", "prefer") ? ("gssencmode", "disable") : parameter
            }
        }
        let own = expanded.first { $0.keyword == "options" }?.value
        let options = [own, purpose.options].compactMap(\.self)
        if !options.isEmpty { parameters.append(("options", options.joined(separator: " "))) }
        parameters.append(("client_encoding", "UTF8"))
        parameters.append(("application_name", purpose.applicationName))
        return parameters
    }

    private static func connect(
        _ address: Address, _ parameters: [(keyword: String, value: String)], until deadline: Deadline
    ) async throws(PostgresError) -> Connection {
        var parameters = parameters
        if let host = address.host { parameters.append(("host", host)) }
        if let hostaddr = address.hostaddr { parameters.append(("hostaddr", hostaddr)) }
        if let port = address.port { parameters.append(("port", port)) }
        guard let pointer = withParameters(parameters, { PQconnectStartParams($0, $1, 0) }) else {
            throw .failure(Failure(.system, "out of memory"))
        }
        let connection = Connection(owning: pointer)
        PQsetNoticeProcessor(pointer, { _, _ in }, nil)
        // The SQLSTATE of a refused connection stands only in verbose messages.
        PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
        var interest = ReadinessLoop.Interest.writable
        while true {
            guard PQstatus(pointer) != CONNECTION_BAD else { throw .silence(connection.connectFailure()) }
            // The socket may be another one after each step (a second try without TLS).
            switch await ReadinessLoop.shared.wait(for: interest, on: PQsocket(pointer), until: deadline) {
            case .ready: break
            case .timedOut: throw .silence(Silence(.connectTimeout, "no answer to the connection attempt in time"))
            case .cancelled: throw .silence(Silence(.cancelled, "cancelled"))
            }
            switch PQconnectPoll(pointer) {
            case PGRES_POLLING_OK:
                PQsetErrorVerbosity(pointer, PQERRORS_DEFAULT)
                guard PQsetnonblocking(pointer, 1) == 0 else { throw .silence(connection.connectFailure()) }
                return connection
            case PGRES_POLLING_READING: interest = .readable
            case PGRES_POLLING_WRITING: interest = .writable
            default: throw .silence(connection.connectFailure())
            }
        }
    }

    private borrowing func connectFailure() -> Silence {
        let silence = Silence(connecting: String(cString: PQerrorMessage(pointer)))
        guard PQconnectionNeedsPassword(pointer) == 1 else { return silence }
        return Silence(.authenticationFailed, silence.detail)
    }

    // MARK: Asking

    /// Sends what is buffered; reads meanwhile, since a server whose output is full takes no input.
    private mutating func flush(until deadline: Deadline) async throws(PostgresError) {
        while true {
            switch PQflush(pointer) {
            case 0: return
            case 1:
                try await wait(for: .either, until: deadline)
                guard PQconsumeInput(pointer) == 1 else { throw .silence(lost()) }
            default: throw .silence(lost())
            }
        }
    }

    private mutating func nextResult(until deadline: Deadline) async throws(PostgresError) -> OpaquePointer? {
        while PQisBusy(pointer) == 1 {
            try await wait(for: .readable, until: deadline)
            guard PQconsumeInput(pointer) == 1 else { throw .silence(lost()) }
        }
        return PQgetResult(pointer)
    }

    private mutating func wait(
        for interest: ReadinessLoop.Interest, until deadline: Deadline
    ) async throws(PostgresError) {
        switch await ReadinessLoop.shared.wait(for: interest, on: PQsocket(pointer), until: deadline) {
        case .ready: return
        case .timedOut: throw .silence(abandon(.queryTimeout, "connected, but no answer to the statement in time"))
        case .cancelled: throw .silence(abandon(.cancelled, "cancelled"))
        }
    }

    private mutating func lost() -> Silence {
        let words = Silence(connecting: String(cString: PQerrorMessage(pointer))).detail
        return abandon(.terminated, words)
    }

    private mutating func abandon(_ reason: Silence.Reason, _ detail: String) -> Silence {
        let silence = Silence(reason, detail)
        abandoned = silence
        return silence
    }
}
