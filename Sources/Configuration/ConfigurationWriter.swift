import Postgres
import Replication

/// Renders a commented `pgdr.yaml`: the same text for the same clusters, and text that parses back into them.
///
/// Passwords are the exception: a connection string is written without them.
package enum ConfigurationWriter {
    /// The text of a file with these clusters.
    ///
    /// What isn't known about a node is there as a commented-out key that says what it would be good for.
    package static func render(_ clusters: [ClusterConfiguration]) -> String {
        var lines = [
            "# pgdr.yaml: which PostgreSQL servers form a cluster and what each is for.",
            "# Which of them is primary at the moment is asked of the servers, never written here.",
            "clusters:",
        ]
        for cluster in clusters { lines += self.lines(of: cluster) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(of cluster: ClusterConfiguration) -> [String] {
        var lines = [
            "  \(YAMLQuoting.scalar(cluster.name)):",
            "    # How long a look at all nodes together may take.",
            "    timeout: \(QuantityText.duration(cluster.timeout))",
            "    # Above these limits a value is a finding; either may be \"off\".",
            "    thresholds:",
        ]
        lines += thresholds(cluster.thresholds).map { "      \($0)" }
        lines.append("    nodes:")
        for node in cluster.nodes {
            lines.append("      \(YAMLQuoting.scalar(node.name)):")
            lines += self.lines(of: node).map { "        \($0)" }
        }
        return lines
    }

    private static func thresholds(_ thresholds: Thresholds) -> [String] {
        [
            "# What a standby has not replayed yet.",
            "lag_bytes: \(limits(thresholds.lagBytes, QuantityText.bytes))",
            "lag_seconds: \(limits(thresholds.lagSeconds, QuantityText.seconds))",
            "# WAL that a replication slot keeps on its server.",
            "retained_wal: \(limits(thresholds.retainedWAL, QuantityText.bytes))",
            "# Difference between the clocks of two nodes.",
            "clock_offset: \(limits(thresholds.clockOffset, QuantityText.seconds))",
            "# Used part of max_connections.",
            "connections: \(limits(thresholds.connections, QuantityText.percent))",
            "# Age of the oldest WAL segment that waits for archiving.",
            "archive_delay: \(limits(thresholds.archiveDelay, QuantityText.seconds))",
        ]
    }

    private static func limits<Value>(_ limits: Thresholds.Limits<Value>, _ text: (Value) -> String) -> String {
        if limits.warning == nil, limits.critical == nil { return "off" }
        let warning = limits.warning.map(text) ?? "off"
        let critical = limits.critical.map(text) ?? "off"
        return "{warning: \(warning), critical: \(critical)}"
    }

    private static func lines(of node: NodeConfiguration) -> [String] {
        var lines: [String] = []
        if node.connection.containsPassword {
            lines.append("# The password was left out: it belongs into a password file (~/.pgpass, chmod 600).")
        }
        lines.append("connection: \(YAMLQuoting.scalar(node.connection.description))")
        lines.append("# What the node is for: primary, dr, replica or backup.")
        lines.append("kind: \(node.kind.rawValue)")
        lines += known("site", node.site, "Where it stands; nodes of one site are lost together.", example: "dc-1")
        lines += ssh(node.ssh)
        lines += known(
            "data_directory", node.dataDirectory, "Where its data lie; without it the server is asked.",
            example: "/var/lib/postgresql/15/main")
        lines += service(node.service)
        lines.append("# Rank among the nodes that may be promoted, higher is preferred; 0: never.")
        lines.append("priority: \(node.priority)")
        lines += known(
            "upstream", node.upstream, "The node it should replicate from; without it any will do.",
            example: "primary")
        lines += known(
            "application_name", node.applicationName == node.name ? nil : node.applicationName,
            "How pg_stat_replication names it; without it by the node's name.", example: node.name)
        return lines
    }

    /// A key with its comment; commented out, with an example, when its value isn't known.
    private static func known(_ key: String, _ value: String?, _ comment: String, example: String) -> [String] {
        ["# \(comment)", "\(value == nil ? "# " : "")\(key): \(YAMLQuoting.scalar(value ?? example))"]
    }

    private static func ssh(_ address: SSHAddress?) -> [String] {
        let comment = "# How commands reach its host."
        guard let address else { return [comment, "# ssh: postgres@host:22"] }
        guard address.identityFile != nil || address.knownHosts != nil else {
            return [comment, "ssh: \(YAMLQuoting.scalar(address.text))"]
        }
        var lines = [comment, "ssh:", "  host: \(YAMLQuoting.scalar(address.host))"]
        if let user = address.user { lines.append("  user: \(YAMLQuoting.scalar(user))") }
        lines.append("  port: \(address.port)")
        if let file = address.identityFile { lines.append("  identity_file: \(YAMLQuoting.scalar(file))") }
        if let file = address.knownHosts { lines.append("  known_hosts: \(YAMLQuoting.scalar(file))") }
        return lines
    }

    private static func service(_ service: ServiceConfiguration?) -> [String] {
        var lines = ["# How it is started and stopped: systemd, pg_ctlcluster, pg_ctl, container or custom."]
        switch service {
        case nil: lines.append("# service: {systemd: postgresql@15-main}")
        case .systemd(let unit): lines.append("service: {systemd: \(YAMLQuoting.scalar(unit))}")
        case .pgCtlCluster(let version, let cluster):
            lines.append("service: {pg_ctlcluster: \(YAMLQuoting.scalar("\(version) \(cluster)"))}")
        case .pgCtl(let directory): lines.append("service: {pg_ctl: \(YAMLQuoting.scalar(directory))}")
        case .container(let runtime, let name):
            lines.append("service: {container: {runtime: \(runtime.rawValue), name: \(YAMLQuoting.scalar(name))}}")
        case .custom(let start, let stop, let restart, let status):
            lines += ["service:", "  custom:"]
            for (key, command) in [("start", start), ("stop", stop), ("restart", restart), ("status", status)] {
                if let command { lines.append("    \(key): \(YAMLQuoting.list(command))") }
            }
        }
        return lines
    }
}
