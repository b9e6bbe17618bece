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
    ///   - before: the report from before the drill: whoever streamed then, or was the primary, has to be there, and
    ///     nothing is to be worse than it was.
    package init(_ moment: Moment, _ report: ClusterReport, primary: String, before: ClusterReport) {
        var problems: [String] = []
        if report.primary != primary {
            problems.append("\(report.primary ?? "nobody") is the primary instead of \(primary)")
        }
        for node in before.nodes where node.name != primary && (node.role == .primary || node.state == Self.streaming) {
            let state = report.node(node.name)?.state
            if state != Self.streaming { problems.append("\(node.name) is \(state ?? "silent") instead of streaming") }
        }
        let known = Set(before.findings.map(Sign.init))
        let news = report.findings.filter { $0.severity >= .warning && !known.contains(Sign($0)) }
        self.init(moment, problems: problems + news.map(\.message))
    }

    private static let streaming = "streaming"

    /// What a finding is about, however bad it is at the moment.
    private struct Sign: Hashable {
        var code: String
        var node: String?

        init(_ finding: Finding) {
            code = finding.code
            node = finding.node
        }
    }
}
