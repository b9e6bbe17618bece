/// Those of whom a majority must agree before a certain primary is replaced.
///
/// Invariant: any two majorities have a voter in common, so two decisions can't both be made without a voter that
/// knows of both. It holds because a majority is more than half of *all* voters, whether they answer or not, and
/// because who votes follows from the configuration and the node to be replaced alone. Observers with different
/// configurations don't have that promise: change the nodes and witnesses everywhere before the next failover.
///
/// With two nodes and no witness there is one voter, the standby, and it decides alone: one of one. Then nothing but
/// that voter's own view protects against a primary that lives on where it can't see it; only fencing does. With two
/// voters both are needed, so the loss of either, together with the primary, leaves no majority.
package struct Voters: Sendable, Equatable {
    /// The nodes that may take over, in the configuration's order.
    package let nodes: [String]
    /// The witnesses, in the configuration's order.
    package let witnesses: [String]

    /// All of them: the nodes, then the witnesses.
    package var names: [String] { nodes + witnesses }

    /// How many there are, whether they answer or not.
    package var count: Int { nodes.count + witnesses.count }

    /// The least number that is more than half of all; 1, which is never reached, where there are none.
    package var majority: Int { count / 2 + 1 }

    /// Whether that node or witness has a vote.
    package func contains(_ name: String) -> Bool { nodes.contains(name) || witnesses.contains(name) }

    /// Whether the voters among `names` are a majority; each counts once, others don't count.
    package func isMajority(_ names: some Collection<String>) -> Bool {
        Set(names).count { contains($0) } >= majority
    }
}

extension ClusterConfiguration {
    /// The voters on replacing the node of that name: the other nodes that may be promoted, then the witnesses.
    package func voters(replacing primary: String) -> Voters {
        Voters(
            nodes: nodes.filter { $0.isPromotable && $0.name != primary }.map(\.name),
            witnesses: witnesses.map(\.name))
    }
}
