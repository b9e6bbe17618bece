extension ConfigurationWriter {
    /// The lines of a cluster about its failover and its witnesses.
    static func lines(of policy: FailoverPolicy, _ witnesses: [WitnessConfiguration]) -> [String] {
        let keys = mode(policy) + limits(policy) + sites(policy) + commands(policy)
        return ["# What happens by itself when the primary is lost.", "failover:"] + keys.map { "  \($0)" }
            + self.lines(of: witnesses)
    }

    private static func mode(_ policy: FailoverPolicy) -> [String] {
        [
            "# manual: nothing; observe: the decision is only told; automatic: it is carried out.",
            "mode: \(policy.mode.rawValue)",
            "# How long the evidence must hold, and how often \"pgdr monitor\" looks.",
            "confirm_for: \(QuantityText.duration(policy.confirmFor))",
            "interval: \(QuantityText.duration(policy.interval))",
            "# Whether a server that is down on a host that answers is started again first.",
            "restart_first: \(policy.restartFirst)",
        ]
    }

    private static func limits(_ policy: FailoverPolicy) -> [String] {
        let bytes = policy.maxLag.bytes.map(QuantityText.bytes) ?? "off"
        let seconds = policy.maxLag.seconds.map(QuantityText.seconds) ?? "off"
        let within = QuantityText.duration(policy.atMost.within)
        return [
            "# A loss above it is left to a person; either may be \"off\".",
            "max_lag: {bytes: \(bytes), seconds: \(seconds)}",
            "# required: the old primary is proved to be stopped; best_effort: that is only tried.",
            "fencing: \(policy.fencing.rawValue)",
        ]
            + command(
                "fence_command", policy.fenceCommand, "Cuts the old primary off when its host can't be reached.",
                example: "[/usr/local/sbin/power-off, db1]")
            + [
                "# How long after a failover none happens by itself, and how many may within a time.",
                "cooldown: \(QuantityText.duration(policy.cooldown))",
                "at_most: {failovers: \(policy.atMost.failovers), within: \(within)}",
            ]
    }

    private static func sites(_ policy: FailoverPolicy) -> [String] {
        let preferred = policy.preferSites
        let avoided = policy.avoidSites
        return [
            "# Whose nodes are promoted rather than others, and only where there is no other.",
            preferred.isEmpty ? "# prefer_sites: [dc-1]" : "prefer_sites: \(YAMLQuoting.list(preferred))",
            avoided.isEmpty ? "# avoid_sites: [dc-2]" : "avoid_sites: \(YAMLQuoting.list(avoided))",
        ]
    }

    private static func commands(_ policy: FailoverPolicy) -> [String] {
        let routes = hooks(
            "routes", policy.routes, "Lead clients to the new primary; get the event as JSON.",
            example: "[/usr/local/bin/route]")
        let notify = hooks(
            "notify", policy.notify, "Tell people; get the event as JSON.", example: "[/usr/local/bin/tell, dba]")
        return routes + notify
            + [
                "# How long each of them may take.", "hook_timeout: \(QuantityText.duration(policy.hookTimeout))",
                "# Ends each role change with a check of the estate.",
                policy.after.map { "after: \($0.rawValue)" } ?? "# after: estate",
            ]
    }

    private static func command(_ key: String, _ words: [String]?, _ comment: String, example: String) -> [String] {
        ["# \(comment)", words.map { "\(key): \(YAMLQuoting.list($0))" } ?? "# \(key): \(example)"]
    }

    private static func hooks(
        _ key: String, _ commands: [[String]], _ comment: String, example: String
    ) -> [String] {
        guard !commands.isEmpty else { return ["# \(comment)", "# \(key): [\(example)]"] }
        return ["# \(comment)", "\(key):"] + commands.map { "  - \(YAMLQuoting.list($0))" }
    }

    private static func lines(of witnesses: [WitnessConfiguration]) -> [String] {
        let comment = "# Hosts without PostgreSQL that vote on a failover, best at sites without nodes."
        guard !witnesses.isEmpty else {
            return [comment, "# witnesses: {w1: {ssh: pgdr@w1.example.org, site: dc-3}}"]
        }
        var lines = [comment, "witnesses:"]
        for witness in witnesses {
            lines.append("  \(YAMLQuoting.scalar(witness.name)):")
            let keys =
                ssh(witness.ssh)
                + known("site", witness.site, "Where it stands; what is at one site is lost together.", example: "dc-3")
                + known(
                    "decisions", witness.decisions,
                    "Where it keeps decision records; without it in .pgdr/decisions at home.",
                    example: "/var/lib/pgdr/decisions")
            lines += keys.map { "    \($0)" }
        }
        return lines
    }
}
