import ArgumentParser
import Audit
import Configuration
import Essentials
import Failover

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Keep failover from happening by itself for a time.",
        discussion: """
            pgdr pause --for 2h --reason "new switch in the cellar"
            pgdr pause --for 1d --reason "upgrade" --format json

            It is kept in the cluster (sql/schema.sql), replicated, and holds for every
            observer, also when the primary is gone. It takes the place of any other
            pause. What a person asks for is done all the same.

            Exit status: 0 done, 1 refused (nothing was changed), 2 failed (nothing was
            changed), 3 it can't be told whether it was done; do it again then.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Option(name: [.customLong("for")], help: TimeSpan.help("How long, at most 30d."))
    var span: TimeSpan

    @Option(help: ArgumentHelp("Why, for those who come upon it.", valueName: "text"))
    var reason: String

    @Option(help: "How the result is printed.")
    var format: DocumentFormat = .table

    @Option(help: TimeSpan.help("How long to wait for answers; default: the cluster's own."))
    var timeout: TimeSpan?

    func validate() throws {
        try timeout?.requirePositive("--timeout")
        try span.requirePositive("--for")
        if span.duration > ControlStore.longestPause { throw ValidationError("--for must be at most 30d.") }
        try ControlOptions.require(reason: reason)
    }

    func run() async throws {
        try await ControlOptions.reporting(format) {
            let file = try clusters.load()
            let cluster = try file.cluster(named: clusters.cluster)
            let log = try AuditLog.open(file.auditDirectory, actor: .current())
            let change = try await ControlStore(cluster).pause(
                for: span.duration, reason: reason, log: log, until: .after(timeout?.duration ?? cluster.timeout))
            return ControlResult(cluster: cluster, change: change)
        }
    }
}
