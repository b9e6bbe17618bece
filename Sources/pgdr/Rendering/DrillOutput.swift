import Drills
import Replication
import RunbookEngine

/// Drills as a table.
enum DrillsTable {
    static func text(_ drills: [DrillRecord]) -> String {
        guard !drills.isEmpty else { return "No drills." }
        var table = TextTable([
            ("DRILL", .left), ("NODE", .left), ("OUTCOME", .left), ("BEGAN", .left), ("RTO", .right), ("LOST", .right),
            ("BY", .left), ("RUN", .left),
        ])
        for drill in drills {
            table.append([
                drill.kind.rawValue, drill.node, drill.outcome.rawValue, drill.beganAt,
                drill.outage.map { (drill.isAtLeast ? "at least " : "") + ClientText.duration(.seconds($0)) } ?? "",
                drill.lost.map { "\($0)" } ?? "",
                drill.actor, drill.id,
            ])
        }
        var lines = table.lines(style: Style(hasColours: Terminal.hasColours))
        for drill in drills {
            lines += drill.problems.map { "\(drill.id): \($0)" }
            guard drill.outcome == .unfinished else { continue }
            let back = drill.home.map { "; the primary was \($0), to go back: pgdr run switchover \($0)" } ?? ""
            lines.append("\(drill.id) goes on or was cut off; unfinished runs: pgdr runs --unfinished\(back)")
        }
        return lines.joined(separator: "\n")
    }
}

/// Drills as JSON.
struct DrillsDocument: Encodable {
    private let cluster: String
    private let drills: [DrillRecord]

    init(cluster: String, _ drills: [DrillRecord]) {
        self.cluster = cluster
        self.drills = drills
    }

    enum CodingKeys: String, CodingKey { case schema, cluster, drills }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(cluster, forKey: .cluster)
        try container.encode(drills.map(Item.init), forKey: .drills)
    }

    private struct Item: Encodable {
        var drill: DrillRecord

        init(_ drill: DrillRecord) { self.drill = drill }

        enum CodingKeys: String, CodingKey {
            case drill, kind, node, home, outcome, actor, problems, runs, lost
            case beganAt = "began_at"
            case endedAt = "ended_at"
            case rto = "rto_seconds", isAtLeast = "rto_at_least"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(drill.id, forKey: .drill)
            try container.encode(drill.kind, forKey: .kind)
            try container.encode(drill.node, forKey: .node)
            try container.encode(drill.home, forKey: .home)
            try container.encode(drill.outcome.rawValue, forKey: .outcome)
            try container.encode(drill.actor, forKey: .actor)
            try container.encode(drill.beganAt, forKey: .beganAt)
            try container.encode(drill.endedAt, forKey: .endedAt)
            try container.encode(drill.problems, forKey: .problems)
            try container.encode(drill.runs, forKey: .runs)
            try container.encode(drill.outage, forKey: .rto)
            try container.encode(drill.outage.map { _ in drill.isAtLeast }, forKey: .isAtLeast)
            try container.encode(drill.lost, forKey: .lost)
        }
    }
}

/// How a switchover drill ended, for people.
struct SwitchoverDrillText {
    var style: Style

    func text(_ drill: SwitchoverDrill) -> String {
        var lines = drill.legs.compactMap(\.measurement).map { ClientText(style: style).text($0) }
        lines += drill.looks.map { look in
            "\(look.problems.isEmpty ? style.green("✓") : style.red("✗")) \(look.moment.rawValue): "
                + (look.problems.isEmpty ? "all is as it has to be" : look.problems.joined(separator: "; "))
        }
        let names = "to \(drill.target) and back to \(drill.home) (drill \(drill.id))"
        if drill.passed { return (lines + [style.green("Passed") + ": \(names)."]).joined(separator: "\n") }
        lines.append(style.red("Failed") + ": \(names).")
        lines += drill.problems.map { "  \($0)" }
        switch drill.place {
        case .home: lines.append("\(drill.home) is the primary, as before.")
        case .away: lines.append("\(drill.target) is the primary. To go back: pgdr run switchover \(drill.home)")
        case .open:
            let back = drill.legs.count == 1 ? ", then: pgdr run switchover \(drill.home)" : ""
            lines.append("To go on: pgdr resume \(drill.openRun ?? "RUN")\(back)")
        case .unclear: lines.append("The primary was \(drill.home). Look at: pgdr status")
        }
        if drill.place != .home, let roles = drill.roles { lines.append("Now: \(roles.text).") }
        return lines.joined(separator: "\n")
    }
}

/// How a switchover drill ended, as JSON.
struct SwitchoverDrillDocument: Encodable {
    private let drill: SwitchoverDrill

    init(_ drill: SwitchoverDrill) { self.drill = drill }

    enum CodingKeys: String, CodingKey {
        case schema, drill, kind, cluster, node, home, passed, primary, problems, looks, runs, lost, probes
        case rto = "rto_seconds", isAtLeast = "rto_at_least"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(drill.id, forKey: .drill)
        try container.encode(DrillKind.switchover, forKey: .kind)
        try container.encode(drill.cluster, forKey: .cluster)
        try container.encode(drill.target, forKey: .node)
        try container.encode(drill.home, forKey: .home)
        try container.encode(drill.passed, forKey: .passed)
        let primaries = drill.roles?.primaries ?? []
        try container.encode(primaries.count == 1 ? primaries.first : nil, forKey: .primary)
        try container.encode(drill.problems, forKey: .problems)
        try container.encode(drill.looks.map(Look.init), forKey: .looks)
        try container.encode((drill.legs + drill.repoints).compactMap(\.run), forKey: .runs)
        try container.encode(drill.outage?.seconds, forKey: .rto)
        try container.encode(drill.outage?.isAtLeast, forKey: .isAtLeast)
        try container.encode(drill.lost, forKey: .lost)
        let probes = drill.legs.compactMap(\.measurement).map { MeasurementDocument(ProbedRun(measurement: $0)) }
        try container.encode(probes, forKey: .probes)
    }

    private struct Look: Encodable {
        var when: String
        var problems: [String]

        init(_ look: DrillLook) {
            when = look.moment.rawValue
            problems = look.problems
        }
    }
}
