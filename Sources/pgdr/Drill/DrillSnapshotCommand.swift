import ArgumentParser

struct DrillSnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Open a standby read-write while production goes on, and make it a standby again.",
        discussion: """
            pgdr drill snapshot dr --plan     what would be done, byte for byte
            pgdr drill snapshot dr --set verify_sql=check.sql
            pgdr drill snapshot dr --set open_for=1h --yes --probe

            It is the runbook "drill-snapshot"; pgdr runbooks show drill-snapshot says what
            --set takes. Nobody reaches the open node but over a socket on its host.
            Ctrl-C closes it, and the node comes back as the standby that it was.

            Exit status: 0 done, 1 refused (nothing was changed), 2 what was to be shown
            failed and the node is the standby that it was, 3 failed or stopped part-way
            (pgdr runs tells how to go on), or with --probe done and not proven.
            """)

    @OptionGroup var clusters: ClusterOptions
    @OptionGroup var running: RunningOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var planning: PlanningOptions

    @Argument(help: "The standby that is opened.")
    var node: String

    func validate() throws { try planning.check(running) }

    func run() async throws { try await planning.carryOut("drill-snapshot", [node], clusters, running, probing) }
}
