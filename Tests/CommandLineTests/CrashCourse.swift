import Essentials
import Glibc
import Lab
import Testing

/// Runs runbooks on one lab, kills each after each of its entries, and looks at what comes of it.
struct CrashCourse {
    /// Which node is the primary and which are stopped; all others stream from the primary.
    struct Situation: Equatable {
        var primary: String
        var stopped: Set<String> = []
    }

    /// A run that is to be killed: what it makes of which situation.
    struct Trial {
        var words: [String]
        var before: Situation
        var after: Situation
        /// Whether what was taken back is run again: it leaves no primary.
        var isRunAgain = false
    }

    private(set) var lab: Lab
    private(set) var matrix = CrashMatrix()
    private(set) var situation = Situation(primary: "primary")
    private let directory: String
    private var tool: CrashingTool

    init(in directory: String) async throws {
        self.directory = directory
        lab = try await Lab.up(LabOptions(directory: "\(directory)/lab"))
        do {
            try await lab.primary.psql(Self.tableStatement)
            tool = try await CrashingTool(lab, in: directory)
        } catch {
            _ = try? await Lab.down("\(directory)/lab")
            throw error
        }
    }

    /// The node that can take the primary's role.
    var rival: String { situation.primary == "primary" ? "dr" : "primary" }

    /// Runs a runbook once for each entry it writes, and kills it after that one.
    ///
    /// Whoever resumes it when its step was only announced sees what the one before left; whoever can't abort it any
    /// more resumes it. All of that is tried only when PGDR_TEST_CRASHES is `all`.
    mutating func kill(
        _ runbook: String, then remedy: CrashMatrix.Remedy, _ prepare: (inout CrashCourse) async throws -> Trial
    ) async throws {
        let isThorough = getenv("PGDR_TEST_CRASHES").map { String(cString: $0) } == "all"
        let instants = isThorough || remedy == .abort ? CrashMatrix.Instant.allCases : [.acted]
        for (count, instant) in (1...60).flatMap({ count in instants.map { (count, $0) } }) {
            let trial = try await prepare(&self)
            let outcome = try await tool.run(trial.words, killedAfter: count, instant)
            var cell: CrashMatrix.Cell
            let entry: String
            if outcome.status == -9 {
                entry = try await tool.lastEntry()
                cell = try await self.remedy(remedy, trial)
            } else {
                entry = "(not killed)"
                situation = trial.after
                cell = CrashMatrix.Cell(word: "done")
                if outcome.status != 0 { cell.problems = ["exit status \(outcome.status): \(outcome.errors)"] }
            }
            cell.problems += await problems()
            matrix.note(cell, runbook, count, entry: entry, instant, remedy)
            if !cell.problems.isEmpty { try await startAnew() }
            if outcome.status != -9 || !isThorough && cell.isBeyondReturn { return }
        }
        Issue.record("\(runbook) never ended")
    }

    /// Runs a runbook and kills it so long after one of its steps was announced.
    mutating func kill(
        _ runbook: String, in step: String, after delay: Duration, then remedy: CrashMatrix.Remedy,
        _ prepare: (inout CrashCourse) async throws -> Trial
    ) async throws {
        let trial = try await prepare(&self)
        let outcome = try await tool.run(trial.words, killedIn: step, after: delay)
        var cell = try await self.remedy(remedy, trial)
        if outcome.status != -9 { cell.word = "done before the kill" }
        cell.problems += await problems()
        matrix.note(cell, "\(runbook), in \(step)", Int(delay.seconds * 1000), entry: "", .acted, remedy)
        if !cell.problems.isEmpty { try await startAnew() }
    }

