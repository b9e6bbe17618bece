import Failover
import Replication

/// `pgdr check` for people.
struct CheckTable {
    var style: Style

    func text(_ checks: [PromotionCheck]) -> String {
        checks.map { check in
            let lines = check.conditions.map { condition in
                let word = word(condition.severity)
                let padding = String(repeating: " ", count: 7 - word.count)
                let label = style.coloured(word, condition.severity) + padding
                return "  \(label)  \(condition.title): \(condition.evidence)"
            }
            return ([style.bold(style.coloured(check.text, check.severity))] + lines).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    private func word(_ severity: Severity) -> String {
        switch severity {
        case .ok: "ok"
        case .warning: "LOOK AT"
        case .critical: "NO"
        case .unknown: "OPEN"
        }
    }
}

/// The document of `pgdr check --format json`; the same promises as `StatusDocument`.
struct CheckDocument: Encodable {
    var cluster: String
    var nodes: [Node]
    /// nil where one node was asked about.
    var failover: FailoverReadiness?

    init(cluster: String, checks: [PromotionCheck], failover: FailoverReadiness? = nil) {
        self.cluster = cluster
        nodes = checks.map(Node.init)
        self.failover = failover
    }

    enum CodingKeys: String, CodingKey { case schema, cluster, nodes, failover }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(cluster, forKey: .cluster)
        try container.encode(nodes, forKey: .nodes)
        try container.encode(failover.map(FailoverReadinessDocument.init), forKey: .failover)
    }

    struct Node: Encodable {
        var name: String
        var primary: Bool
        var verdict: [String: String]
        var conditions: [Condition]

        init(_ check: PromotionCheck) {
            name = check.node
            primary = check.isPrimary
            verdict = ["severity": check.severity.rawValue, "text": check.text]
            conditions = check.conditions.map { condition in
                Condition(
                    code: condition.code, severity: condition.severity.rawValue, title: condition.title,
                    evidence: condition.evidence)
            }
        }
    }

    struct Condition: Encodable {
        var code: String
        var severity: String
        var title: String
        var evidence: String
    }
}
