import Replication

/// `pgdr status` in the OpenMetrics text format, for a textfile collector or a scrape.
///
/// All are gauges: after a failover a position or a timeline may well be lower than before. What is unknown is NaN.
/// Seconds have six decimal places.
struct OpenMetricsOutput {
    private struct Family {
        var name: String
        var help: String
        var samples: [(labels: [(String, String)], value: Double?)] = []
    }

    func text(_ reports: [ClusterReport]) -> String {
        let families = clusterFamilies(reports) + nodeFamilies(reports) + lagFamilies(reports)
        let lines = families.filter { !$0.samples.isEmpty }.flatMap { family in
            ["# HELP \(family.name) \(family.help)", "# TYPE \(family.name) gauge"]
                + family.samples.map { "\(family.name){\(labels($0.labels))} \(number($0.value))" }
        }
        return (lines + ["# EOF"]).joined(separator: "\n")
    }

    private func clusterFamilies(_ reports: [ClusterReport]) -> [Family] {
        var severity = Family(
            name: "pgdr_cluster_severity", help: "Worst finding: 0 ok, 1 warning, 2 critical, 3 unknown.")
        var findings = Family(name: "pgdr_cluster_findings", help: "Number of findings by severity.")
        var bytes = Family(name: "pgdr_rpo_bytes", help: "WAL that losing the primary now would lose.")
        var seconds = Family(name: "pgdr_rpo_seconds", help: "Age of the oldest WAL that would be lost.")
        var skew = Family(name: "pgdr_observation_skew_seconds", help: "Time between the first and the last answer.")
        for report in reports {
            let cluster = [("cluster", report.name)]
            severity.samples.append((cluster, Double(ExitStatus.check(report.verdict.severity))))
            for level in Severity.allCases {
                let count = report.findings.count { $0.severity == level }
                findings.samples.append((cluster + [("severity", level.rawValue)], Double(count)))
            }
            bytes.samples.append((cluster, report.rpo.bytes.map { Double($0) }))
            seconds.samples.append((cluster, report.rpo.seconds))
            skew.samples.append((cluster, report.skew))
        }
        return [severity, findings, bytes, seconds, skew]
    }

    private func nodeFamilies(_ reports: [ClusterReport]) -> [Family] {
        var up = Family(name: "pgdr_node_up", help: "Whether the node answered.")
        var primary = Family(name: "pgdr_node_primary", help: "Whether the node is primary.")
        var timeline = Family(name: "pgdr_node_timeline", help: "Timeline the node is on.")
        var position = Family(name: "pgdr_node_wal_position_bytes", help: "LSN the node has written or received.")
        for report in reports {
            for node in report.nodes {
                let labels = [("cluster", report.name), ("node", node.name), ("kind", node.kind.rawValue)]
                up.samples.append((labels, node.silence == nil ? 1 : 0))
                primary.samples.append((labels, node.role.map { $0 == .primary ? 1 : 0 }))
                timeline.samples.append((labels, node.timeline.map { Double($0.rawValue) }))
                position.samples.append((labels, node.lsn.map { Double($0.rawValue) }))
            }
        }
        return [up, primary, timeline, position]
    }

    private func lagFamilies(_ reports: [ClusterReport]) -> [Family] {
        var bytes = Family(name: "pgdr_replication_lag_bytes", help: "WAL the standby lacks at a stage.")
        var seconds = Family(name: "pgdr_replication_lag_seconds", help: "Age of the oldest WAL lacking at a stage.")
        for report in reports {
            for node in report.nodes where node.role != .primary {
                for stage in Lag.Stage.allCases {
                    let labels = [("cluster", report.name), ("node", node.name), ("stage", stage.rawValue)]
                    bytes.samples.append((labels, node.lag?[stage].bytes.map { Double($0) }))
                    seconds.samples.append((labels, node.lag?[stage].seconds))
                }
            }
        }
        return [bytes, seconds]
    }

    private func labels(_ labels: [(String, String)]) -> String {
        labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
    }

    private func escaped(_ value: String) -> String {
        String(value.flatMap { $0 == "\\" ? "\\\\" : $0 == "\"" ? "\\\"" : $0 == "\n" ? "\\n" : String($0) })
    }

    private func number(_ value: Double?) -> String {
        guard let value = StatusDocument.rounded(value) else { return "NaN" }
        if value == value.rounded(), abs(value) < 1e18 { return "\(Int64(value))" }
        return "\(value)"
    }
}
