import Configuration
import Failover
import Replication

/// What `pgdr check` says of failover, for people.
struct FailoverReadinessText {
    var style: Style
    var cluster: ClusterConfiguration

    func text(_ readiness: FailoverReadiness) -> String {
        let outlooks = readiness.outlooks.flatMap(lines)
        let findings = readiness.findings.flatMap { Self.lines($0, style) }
        let pause = readiness.control.pauseInForce.map { [line("note", .ok, "paused \($0.text)")] } ?? []
        let thresholds = readiness.thresholds.map { ["", ThresholdText(style: style).text($0)] } ?? []
        return ([style.bold("Failover, mode \(readiness.mode.rawValue)")] + outlooks + findings + pause + thresholds)
            .joined(separator: "\n")
    }

    private func lines(_ outlook: Outlook) -> [String] {
        let primary = outlook.primary
        let voters = outlook.voters.nodes + outlook.voters.witnesses.map { "witness \($0)" }
        let votes =
            voters.isEmpty
            ? "nobody has a vote" : "of \(list(voters, "and")) \(outlook.voters.majority) must agree"
        var lines = ["  \(primary) as the primary: \(votes)"]
        let survived = outlook.survived.filter { $0 != .node(primary) }.map(words)
        if !outlook.survived.isEmpty {
            let others = survived.isEmpty ? "" : ", also together with \(list(survived, "or"))"
            lines.append(line("ok", .ok, "survives the loss of \(primary)\(others)"))
        }
        var rest = outlook.fatal[...]
        while let first = rest.first {
            let alike = rest.filter { $0.missingWitnesses == first.missingWitnesses }
            rest.removeAll { $0.missingWitnesses == first.missingWitnesses }
            lines.append(line("NOT", .warning, sentence(alike, of: primary)))
        }
        return lines
    }

    private func sentence(_ losses: [Outlook.Fatal], of primary: String) -> String {
        let others = losses.filter { $0.loss != .node(primary) }.map { words($0.loss) }
        let loss =
            others.count == losses.count
            ? "the loss of \(primary) together with \(list(others, "or"))"
            : "the loss of \(primary)" + (others.isEmpty ? "" : ", or together with \(list(others, "or"))")
        return "\(loss): \(remedy(losses[0].missingWitnesses))"
    }

    /// What would change it.
    private func remedy(_ witnesses: Int?) -> String {
        guard let witnesses else { return "nobody would be left to promote" }
        guard witnesses == 1 else {
            return "\(witnesses) more witnesses, each at a site of its own, would change that"
        }
        let ordinals = [1: "second", 2: "third", 3: "fourth"]
        let place = ordinals[cluster.sites.count].map { "at a \($0) site" } ?? "at a site of its own"
        return "one more witness \(place) would change that"
    }

    /// A loss; of a site what is lost with it.
    private func words(_ loss: Loss) -> String {
        switch loss {
        case .node(let name): return name
        case .witness(let name): return "witness \(name)"
        case .site(let site):
            let members =
                cluster.nodes.filter { $0.site == site }.map(\.name)
                + cluster.witnesses.filter { $0.site == site }.map { "witness \($0.name)" }
            return "site \(site) (\(list(members, "and")))"
        }
    }

    private func list(_ items: [String], _ conjunction: String) -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return "\(items.dropLast().joined(separator: ", ")) \(conjunction) \(last)"
    }

    private func line(_ word: String, _ severity: Severity, _ text: String) -> String {
        Self.line(word, severity, text, style)
    }

    /// A finding, and below it what to do about it.
    static func lines(_ finding: FailoverReadiness.Finding, _ style: Style) -> [String] {
        [line(finding.severity == .ok ? "note" : "LOOK AT", finding.severity, finding.message, style)]
            + (finding.hint.map { ["           → \($0)"] } ?? [])
    }

    /// A line with a word before it that says how bad it is.
    static func line(_ word: String, _ severity: Severity, _ text: String, _ style: Style) -> String {
        let padding = String(repeating: " ", count: 7 - word.count)
        return "  \(style.coloured(word, severity))\(padding)  \(text)"
    }
}

/// The same as a part of `CheckDocument`.
struct FailoverReadinessDocument: Encodable {
    private let readiness: FailoverReadiness

    init(_ readiness: FailoverReadiness) { self.readiness = readiness }

    enum CodingKeys: String, CodingKey { case mode, severity, control, outlooks, findings, thresholds }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(readiness.mode.rawValue, forKey: .mode)
        try container.encode(readiness.severity.rawValue, forKey: .severity)
        try container.encode(Control(reading: readiness.control), forKey: .control)
        try container.encode(readiness.outlooks.map(OutlookItem.init), forKey: .outlooks)
        try container.encode(readiness.findings.map(FindingItem.init), forKey: .findings)
        try container.encode(readiness.thresholds.map(ThresholdDocument.init), forKey: .thresholds)
    }

    private struct Control: Encodable {
        var reading: ControlReading

        enum CodingKeys: String, CodingKey { case source, node, paused }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            let (word, node): (String, String?) =
                switch reading.source {
                case .node(let name): ("node", name)
                case .noSchema: ("no_schema", nil)
                case .nobody: ("no_answer", nil)
                case .severalClusters: ("several_clusters", nil)
                }
            try container.encode(word, forKey: .source)
            try container.encode(node, forKey: .node)
            try container.encode(reading.pauseInForce.map(PauseDocument.init), forKey: .paused)
        }
    }

    private struct OutlookItem: Encodable {
        var primary: String
        var voters: [String]
        var witnesses: [String]
        var needed: Int
        var survived: [[String: String]]
        var fatal: [FatalItem]

        init(_ outlook: Outlook) {
            primary = outlook.primary
            voters = outlook.voters.nodes
            witnesses = outlook.voters.witnesses
            needed = outlook.voters.majority
            survived = outlook.survived.map { ["kind": $0.kind, "name": $0.name] }
            fatal = outlook.fatal.map(FatalItem.init)
        }
    }

    private struct FatalItem: Encodable {
        var fatal: Outlook.Fatal

        init(_ fatal: Outlook.Fatal) { self.fatal = fatal }

        enum CodingKeys: String, CodingKey {
            case kind, name
            case missingWitnesses = "missing_witnesses"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(fatal.loss.kind, forKey: .kind)
            try container.encode(fatal.loss.name, forKey: .name)
            try container.encode(fatal.missingWitnesses, forKey: .missingWitnesses)
        }
    }

    struct FindingItem: Encodable {
        var finding: FailoverReadiness.Finding

        init(_ finding: FailoverReadiness.Finding) { self.finding = finding }

        enum CodingKeys: String, CodingKey { case code, severity, node, message, hint }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(finding.code.rawValue, forKey: .code)
            try container.encode(finding.severity.rawValue, forKey: .severity)
            try container.encode(finding.node, forKey: .node)
            try container.encode(finding.message, forKey: .message)
            try container.encode(finding.hint, forKey: .hint)
        }
    }
}

extension Loss {
    /// What kind of thing is lost: a stable word.
    fileprivate var kind: String {
        switch self {
        case .node: "node"
        case .witness: "witness"
        case .site: "site"
        }
    }

    fileprivate var name: String {
        switch self {
        case .node(let name), .witness(let name), .site(let name): name
        }
    }
}
