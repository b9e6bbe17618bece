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
                guard let node = cluster.node(named: name), let own = snapshot.node(name)?.snapshot, own.inRecovery
                else { return (index, checkPromotion(of: name, in: snapshot, report)) }
                let probe = await PromotionProbe(
                    node, version: own.serverVersionNum, about: replicationLogins(to: name, in: snapshot),
                    until: .after(timeout))
                let check = checkPromotion(
                    of: name, in: snapshot, report, facts: probe.facts, logins: probe.logins,
                    problem: probe.problem, cluster.thresholds)
                return (index, check)
            }
        }
        var checks = [PromotionCheck?](repeating: nil, count: names.count)
        for await (index, check) in group { checks[index] = check }
        return checks.compactMap(\.self)
    }
}
