/// What stopped the caller, in the four parts PostgreSQL gives its own errors, plus the node it concerns.
///
/// Expected answers (an unreachable node, a lagging standby) are values, not failures. Texts follow PostgreSQL's
/// message style guide: the message in lower case without a full stop, the detail facts, the hint what a person
/// does next. None of them ever holds a secret.
public struct Failure: Error, Sendable, Equatable {
    /// What kind of failure it is: stable, for scripts.
    public var code: FailureCode
    /// One line, lower case, no full stop.
    public var message: String
    /// The facts seen: positions, deadlines, the server's own words.
    public var detail: String?
    /// What a person can do next.
    public var hint: String?
    /// The configured name of the node it concerns.
    public var node: String?

    /// A failure with its parts; `node` nil when it concerns no single node.
    public init(
        _ code: FailureCode, _ message: String, detail: String? = nil, hint: String? = nil, node: String? = nil
    ) {
        self.code = code
        self.message = message
        self.detail = detail
        self.hint = hint
        self.node = node
    }
}

/// The stable name of a kind of failure; an open set, all of pgdr's own listed here.
public struct FailureCode: RawRepresentable, Hashable, Sendable {
    /// The name as scripts see it.
    public let rawValue: String
    /// A code of any name; pgdr's own are the static members.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A configuration that could not be found, read or understood.
    public static let configuration = FailureCode(rawValue: "configuration")
    /// A connection string that libpq does not take.
    public static let connectionString = FailureCode(rawValue: "connection_string")
    /// No connection could be made, or it was lost.
    public static let connection = FailureCode(rawValue: "connection")
    /// A deadline passed.
    public static let timeout = FailureCode(rawValue: "timeout")
    /// The surrounding task was cancelled.
    public static let cancelled = FailureCode(rawValue: "cancelled")
    /// The server refused a statement.
    public static let server = FailureCode(rawValue: "server")
    /// The server's answer was not of the expected form.
    public static let unexpectedAnswer = FailureCode(rawValue: "unexpected_answer")
    /// What was to be proven by an action was not.
    public static let notProven = FailureCode(rawValue: "not_proven")
    /// Something the operating system refused.
    public static let system = FailureCode(rawValue: "system")
    /// An action was refused before anything was changed.
    public static let refused = FailureCode(rawValue: "refused")
    /// An action was refused before anything was changed, because another process acts on the same cluster.
    public static let busy = FailureCode(rawValue: "in_progress_elsewhere")
    /// A command on a node's host, or on this machine, failed.
    public static let command = FailureCode(rawValue: "command")
    /// An SSH server or a command on another machine did not do what it must.
    public static let ssh = FailureCode(rawValue: "ssh")
    /// An SSH server's host key is not known, not the known one, or revoked.
    public static let hostKey = FailureCode(rawValue: "host_key")
    /// An SSH server didn't let the user in.
    public static let authentication = FailureCode(rawValue: "authentication")
    /// The lab's servers could not be made, started or stopped.
    public static let lab = FailureCode(rawValue: "lab")
    /// The audit log could not be written, read or trusted: no action starts.
    public static let audit = FailureCode(rawValue: "audit")
}
