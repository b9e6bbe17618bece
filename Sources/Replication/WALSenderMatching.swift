/// Tells which node a walsender serves.
///
/// What only one node can be known by says that it is that one; what several share proves nothing: `cluster_name`,
/// from which a walreceiver takes its name for want of another, is `15/main` on every node that Debian made, several
/// servers may share an address, and an address may be a router's.
struct WALSenderMatching {
    private let byName: [String: String]
    private let bySlot: [String: String]
    private let byAddress: [String: String]

    init(_ nodes: [ObservedNode]) {
        byName = Self.owners(nodes, Self.applicationNames)
        bySlot = Self.owners(nodes.filter { $0.snapshot?.inRecovery == true }) { node in
            Set([node.snapshot?.setting("primary_slot_name")].compactMap(\.self))
        }
        byAddress = Self.owners(nodes, \.addresses)
    }

    /// The node that receives through `row` of `server`; nil for backups, logical subscribers and strangers.
    func node(receivingThrough row: WALSenderRow, of server: NodeSnapshot) -> (name: String, match: Topology.Match)? {
        guard !row.isBackupStream else { return nil }
        let slot = server.slots.first { $0.activePID == row.pid }
        guard slot?.slotType != "logical" else { return nil }
        if let name = row.applicationName, let owner = byName[name] { return (owner, .applicationName) }
        if let slot, let owner = bySlot[slot.slotName] { return (owner, .slot) }
        if let address = row.clientAddress, let owner = byAddress[address] { return (owner, .clientAddress) }
        return nil
    }

    /// What its walreceiver may call itself: PostgreSQL takes `cluster_name` when `primary_conninfo` names nothing.
    private static func applicationNames(of node: ObservedNode) -> Set<String> {
        let own = node.snapshot?.primaryConninfo?.applicationName ?? node.snapshot?.setting("cluster_name")
        return Set([own, node.applicationName, node.name].compactMap(\.self)).subtracting(["walreceiver"])
    }

    private static func owners(
        _ nodes: [ObservedNode], _ marks: (ObservedNode) -> Set<String>
    ) -> [String: String] {
        var holders: [String: [String]] = [:]
        for node in nodes {
            for mark in marks(node) where !mark.isEmpty { holders[mark, default: []].append(node.name) }
        }
        return holders.compactMapValues { $0.count == 1 ? $0.first : nil }
    }
}
