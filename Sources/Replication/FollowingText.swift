// Who follows whom.

extension Diagnosis.Text {
    static func divergedTimeline(_ node: String, _ timeline: Timeline, _ position: LSN, _ fork: LSN?) -> Self {
        Self(
            "node \"\(node)\" has diverged from the primary",
            detail: "It has WAL up to \(position) on timeline \(timeline), which the primary "
                + (fork.map { "left at \($0)." } ?? "never was on."),
            hint: "Save what it holds beyond the fork if it matters, then pg_rewind or rebuild it.")
    }

    static func timelineAhead(_ node: String, _ own: Timeline, _ primarys: Timeline) -> Self {
        Self(
            "node \"\(node)\" is on timeline \(own), the primary on \(primarys)",
            detail: "The node, or what it follows, was promoted later than this primary.",
            hint: "Find out which promotion is the valid one before you change anything.")
    }

    static func timelinesNotComparable(_ node: String, _ reason: String) -> Self {
        Self(
            "whether node \"\(node)\" is behind or has diverged could not be told",
            detail: reason.prefix(1).uppercased() + reason.dropFirst() + ".",
            hint: "Run sql/monitoring_role.sql on the primary, so that pgdr can read the timeline history.")
    }

    static func notStreaming(_ node: String, _ position: LSN?, _ behind: UInt64?, _ receiver: String?) -> Self {
        let distance = behind.map { Quantity.bytes($0) + " behind the primary" } ?? "at an unknown distance"
        return Self(
            "standby \"\(node)\" is not streaming",
            detail: "It stands at \(position.map(\.description) ?? "no position"), \(distance); its walreceiver "
                + (receiver.map { "is in state \"\($0)\"." } ?? "is not running.")
                + " That it has replayed all it received proves nothing.",
            hint: "Read its log; check primary_conninfo, pg_hba.conf of the upstream, the slot, and whether the WAL"
                + " it needs still exists.")
    }

    static func wrongUpstream(_ node: String, _ expected: String, _ actual: String) -> Self {
        Self(
            "standby \"\(node)\" receives from \"\(actual)\" instead of \"\(expected)\"",
            hint: "Correct primary_conninfo on the standby, or \"upstream\" in the configuration.")
    }

    static func unknownUpstream(_ node: String, _ host: String, _ port: Int?) -> Self {
        Self(
            "standby \"\(node)\" receives from a server that is not configured",
            detail: "Its walreceiver is connected to \(host)\(port.map { ", port \($0)" } ?? "").",
            hint: "Add that server to the configuration, or correct primary_conninfo.")
    }

    static func upstreamCycle(_ names: [String]) -> Self {
        Self(
            "standbys receive from each other in a circle: \(names.joined(separator: " → "))",
            hint: "Point one of them at the primary.")
    }
}
