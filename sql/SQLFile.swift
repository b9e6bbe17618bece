/// The SQL statements pgdr uses, embedded from the files of the same names.
package enum SQLFile {
    /// One row, one JSON column: all that one server knows about its replication; see the file.
    package static let observe = text(PackageResources.observe_sql)
    /// Makes the least-privileged role pgdr observes with; see the file.
    package static let monitoringRole = text(PackageResources.monitoring_role_sql)
    /// Makes the role pgdr acts with, no superuser from version 15 on; see the file.
    package static let adminRole = text(PackageResources.admin_role_sql)
    /// Makes or completes the role nodes replicate with, for pg_rewind too; see the file.
    package static let replicationRole = text(PackageResources.replication_role_sql)
    /// The server's timeline history files; see the file.
    package static let timelineHistory = text(PackageResources.timeline_history_sql)
    /// What a server could trip over once it is primary; see the file.
    package static let validate = text(PackageResources.validate_sql)
    /// Databases whose collation version differs on the host, from version 15 on; see the file.
    package static let databaseCollations = text(PackageResources.database_collations_sql)
    /// What pg_hba.conf would do with a replication login; see the file.
    package static let replicationAccess = text(PackageResources.replication_access_sql)
    /// Makes the tables pgdr keeps in the cluster it protects; see the file.
    package static let schema = text(PackageResources.schema_sql)
    /// Keeps the head of an audit log in the cluster; see the file.
    package static let auditAnchorWrite = text(PackageResources.audit_anchor_write_sql)
    /// The heads of an audit log that are kept in the cluster; see the file.
    package static let auditAnchors = text(PackageResources.audit_anchors_sql)

    /// What holds for all observers of the cluster, as one server knows it: one row, one JSON column; see the file.
    package static let controlRead = text(PackageResources.control_read_sql)
    /// Keeps failover from happening by itself until a time; see the file.
    package static let controlPause = text(PackageResources.control_pause_sql)
    /// Ends that; see the file.
    package static let controlUnpause = text(PackageResources.control_unpause_sql)
    /// Adds a failover to those there were; see the file.
    package static let failoverRecord = text(PackageResources.failover_record_sql)

    /// Adds a drill to those there were; see the file.
    package static let drillRecord = text(PackageResources.drill_record_sql)
    /// How long ago the last drills were; see the file.
    package static let drillAges = text(PackageResources.drill_ages_sql)

    /// What a client's session has arrived at; see the file.
    package static let arrival = text(PackageResources.arrival_sql)
    /// Adds one commit of a probe and says which server takes it; see the file.
    package static let heartbeatWrite = text(PackageResources.heartbeat_write_sql)
    /// Whether one commit of a probe is there; see the file.
    package static let heartbeatRead = text(PackageResources.heartbeat_read_sql)
    /// What a server has of a probe's commits; see the file.
    package static let heartbeatKept = text(PackageResources.heartbeat_kept_sql)
    /// Removes what probes that are over have committed; see the file.
    package static let heartbeatSweep = text(PackageResources.heartbeat_sweep_sql)

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
