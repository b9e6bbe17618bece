// Fitness, and what we see with.

extension Diagnosis.Text {
    static func walLevelUnfit(_ node: String, _ level: String) -> Self {
        Self(
            "wal_level is \"\(level)\" on \"\(node)\": no standby can follow it",
            hint: "Set it to replica or logical and restart.")
    }

    static func tooFewWALSenders(_ node: String, _ setting: Int64, _ needed: Int) -> Self {
        Self(
            "max_wal_senders is \(setting) on \"\(node)\", \(needed) are needed",
            detail: "As a primary it would have to serve all other nodes and a base backup.",
            hint: "Raise max_wal_senders and restart.")
    }

    static func hotStandbyOff(_ node: String) -> Self {
        Self(
            "hot_standby is off on \"\(node)\": as a standby it could not be asked anything",
            hint: "Set hot_standby = on.")
    }

    static func rewindImpossible(_ node: String, _ reason: String) -> Self {
        Self(
            "pg_rewind could not bring \"\(node)\" back after a failover", detail: reason,
            hint: "Set wal_log_hints = on (restart) or enable data checksums, and keep full_page_writes on.")
    }

    static func parametersLower(_ node: String, _ differences: [ParameterDifference]) -> Self {
        Self(
            "settings on standby \"\(node)\" are lower than on the primary",
            detail: list(differences),
            hint: "Raise them and restart the standby, or its replay stops when the primary's are logged anew.")
    }

    static func connectionsNearLimit(_ node: String, _ used: Int64, _ limit: Int64, _ percent: Double) -> Self {
        Self(
            "\"\(node)\" is running out of connections",
            detail: "\(used) of \(limit) are used (\(Quantity.fixed(percent, 0)) %).",
            hint: "Look for idle sessions, pool connections, or raise max_connections.")
    }

    static func notMonitor(_ node: String) -> Self {
        Self(
            "the role that asks \"\(node)\" is not a member of pg_monitor",
            detail: "States, positions and settings are hidden from it, so lag may be unknown.",
            hint: "GRANT pg_monitor TO the role, or run sql/monitoring_role.sql.")
    }

    static func clockOffset(_ node: String, _ seconds: Double, _ uncertainty: Double, _ limit: Double) -> Self {
        Self(
            "the clocks of \"\(node)\" and the primary are \(Quantity.seconds(abs(seconds))) apart",
            detail: "Measured to ±\(Quantity.fixed(uncertainty * 1000, 1)) ms; the limit is"
                + " \(Quantity.seconds(limit)). Lag in seconds is corrected for it.",
            hint: "Check time synchronisation on both hosts.")
    }
}
