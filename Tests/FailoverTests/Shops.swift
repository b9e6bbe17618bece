import Configuration
import Postgres
import Replication

/// Configurations of a shop, as values.
enum Shop {
    /// A node; `ssh` nil: its host takes no command.
    static func node(
        _ name: String, _ kind: NodeKind = .replica, site: String? = nil, ssh: String? = "host", priority: Int = 100
    ) throws -> NodeConfiguration {
        NodeConfiguration(
            name: name, connection: try ConnectionString("host=\(name)"), kind: kind, site: site,
            ssh: ssh.map { SSHAddress(host: "\($0)-of-\(name)") }, priority: priority)
    }

    static func witness(_ name: String, site: String? = nil) -> WitnessConfiguration {
        WitnessConfiguration(name: name, ssh: SSHAddress(host: name), site: site)
    }

    /// The cluster, with `manual` failover unless something else is said.
    static func cluster(
        _ nodes: [NodeConfiguration], _ witnesses: [WitnessConfiguration] = [], mode: FailoverPolicy.Mode = .manual
    ) -> ClusterConfiguration {
        var failover = FailoverPolicy()
        failover.mode = mode
        return ClusterConfiguration(name: "shop", nodes: nodes, failover: failover, witnesses: witnesses)
    }

    /// A primary and a replica in the cellar, the DR node in the attic.
    static func twoSites(
        _ witnesses: [WitnessConfiguration] = [], mode: FailoverPolicy.Mode = .manual
    ) throws -> ClusterConfiguration {
        cluster(
            [
                try node("primary", .primary, site: "cellar"), try node("replica", site: "cellar"),
                try node("dr", .dr, site: "attic"),
            ], witnesses, mode: mode)
    }
}
