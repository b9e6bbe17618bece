import ArgumentParser
import Configuration
import Essentials
import RunbookEngine
import SSH

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a runbook: every step shown before, verified after, written to the audit log.",
        discussion: """
            pgdr run switchover dr --plan     what would be done, byte for byte
            pgdr run switchover dr            asks, then does it
            pgdr run switchover dr --yes      does it at once
            pgdr run switchover --set target=dr --set max_lag=1MB
            pgdr run switchover dr --probe    measured by a client that commits meanwhile
            pgdr run switchover dr --probe --report drill.html

            Ctrl-C stops between two steps and says how to go on; a second one ends the step.

            Exit status: 0 done, 1 refused (nothing was changed), 2 failed and taken back,
            3 failed or stopped part-way (pgdr runs tells how to go on), or with --probe
            done and not proven.
            """)

    @OptionGroup var clusters: ClusterOptions
    @OptionGroup var running: RunningOptions
    @OptionGroup var probing: ProbeOptions

    @Argument(help: "The runbook, and values for what it takes; see pgdr runbooks show NAME.")
    var name: String

    @Argument(help: ArgumentHelp("Values for what it takes, in its order.", valueName: "value"))
    var values: [String] = []

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
        if plan, !running.reports.files.isEmpty { throw ValidationError("--plan leaves nothing to report on.") }
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw ValidationError("\(twice) is set twice.")
        }
    }

    func run() async throws {
        try await running.reporting {
            let file = try clusters.load()
            let cluster = try file.cluster(named: clusters.cluster)
            let probe = try probing.runProbe(of: cluster)
            let desk = try RunDesk(cluster, of: file, trigger: trigger, secrets: .fromTerminal)
            let given = Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.value) })
            let proposal = try await desk.propose(name, positional: values, given)
            if plan {
                try running.show(proposal)
                throw ExitCode(proposal.plan.mayRun ? 0 : ExitStatus.refused)
            }
            if proposal.plan.steps.isEmpty { return try running.show(nothingLeftOf: proposal) }
            if proposal.plan.mayRun, !running.yes { try running.askWhether(proposal) }
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
