import ArgumentParser
import Configuration
import Drills
import Essentials
import Observation
import Replication
import RunbookEngine

struct DrillSwitchoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switchover",
        abstract: "Move the primary role to a standby and back, while a client commits.",
        discussion: """
            pgdr drill switchover dr --plan
            pgdr drill switchover dr --yes --stay 10min --rto 5s --rpo 0
            pgdr drill switchover dr --yes --report drill.html

            Two runs of the runbook switchover. Before, between and after them the
            cluster is looked at: the right node is the primary, whoever streamed
            streams, nothing is worse than before. Each counts as proven only when a
            write went through the clients' path. Ctrl-C during --stay goes back at once.

            Exit status: 0 passed, 1 refused (nothing was changed), 2 failed, and the
            role is where it was, 3 failed, and it is not, or a run is unfinished.
            """)

    @OptionGroup var clusters: ClusterOptions
    @OptionGroup var running: RunningOptions

    @Argument(help: "The standby that takes the role over; default: the only node of kind dr.")
    var node: String?

    @Option(help: TimeSpan.help("How long the role stays there."))
    var stay = TimeSpan(.zero)

    @Option(help: TimeSpan.help("The longest time without a commit that will do; default: objectives.rto."))
    var rto: TimeSpan?

    @Option(help: ArgumentHelp("How many commits may be lost; default: objectives.rpo.", valueName: "number"))
    var rpo: Int?

    @Option(help: ArgumentHelp("The client's way to the cluster; default: the first there is.", valueName: "name"))
    var probePath: String?

    @Flag(help: "Without a client that commits meanwhile: then nothing is measured.")
    var noProbe = false

    @Flag(help: "Only show what would be done first; exit status 1 when it would be refused.")
    var plan = false

    func validate() throws {
        if let rpo, rpo < 0 { throw ValidationError("--rpo can't be negative.") }
        if plan, !running.reports.files.isEmpty { throw ValidationError("--plan leaves nothing to report on.") }
        if noProbe, rto != nil || rpo != nil || probePath != nil {
            throw ValidationError("--rto, --rpo and --probe-path need the probe.")
        }
    }

    func run() async throws {
        try await running.reporting {
            let file = try clusters.load()
            let cluster = try file.cluster(named: clusters.cluster)
            let target = try target(in: cluster)
            let desk = try RunDesk(cluster, of: file, trigger: "drill", secrets: .fromTerminal)
            let survey = Survey([cluster])
            let before = await survey.reports(sample: nil)[0]
            let first = DrillLook(before: before)
            guard first.problems.isEmpty, let home = before.primary, home != target else {
                throw Self.refusal(first, before, target)
            }
            let there = try await desk.propose("switchover", ["target": target])
            if plan {
                try running.show(there)
                if case .table = running.format { Terminal.print("\nThen, planned when it is due: back to \(home).") }
                throw ExitCode(there.plan.mayRun ? 0 : ExitStatus.refused)
            }
            guard there.plan.mayRun else {
                return try await running.conduct(there.id, there.plan, at: desk) { attendant throws(Failure) in
                    try await desk.run(there, attendant)
                }
            }
            if !running.yes { try running.askWhether(there) }
            var drill = SwitchoverDrill(id: RunDesk.newIdentifier(), cluster: cluster.name, target: target, home: home)
            if !noProbe {
                drill.limits = .init(
                    outage: rto?.duration ?? cluster.objectives.rto, loss: rpo ?? cluster.objectives.rpo)
            }
            drill.looks.append(first)
            let path = noProbe ? nil : try cluster.clientPath(named: probePath)
            let probe = path.map { RunProbe(cluster, $0) }
            try desk.note(drill.beginning)
            do {
                drill.legs.append(try await leg(there, at: desk, probe))
            } catch let failure as Failure {
                drill.legs.append(.init(run: nil, end: .unmoved(failure.text)))
                try desk.note(drill.ending)
                throw failure
            }
            if drill.place == .away {
                drill.looks.append(await look(.between, survey, primary: target, before))
                if stay.duration > .zero {
                    try await holdOn()
                    drill.looks.append(await look(.between, survey, primary: target, before))
                }
                drill.legs.append(await back(to: home, at: desk, probe))
                if drill.place == .home { drill.looks.append(await look(.after, survey, primary: home, before)) }
            }
            return try await end(drill, at: desk)
        }
    }

    /// Tells how it ended, and keeps that.
    private func end(_ drill: SwitchoverDrill, at desk: RunDesk) async throws -> Int32 {
        try desk.note(drill.ending)
        let attendant = RunAttendant(
            told: { if case .note(_, let text) = $0 { Terminal.note(text) } }, confirms: { _ in false },
            wantsStop: { false })
        await desk.keepDrill(drill.id, .switchover, on: drill.target, passed: drill.passed, attendant)
        switch running.format {
        case .json: Terminal.print(try JSON.text(SwitchoverDrillDocument(drill)))
        case .table:
            Terminal.print(SwitchoverDrillText(style: Style(hasColours: Terminal.hasColours)).text(drill))
        }
        let status = drill.passed ? 0 : drill.place == .home ? ExitStatus.undone : ExitStatus.partWay
        return running.reports.write(drill.id, of: desk.cluster, in: desk.auditDirectory, after: status)
    }

    private func target(in cluster: ClusterConfiguration) throws(Failure) -> String {
        if let node { return try cluster.existingNode(named: node).name }
        let candidates = cluster.nodes.filter { $0.kind == .dr }.map(\.name)
        guard candidates.count == 1 else {
            throw Failure(
                .refused, "to which standby is not clear",
                detail: candidates.isEmpty ? "No node is of kind dr." : "Of kind dr: \(quotedList(candidates)).",
                hint: "Say it: pgdr drill switchover NODE")
        }
        return candidates[0]
    }

    private static func refusal(_ look: DrillLook, _ report: ClusterReport, _ target: String) -> Failure {
        if report.primary == target {
            return Failure(
                .refused, "\(target) is the primary already", hint: "Name the standby that takes the role over.")
        }
        return Failure(
            .refused, "the cluster is not fit for a drill", detail: look.problems.joined(separator: "\n"),
            hint: "Nothing was changed. Look at: pgdr status")
    }

    /// One switchover.
    private func leg(
        _ proposal: RunDesk.Proposal, at desk: RunDesk, _ probe: RunProbe?
    ) async throws -> SwitchoverDrill.Leg {
        let ending = try await running.ending(of: proposal.id, proposal.plan, at: desk, probe) {
            attendant throws(Failure) in try await desk.run(proposal, attendant)
        }
        let end: SwitchoverDrill.Leg.End =
            switch ending.outcome {
            case .done(let failed):
                ending.probe?.doubt.map { .notProven($0.text) } ?? .moved(failed: failed)
            case .undone(let failure): .unmoved(failure.text)
            case .partWay(let failure): .partWay(failure.text)
            case .stopped(let changed): changed ? .partWay("it was stopped") : .unmoved("it was stopped")
            }
        return .init(run: proposal.id, end: end, measurement: ending.probe?.measurement)
    }

    /// The switchover back; that it isn't begun is one of its ends.
    private func back(to home: String, at desk: RunDesk, _ probe: RunProbe?) async -> SwitchoverDrill.Leg {
        do {
            return try await leg(try await desk.propose("switchover", ["target": home]), at: desk, probe)
        } catch let failure as Failure {
            return .init(run: nil, end: .unmoved(failure.text))
        } catch {
            return .init(run: nil, end: .unmoved("\(error)"))
        }
    }

    private func holdOn() async throws {
        Terminal.note("The role stays there for \(Quantity.seconds(stay.duration.seconds)).")
        let end = Deadline.after(stay.duration)
        try await Interruption.inTwoSteps(saying: "Going back.") { wantsStop in
            while !wantsStop(), !end.hasPassed {
                let next = min(end, .after(.milliseconds(100)))
                guard await ReadinessLoop.shared.sleep(until: next) != .cancelled else { return }
            }
        }
    }

    /// Looks at the cluster, for a while until all is as it has to be: what came back a moment ago may lag.
    private func look(
        _ moment: DrillLook.Moment, _ survey: Survey, primary: String, _ before: ClusterReport
    ) async -> DrillLook {
        let end = Deadline.after(.seconds(15))
        while true {
            let report = await survey.reports(sample: nil)[0]
            let look = DrillLook(moment, report, primary: primary, before: before)
            if look.problems.isEmpty || end.hasPassed { return look }
            _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(250)))
        }
    }
}
