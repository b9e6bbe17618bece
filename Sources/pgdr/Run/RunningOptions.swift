import ArgumentParser
import Drills
import Essentials
import RunbookEngine

/// How a run is carried out in front of a person or a script.
struct RunningOptions: ParsableArguments {
    @Flag(name: [.short, .long], help: "Don't ask before it begins, and confirm what its steps ask.")
    var yes = false

    @Option(help: "How the result is printed.")
    var format: DocumentFormat = .table

    @OptionGroup var reports: ReportOptions

    /// Runs a command's body, its failures with the exit status of actions.
    func reporting(_ body: () async throws -> Int32) async throws {
        do {
            let status = try await body()
            if status != 0 { throw ExitCode(status) }
        } catch let failure as Failure {
            reports.noteNothing()
            throw CommandFailure(
                failure: failure, status: ExitStatus.beforeAnything(failure), format: format.ofFailure)
        }
    }

    /// Prints a plan.
    func show(_ proposal: RunDesk.Proposal) throws {
        switch format {
        case .json: Terminal.print(try JSON.text(PlanDocument(proposal)))
        case .table:
            Terminal.print(PlanText(style: Style(hasColours: Terminal.hasColours)).text(proposal.plan))
        }
    }

    /// Says that nothing is left to do.
    /// - Returns: the exit status.
    func show(nothingLeftOf proposal: RunDesk.Proposal) throws -> Int32 {
        reports.noteNothing()
        let ending = RunEnding(id: proposal.id, plan: proposal.plan, outcome: .done(failed: []))
        switch format {
        case .json: Terminal.print(try JSON.text(RunDocument(ending)))
        case .table:
            let evidence = proposal.plan.requirements.first?.result.evidence ?? proposal.plan.title
            Terminal.print("Nothing to do: \(evidence).")
        }
        return ending.status
    }

    /// Shows a plan's steps and asks whether to begin.
    /// - Throws: `refused` when the answer is no, or nobody can be asked.
    func askWhether(_ proposal: RunDesk.Proposal) throws {
        guard Terminal.canAsk else {
            throw Failure(
                .refused, "nobody can be asked whether to begin", detail: "Standard input is no terminal.",
                hint: "Look at the plan with --plan, then run it with --yes.")
        }
        Terminal.note(PlanText(style: Style(hasColours: Terminal.hasColours)).summary(proposal.plan))
        guard Terminal.asks("\(proposal.plan.title)?") else {
            throw Failure(.refused, "not begun", hint: "Nothing was changed.")
        }
    }

    /// Carries out a run, prints how it ended and, where it isn't done, who is the primary now, and writes the reports.
    /// - Parameter probe: what judges it; nil: nothing does.
    /// - Returns: the exit status.
    func conduct(
        _ id: String, _ plan: Plan, at desk: RunDesk, _ probe: RunProbe? = nil,
        _ body: @escaping @Sendable (RunAttendant) async throws(Failure) -> RunOutcome
    ) async throws -> Int32 {
        let ending = try await ending(of: id, plan, at: desk, probe, body)
        switch format {
        case .json: Terminal.print(try JSON.text(RunDocument(ending)))
        case .table: Terminal.print(ending.text)
        }
        return reports.write(id, of: desk.cluster, in: desk.auditDirectory, after: ending.status)
    }

    /// Carries out a run in front of whoever looks on.
    /// - Parameter heedsHangup: whether it stops when its terminal is closed.
    /// - Returns: how it ended.
    func ending(
        of id: String, _ plan: Plan, at desk: RunDesk, _ probe: RunProbe? = nil, heedsHangup: Bool = true,
        _ body: @escaping @Sendable (RunAttendant) async throws(Failure) -> RunOutcome
    ) async throws -> RunEnding {
        let view = RunView(plan: plan)
        let confirmsAll = yes
        let (outcome, measurement) = try await Interruption.inTwoSteps(heedsHangup: heedsHangup) { wantsStop in
            let attendant = RunAttendant(
                told: { view.tell($0) },
                confirms: { text in
                    if confirmsAll { return true }
                    return Terminal.canAsk && Terminal.asks(text)
                }, wantsStop: wantsStop)
            guard let probe else { return (try await body(attendant), ClientMeasurement?.none) }
            let (outcome, measurement) = try await probe.probe.during(probe.start) { _ in try await body(attendant) }
            return (outcome, measurement)
        }
        var ending = RunEnding(id: id, plan: plan, outcome: outcome, leftBehind: view.leftBehind)
        if let probe, let measurement {
            let probed = probe.verdict(measurement, on: plan)
            note(probed, of: id, at: desk)
            ending.probe = probed
        }
        if case .done = outcome, ending.probe?.doubt == nil {} else { ending.roles = await desk.roles() }
        return ending
    }

    /// Puts what a probe measured into the audit log, beside the run's own events.
    private func note(_ probed: ProbedRun, of id: String, at desk: RunDesk) {
        do throws(Failure) {
            let details = probed.measurement.summary(doubt: probed.doubt).auditDetails
            try desk.note(ProbeSummary.event, of: id, details)
        } catch {
            Terminal.note("the audit log doesn't tell what the probe measured: \(error.message)")
        }
    }
}
