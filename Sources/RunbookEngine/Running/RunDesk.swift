package import Audit
package import Configuration
package import Essentials
package import SSH
internal import Observation
internal import Replication

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Where runs of one cluster are planned, begun, resumed and taken back.
package struct RunDesk: Sendable {
    /// The cluster.
    package let cluster: ClusterConfiguration
    private let library: RunbookLibrary
    /// Where the audit log lies.
    package let auditDirectory: String
    private let actor: Actor
    /// The sessions with the cluster's nodes and witnesses, which runs use.
    package let sessions: RunSessions

    /// How long planning waits for servers and hosts.
    package static let patience: Duration = .seconds(20)
    /// After which the servers themselves end a statement of a run.
    private static let statementTimeout: Duration = .seconds(3600)

    /// A desk for a cluster of a configuration file.
    /// - Parameters:
    ///   - trigger: what triggered pgdr, such as a monitor's alert; nil: a person.
    ///   - secrets: where passphrases of keys come from that have no `askpass`.
    package init(
        _ cluster: ClusterConfiguration, of file: ConfigurationFile, trigger: String? = nil, secrets: Secrets = .none
    ) throws(Failure) {
        self.cluster = cluster
        library = try RunbookLibrary(directory: file.runbooks)
        auditDirectory = file.auditDirectory
        actor = Actor.current(trigger: trigger)
        sessions = RunSessions(
            cluster, estate: file.estate, statementTimeout: Self.statementTimeout, secrets: secrets)
    }

    /// After which a plan that was shown is made anew before it is carried out: a person may have thought for long.
    private static let freshness: Duration = .seconds(5)

    /// A plan and the identifier that its run will have.
    package struct Proposal: Sendable {
        /// The identifier.
        package var id: String
        /// The plan, its requirements asked.
        package var plan: Plan
        /// When it was made.
        package var at: ContinuousClock.Instant
        /// How long servers and hosts were waited for, and are again when it is carried out.
        package var patience: Duration
        /// The lock that is held since before it was made; nil: none.
        var lock: ClusterLock?
        /// When its requirements were asked; nil: that isn't known.
        var asked: ContinuousClock.Instant?

        /// A proposal by its parts.
        package init(
            id: String, plan: Plan, at: ContinuousClock.Instant = .now, patience: Duration = RunDesk.patience
        ) {
            self.id = id
            self.plan = plan
            self.at = at
            self.patience = patience
        }
    }

    /// Makes a plan and asks what it requires; nothing is changed.
    /// - Parameters:
    ///   - values: those given, by name; `positional` fill the parameters without one, in their order.
    ///   - lock: the lock of the cluster, where the caller has it already.
    ///   - patience: how long servers and hosts are waited for.
    package func propose(
        _ name: String, positional: [String] = [], _ values: [String: String] = [:], hosts: HostAsking = .now,
        holding lock: ClusterLock? = nil, patience: Duration = Self.patience
    ) async throws(Failure) -> Proposal {
        let definition = try library.definition(named: name)
        let given = try definition.named(positional, values)
        _ = try definition.completed(given, in: cluster)
        let id = Self.newIdentifier()
        return try await plan(definition, given, id, hosts, holding: lock, patience: patience)
    }

    private func plan(
        _ definition: RunbookDefinition, _ given: [String: String], _ id: String, _ hosts: HostAsking = .now,
        holding lock: ClusterLock? = nil, patience: Duration = Self.patience
    ) async throws(Failure) -> Proposal {
        let deadline = Deadline.after(patience)
        let facts = await sessions.gather(for: definition, given: given, run: id, hosts: hosts, until: deadline)
        var planner = try Planner(definition, given: given, facts: facts)
        if let probe = try planner.nothingLeft() {
            let found = await sessions.ask(probe, until: .after(patience))
            if found.holds == true {
                return Proposal(id: id, plan: planner.emptyPlan(because: found), patience: patience)
            }
        }
        let asked = ContinuousClock.now
        var proposal = Proposal(
            id: id, plan: await sessions.answered(try planner.plan(), until: .after(patience)), patience: patience)
        proposal.lock = lock
        proposal.asked = asked
        return proposal
    }

    /// Within which a plan is carried out as it is that was made under the lock that the run has: clients are waiting, and
    /// each step asks anew what it relies on.
    private static let instant: Duration = .milliseconds(500)

    /// The plan that is carried out: the one that was shown, its requirements asked once more, and what was found out
    /// while planning too where that was a while ago.
    /// - Throws: `refused` when the nodes and hosts would have it be another one by now.
    private func current(_ proposal: Proposal, under lock: ClusterLock) async throws(Failure) -> Proposal {
        if proposal.lock === lock, let asked = proposal.asked, asked.duration(to: .now) <= Self.instant {
            return proposal
        }
        var current = proposal
        guard proposal.at.duration(to: .now) > Self.freshness else {
            current.asked = .now
            current.plan = await sessions.answered(proposal.plan, until: .after(proposal.patience))
            return current
        }
        let shown = proposal.plan
        current = try await plan(
            library.definition(named: shown.runbook), shown.parameters, proposal.id, patience: proposal.patience)
        guard current.plan.steps == shown.steps, current.plan.answers == shown.answers else {
            throw Failure(
                .refused, "the cluster has changed since the plan was made",
                detail: Self.difference(shown, current.plan), hint: "Nothing was changed. Look again with --plan.")
        }
        return current
    }

    /// The first thing in which two plans of one runbook differ.
    private static func difference(_ shown: Plan, _ plan: Plan) -> String {
        for (before, now) in zip(shown.steps, plan.steps) where before != now {
            return before.id == now.id ? "Step \"\(now.id)\" would do something else." : "Step \"\(now.id)\" is new."
        }
        return plan.steps.isEmpty ? "Nothing is left to do." : "There would be \(plan.steps.count) steps."
    }

    /// Carries out a plan.
    /// - Parameter held: the lock of the cluster where the caller has it already; nil: it is taken for the run.
    /// - Throws: before anything was done: `refused` when something does not hold or another run is unfinished, `busy`
    ///   when another one goes on.
    package func run(
        _ proposal: Proposal, holding held: ClusterLock? = nil, _ attendant: RunAttendant
    ) async throws(Failure) -> RunOutcome {
        let log = try AuditLog.open(auditDirectory, actor: actor)
        let lock = try RunLock.take(directory: auditDirectory, cluster: cluster.name)
        defer { withExtendedLifetime(lock) {} }
        let clusterLock = if let held { held } else { try await takeLock() }
        defer { withExtendedLifetime(clusterLock) {} }
        if let left = try unfinishedRun() {
            throw Failure(
                .refused, "run \(left.id) of runbook \"\(left.plan.runbook)\" is unfinished",
                hint: "Complete it with: pgdr resume \(left.id). Or take it back with: "
                    + "pgdr abort \(left.id). Where neither can be: pgdr abort \(left.id) --leave")
        }
        // Another run may have ended since the plan was made.
        let current = try await current(proposal, under: clusterLock)
        let plan = current.plan
        guard plan.mayRun else { throw try refusal(of: current) }
        let executor = Executor(sessions, log: log, attendant: attendant)
        let outcome = try await executor.begin(plan, id: proposal.id, asked: current.asked)
        await keepDrill(of: plan, proposal.id, outcome, attendant)
        return await anchored(outcome, log, attendant)
    }

    /// Why a plan may not run, once the audit log has it.
    package func refusal(of proposal: Proposal) throws(Failure) -> Failure {
        let open = proposal.plan.requirements.filter { $0.result.holds != true }
        let reasons = open.map { AuditValue.text("\($0.title): \($0.result.evidence)") }
        try note(
            RunEvent.refused.rawValue, of: proposal.id,
            ["runbook": .text(proposal.plan.runbook), "reasons": .list(reasons)])
        return Self.refusal(open)
    }

    /// Takes the lock of the cluster; see `ClusterLock`.
    /// - Parameters:
    ///   - left: a node that nobody waits for, such as a primary that is lost.
    ///   - voters: those of whom a majority must be in reach; otherwise nothing is locked.
    /// - Throws: `busy` when another process has it.
    package func takeLock(except left: String? = nil, voters: Voters? = nil) async throws(Failure) -> ClusterLock {
        try await .take(sessions, except: left, voters: voters, patience: min(cluster.timeout, .seconds(2)))
    }

    /// The outcome, once the log's head is kept in the cluster too; where it can't be, a person is told.
    private func anchored(_ outcome: RunOutcome, _ log: AuditLog, _ attendant: RunAttendant) async -> RunOutcome {
        let problem: String?
        do throws(Failure) {
            problem = await sessions.keep(try log.head, of: log, until: .after(.seconds(5)))
        } catch {
            problem = error.text
        }
        if let problem {
            attendant.told(.note(step: nil, text: "the audit log's head is not kept in the cluster: \(problem)"))
        }
        return outcome
    }

    /// Goes on with an unfinished run.
    /// - Parameters:
    ///   - verdicts: what a person says of steps of which it can't be told whether they were done.
    ///   - acceptsSilence: whether a person takes a node that gives no answer for no primary.
    package func resume(
        _ id: String, _ verdicts: [String: StepVerdict] = [:], acceptsSilence: Bool = false, _ attendant: RunAttendant
    ) async throws(Failure) -> RunOutcome {
        try await takeUp(id, acceptsSilence, attendant) { executor, record throws(Failure) in
            try await executor.resume(record, verdicts)
        }
    }

    /// Takes an unfinished run back.
    /// - Parameter acceptsSilence: as of `resume`.
    package func abort(
        _ id: String, acceptsSilence: Bool = false, _ attendant: RunAttendant
    ) async throws(Failure) -> RunOutcome {
        try await takeUp(id, acceptsSilence, attendant) { executor, record throws(Failure) in
            try await executor.abort(record)
        }
    }

    /// Ends an unfinished run as it stands; nothing is done and nothing taken back.
    ///
    /// What it has left half done is the person's own from then on, or that of the run which completes it.
    /// - Parameter successor: the run that goes on in its place; nil: none does.
    package func leave(_ id: String, to successor: String? = nil) throws(Failure) {
        let log = try AuditLog.open(auditDirectory, actor: actor)
        let lock = try RunLock.take(directory: auditDirectory, cluster: cluster.name)
        defer { withExtendedLifetime(lock) {} }
        _ = try unfinished(id)
        let details: AuditValue = ["successor": successor.map { .text($0) } ?? .null]
        try log.append(AuditEntry(RunEvent.left.rawValue, cluster: cluster.name, run: id, details: details))
    }

    /// Adds an event to the audit log.
    package func note(_ entry: AuditEntry) throws(Failure) {
        try AuditLog.open(auditDirectory, actor: actor).append(entry)
    }

    /// Adds what was found out about a run to the audit log.
    package func note(_ event: String, of run: String, _ details: AuditValue) throws(Failure) {
        try note(AuditEntry(event, cluster: cluster.name, run: run, details: details))
    }

    private func unfinished(_ id: String) throws(Failure) -> RunRecord {
        let record = try run(id)
        switch record.phase {
        case .forward, .backward: return record
        case .done: throw Failure(.refused, "run \(id) has ended: it is done")
        case .undone: throw Failure(.refused, "run \(id) has ended: it was taken back")
        case .left: throw Failure(.refused, "run \(id) has ended: it was left as it stood")
        }
    }

    /// What a run goes on from must be what was written: a plan from a log that somebody changed is not carried out.
    private func checkLog() throws(Failure) {
        let verification = try verify(directory: auditDirectory)
        guard let problem = verification.problem else { return }
        throw Failure(
            .audit, "the audit log is not as pgdr wrote it, and no run goes on from it",
            detail: "\(problem.file), line \(problem.line): \(problem.text)", hint: "Look at it with: pgdr audit verify"
        )
    }

    private func takeUp(
        _ id: String, _ acceptsSilence: Bool, _ attendant: RunAttendant,
        _ body: (Executor, RunRecord) async throws(Failure) -> RunOutcome
    ) async throws(Failure) -> RunOutcome {
        let log = try AuditLog.open(auditDirectory, actor: actor)
        let lock = try RunLock.take(directory: auditDirectory, cluster: cluster.name)
        defer { withExtendedLifetime(lock) {} }
        let clusterLock = try await takeLock()
        defer { withExtendedLifetime(clusterLock) {} }
        try checkLog()
        let record = try unfinished(id)
        let executor = Executor(sessions, log: log, attendant: attendant, trustsSilence: acceptsSilence)
        let outcome = try await body(executor, record)
        await keepDrill(of: record.plan, id, outcome, attendant)
        return await anchored(outcome, log, attendant)
    }

    /// The run of that identifier, as the log tells it.
    /// - Throws: `refused` when there is none in this cluster.
    package func run(_ id: String) throws(Failure) -> RunRecord {
        let events = hasLog ? try AuditReader.events(ofRun: id, in: auditDirectory) : []
        guard let record = RunLedger(events).records.first, record.plan.cluster == cluster.name else {
            throw Failure(
                .refused, "there is no run\(id.echo) of cluster \"\(cluster.name)\" in the audit log",
                hint: "See them with: pgdr runs")
        }
        return record
    }

    /// Who is the primary now.
    package func roles() async -> RoleSurvey { await sessions.roleSurvey(until: .after(.seconds(2))) }

    /// All runs of the cluster, in the order in which they began.
    package func runs() throws(Failure) -> [RunRecord] {
        guard hasLog else { return [] }
        var ledger = RunLedger()
        var reader = try AuditReader(auditDirectory)
        while let line = try reader.next() {
            // Most of a log's events belong to no run or are no news of one; decoding them costs more than reading.
            guard !line.text.contains("\"run\":null"), let event = line.event else { continue }
            ledger.add(event)
        }
        return ledger.records.filter { $0.plan.cluster == cluster.name }
    }

    /// Goes over the cluster's events in the audit log whose lines contain a text.
    package func forEachEvent(containing text: String, _ body: (AuditEvent) -> Void) throws(Failure) {
        guard hasLog else { return }
        var reader = try AuditReader(auditDirectory)
        while let line = try reader.next() {
            guard line.text.contains(text), let event = line.event, event.cluster == cluster.name else { continue }
            body(event)
        }
    }

    /// The last run of the cluster that hasn't ended; nil: all have.
    package func unfinishedRun() throws(Failure) -> RunRecord? {
        guard hasLog else { return nil }
        var open = OpenRuns()
        var reader = try AuditReader(auditDirectory)
        while let line = try reader.next() { open.note(line.text) }
        for id in open.ids.reversed() {
            let record = RunLedger(try AuditReader.events(ofRun: id, in: auditDirectory)).records.first
            if let record, record.plan.cluster == cluster.name, record.isUnfinished { return record }
        }
        return nil
    }

    /// Whether there is a log: before the first run there is none.
    private var hasLog: Bool { access(auditDirectory, F_OK) == 0 || errno != ENOENT }

    private static func refusal(_ open: [Plan.Requirement]) -> Failure {
        let first = open[0]
        let message = first.result.holds == false ? "refused: \(first.title)" : "could not be proved: \(first.title)"
        return Failure(
            .refused, message, detail: open.map(\.result.evidence).joined(separator: "\n"),
            hint: "Nothing was changed. See all conditions with --plan.")
    }

    /// The time in UTC, and four letters that tell runs of one second apart.
    package static func newIdentifier() -> String {
        let now = AuditTime.now.text.filter(\.isNumber)
        let letters = (0..<4).map { _ in "abcdefghjkmnpqrstuvwxyz".randomElement() ?? "x" }
        return "\(now.prefix(8))-\(now.dropFirst(8).prefix(6))-\(String(letters))"
    }
}

extension RunbookDefinition {
    /// Values given without a name, under the names of the first parameters that have none.
    func named(_ positional: [String], _ values: [String: String]) throws(Failure) -> [String: String] {
        var named = values
        var names = parameters.map(\.name).filter { values[$0] == nil }[...]
        for value in positional {
            guard let name = names.popFirst() else {
                throw Failure(
                    .configuration, "runbook \"\(self.name)\" takes no more values than \(parameters.count)",
                    detail: "It takes \(quotedList(parameters.map(\.name))).")
            }
            named[name] = value
        }
        return named
    }
}
