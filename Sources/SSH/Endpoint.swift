/// An SSH server and how to log in there.
public struct Endpoint: Sendable, Equatable {
    /// A name or a numeric address; an IPv6 address without brackets.
    public var host: String
    /// The server's port.
    public var port: Int
    /// The user to log in as.
    public var user: String
    /// Files of private keys, tried in this order after the agent's keys; absolute paths.
    public var identityFiles: [String]
    /// Whether only `identityFiles` are tried, as when the configuration names one: an agent with many keys would use
    /// up the attempts the server allows.
    public var usesAgent: Bool
    /// Files of known host keys, absolute paths; one that doesn't exist counts as empty.
    public var knownHostsFiles: [String]
    /// The hosts on the way there, the first one is connected to directly; empty: none.
    public var jumps: [Endpoint]

    /// An endpoint by its parts.
    public init(
        host: String, port: Int = 22, user: String, identityFiles: [String], usesAgent: Bool = true,
        knownHostsFiles: [String], jumps: [Endpoint] = []
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.identityFiles = identityFiles
        self.usesAgent = usesAgent
        self.knownHostsFiles = knownHostsFiles
        self.jumps = jumps
    }
}
