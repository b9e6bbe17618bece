import Failover
import Replication

/// A shop with a primary, a DR standby and a replica, as values.
enum Scene {
    static let timeline = Timeline(rawValue: 1)
    static let system = SystemIdentifier(rawValue: "7300000000000000001")

    static func lsn(_ text: String) throws -> LSN { try LSN(parsing: text) }

    /// A standby that answers, with its WAL ending there.
    static func standby(
        _ name: String, at end: String, kind: NodeKind = .replica, priority: Int = 100, site: String? = nil,
        timeline: Timeline = timeline, obstacles: [StandbyEvidence.Obstacle] = []
    ) throws -> StandbyEvidence {
        var standby = StandbyEvidence(name: name, kind: kind, priority: priority, site: site)
        standby.inRecovery = true
        standby.systemIdentifier = system
        standby.timeline = timeline
        standby.endOfWAL = try lsn(end)
        standby.replayLSN = standby.endOfWAL
        standby.obstacles = obstacles
        return standby
    }

    static func silent(_ name: String, kind: NodeKind = .replica) -> StandbyEvidence {
        StandbyEvidence(name: name, kind: kind, silence: "connect_timeout")
    }
}
