/// What is to be written to the log: an event without the parts that the log itself adds.
public struct AuditEntry: Sendable, Equatable {
    /// The cluster it is about, nil when it is about none.
    public var cluster: String?
    /// The run it belongs to, nil when it belongs to none.
    public var run: String?
    /// What happened, such as `step.started`: stable, for scripts.
    public var event: String
    /// The node it is about, nil when it is about none or several.
    public var node: String?
    /// Everything else.
    public var details: AuditValue

    /// An entry by its parts.
    public init(
        _ event: String, cluster: String? = nil, run: String? = nil, node: String? = nil, details: AuditValue = [:]
    ) {
        self.cluster = cluster
        self.run = run
        self.event = event
        self.node = node
        self.details = details
    }
}

/// One line of the log.
public struct AuditEvent: Sendable, Equatable, Codable {
    /// Its number, from 1, without gaps over all files of a log.
    public var seq: UInt64
    /// When it was written, RFC 3339 in UTC with microseconds.
    public var at: String
    /// Who did it; see `Actor`.
    public var actor: String
    /// The machine pgdr ran on.
    public var host: String
    /// The cluster it is about, nil when it is about none.
    public var cluster: String?
    /// The run it belongs to, nil when it belongs to none.
    public var run: String?
    /// What happened, such as `step.started`.
    public var event: String
    /// The node it is about, nil when it is about none or several.
    public var node: String?
    /// Everything else.
    public var details: AuditValue
    /// The SHA-256 of the line before it, hexadecimal, over its bytes without the newline; zeros for the first line.
    public var prev: String
}
