import ArgumentParser

struct DrillCloneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clone",
        abstract: "Open a scratch copy of a node on its host, check it and remove it.",
        discussion: """
            pgdr drill clone dr --plan        what would be done, byte for byte
            pgdr drill clone dr --set verify_sql=check.sql --yes

            It is the runbook "drill-clone"; pgdr runbooks show drill-clone says what --set
            takes. The node itself goes on as it does.

            Exit status: 0 done, 1 refused (nothing was changed), 2 failed and the copy is
            removed, 3 failed or stopped part-way (pgdr runs tells how to go on).
            """)

    @OptionGroup var clusters: ClusterOptions
    @OptionGroup var running: RunningOptions
    @OptionGroup var planning: PlanningOptions

    @Argument(help: "The node that is copied.")
    var node: String

    func validate() throws { try planning.check(running) }

    func run() async throws { try await planning.carryOut("drill-clone", [node], clusters, running) }
}
