internal import Essentials

/// What a session relies on, set at connect whatever the server, database or role has as defaults.
///
/// They travel in the start-up packet, so they cost no round trip and outrank `ALTER ROLE … SET`.
public struct SessionSettings: Sendable, Equatable {
    /// Whether the session may change anything.
    public enum Access: Sendable {
        /// Statements that change data are refused by the server (`default_transaction_read_only`).
        case readOnly
        /// Whatever the role may change.
        case readWrite
    }

    /// What a commit waits for.
    public enum Durability: Sendable {
        /// The server's own disk (`synchronous_commit = local`), even where standbys are to be waited for.
        case local
        /// Whatever the server, the database or the role has configured, as any client's commit does.
        case asConfigured
    }

    /// Whether the session may change anything; standbys are read only whatever this says.
    public var access: Access
    /// What a commit waits for; by default the server's own disk, since a commit of ours must not wait for a standby
    /// that may be the very one that is missing.
    public var durability: Durability = .local
    /// After this time the server itself ends a statement, so that one given up on doesn't run on.
    public var statementTimeout: Duration
    /// The name in `pg_stat_activity`.
    public var applicationName: String

    /// Settings for a session.
    public init(access: Access, statementTimeout: Duration, applicationName: String = "pgdr") {
        self.access = access
        self.statementTimeout = statementTimeout
        self.applicationName = applicationName
    }

    /// The `options` parameter: settings as the postmaster takes them on its command line.
    var options: String {
        let milliseconds = min(max(1, statementTimeout.millisecondsRoundedUp), Int(Int32.max))
        var settings: [(String, String)] = [
            ("statement_timeout", "\(milliseconds)"),
            ("lock_timeout", "\(milliseconds)"),
            ("idle_in_transaction_session_timeout", "\(max(milliseconds, 60_000))"),
            ("idle_session_timeout", "0"),
            ("default_transaction_isolation", "read\\ committed"),
            ("default_transaction_read_only", access == .readOnly ? "on" : "off"),
            ("default_transaction_deferrable", "off"),
            ("search_path", "pg_catalog"),
            ("client_min_messages", "warning"),
            ("datestyle", "ISO"),
            ("intervalstyle", "postgres"),
            ("timezone", "UTC"),
            ("extra_float_digits", "1"),
            ("bytea_output", "hex"),
            ("standard_conforming_strings", "on"),
            ("row_security", "off"),
            ("jit", "off"),
        ]
        if durability == .local { settings.append(("synchronous_commit", "local")) }
        return settings.map { "-c \($0.0)=\($0.1)" }.joined(separator: " ")
    }
}
