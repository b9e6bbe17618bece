import ArgumentParser
import Configuration
import Essentials
import RunbookEngine
import SSH

/// What a runbook is planned with, and whether its plan is only shown.
struct PlanningOptions: ParsableArguments {
    @Option(
        name: [.customLong("set")], parsing: .singleValue,
        help: ArgumentHelp("A value for what it takes, by name.", valueName: "name=value"))
    var settings: [Setting] = []

    @Flag(help: "Only show what would be done; exit status 1 when it would be refused.")
    var plan = false

    @Option(help: ArgumentHelp("What triggered this, such as a monitor's alert; for the audit log.", valueName: "text"))
    var trigger: String?

    func validate() throws {
        let names = settings.map(\.name)
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw ValidationError("\(twice) is set twice.")
        }
    }

    /// Refuses a report on what isn't done.
    func check(_ running: RunningOptions) throws {
        if plan, !running.reports.files.isEmpty { throw ValidationError("--plan leaves nothing to report on.") }
    }

    /// Plans a runbook, shows the plan or asks, carries it out and prints how it ended.
    func carryOut(
        _ name: String, _ values: [String], _ clusters: ClusterOptions, _ running: RunningOptions,
        _ probing: ProbeOptions? = nil
    ) async throws {
        try await running.reporting {
            let file = try clusters.load()
            let cluster = try file.cluster(named: clusters.cluster)
            let probe = try probing?.runProbe(of: cluster)
            let desk = try RunDesk(cluster, of: file, trigger: trigger, secrets: .fromTerminal)
            let given = Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.value) })
            let proposal = try await desk.propose(name, positional: values, given)
            if plan {
                try running.show(proposal)
                throw ExitCode(proposal.plan.mayRun ? 0 : ExitStatus.refused)
            }
            if proposal.plan.steps.isEmpty { return try running.show(nothingLeftOf: proposal) }
            guard proposal.plan.mayRun else { throw try desk.refusal(of: proposal) }
            if !running.yes { try running.askWhether(proposal) }
            return try await running.conduct(proposal.id, proposal.plan, at: desk, probe) { attendant throws(Failure) in
                try await desk.run(proposal, attendant)
            }
        }
    }

    /// A value and the name of what it is for.
    struct Setting: ExpressibleByArgument, Sendable {
        var name: String
        var value: String

        init?(argument: String) {
            guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
            name = String(argument[..<equals])
            value = String(argument[argument.index(after: equals)...])
        }
    }
}
