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
            "# Where the record of all that pgdr changes lies; beside this file without it.",
            "# audit_directory: audit",
            "# Where runbooks of your own lie.",
            "# runbooks: runbooks",
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
        lines += settings(
            "admin", cluster.admin,
            "As whom pgdr connects where it changes something; without it by the nodes' connection.",
            example: "user=pgdr_admin")
        lines += settings(
            "replication", cluster.replication,
            "How a standby logs in at its upstream; the password file lies on the node.",
            example: "user=replicator passfile=/var/lib/postgresql/.pgpass")
        lines += clients(cluster.clients).map { "    \($0)" }
        lines += self.lines(of: cluster.objectives).map { "    \($0)" }
        lines += self.lines(of: cluster.failover, cluster.witnesses).map { "    \($0)" }
        lines += drills(cluster.thresholds.drillAge).map { "    \($0)" }
        lines.append("    nodes:")
        for node in cluster.nodes {
            lines.append("      \(YAMLQuoting.scalar(node.name)):")
            lines += self.lines(of: node).map { "        \($0)" }
        }
        return lines
    }

    private static func settings(
        _ key: String, _ settings: ConnectionString?, _ comment: String, example: String
    ) -> [String] {
        let secret = settings?.containsPassword == true
        let warning = secret ? ["# The password was left out: it belongs into a password file (passfile=...)."] : []
        return (warning + known(key, settings?.description, comment, example: example)).map { "    \($0)" }
    }

    private static func clients(_ paths: [ClientPath]) -> [String] {
        let comment = "How applications reach the primary; probes go that way. Without it by the nodes' connections."
        guard let first = paths.first else {
            return known(
                "clients", nil, comment,
                example: "host=10.0.0.4 port=6432 dbname=shop user=pgdr passfile=/etc/pgdr/passfile")
        }
        func text(_ path: ClientPath) -> String {
            YAMLQuoting.scalar(path.routes.first?.connection.description ?? "")
        }
        var lines = ["# \(comment)"]
        if paths.contains(where: { $0.routes.contains { $0.connection.containsPassword } }) {
            lines.append("# A password was left out: it belongs into a password file (passfile=...).")
        }
        guard paths.count > 1 || first.name != ClientPath.onlyName else { return lines + ["clients: \(text(first))"] }
        return lines + ["clients:"] + paths.map { "  \(YAMLQuoting.scalar($0.name)): \(text($0))" }
    }

    private static func drills(_ ages: [DrillKind: Double]) -> [String] {
        let pairs = DrillKind.allCases.compactMap { kind in
            ages[kind].map { "\(kind.rawValue): \(QuantityText.seconds($0))" }
        }
        return [
            "# How old the last successful drill of each kind may be before it is a finding.",
            pairs.isEmpty
                ? "# drills: {switchover: 90d, snapshot: 30d, clone: 7d}"
                : "drills: {\(pairs.joined(separator: ", "))}",
        ]
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
        lines += known(
            "address", node.address?.text, "Where other nodes reach it; without it where its connection leads.",
            example: "db1.example.org:5432")
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
        lines += known(
            "decisions", node.decisions, "Where it keeps decision records; without it beside its data directory.",
            example: "/var/lib/pgdr/decisions")
        return lines
    }

    /// A key with its comment; commented out, with an example, when its value isn't known.
    static func known(_ key: String, _ value: String?, _ comment: String, example: String) -> [String] {
        ["# \(comment)", "\(value == nil ? "# " : "")\(key): \(YAMLQuoting.scalar(value ?? example))"]
    }

    /// The lines about how commands reach a host.
    static func ssh(_ address: SSHAddress?) -> [String] {
        let comment = "# How commands reach its host."
        guard let address else { return [comment, "# ssh: postgres@host:22"] }
        guard address != SSHAddress(host: address.host, user: address.user, port: address.port) else {
            return [comment, "ssh: \(YAMLQuoting.scalar(address.text))"]
        }
        var lines = [comment, "ssh:"] + parts(of: address).map { "  \($0)" }
        if !address.jumps.isEmpty {
            lines.append("  jump:")
            for jump in address.jumps { lines.append("    - {\(parts(of: jump).joined(separator: ", "))}") }
        }
        if !address.become.isEmpty { lines.append("  become: \(YAMLQuoting.list(address.become))") }
        return lines
    }

    private static func parts(of address: SSHAddress) -> [String] {
        var parts = ["host: \(YAMLQuoting.scalar(address.host))"]
        if let user = address.user { parts.append("user: \(YAMLQuoting.scalar(user))") }
        parts.append("port: \(address.port)")
        if let file = address.identityFile { parts.append("identity_file: \(YAMLQuoting.scalar(file))") }
        if let file = address.knownHosts { parts.append("known_hosts: \(YAMLQuoting.scalar(file))") }
        if !address.askpass.isEmpty { parts.append("askpass: \(YAMLQuoting.list(address.askpass))") }
        return parts
    }

    private static func service(_ service: ServiceConfiguration?) -> [String] {
        var lines = ["# How it is started and stopped: systemd, pg_ctlcluster, pg_ctl, container or custom."]
        switch service {
        case nil: lines.append("# service: {systemd: postgresql@15-main}")
        case .systemd(let unit): lines.append("service: {systemd: \(YAMLQuoting.scalar(unit))}")
        case .pgCtlCluster(let version, let cluster):
            lines.append("service: {pg_ctlcluster: \(YAMLQuoting.scalar("\(version) \(cluster)"))}")
        case .pgCtl(let directory): lines.append("service: {pg_ctl: \(YAMLQuoting.scalar(directory))}")
        case .container(let runtime, let name, let bin):
            let programs = bin.map { ", bin: \(YAMLQuoting.scalar($0))" } ?? ""
            lines.append(
                "service: {container: {runtime: \(runtime.rawValue), name: \(YAMLQuoting.scalar(name))\(programs)}}")
        case .custom(let start, let stop, let restart, let status):
            lines += ["service:", "  custom:"]
            for (key, command) in [("start", start), ("stop", stop), ("restart", restart), ("status", status)] {
                if let command { lines.append("    \(key): \(YAMLQuoting.list(command))") }
            }
        }
        return lines
    }
}
