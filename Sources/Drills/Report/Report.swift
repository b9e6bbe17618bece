package import Audit
package import Configuration
package import Essentials
internal import RunbookEngine

/// A report on what an identifier of the audit log stands for.
package enum Report: Sendable {
    /// A run, or a decision after which nothing was run.
    case run(RunReport)
    /// A drill of several runs.
    case drill(DrillReport)

    /// The report on that run, decision or drill, from the audit log alone.
    /// - Throws: `refused` when the log tells of none of that name, `audit` when it can't be read.
    package static func read(
        _ id: String, of cluster: ClusterConfiguration, in directory: String
    ) throws(Failure) -> Report {
        let (name, objectives) = (cluster.name, cluster.objectives)
        if AuditLog.exists(directory) {
            let events = try events(of: id, name, directory)
            let log = try verify(directory: directory)
            if let drill = DrillReport(on: id, of: name, objectives, events, log) { return .drill(drill) }
            if let run = RunReport(on: id, of: name, objectives, events, log) { return .run(run) }
        }
        throw Failure(
            .refused, "there is no run\(id.echo) of cluster \"\(name)\" in the audit log",
            hint: "See them with: pgdr runs, pgdr drill history, and decisions with: pgdr failover --history")
    }

    /// The events of that name, and the later ones that may tell what became of it: those of a drill's runs, of runs that
    /// give nodes another role, and of probes.
    private static func events(
        of id: String, _ cluster: String, _ directory: String
    ) throws(Failure) -> [AuditEvent] {
        var events: [AuditEvent] = []
        var runs: Set<String> = [id]
        var reader = try AuditReader(directory, AuditFilter(cluster: cluster))
        while let line = try reader.next() {
            let isWanted =
                events.isEmpty
                ? line.text.contains("\"run\":\"\(id)\"")
                : !line.text.contains("\"run\":null") || line.text.contains("\"event\":\"probe.")
            guard isWanted, let event = line.event, event.run == id || !events.isEmpty else { continue }
            if event.run == id, let leg = event.details["run"]?.text { runs.insert(leg) }
            if let run = event.run, event.event == RunEvent.planned.rawValue,
                roleWords.contains(where: line.text.contains)
            {
                runs.insert(run)
            }
            if event.run.map({ runs.contains($0) }) ?? true { events.append(event) }
        }
        return events
    }

    /// What is in the plan of a run that gives a node another role.
    private static let roleWords = ["\"promote\"", "\"repoint\"", "node_to_rejoin", "node_to_rebuild"]

    /// What became of the whole log.
    package var log: AuditVerification {
        switch self {
        case .run(let report): report.log
        case .drill(let report): report.log
        }
    }

    /// The same in a line.
    package var logText: String { RunReport.logText(log) }

    /// The report as Markdown.
    package var markdown: String {
        switch self {
        case .run(let report): RunMarkdown(report).text
        case .drill(let report): DrillMarkdown(report).text
        }
    }

    /// The report as a page of HTML.
    package var html: String {
        switch self {
        case .run(let report): RunPage(report).text
        case .drill(let report): DrillPage(report).text
        }
    }
}