    /// Resumes or aborts what was killed; where it can't be aborted any more, it is resumed.
    private mutating func remedy(_ remedy: CrashMatrix.Remedy, _ trial: Trial) async throws -> CrashMatrix.Cell {
        situation = trial.after
        guard let run = try await tool.unfinishedRun() else { return CrashMatrix.Cell(word: "finished") }
        var outcome = try await tool.run([remedy.rawValue, run, "--yes"])
        var words: [String] = []
        var isBeyondReturn = false
        if remedy == .abort, outcome.status == 1 {
            words.append("refused, then")
            isBeyondReturn = true
            outcome = try await tool.run(["resume", run, "--yes"])
        }
        switch outcome.status {
        case 0:
            let word = (words + ["resumed"]).joined(separator: " ")
            return CrashMatrix.Cell(word: word, isBeyondReturn: isBeyondReturn)
        case 2 where trial.isRunAgain:
            let again = try await tool.run(trial.words)
            let said = again.status == 0 ? [] : [again.output + again.errors]
            return CrashMatrix.Cell(word: (words + ["undone, then done"]).joined(separator: " "), problems: said)
        case 2:
            situation = trial.before
            return CrashMatrix.Cell(word: (words + [remedy == .abort ? "aborted" : "undone"]).joined(separator: " "))
        default:
            let said = (outcome.output + outcome.errors).split(separator: "\n").joined(separator: " | ")
            return CrashMatrix.Cell(word: "exit status \(outcome.status)", problems: [said])
        }
    }

