import Replication

/// Something that can be lost at once.
package enum Loss: Sendable, Hashable {
    /// A node, with the witnesses on its host.
    case node(String)
    /// A witness.
    case witness(String)
    /// All nodes and witnesses at a site.
    case site(String)
}

/// Which losses, together with that of the primary, a cluster survives: another node can still be promoted.
package struct Survival: Sendable, Equatable {
    /// The node that is primary.
    package var primary: String
    /// The losses after which a majority of the voters and a node to promote are left; in the order nodes, witnesses,
    /// sites, each in the configuration's order.
    package var survived: [Loss]
    /// The losses after which they are not, in the same order.
    package var fatal: [Loss]

    /// Losses by their fate.
    package init(primary: String, survived: [Loss], fatal: [Loss]) {
        self.primary = primary
        self.survived = survived
        self.fatal = fatal
    }
}

extension ClusterConfiguration {
    /// What the cluster survives with each of its nodes as primary, but those for backups only.
    ///
    /// What one more witness would change is told by a copy of the cluster that has it.
    package var survivals: [Survival] {
        nodes.filter { $0.kind != .backup }.map { survival(ofPrimary: $0.name) }
    }

    /// What the cluster survives with that node as primary.
    package func survival(ofPrimary primary: String) -> Survival {
        let losses =
            nodes.filter { $0.name != primary }.map { Loss.node($0.name) } + witnesses.map { .witness($0.name) }
            + sites.map { .site($0) }
        return Survival(
            primary: primary, survived: losses.filter { survives($0, replacing: primary) },
            fatal: losses.filter { !survives($0, replacing: primary) })
    }

    /// Whether, when the primary and what `loss` says are gone, a majority of all voters is left and among them a node
    /// to promote.
    ///
    /// `.node(primary)` asks for the loss of the primary alone.
    package func survives(_ loss: Loss, replacing primary: String) -> Bool {
        let voters = voters(replacing: primary)
        let gone = members(of: .node(primary)).union(members(of: loss))
        return voters.isMajority(voters.names.filter { !gone.contains($0) })
            && voters.nodes.contains { !gone.contains($0) }
    }

    /// The names of the nodes and witnesses that a loss takes.
    private func members(of loss: Loss) -> Set<String> {
        let lostNodes: [NodeConfiguration]
        var lostWitnesses: [WitnessConfiguration] = []
        switch loss {
        case .node(let name): lostNodes = nodes.filter { $0.name == name }
        case .witness(let name):
            lostNodes = []
            lostWitnesses = witnesses.filter { $0.name == name }
        case .site(let site):
            lostNodes = nodes.filter { $0.site == site }
            lostWitnesses = witnesses.filter { $0.site == site }
        }
        lostWitnesses += witnesses.filter { witness in lostNodes.contains { witness.sharesHost(with: $0) } }
        return Set(lostNodes.map(\.name) + lostWitnesses.map(\.name))
    }
}
