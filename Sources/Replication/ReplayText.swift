// Replay and lag.

extension Diagnosis.Text {
    static func replayPaused(_ node: String, _ behind: UInt64?) -> Self {
        Self(
            "replay is paused on standby \"\(node)\"",
            detail: behind.map { "\(Quantity.bytes($0)) wait to be replayed." },
            hint: "SELECT pg_wal_replay_resume() goes on.")
    }

    static func replayPausedByTarget(_ node: String, _ target: RecoveryTargetSetting) -> Self {
        Self(
            "replay on standby \"\(node)\" has stopped at a recovery target",
            detail: "\(target.name) = '\(target.setting)' in \(target.file ?? "a file hidden from the role").",
            hint: "Remove the setting and restart the standby, or promote it if that was the aim.")
    }

    static func replayPausedByParameters(_ node: String, _ differences: [ParameterDifference]) -> Self {
        Self(
            "replay on standby \"\(node)\" has stopped: its settings are too low",
            detail: list(differences),
            hint: "Raise them to at least the primary's values and restart the standby.")
    }

    static func replayWaitsForQuery(_ node: String, _ event: String) -> Self {
        Self(
            "replay on standby \"\(node)\" waits for a query",
            detail: "The startup process waits for \(event).",
            hint: "End the query, or lower max_standby_streaming_delay.")
    }

    static func delayedStandby(_ node: String, _ seconds: Double) -> Self {
        Self(
            "standby \"\(node)\" replays \(Quantity.seconds(seconds)) late on purpose",
            detail: "recovery_min_apply_delay is set.")
    }

    static func lagBytes(_ node: String, _ bytes: UInt64, _ limit: UInt64) -> Self {
        Self(
            "standby \"\(node)\" is \(Quantity.bytes(bytes)) behind",
            detail: "The limit is \(Quantity.bytes(limit)).",
            hint: "pgdr status --sample 10s shows whether it catches up.")
    }

    static func lagSeconds(_ node: String, _ seconds: Double, _ limit: Double, _ source: LagSource) -> Self {
        Self(
            "standby \"\(node)\" is \(source == .replayTimestamp ? "at most " : "")\(Quantity.seconds(seconds)) behind",
            detail: "The limit is \(Quantity.seconds(limit)); measured by \(source.rawValue).",
            hint: "pgdr status --sample 10s shows whether it catches up.")
    }
}
