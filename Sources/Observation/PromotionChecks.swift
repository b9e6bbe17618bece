package import Configuration
internal import Essentials
package import Replication

/// Looks at a cluster and checks one node, or every node that isn't primary, as the next primary.
/// - Parameter observer: over whose connections; nil: over new ones.
package func checkPromotions(
    in cluster: ClusterConfiguration, of name: String?, timeout: Duration, by observer: ClusterObserver? = nil
) async -> [PromotionCheck] {
    let observer = observer ?? ClusterObserver(cluster)
    let snapshot = await observer.round(until: .after(timeout))
    return await checkPromotions(in: cluster, of: name, as: snapshot, timeout: timeout, by: observer)
}

/// Checks one node, or every node that isn't primary, as the next primary of a cluster that was just looked at.
package func checkPromotions(
    in cluster: ClusterConfiguration, of name: String?, as snapshot: ClusterSnapshot, timeout: Duration,
    by observer: ClusterObserver
) async -> [PromotionCheck] {
    let report = assess(snapshot, cluster.thresholds)
    let names = name.map { [$0] } ?? report.nodes.filter { $0.role != .primary }.map(\.name)
    return await withTaskGroup(of: (Int, PromotionCheck).self) { group in
        for (index, name) in names.enumerated() {
            group.addTask {
                guard let node = cluster.node(named: name), let own = snapshot.node(name)?.snapshot, own.inRecovery
                else { return (index, checkPromotion(of: name, in: snapshot, report)) }
                let probe = await PromotionProbe(
                    node, over: observer.session(of: name) ?? HeldSession(), version: own.serverVersionNum,
                    about: replicationLogins(to: name, in: snapshot), until: .after(timeout))
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
