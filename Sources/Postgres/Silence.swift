/// Why a server gave no answer, or none that can be used.
///
/// A server that refuses with a FATAL error proves that a postmaster is alive; `isAnswer` tells those apart.
public struct Silence: Error, Sendable, Equatable {
    /// The kind of silence; decisions look only at this.
    public enum Reason: String, Sendable, CaseIterable {
        /// The host name has no address.
        case nameNotFound = "name_not_found"
        /// Nobody listens on the port, or there is no such Unix socket.
        case refused
        /// The host or network can't be reached.
        case unreachable
        /// No connection within the deadline: packets are dropped, or the server accepts and never answers.
        case connectTimeout = "connect_timeout"
        /// Connected, but the answer to a statement didn't come within the deadline.
        case queryTimeout = "query_timeout"
        /// TLS could not be agreed on, or the certificate is not the expected one.
        case tlsFailed = "tls_failed"
        /// The server doesn't let this user in (SQLSTATE class 28, or no password to give).
        case authenticationFailed = "authentication_failed"
        /// All connections are taken (SQLSTATE 53300).
        case tooManyClients = "too_many_clients"
        /// The server is starting up or still recovering (SQLSTATE 57P03).
        case startingUp = "starting_up"
        /// The server is shutting down (SQLSTATE 57P03).
        case shuttingDown = "shutting_down"
        /// The server is in recovery and takes no connections because hot_standby is off (SQLSTATE 57P03).
        case noHotStandby = "no_hot_standby"
        /// The connection ended, by an administrator's command (57P01), a crash (57P02) or without a word.
        case terminated
        /// What answers is not a PostgreSQL server.
        case notPostgres = "not_postgres"
        /// The server refused the connection for another reason (for example: no such database).
        case rejected
        /// The surrounding task was cancelled.
        case cancelled
        /// Something else; see the detail.
        case other
    }

    /// The kind of silence.
    public var reason: Reason
    /// What libpq or the server said, on one line; it never holds a secret.
    public var detail: String

    /// A silence with libpq's or the server's own words.
    public init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    /// Whether a server answered at all, so that its postmaster is alive.
    public var isAnswer: Bool {
        switch reason {
        case .authenticationFailed, .tooManyClients, .startingUp, .shuttingDown, .noHotStandby, .rejected: true
        default: false
        }
    }
}

extension Silence {
    /// Classifies the message of a connection that failed.
    ///
    /// libpq gives no SQLSTATE for a refused connection, but with verbose messages it stands in the text as
    /// `FATAL:  53300: …`, whatever the server's language. The other texts are libpq's own, which stay English as
    /// long as the program never calls `setlocale`.
    init(connecting message: String) {
        let detail = Self.oneLine(message)
        self.init(Self.reason(connecting: message), detail.isEmpty ? "no reason given" : detail)
    }

    private static func reason(connecting message: String) -> Reason {
        if let state = sqlstate(in: message) { return reason(sqlstate: state, message: message) }
        // Before that stands where the connection was tried to, which may hold any word.
        let words = message.firstRange(of: "failed: ").map { message[$0.upperBound...] } ?? message[...]
        for (reason, texts) in clientTexts where texts.contains(where: { words.contains($0) }) { return reason }
        return .other
    }

    /// Order matters: a TLS failure may end with the reason of the connection that was tried without TLS.
    private static let clientTexts: [(Reason, [String])] = [
        (.notPostgres, ["received invalid response to", "expected authentication request from server, but received"]),
        (.authenticationFailed, ["no password supplied", "SCRAM", "SASL", "authentication method", "channel binding"]),
        (.tlsFailed, ["SSL", "certificate", "GSSAPI"]),
        (.refused, ["Connection refused", "No such file or directory"]),
        (.unreachable, ["No route to host", "Network is unreachable", "Connection timed out", "Permission denied"]),
        (.terminated, ["server closed the connection unexpectedly", "Connection reset by peer", "Broken pipe"]),
    ]

    static func reason(sqlstate: String, message: String) -> Reason {
        switch sqlstate {
        case "53300": return .tooManyClients
        case "57P03":
            if message.contains("shutting down") { return .shuttingDown }
            if message.contains("Hot standby mode is disabled") { return .noHotStandby }
            return .startingUp
        case "57P01", "57P02", "57P05": return .terminated
        case _ where sqlstate.hasPrefix("28"): return .authenticationFailed
        // A connection exception: a pooler's word about the server behind it, not the server's own.
        case _ where sqlstate.hasPrefix("08"): return .other
        default: return .rejected
        }
    }

    /// The SQLSTATE in a verbose message, between the severity and the text.
    private static func sqlstate(in message: String) -> String? {
        var rest = message[...]
        while let colon = rest.firstRange(of: ":  ") {
            rest = rest[colon.upperBound...]
            let state = rest.prefix(5)
            let isState = state.allSatisfy { $0.isASCII && ($0.isNumber || $0.isUppercase) }
            if state.count == 5, isState, rest.dropFirst(5).hasPrefix(": ") { return String(state) }
        }
        return nil
    }

    /// The message on one line, without the source location that verbose messages end with and without libpq's
    /// guesses ("Is the server running …?"), which are indented.
    private static func oneLine(_ message: String) -> String {
        message.split(whereSeparator: \.isNewline)
            .filter { !$0.hasPrefix("LOCATION:") && !$0.hasPrefix("\t") }
            .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
            .joined(separator: "; ")
    }
}