    /// What isn't as it should be, after up to 20 seconds in which it may become so.
    func problems() async -> [String] {
        let deadline = Deadline.after(.seconds(20))
        var found = await troubles()
        while !found.isEmpty, !deadline.hasPassed {
            _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(100)))
            found = await troubles()
        }
        return found.isEmpty ? [] : found + logs
    }

    /// The end of each server's log.
    private var logs: [String] {
        lab.nodes.map { node in
            let log = (try? read(node.logFile)) ?? ""
            return "\(node.name)'s log: \(log.split(separator: "\n").suffix(12).joined(separator: " | "))"
        }
    }

    private func troubles() async -> [String] {
        var found: [String] = []
        let states = await withTaskGroup(of: (String, String?).self) { group in
            for node in lab.nodes { group.addTask { (node.name, try? await node.psql(Self.stateStatement)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for node in lab.nodes {
            let role = node.name == situation.primary ? "primary" : "standby"
            let wanted = situation.stopped.contains(node.name) ? "stopped" : role
            let state = states[node.name]?.split(separator: "|", omittingEmptySubsequences: false) ?? []
            let seen = state.first.map(String.init) ?? "stopped"
            if seen != wanted { found.append("\(node.name) is \(seen), not \(wanted)") }
            if wanted != "stopped", Set(states.values.compactMap { $0.split(separator: "|").last }).count > 1 {
                found.append("\(node.name) has other data")
            }
            guard wanted == "primary", state.count == 4 else {
                if state.count == 4, state[2] != "" { found.append("\(node.name) has idle slots: \(state[2])") }
                continue
            }
            let standbys = lab.nodes.map(\.name).filter { $0 != node.name && !situation.stopped.contains($0) }
            let streaming = Set(state[1].split(separator: ",").map(String.init))
            if streaming != Set(standbys) { found.append("streaming are \(state[1]), not \(standbys)") }
            let idle = Set(state[2].split(separator: ",").map(String.init)).subtracting(situation.stopped)
            if !idle.isEmpty { found.append("\(node.name) has idle slots: \(state[2])") }
        }
        if let left = try? await Tool.bash(Self.leftScript, [lab.directory]).output, !left.isEmpty {
            found.append("left over: \(left.split(separator: "\n").joined(separator: ", "))")
        }
        for words in [["audit", "verify"], ["runs", "--unfinished"]] {
            guard let outcome = try? await tool.run(words), outcome.status != 0 else { continue }
            found.append("\(words): \(outcome.output)\(outcome.errors)")
        }
        return found
    }

    private static let stateStatement = """
        SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END,
            (SELECT string_agg(application_name, ',') FROM pg_stat_replication WHERE state = 'streaming'),
            (SELECT string_agg(slot_name, ',') FROM pg_replication_slots WHERE NOT active),
            (SELECT md5(string_agg(filler::text, ',' ORDER BY n)) FROM filler);
        """

    private static let tableStatement = """
        CREATE TABLE filler AS SELECT n, repeat(md5(n::text), 8) AS text FROM generate_series(1, 5000) AS n;
        """

    /// Changes pages all over the table.
    private static let changeStatement = """
        UPDATE filler SET text = md5(random()::text) || text WHERE n % 7 = 0;
        UPDATE filler SET text = left(text, 100) WHERE n % 11 = 0;
        """

    /// Files of runs, but for WAL that is kept for a person, and programs that still copy.
    private static let leftScript = """
        find "$1" -path "$1/audit" -prune -o -name '*pgdr-2*' ! -name '*-wal' -prune -print -o -name 'pgdr.2*' -print
        grep -lsE '^[^\\0]*pg_(basebackup|rewind)' /proc/[0-9]*/cmdline | xargs -r grep -ls -- "$1"
        :
        """

    /// Another lab, where this one can't be used any more.
    private mutating func startAnew() async throws {
        _ = try await Lab.down(lab.directory)
        lab = try await Lab.up(LabOptions(directory: lab.directory))
        try await lab.primary.psql(Self.tableStatement)
        tool = try await CrashingTool(lab, in: directory)
        situation = Situation(primary: "primary")
    }

    // MARK: What is run

    mutating func switchover() -> Trial {
        Trial(
            words: ["run", "switchover", rival, "--yes"], before: situation, after: Situation(primary: rival))
    }

    /// A promotion; the node that was given up before is brought back first.
    mutating func promote() async throws -> Trial {
        if situation.stopped.contains(rival) { try await complete(rejoin()) }
        let after = Situation(primary: rival, stopped: [situation.primary])
        return Trial(words: ["run", "promote", rival, "--yes"], before: situation, after: after)
    }

    /// The same of a primary that is lost, by a decision of the voters, and with every standby let go of it before it is
    /// fenced.
    mutating func failover() async throws -> Trial {
        var trial = try await promote()
        try await lab.node(situation.primary).kill()
        trial.isRunAgain = true
        trial.words = [
            "run", "failover", rival, situation.primary, "--set", "accept_unfenced=true", "--yes",
        ]
        return trial
    }

    /// A stopped standby comes back as it is.
    mutating func follow() async throws -> Trial {
        if !situation.stopped.contains(rival) {
            try await lab.node(rival).stop()
            situation.stopped = [rival]
        }
        return rejoin()
    }

    /// A primary that crashed with WAL that nobody else has comes back.
    mutating func rewind() async throws -> Trial {
        guard situation.stopped.isEmpty else { return rejoin() }
        let old = try lab.node(situation.primary)
        // The rival last, so that nobody has more than it.
        for name in ["replica", rival] { try await detach(lab.node(name)) }
        try await old.psql(Self.changeStatement)
        try await old.stop(.immediate)
        try await complete(try await promote())
        try await lab.node(situation.primary).psql(Self.changeStatement)
        return rejoin()
    }

    private func detach(_ node: LabNode) async throws {
        try await node.setParameter("primary_conninfo", "")
        let deadline = Deadline.after(.seconds(10))
        while try await node.psql("SELECT count(*) FROM pg_stat_get_wal_receiver() WHERE status IS NOT NULL") != "0" {
            try #require(!deadline.hasPassed)
        }
    }

    /// A standby is made anew.
    func rebuild() -> Trial {
        Trial(words: ["run", "rebuild", "replica", "--yes"], before: situation, after: situation)
    }

    private func rejoin() -> Trial {
        Trial(
            words: ["run", "rejoin", rival, "--yes"], before: situation, after: Situation(primary: situation.primary))
    }

    /// Runs to its end what isn't to be killed.
    mutating func complete(_ trial: Trial) async throws {
        let outcome = try await tool.run(trial.words)
        situation = trial.after
        let left = await problems() + (outcome.status == 0 ? [] : logs)
        try #require(outcome.status == 0 && left.isEmpty, "\(trial.words): \(left) \(outcome.output)\(outcome.errors)")
    }
}
