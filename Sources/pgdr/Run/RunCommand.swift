import ArgumentParser

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

    @OptionGroup var planning: PlanningOptions

    @Argument(help: "The runbook, and values for what it takes; see pgdr runbooks show NAME.")
    var name: String

    @Argument(help: ArgumentHelp("Values for what it takes, in its order.", valueName: "value"))
    var values: [String] = []

    func validate() throws { try planning.check(running) }

    func run() async throws { try await planning.carryOut(name, values, clusters, running, probing) }
}
