import Audit
import Observation

/// What `pgdr audit verify` found, for people.
struct AuditVerificationText {
    var style: Style

    func text(_ report: AuditReport) -> String {
        let verification = report.verification
        var lines = [headline(report)]
        if let problem = verification.problem {
            lines.append("  \(problem.text)")
            lines.append("  \(holding(verification)).")
        }
        if verification.count > 0 { lines.append("head     \(verification.head)") }
        lines.append("anchors  \(anchors(report))")
        for stored in report.stored {
            for problem in stored.problems {
                lines.append("         \(stored.cluster): node \"\(problem.node)\" could not be asked: \(problem.text)")
            }
        }
        return lines.joined(separator: "\n")
    }

    private func headline(_ report: AuditReport) -> String {
        let verification = report.verification
        guard let problem = verification.problem else {
            guard verification.count > 0 else { return style.green("intact") + ": no events in \(report.directory)" }
            let files = verification.files == 1 ? "1 file" : "\(verification.files) files"
            return style.green("intact") + ": \(events(verification.count)) in \(files) in \(report.directory)"
        }
        let place = "line \(problem.line) of \(report.directory)/\(problem.file), event \(problem.seq)"
        guard report.verdict == .tampered else { return style.yellow("INCOMPLETE") + ": \(place)" }
        return style.red("TAMPERED") + ": \(problem.kind.rawValue): \(place)"
    }

    private func holding(_ verification: AuditVerification) -> String {
        switch verification.count {
        case 0: "No event before it holds"
        case 1: "The event before it holds"
        default: "The \(verification.count) events before it hold together"
        }
    }

    private func anchors(_ report: AuditReport) -> String {
        let checked = report.verification.anchors
        guard !checked.isEmpty else {
            let asked = report.stored.flatMap(\.nodes)
            return asked.isEmpty ? "none" : "none of \(report.observer) in the cluster"
        }
        var counts: [(CheckedAnchor.Outcome, Int)] = []
        for outcome in [CheckedAnchor.Outcome.matches, .differs, .missing, .unknown] {
            let count = checked.count { $0.outcome == outcome }
            if count > 0 { counts.append((outcome, count)) }
        }
        let text = counts.map { "\($1) \(words($0, count: $1))" }.joined(separator: ", ")
        let open = report.verification.count - min(report.anchored, report.verification.count)
        guard report.verdict == .intact, open > 0 else { return text }
        return "\(text); no anchor is newer than event \(report.anchored)"
    }

    private func words(_ outcome: CheckedAnchor.Outcome, count: Int) -> String {
        switch outcome {
        case .matches: count == 1 ? "matches" : "match"
        case .differs: count == 1 ? "differs" : "differ"
        case .missing: "beyond the end of the log"
        case .unknown: "behind the break, not checked"
        }
    }

    private func events(_ count: UInt64) -> String { count == 1 ? "1 event" : "\(count) events" }
}

/// What `pgdr audit verify --format json` prints; the same promises as `StatusDocument`.
struct AuditVerificationDocument: Encodable {
    private var report: AuditReport

    init(_ report: AuditReport) { self.report = report }

    enum CodingKeys: String, CodingKey {
        case schema, directory, observer, verdict, count, files, head, problem, anchors, clusters
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(report.directory, forKey: .directory)
        try container.encode(report.observer, forKey: .observer)
        try container.encode(report.verdict.rawValue, forKey: .verdict)
        try container.encode(report.verification.count, forKey: .count)
        try container.encode(report.verification.files, forKey: .files)
        try container.encode(report.verification.head, forKey: .head)
        try container.encode(report.verification.problem.map(Problem.init), forKey: .problem)
        try container.encode(
            report.verification.anchors.map { Anchor(checked: $0, cluster: report.cluster(of: $0.anchor)) },
            forKey: .anchors)
        try container.encode(
            report.stored.map { stored in
                Cluster(
                    name: stored.cluster, nodes: stored.nodes,
                    problems: stored.problems.map { Cluster.Problem(node: $0.node, message: $0.text) })
            }, forKey: .clusters)
    }

    private struct Problem: Encodable {
        var kind: String
        var file: String
        var line: Int
        var seq: UInt64
        var message: String

        init(_ problem: AuditProblem) {
            kind = problem.kind.rawValue
            file = problem.file
            line = problem.line
            seq = problem.seq
            message = problem.text
        }
    }

    private struct Anchor: Encodable {
        var checked: CheckedAnchor
        var cluster: String?

        enum CodingKeys: String, CodingKey { case seq, hash, outcome, cluster }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(checked.anchor.seq, forKey: .seq)
            try container.encode(checked.anchor.hash, forKey: .hash)
            try container.encode(checked.outcome.rawValue, forKey: .outcome)
            // Null: from the command line.
            try container.encode(cluster, forKey: .cluster)
        }
    }

    private struct Cluster: Encodable {
        var name: String
        var nodes: [String]
        var problems: [Problem]

        struct Problem: Encodable {
            var node: String
            var message: String
        }
    }
}
