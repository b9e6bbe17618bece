import Replication

/// `pgdr status` for people: the verdict, the topology as a tree, what was found.
struct StatusTable {
    var style: Style

    func text(_ reports: [ClusterReport]) -> String { reports.map(text).joined(separator: "\n\n") }

    private func text(_ report: ClusterReport) -> String {
        let verdict = "\(style.bold(report.name))  \(style.coloured(report.verdict.text, report.verdict.severity))"
        var blocks = [[verdict], tree(report)]
        let rates = ratesLines(report)
        if !rates.isEmpty { blocks.append(rates) }
        if !report.findings.isEmpty { blocks.append(report.findings.flatMap(lines)) }
        return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private func tree(_ report: ClusterReport) -> [String] {
        var table = TextTable([
            ("NODE", .left), ("KIND", .left), ("ROLE", .left), ("STATE", .left), ("TL", .right), ("LSN", .right),
            ("SENT", .right), ("WRITE", .right), ("FLUSH", .right), ("RECEIVE", .right), ("REPLAY", .right),
            ("SYNC", .left), ("MEASURED BY", .left),
        ])
        for (node, prefix) in TopologyTree(report).rows {
            let lag = Lag.Stage.allCases.map { stage in node.lag.map { cell($0, stage) } ?? unknownLag(node) }
            table.append(
                [
                    prefix + node.name, node.kind.rawValue, node.role?.rawValue ?? "?",
                    node.state ?? node.silence?.reason ?? "?", node.timeline?.description ?? "",
                    node.lsn?.description ?? "",
                ] + lag + [node.syncState ?? "", source(node)])
        }
        return table.lines(style: style)
    }

    /// Bytes, and seconds where there are any to speak of; that they are unknown is said of replay only, as the other
    /// stages often have none.
    private func cell(_ lag: Lag, _ stage: Lag.Stage) -> String {
        guard let bytes = lag[stage].bytes else { return "?" }
        guard let seconds = lag[stage].seconds else {
            return Quantity.bytes(bytes) + (stage == .replay && bytes > 0 ? " ? s" : "")
        }
        let bound = lag[stage].source == .replayTimestamp ? "≤ " : ""
        return Quantity.bytes(bytes) + (seconds < 0.05 ? "" : " \(bound)\(Quantity.seconds(seconds))")
    }

    private func unknownLag(_ node: NodeReport) -> String { node.role == .primary ? "" : "?" }

    /// Where figures come from, unless the primary gave them.
    private func source(_ node: NodeReport) -> String {
        guard let source = node.lag?.replay.source else { return "" }
        switch source {
        case .caughtUp, .primaryLag, .primaryPosition: return ""
        case .lsnClock, .replayTimestamp, .mostAdvancedStandby, .lastKnownPrimary: return source.rawValue
        }
    }

    private func ratesLines(_ report: ClusterReport) -> [String] {
        guard report.nodes.contains(where: { $0.rates != nil }) else { return [] }
        var table = TextTable([
            ("NODE", .left), ("WAL RATE", .right), ("REPLAY RATE", .right), ("CATCHES UP IN", .right),
        ])
        let primary = report.primary.flatMap(report.node)?.rates
        for node in report.nodes {
            guard let rates = node.rates else { continue }
            let behind = node.role == .standby
            table.append([
                node.name, rate(rates.walBytesPerSecond), behind ? rate(rates.replayBytesPerSecond) : "",
                behind ? catchUp(rates, written: primary?.walBytesPerSecond) : "",
            ])
        }
        return table.lines(style: style)
    }

    /// A standby that replays about as much as is written keeps its distance, however small that is.
    private func catchUp(_ rates: Rates, written: Double?) -> String {
        if let seconds = rates.catchUpSeconds { return Quantity.seconds(seconds) }
        guard let replayed = rates.replayBytesPerSecond, let written else { return "?" }
        return replayed >= written * 0.95 && replayed > 0 ? "keeps pace" : "not at this rate"
    }

    private func rate(_ bytesPerSecond: Double?) -> String {
        bytesPerSecond.map { "\(Quantity.bytes(UInt64(max(0, $0))))/s" } ?? "?"
    }

    private func lines(_ finding: Finding) -> [String] {
        let title = finding.severity == .ok ? "note" : finding.severity.rawValue.uppercased()
        let label = String(repeating: " ", count: max(0, 8 - title.count)) + style.coloured(title, finding.severity)
        return [
            "  \(label)  \(finding.message)",
            finding.detail.map { "            DETAIL: \($0)" },
            finding.hint.map { "            HINT: \($0)" },
        ].compactMap(\.self)
    }
}

/// The nodes in the order of the tree, each with the lines that lead to it.
struct TopologyTree {
    let rows: [(node: NodeReport, prefix: String)]

    init(_ report: ClusterReport) {
        var rows: [(NodeReport, String)] = []
        var shown: Set<String> = []
        func visit(_ node: NodeReport, _ own: String, _ below: String) {
            guard shown.insert(node.name).inserted else { return }
            rows.append((node, own))
            let children = report.nodes.filter { $0.upstream == node.name && !shown.contains($0.name) }
            for (index, child) in children.enumerated() {
                let isLast = index == children.count - 1
                visit(child, below + (isLast ? "└─ " : "├─ "), below + (isLast ? "   " : "│  "))
            }
        }
        for node in report.nodes where node.upstream == nil { visit(node, "", "") }
        // Nodes of a circle have no root; the first of them becomes one.
        for node in report.nodes { visit(node, "", "") }
        self.rows = rows
    }
}
