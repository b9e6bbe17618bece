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
        case applicationName = "application_name"
        case slot
        case clientAddress = "client_addr"
        case walReceiver = "wal_receiver"
    }

    /// All nodes that answered and are not in recovery, in the order of the configuration.
    public var primaries: [String]
    /// The primary that lag is measured against: the only one, or of several the one on the highest timeline, then
    /// the one with most standbys; nil when there is none or that doesn't decide.
    public var primary: String?
    /// The link of each node that receives from a known one.
    public var links: [String: Link]

    /// Works out the topology from a round's answers.
    public init(_ snapshot: ClusterSnapshot) {
        primaries = snapshot.nodes.filter { $0.snapshot?.inRecovery == false }.map(\.name)
        links = Self.links(snapshot)
        primary = Self.choose(primaries, snapshot, links)
    }

    /// The nodes that receive from `upstream`, in the order of the configuration.
    public func downstreams(of upstream: String, in snapshot: ClusterSnapshot) -> [String] {
        snapshot.nodes.map(\.name).filter { links[$0]?.upstream == upstream }
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

    private static func choose(
        _ primaries: [String], _ snapshot: ClusterSnapshot, _ links: [String: Link]
    ) -> String? {
        func rank(_ name: String) -> (UInt32, Int) {
            let timeline = snapshot.node(name)?.snapshot?.timeline?.rawValue ?? 0
            return (timeline, links.values.count { $0.upstream == name })
        }
        guard let best = primaries.max(by: { rank($0) < rank($1) }) else { return nil }
        let isUnique = primaries.count { rank($0) == rank(best) } == 1
        return isUnique ? best : nil
    }

    private static func links(_ snapshot: ClusterSnapshot) -> [String: Link] {
        var links: [String: Link] = [:]
        for node in snapshot.nodes where node.snapshot?.inRecovery ?? true {
            links[node.name] = link(of: node, in: snapshot)
        }
        return links
    }

    /// The link of one node. Names come first, then slots, then addresses: several servers may share an address, and
    /// an address may be a router's. Of several rows by one name the newest is the one that lives.
    private static func link(of node: ObservedNode, in snapshot: ClusterSnapshot) -> Link? {
        let servers = snapshot.nodes.filter { $0.name != node.name && $0.snapshot != nil }
        for match in [Match.applicationName, .slot, .clientAddress] {
            let found = servers.flatMap { server in
                (server.snapshot?.standbys ?? [])
                    .filter { !$0.isBackupStream && matches($0, node, match, on: server, in: snapshot) }
                    .map { (server.name, $0) }
            }
            let newest = found.max { ($0.1.backendStart?.rawValue ?? 0) < ($1.1.backendStart?.rawValue ?? 0) }
            if let (upstream, row) = newest { return Link(upstream: upstream, row: row, matchedBy: match) }
        }
        guard let receiver = node.snapshot?.receiver, let host = receiver.senderHost else { return nil }
        let senders = servers.filter { listens($0, on: host, port: receiver.senderPort) }
        guard senders.count == 1, let sender = senders.first else { return nil }
        return Link(upstream: sender.name, row: nil, matchedBy: .walReceiver)
    }

    private static func matches(
        _ row: WALSenderRow, _ node: ObservedNode, _ match: Match, on server: ObservedNode, in snapshot: ClusterSnapshot
    ) -> Bool {
        switch match {
        case .applicationName:
            guard let name = row.applicationName, name != "walreceiver", !name.isEmpty else { return false }
            return applicationNames(of: node).contains(name)
        case .slot:
            guard let slot = node.snapshot?.setting("primary_slot_name"), !slot.isEmpty else { return false }
            return server.snapshot?.slots.contains { $0.slotName == slot && $0.activePID == row.pid } ?? false
        case .clientAddress:
            guard let address = row.clientAddress, node.addresses.contains(address) else { return false }
            // A row that bears another node's name, or comes from where several live, proves nothing.
            let others = snapshot.nodes.filter { $0.name != node.name }
            let named = row.applicationName.map { name in others.contains { applicationNames(of: $0).contains(name) } }
            return named != true && !others.contains { $0.addresses.contains(address) }
        case .walReceiver: return false
        }
    }

    private static func applicationNames(of node: ObservedNode) -> Set<String> {
        let own = [node.snapshot?.primaryConninfo?.applicationName, node.snapshot?.setting("cluster_name")]
        return Set(own.compactMap(\.self) + [node.applicationName, node.name]).subtracting([""])
    }

    private static func listens(_ server: ObservedNode, on host: String, port: Int?) -> Bool {
        guard server.addresses.contains(host) else { return false }
        guard let port, let own = server.snapshot?.integerSetting("port") else { return true }
        return Int64(port) == own
    }
}
