internal import Configuration
internal import Replication

/// Whether a standby can be done without for a while.
struct Spare: Sendable, Equatable {
    /// Why it can't; empty: it can.
    var obstacles: [String] = []
    /// Who covers production meanwhile.
    var covering: [String] = []

    /// What is found out is told, not guessed: who is silent covers nothing.
    init(_ name: String, beside primary: String, in cluster: ClusterConfiguration, _ snapshot: ClusterSnapshot) {
        let report = assess(snapshot, cluster.thresholds)
        guard let own = snapshot.node(name)?.snapshot, own.inRecovery, let node = cluster.node(named: name) else {
            obstacles = ["\(name) is no standby that answers"]
            return
        }
        let followers = own.standbys.map { $0.applicationName ?? "somebody" }
        let known = cluster.nodes.map(\.name).filter { $0 != name && report.node($0)?.upstream == name }
        let strangers = followers.filter { follower in
            !known.contains { cluster.node(named: $0)?.applicationName == follower }
        }
        let behind = known + strangers
        if !behind.isEmpty {
            obstacles.append(
                "\(behind.joined(separator: ", ")) gets its WAL from \(name) and would be cut off: have it follow another "
                    + "node (pgdr run repoint)")
        }
        if own.applyDelay > 0 {
            obstacles.append("\(name) is a delayed standby, and would come back without its delay")
        }
        let logical = own.slots.filter { $0.slotType == "logical" && $0.synced != true && !$0.temporary }
        if !logical.isEmpty {
            obstacles.append(
                "\(name) has logical replication slots, which pg_rewind removes: "
                    + logical.map(\.slotName).joined(separator: ", "))
        }
        covering = cluster.nodes.filter { other in
            guard other.name != name, other.isPromotable, let standby = snapshot.node(other.name)?.snapshot,
                standby.inRecovery, standby.isStreaming, report.node(other.name)?.upstream == primary
            else { return false }
            return standby.applyDelay == 0 && standby.recoveryTarget == nil
        }.map(\.name)
        if let obstacle = Self.waiting(for: node.applicationName, snapshot.node(primary)?.snapshot) {
            obstacles.append(obstacle)
        }
    }

    /// Why commits would wait without a standby.
    private static func waiting(for applicationName: String, _ primary: NodeSnapshot?) -> String? {
        guard let primary, let setting = primary.setting("synchronous_standby_names") else {
            return "the primary's synchronous_standby_names is not known, and commits might wait"
        }
        guard !setting.isEmpty else { return nil }
        guard let names = SynchronousStandbyNames(setting) else {
            return "synchronous_standby_names could not be read: \(setting)"
        }
        guard names.includes(applicationName) else { return nil }
        let others = primary.standbys.filter { row in
            row.state == "streaming" && !row.isBackupStream
                && row.applicationName.map { $0.lowercased() != applicationName.lowercased() && names.includes($0) }
                    ?? false
        }
        guard others.count < names.count else { return nil }
        return "commits would wait: synchronous_standby_names is \(setting), and besides it only \(others.count) of "
            + "\(names.count) standbys stream"
    }

    /// As a probe's answer.
    /// - Parameter acceptsUncovered: whether a person accepts that no other standby covers production.
    func result(acceptsUncovered: Bool) -> ProbeResult {
        var obstacles = obstacles
        if covering.isEmpty, !acceptsUncovered {
            obstacles.append(
                "no other standby that may be promoted streams from the primary: losing it meanwhile would leave nobody; "
                    + "accept that with accept_uncovered=true")
        }
        guard obstacles.isEmpty else { return ProbeResult(false, obstacles.joined(separator: "; ")) }
        return ProbeResult(
            true,
            covering.isEmpty
                ? "nobody covers production meanwhile, which is accepted"
                : "\(covering.joined(separator: ", ")) covers production meanwhile")
    }
}
