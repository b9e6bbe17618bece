import RunbookEngine

/// A plan for people: what must hold, and every step with the statements and command lines that it comes to.
struct PlanText {
    var style: Style

    /// The whole plan.
    func text(_ plan: Plan) -> String {
        var lines = [style.bold(plan.title), ""]
        if !plan.requirements.isEmpty {
            lines.append(style.bold("Must hold before anything is done"))
            lines += plan.requirements.flatMap(requirement)
            lines.append("")
        }
        guard !plan.steps.isEmpty else { return lines.joined(separator: "\n") + style.green("Nothing to do.") }
        lines.append(style.bold("Steps"))
        for (index, step) in plan.steps.enumerated() { lines += self.step(step, index) }
        lines.append("")
        lines.append(
            plan.mayRun ? style.green("It may run now.") : style.red("It would be refused; nothing would be changed."))
        return lines.joined(separator: "\n")
    }

    /// The titles of the steps.
    func summary(_ plan: Plan) -> String {
        let steps = plan.steps.enumerated().map { index, step in
            "  \(index + 1). \(step.title)\(step.isPointOfNoReturn ? style.yellow("  (no way back from here on)") : "")"
        }
        return ([style.bold(plan.title)] + steps).joined(separator: "\n")
    }

    private func requirement(_ requirement: Plan.Requirement) -> [String] {
        let mark =
            switch requirement.result.holds {
            case true: style.green("✓")
            case false: style.red("✗")
            case nil: style.yellow("?")
            }
        return ["  \(mark) \(requirement.title)", "      " + style.dim(requirement.result.evidence)]
    }

    private func step(_ step: PlannedStep, _ index: Int) -> [String] {
        var lines = ["  \(index + 1). \(step.title)  " + style.dim("[\(step.id)]")]
        if step.isPointOfNoReturn { lines.append("     " + style.yellow("no way back from here on")) }
        for probe in step.requirements { lines.append("     relies on: \(ProbeText.text(probe))") }
        if let unless = step.unless { lines.append("     unless: \(ProbeText.text(unless))") }
        for act in step.acts { lines += indented(ActText.lines(act)) }
        if let verification = step.verification { lines.append("     then: \(ProbeText.text(verification))") }
        if !step.undo.isEmpty {
            lines.append("     taken back by:")
            for act in step.undo { lines += indented(ActText.lines(act), by: 9) }
        }
        return lines
    }

    private func indented(_ lines: [String], by width: Int = 7) -> [String] {
        lines.map { String(repeating: " ", count: width) + $0 }
    }
}

/// Acts as text: just what is sent and run.
enum ActText {
    static func lines(_ act: Act) -> [String] {
        switch act {
        case .statement(let statement): return [StatementText.text(statement)]
        case .command(let command): return CommandText.lines(command)
        case .pipe(let source, let sink):
            return CommandText.lines(source) + ["| and with what it prints:"] + CommandText.lines(sink)
        case .pooler(let console, let command): return ["PgBouncer at \(console)> \(command.rawValue.uppercased())"]
        case .local(let words, let input):
            return ["here$ " + words.map(ShellWord.text).joined(separator: " ")] + (input.map { ["| \($0)"] } ?? [])
        case .upload(let node, let path, let content, let mode):
            return ["\(node): write \(content.utf8.count) bytes to \(path), mode \(String(mode, radix: 8))"]
        case .wait(let probe, let nudge):
            let nudged = nudge.map { ", every 20 ms: \(StatementText.text($0))" } ?? ""
            return ["wait until \(ProbeText.text(probe))\(nudged)"]
        case .pause(let seconds): return ["wait \(seconds) s"]
        case .stay(let seconds, let probe):
            return ["wait \(seconds) s, or until Ctrl-C, as long as \(ProbeText.text(probe))"]
        case .awaitReplay(let node, let primary):
            return ["wait until \(node) has replayed what \(primary) has written by now"]
        case .confirm(let text): return ["ask: \(text)"]
        case .notify(let text): return ["say: \(text)"]
        case .ladder(let rungs, let probe):
            return rungs.flatMap { rung in
                rung.acts.flatMap(lines) + ["wait up to \(Int(rung.patience)) s until \(ProbeText.text(probe)), else"]
            }
                + ["give up"]
        case .check(let probe): return ["only if \(ProbeText.text(probe))"]
        case .attempt(let acts): return acts.flatMap(lines).map { "if possible: " + $0 }
        case .unless(let probe, let acts):
            return ["unless \(ProbeText.text(probe)):"] + acts.flatMap(lines).map { "  " + $0 }
        case .hinted(let acts, _): return acts.flatMap(lines)
        case .whilst(let probe, let acts):
            return acts.flatMap(lines) + ["as long as \(ProbeText.text(probe))"]
        case .hooks(let act):
            return act.commands.map { "here$ " + $0.map(ShellWord.text).joined(separator: " ") }
                + ["| \(act.event.line)", "with when and on which timeline; each may take \(act.timeout) s"]
        case .estate: return ["here$ pgdr estate check"]
        case .optional(let statement, let states):
            return [
                StatementText.text(statement),
                "or without it, where that is refused as \(states.joined(separator: ", "))",
            ]
        case .decide(let act):
            let ballot = act.ballot
            let wanted = act.acceptsNoQuorum ? "" : ", and \(ballot.majority) of \(ballot.count) hold it then"
            return ["unless a voter has recorded another node than \(ballot.nominee):"]
                + ballot.reads.flatMap(CommandText.lines).map { "  " + $0 }
                + act.writes.flatMap(CommandText.lines)
                + ballot.unasked.map { "\($0.voter) can't be told: \($0.reason)" }
                + ["with who decides and when\(wanted)"]
        }
    }
}

