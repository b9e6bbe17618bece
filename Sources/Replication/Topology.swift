/// Who is primary and who receives from whom, as the answers show it.
public struct Topology: Sendable, Equatable {
    /// A standby's connection to the node it receives from.
    public struct Link: Sendable, Equatable {
        /// The node it receives from.
        public var upstream: String
        /// The upstream's row for it; nil when only the standby's own walreceiver tells of the connection.
        public var row: WALSenderRow?
        /// By what the row was recognised.
        public var matchedBy: Match
    }

    /// By what a walsender was recognised as serving a node.
    public enum Match: String, Sendable {
        /// By the name that the walreceiver bears, which only this node has.
        case applicationName = "application_name"
        /// By the slot it uses, which is the node's `primary_slot_name`.
        case slot
        /// By the address it connects from, which only this node has.
        case clientAddress = "client_addr"
        /// By no walsender: the node's own walreceiver names the server it is connected to.
        case walReceiver = "wal_receiver"
    }

    /// All servers that answered and are not in recovery, in the order of the configuration.
    public var primaries: [String]
    /// The primary that lag is measured against: the only one, or of several the one of the system that most nodes
    /// belong to, then the one on the highest timeline, then the one with most standbys; nil when there is none or
    /// that doesn't decide.
    public var primary: String?
    /// The link of each node that receives from a known one.
    public var links: [String: Link]

    /// Works out the topology from a round's answers.
    public init(_ snapshot: ClusterSnapshot) {
        let primaries = snapshot.primaries
        self.primaries = primaries.map(\.name)
        links = Self.links(snapshot)
        primary = Self.choose(primaries, snapshot, links)
    }

    /// The primary that `node` follows, directly or through others, if it is not the one that lag is measured
    /// against; nil otherwise.
    public func otherPrimary(followedBy node: String) -> String? {
        upstreams(of: node).first { primaries.contains($0) && $0 != primary }
    }

    /// The chain of nodes from which `node` receives, nearest first; it ends where a link is missing or repeats.
    public func upstreams(of node: String) -> [String] {
        var chain: [String] = []
        var current = node
        while let next = links[current]?.upstream, next != node, !chain.contains(next) {
            chain.append(next)
            current = next
        }
        return chain
    }

    /// A foreign primary doesn't outrank ours: the system that most nodes belong to counts first.
    private static func choose(
        _ primaries: [ObservedNode], _ snapshot: ClusterSnapshot, _ links: [String: Link]
    ) -> String? {
        let ranks = primaries.map { primary in
            (
                snapshot.nodes.count { $0.snapshot?.systemIdentifier == primary.snapshot?.systemIdentifier },
                primary.snapshot?.timeline?.rawValue ?? 0, links.values.count { $0.upstream == primary.name }
            )
        }
        guard let best = ranks.max(by: <), ranks.count(where: { $0 == best }) == 1 else { return nil }
        return zip(primaries, ranks).first { $1 == best }?.0.name
    }

    /// The link of each node that isn't primary: by a walsender, for want of one by what its own walreceiver says.
    private static func links(_ snapshot: ClusterSnapshot) -> [String: Link] {
        let matching = WALSenderMatching(snapshot.nodes)
        let receivers = snapshot.nodes.filter { $0.snapshot?.inRecovery ?? true }
        let names = Set(receivers.map(\.name))
        var links: [String: Link] = [:]
        for server in snapshot.nodes {
            guard let own = server.snapshot else { continue }
            for row in own.standbys {
                guard let (name, match) = matching.node(receivingThrough: row, of: own), name != server.name,
                    names.contains(name)
                else { continue }
                let link = Link(upstream: server.name, row: row, matchedBy: match)
                if links[name].map({ link.outranks($0) }) ?? true { links[name] = link }
            }
        }
        for node in receivers where links[node.name] == nil {
            guard let receiver = node.snapshot?.receiver, let host = receiver.senderHost else { continue }
            let senders = snapshot.nodes.filter {
                $0.name != node.name && listens($0, on: host, port: receiver.senderPort)
            }
            guard senders.count == 1, let sender = senders.first else { continue }
            links[node.name] = Link(upstream: sender.name, row: nil, matchedBy: .walReceiver)
        }
        return links
    }

    /// The node that a standby which isn't connected ought to receive from: the one its `primary_conninfo` names, else
    /// the configured one, else the primary.
    func intendedUpstream(of node: ObservedNode, in snapshot: ClusterSnapshot) -> String? {
        if let conninfo = node.snapshot?.primaryConninfo, let host = conninfo.host {
            let named = snapshot.nodes.filter {
                $0.name != node.name && Self.listens($0, on: host, port: conninfo.port)
            }
            if named.count == 1 { return named.first?.name }
        }
        return node.expectedUpstream ?? primary
    }

    private static func listens(_ server: ObservedNode, on host: String, port: Int?) -> Bool {
        guard let own = server.snapshot, server.addresses.contains(host) else { return false }
        guard let port, let configured = own.integerSetting("port") else { return true }
        return Int64(port) == configured
    }
}

extension Topology.Link {
    /// Names come first, then slots, then addresses; of several rows by one name the newest is the one that lives.
    fileprivate func outranks(_ other: Self) -> Bool {
        guard matchedBy == other.matchedBy else { return matchedBy.rank < other.matchedBy.rank }
        return row?.backendStart?.rawValue ?? 0 > other.row?.backendStart?.rawValue ?? 0
    }
}

extension Topology.Match {
    fileprivate var rank: Int {
        switch self {
        case .applicationName: 0
        case .slot: 1
        case .clientAddress: 2
        case .walReceiver: 3
        }
    }
}
