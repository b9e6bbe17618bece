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
            guard there.plan.mayRun else { throw try desk.refusal(of: there) }
            if !running.yes { try running.askWhether(there) }
            var drill = SwitchoverDrill(id: RunDesk.newIdentifier(), cluster: cluster.name, target: target, home: home)
            drill.looks.append(first)
            if !noProbe {
                drill.limits = .init(
                    outage: rto?.duration ?? cluster.objectives.rto, loss: rpo ?? cluster.objectives.rpo ?? 0)
            }
            let path = noProbe ? nil : try cluster.clientPath(named: probePath)
            let course = SwitchoverDrillCourse(
                desk: desk, survey: survey, running: running, before: before, path: path, stay: stay.duration)
            drill = try await Interruption.heeded { [drill] wantsStop in
                try await course.run(drill, there, wantsStop: wantsStop)
            }
            return try print(drill, at: desk)
        }
    }

    /// Prints how it ended.
    /// - Returns: the exit status.
    private func print(_ drill: SwitchoverDrill, at desk: RunDesk) throws -> Int32 {
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
}
