import RunbookEngine

/// Runs as a table.
enum RunsTable {
    static func text(_ runs: [RunRecord]) -> String {
        guard !runs.isEmpty else { return "No runs." }
        var table = TextTable([
            ("RUN", .left), ("WHAT", .left), ("STATE", .left), ("STEPS", .right), ("BY", .left), ("LAST EVENT", .left),
        ])
        for run in runs {
            table.append([
                run.id, run.plan.title, word(run), "\(run.finished)/\(run.steps.count)", run.actor, run.lastAt,
            ])
        }
        var lines = table.lines(style: Style(hasColours: Terminal.hasColours))
        for run in runs where run.isUnfinished {
            let ways = run.isBeyondReturn ? "pgdr resume \(run.id)" : "pgdr resume \(run.id)  or  pgdr abort \(run.id)"
            lines.append("\(run.id) is unfinished\(run.failure.map { ": \($0)" } ?? "").  To go on: \(ways)")
        }
        return lines.joined(separator: "\n")
    }

    /// The stable word for where a run stands.
    static func word(_ run: RunRecord) -> String {
        switch run.phase {
        case .done: "done"
        case .undone: "undone"
        case .left: "left"
        case .forward: "unfinished"
        case .backward: "being_undone"
        }
    }
}

extension RunRecord {
    /// How many steps are over.
    var finished: Int { steps.count { [.done, .skipped, .undone].contains($0) } }
}

/// Runs as JSON.
struct RunsDocument: Encodable {
    private let runs: [RunRecord]

    init(_ runs: [RunRecord]) { self.runs = runs }

    enum CodingKeys: String, CodingKey { case schema, runs }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(runs.map(Item.init), forKey: .runs)
    }

    private struct Item: Encodable {
        var run: RunRecord

        init(_ run: RunRecord) { self.run = run }

        enum CodingKeys: String, CodingKey {
            case run, runbook, title, cluster, parameters, state, actor, failure, steps
            case beganAt = "began_at"
            case lastAt = "last_at"
            case beyondReturn = "beyond_return"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(run.id, forKey: .run)
            try container.encode(run.plan.runbook, forKey: .runbook)
            try container.encode(run.plan.title, forKey: .title)
            try container.encode(run.plan.cluster, forKey: .cluster)
            try container.encode(run.plan.parameters, forKey: .parameters)
            try container.encode(RunsTable.word(run), forKey: .state)
            try container.encode(run.actor, forKey: .actor)
            try container.encode(run.beganAt, forKey: .beganAt)
            try container.encode(run.lastAt, forKey: .lastAt)
            try container.encode(run.failure, forKey: .failure)
            try container.encode(run.isBeyondReturn, forKey: .beyondReturn)
            let steps = zip(run.plan.steps, run.steps).map { ["id": $0.id, "state": $1.rawValue] }
            try container.encode(steps, forKey: .steps)
        }
    }
}
