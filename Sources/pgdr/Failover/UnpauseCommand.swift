import ArgumentParser
import Audit
import Configuration
import Essentials
import Failover

struct UnpauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpause",
        abstract: "Let failover happen by itself again, before a pause is over.",
        discussion: """
            pgdr unpause
            pgdr unpause --reason "switch is in"

            Exit status: 0 done, or not paused; 1 refused (nothing was changed),
            2 failed (nothing was changed), 3 it can't be told whether it was done; do
            it again then.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Option(help: ArgumentHelp("Why, for the audit log.", valueName: "text"))
    var reason: String?

    @Option(help: "How the result is printed.")
    var format: DocumentFormat = .table

    @Option(help: TimeSpan.help("How long to wait for answers; default: the cluster's own."))
    var timeout: TimeSpan?

    func validate() throws {
        try timeout?.requirePositive("--timeout")
        if let reason { try ControlOptions.require(reason: reason) }
    }

    func run() async throws {
        try await ControlOptions.reporting(format) {
            let file = try clusters.load()
            let cluster = try file.cluster(named: clusters.cluster)
            let log = try AuditLog.open(file.auditDirectory, actor: .current())
            let change = try await ControlStore(cluster).unpause(
                reason: reason, log: log, until: .after(timeout?.duration ?? cluster.timeout))
            return ControlResult(cluster: cluster, change: change)
        }
    }
}
