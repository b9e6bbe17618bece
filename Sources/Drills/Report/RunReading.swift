import Audit
package import Configuration
package import Essentials

extension RunReport {
    /// The report on a run or a decision, from the audit log alone.
    /// - Throws: `refused` when the log tells of none of that name, `audit` when it can't be read.
    package static func read(
        _ id: String, of cluster: ClusterConfiguration, in directory: String
    ) throws(Failure) -> RunReport {
        let unknown = Failure(
            .refused, "there is no run\(id.echo) of cluster \"\(cluster.name)\" in the audit log",
            hint: "See them with: pgdr runs, and decisions with: pgdr failover --history")
        guard AuditLog.exists(directory) else { throw unknown }
        let events = try events(of: id, cluster.name, directory)
        let verification = try verify(directory: directory)
        guard let report = RunReport(on: id, of: cluster.name, cluster.objectives, events, verification) else {
            throw unknown
        }
        return report
    }

    /// The events of the run, and those of later ones that may tell what became of it.
    private static func events(
        of id: String, _ cluster: String, _ directory: String
    ) throws(Failure) -> [AuditEvent] {
        var events: [AuditEvent] = []
        var reader = try AuditReader(directory, AuditFilter(cluster: cluster))
        while let line = try reader.next() {
            let isOwn = line.text.contains("\"run\":\"\(id)\"")
            let isLater =
                !events.isEmpty && ["run.", "step.", "probe."].contains { line.text.contains("\"event\":\"\($0)") }
            guard isOwn || isLater, let event = line.event else { continue }
            if event.run == id || !events.isEmpty { events.append(event) }
        }
        return events
    }
}
