import ArgumentParser
import Configuration
import Drills
import Essentials
import Failover
import Replication
import RunbookEngine
import SSH

struct FailoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failover",
        abstract: "Replace a primary that is lost: looked at from several places, decided once, fenced, promoted.",
        discussion: """
            pgdr failover --plan                  what is the matter, and what would be done
            pgdr failover                         asks, then does it
            pgdr failover --auto --trigger-id ID  for monitors: does what the policy allows, once for each ID
            pgdr failover --accept-data-loss 64MB
            pgdr failover --probe                 proved by a client's write
            pgdr failover --history               the decisions there were

            A primary that anybody sees alive is never replaced: see pgdr run switchover.

            Exit status: 0 done, 1 refused (nothing was changed; the reason is a stable word), 2 failed and taken back,
            3 failed part-way or, with --probe, done and not proven; 4 done already or not needed, 5 in progress elsewhere.
            """)

    @OptionGroup var clusters: ClusterOptions
    @OptionGroup var running: RunningOptions
    @OptionGroup var probing: ProbeOptions

    @Flag(help: "Nobody is asked, and what the configuration says about failover is obeyed.")
    var auto = false

    @Option(help: ArgumentHelp("What identifies the alert: the same one causes one failover at most.", valueName: "id"))
    var triggerID: String?

    @Option(help: ArgumentHelp("Why; for the audit log.", valueName: "text"))
    var reason: String?

    @Option(help: ArgumentHelp("The primary that is lost, where nothing proves which one it was.", valueName: "node"))
    var primary: String?

    @Flag(help: "Only show what is the matter and what would be done; exit status 1 when it would be refused.")
    var plan = false

    @Flag(help: "List the decisions there were, from the audit log.")
    var history = false

    @Option(help: ArgumentHelp("How much of the primary's WAL may be lost, such as 64MB.", valueName: "bytes"))
    var acceptDataLoss: ByteCount?

    @Flag(help: "Go on without a majority of the voters: only once it is certain that nobody promotes another node.")
    var acceptNoQuorum = false

    @Flag(help: "Go on though the old primary can't be fenced and may still take writes.")
    var acceptUnfenced = false

    func validate() throws {
        let takesRisks = primary != nil || acceptDataLoss != nil || acceptNoQuorum || acceptUnfenced
        if plan || history, !running.reports.files.isEmpty {
            throw ValidationError("--plan and --history leave nothing to report on.")
        }
        if auto, takesRisks { throw ValidationError("--auto takes no risks: leave out --primary and --accept-….") }
    }

    func run() async throws {
        try await running.reporting {
            let file = try clusters.load()
            let cluster = try file.cluster(named: clusters.cluster)
            if history {
                try show(try RecordedDecision.all(in: file.auditDirectory, cluster: cluster.name))
                return 0
            }
            let desk = try FailoverDesk(cluster, of: file, trigger: triggerID, secrets: .fromTerminal)
            let request = Situation.Request(
                isAutomatic: auto, triggerID: triggerID, reason: reason, primary: primary,
                acceptedLoss: acceptDataLoss?.bytes,
                acceptsNoQuorum: acceptNoQuorum, acceptsUnfenced: acceptUnfenced)
            do {
                return try await act(at: desk, on: desk.consider(request))
            } catch let failure as Failure where failure.code == .busy {
                throw CommandFailure(
                    failure: failure, status: ExitStatus.inProgressElsewhere, format: running.format.ofFailure)
            }
        }
    }

    /// Shows a decision, or carries it out.
    /// - Returns: the exit status.
    private func act(at desk: FailoverDesk, on decision: FailoverDesk.Case) async throws -> Int32 {
        let output = DecisionOutput(decision.situation, decision.verdict)
        let proposal: RunDesk.Proposal?
        do throws(Failure) { proposal = try await desk.propose(decision) } catch {
            if auto, !plan { await tell(desk.news(of: error, in: decision, as: nil), at: desk) }
            throw error
        }
        if plan {
            try show(output, proposal)
            return output.status
        }
        guard let proposal else {
            let isKnown = desk.wasRefusedBefore(decision)
            let id = try desk.record(decision)
            if auto, !isKnown, let event = desk.news(of: decision, as: id) { await tell(event, at: desk) }
            try show(output, nil)
            return running.reports.write(id, of: desk.cluster, in: desk.runs.auditDirectory, after: output.status)
        }
        let probe = try probing.runProbe(
            of: desk.cluster, .asItIs,
            replacing: decision.situation.evidence.timeline.map { Int($0.rawValue) })
        if !auto, !running.yes {
            Terminal.note(output.text)
            try running.askWhether(proposal)
        }
        try desk.record(decision, as: proposal.id)
        let isUnattended = auto
        do {
            return try await running.conduct(proposal.id, proposal.plan, at: desk.runs, probe) {
                attendant throws(Failure) in
                let outcome = try await desk.carryOut(decision, proposal, attendant)
                if isUnattended, let failure = outcome.failure {
                    await tell(desk.news(of: failure, in: decision, as: proposal.id), at: desk)
                }
                return outcome
            }
        } catch let failure as Failure {
            if isUnattended, failure.code != .busy {
                await tell(desk.news(of: failure, in: decision, as: proposal.id), at: desk)
            }
            throw failure
        }
    }

    private func show(_ output: DecisionOutput, _ proposal: RunDesk.Proposal?) throws {
        switch running.format {
        case .json: Terminal.print(try JSON.text(DecisionDocument(output, proposal)))
        case .table:
            Terminal.print(output.text)
            if let proposal {
                Terminal.print("\n" + PlanText(style: Style(hasColours: Terminal.hasColours)).text(proposal.plan))
            }
        }
    }

    private func show(_ decisions: [RecordedDecision]) throws {
        switch running.format {
        case .json: Terminal.print(try JSON.text(DecisionHistoryDocument(decisions)))
        case .table: Terminal.print(DecisionHistory.text(decisions))
        }
    }
}

/// Has people told what nobody is there to see.
private func tell(_ event: HookEvent, at desk: FailoverDesk) async {
    await desk.tell(event) { Terminal.note("could not tell people: \($0.text)") }
}

/// A size on the command line, such as `64MB`.
struct ByteCount: ExpressibleByArgument, Sendable {
    var bytes: UInt64

    init?(argument: String) {
        guard let bytes = UInt64(configuredBytes: argument) else { return nil }
        self.bytes = bytes
    }
}
