package import Configuration
internal import Essentials
package import Replication

/// Looks at a cluster and checks one node, or every node that isn't primary, as the next primary.
package func checkPromotions(
    in cluster: ClusterConfiguration, of name: String?, timeout: Duration
) async -> [PromotionCheck] {
    let snapshot = await ClusterObserver(cluster).round(until: .after(timeout))
    let report = assess(snapshot, cluster.thresholds)
    let names = name.map { [$0] } ?? report.nodes.filter { $0.role != .primary }.map(\.name)
    return await withTaskGroup(of: (Int, PromotionCheck).self) { group in
        for (index, name) in names.enumerated() {
            group.addTask {
                var facts: PromotionFacts?
                if let node = cluster.node(named: name), let own = snapshot.node(name)?.snapshot, own.inRecovery {
                    facts = await promotionFacts(of: node, version: own.serverVersionNum, until: .after(timeout))
                }
                return (index, checkPromotion(of: name, in: snapshot, report, facts: facts))
            }
        }
        var checks = [PromotionCheck?](repeating: nil, count: names.count)
        for await (index, check) in group { checks[index] = check }
        return checks.compactMap(\.self)
    }
}
