package import Replication

/// A look at a cluster in a drill, and whether all is as it has to be there.
package struct DrillLook: Sendable, Equatable {
    /// When it is taken.
    package enum Moment: String, Sendable, CaseIterable {
        /// Before anything is changed.
        case before
        /// The role is at the other node.
        case between
        /// The role is back.
        case after
    }

    /// When it was taken.
    package var moment: Moment
    /// What isn't as it has to be, a sentence each; empty: all is.
    package var problems: [String]

    /// A look by its parts.
    package init(_ moment: Moment, problems: [String]) {
        self.moment = moment
        self.problems = problems
    }

    /// Judges a report on a cluster that is about to be moved.
    ///
    /// What is critical forbids a drill; warnings are what people live with.
    package init(before report: ClusterReport) {
        let critical = report.findings.filter { $0.severity >= .critical }.map(\.message)
        let missing = report.primary == nil && critical.isEmpty ? ["there is no primary"] : []
        self.init(.before, problems: critical + missing)
    }

    /// Judges a report on a cluster whose primary has moved.
    /// - Parameters:
    ///   - primary: who has to be the primary now.
    ///   - before: the report from before the drill: whoever streamed then, or was the primary, has to be there, at the
    ///     end from where it did, and nothing is to be worse than it was.
    package init(_ moment: Moment, _ report: ClusterReport, primary: String, before: ClusterReport) {
        var problems: [String] = []
        if report.primary != primary {
            problems.append("\(report.primary ?? "nobody") is the primary instead of \(primary)")
        }
        for node in before.nodes where node.name != primary && (node.role == .primary || node.state == Self.streaming) {
            let now = report.node(node.name)
            if now?.state != Self.streaming {
                problems.append("\(node.name) is \(now?.state ?? "silent") instead of streaming")
            } else if moment == .after, let upstream = node.upstream, now?.upstream != upstream {
                problems.append("\(node.name) follows \(now?.upstream ?? "an unknown server") instead of \(upstream)")
            }
        }
        self.init(moment, problems: problems + Self.news(in: report, since: before, passingOver: Self.aside(moment)))
    }

    private static let streaming = "streaming"

    /// The findings that say nothing of how the drill goes.
    private static func aside(_ moment: Moment) -> Set<String> {
        let aside: Set = ["drill_overdue", "drills_unknown"]
        // Who is meant to follow whom holds for the usual primary.
        return moment == .after ? aside : aside.union(["wrong_upstream"])
    }

    /// What is worse than it was: findings that weren't there, are more, or are more severe.
    private static func news(
        in report: ClusterReport, since before: ClusterReport, passingOver codes: Set<String>
    ) -> [String] {
        func signs(_ report: ClusterReport) -> [Sign: [Finding]] {
            let counted = report.findings.filter { $0.severity >= .warning && !codes.contains($0.code) }
            return Dictionary(grouping: counted) { Sign($0, in: report) }
        }
        let known = signs(before)
        return signs(report).filter { sign, findings in
            let old = known[sign, default: []]
            return findings.count > old.count
                || findings.map(\.severity).max() ?? .ok > old.map(\.severity).max() ?? .ok
        }.flatMap { $1.map(\.message) }.sorted()
    }

    /// What a finding is about: what is said of the primary goes with the role.
    private struct Sign: Hashable {
        var code: String
        var node: String?

        init(_ finding: Finding, in report: ClusterReport) {
            code = finding.code
            node = finding.node == report.primary ? "" : finding.node
        }
    }
}
