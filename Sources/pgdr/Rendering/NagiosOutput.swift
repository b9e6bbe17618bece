import Essentials
import Replication

/// `pgdr status` for Nagios and its kin: one line with performance data, then the findings.
///
/// Format: Monitoring Plugins Development Guidelines, "Plugin Output for Nagios" and "Performance data".
struct NagiosOutput {
    var thresholds: [String: Thresholds]

    func text(_ reports: [ClusterReport]) -> String {
        let severity = reports.map(\.verdict.severity).max() ?? .unknown
        let summary = reports.map { "\($0.name): \($0.verdict.text)" }.joined(separator: " / ")
        let performance = reports.flatMap { report in performanceData(report, prefixed: reports.count > 1) }
        let first = "\(Self.title(severity)) - \(Self.escaped(summary)) | \(performance.joined(separator: " "))"
        let findings = reports.flatMap { report in
            report.findings.filter { $0.severity > .ok }.map { finding in
                let parts = [finding.message, finding.detail, finding.hint].compactMap(\.self)
                let text = Self.escaped("\(report.name): \(parts.joined(separator: " - "))")
                return "[\(finding.severity.rawValue.uppercased())] \(text)"
            }
        }
        return ([first] + findings).joined(separator: "\n")
    }

    /// A check that could not be made.
    static func text(_ failure: Failure) -> String {
        let parts = [failure.message, failure.detail, failure.hint].compactMap(\.self)
        return "\(title(.unknown)) - \(escaped(parts.joined(separator: " - ")))"
    }

    static func title(_ severity: Severity) -> String { "PGDR \(severity.rawValue.uppercased())" }

    private func performanceData(_ report: ClusterReport, prefixed: Bool) -> [String] {
        let limits = thresholds[report.name] ?? Thresholds()
        let prefix = prefixed ? "\(report.name)_" : ""
        var data: [String] = []
        for node in report.nodes where node.role != .primary {
            let replay = node.lag?.replay
            data.append(
                entry(
                    "\(prefix)\(node.name)_replay_bytes", replay?.bytes.map { "\($0)B" },
                    limits.lagBytes.warning.map { "\($0)" }, limits.lagBytes.critical.map { "\($0)" }))
            data.append(
                entry(
                    "\(prefix)\(node.name)_replay_seconds", replay?.seconds.map { "\(Quantity.fixed($0, 3))s" },
                    limits.lagSeconds.warning.map { Quantity.fixed($0, 3) },
                    limits.lagSeconds.critical.map { Quantity.fixed($0, 3) }))
        }
        data.append(entry("\(prefix)rpo_bytes", report.rpo.bytes.map { "\($0)B" }, nil, nil))
        data.append(entry("\(prefix)skew", "\(Quantity.fixed(report.skew * 1000, 3))ms", nil, nil))
        return data
    }

    /// An unknown value is `U`, never 0.
    private func entry(_ label: String, _ value: String?, _ warning: String?, _ critical: String?) -> String {
        "'\(label)'=\(value ?? "U");\(warning ?? "");\(critical ?? "");0"
    }

    /// A bar would begin the performance data, a line break the next part.
    static func escaped(_ text: String) -> String {
        String(text.map { $0 == "|" ? "/" : $0.isNewline ? " " : $0 })
    }
}
