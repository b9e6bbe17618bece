/// The built-in runbooks, embedded from the files beside this one.
package enum RunbookFile {
    /// Their names and texts, in alphabetical order.
    package static let all: [(name: String, text: String)] = [
        ("complete-failover", text(PackageResources.complete_failover_yaml)),
        ("drill-clone", text(PackageResources.drill_clone_yaml)),
        ("drill-snapshot", text(PackageResources.drill_snapshot_yaml)),
        ("failover", text(PackageResources.failover_yaml)),
        ("fence", text(PackageResources.fence_yaml)),
        ("promote", text(PackageResources.promote_yaml)),
        ("rebuild", text(PackageResources.rebuild_yaml)),
        ("rejoin", text(PackageResources.rejoin_yaml)),
        ("repoint", text(PackageResources.repoint_yaml)),
        ("start", text(PackageResources.start_yaml)),
        ("switchover", text(PackageResources.switchover_yaml)),
        ("unfence", text(PackageResources.unfence_yaml)),
    ]

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