/// A statement as text.
enum StatementText {
    static func text(_ statement: Statement) -> String {
        guard !statement.parameters.isEmpty else { return "\(statement.node)> \(statement.sql)" }
        let values = statement.parameters.enumerated().map { index, value in
            "$\(index + 1) = \(value.map { "'\($0)'" } ?? "NULL")"
        }
        return "\(statement.node)> \(statement.sql)  (\(values.joined(separator: ", ")))"
    }
}

/// A command line as text: what the SSH server's shell is given.
enum CommandText {
    static func lines(_ command: RemoteCommand) -> [String] {
        let text = (command.become + command.words).map(ShellWord.text).joined(separator: " ")
        let lines = "\(command.node)$ \(text)".split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard !command.input.isEmpty else { return lines }
        let input = command.input.split(separator: "\n").map { "| \($0)" }
        return lines + input
    }
}

/// Probes as text.
enum ProbeText {
    static func text(_ probe: Probe) -> String {
        switch probe {
        case .statement(let statement): return "\(StatementText.text(statement)) is '\(statement.expected ?? "t")'"
        case .command(let command, let expected):
            let isScript = command.name.hasPrefix("pgdr-")
            let name =
                isScript ? command.name : (command.become + command.words).map(ShellWord.text).joined(separator: " ")
            return "\(command.node)$ \(name)" + (expected.map { " says \"\($0)\"" } ?? " succeeds")
        case .controlFile(let command, let state, let timeline):
            return "\(command.node)'s control file says \"\(state)\"" + (timeline.map { " and timeline \($0)" } ?? "")
        case .holdsAllWAL(let standby, let primary, _):
            return "\(standby) has replayed the shutdown checkpoint of \(primary)"
        case .streams(let node, let upstream, _): return "\(node) streams from \(upstream)"
        case .caughtUp(let node, let upstream, let limit): return "\(node) is at most \(limit) bytes behind \(upstream)"
        case .onlyPrimary(let node): return "\(node) is the only primary"
        case .noPrimary(let nodes, _):
            let others = nodes.isEmpty ? "" : " but \(nodes.joined(separator: ", "))"
            return "no node that answers is a primary\(others)"
        case .allAnswer: return "every node answers"
        case .promotable(let node, _): return "\(node) may be promoted"
        case .ownsData(let node, let source, _): return "the data of \(node) is of the cluster of \(source)"
        case .descends(let node): return "\(node) has no WAL that the primary's history lacks"
        case .canTakeOver(let node, let old, _): return "\(node) may take the place of \(old)"
        case .mostAdvanced(let node, let limit, _, _): return "no standby has over \(limit) bytes more than \(node)"
        case .notPrimary(let node): return "\(node) is no primary"
        case .notReplaced(let node): return "nobody has decided to replace \(node)"
        case .hasWAL(let node, let source): return "\(node) has all the WAL that \(source) has"
        case .noOtherDecision(let ballot, _):
            return "no voter has recorded another node than \(ballot.nominee) as \(ballot.name)"
        case .spare(let node, let primary, _): return "\(node) can be done without beside \(primary)"
        case .keepsWAL(let primary, let seconds, _): return "\(primary) can keep its WAL for \(Int(seconds)) s"
        case .sameCluster(let node, let other): return "\(node) and \(other) have one system identifier"
        case .all(let probes): return probes.map(text).joined(separator: ", and ")
        case .any(let probes): return probes.map(text).joined(separator: ", or ")
        case .known(let holds, let evidence): return holds ? evidence : "never: \(evidence)"
        }
    }
}

/// A word of a command line as one would type it.
enum ShellWord {
    static func text(_ word: String) -> String {
        if !word.isEmpty, word.unicodeScalars.allSatisfy(plain.contains) { return word }
        // By scalars, as it is quoted when it runs.
        let parts = word.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
        return "'" + parts.joined(separator: "'\\''") + "'"
    }

    /// What no shell gives a meaning.
    private static let plain = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,".unicodeScalars)
}
