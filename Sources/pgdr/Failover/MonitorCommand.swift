import ArgumentParser
import Configuration
import Essentials
import Failover
import RunbookEngine
import SSH

struct MonitorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Watch a cluster, and fail over by itself as far as the configuration allows.",
        discussion: """
            pgdr monitor                 in the foreground, one JSON line an event; Ctrl-C ends it

            With "failover: {mode: observe}" it says and records what it would have done.
            Any number of monitors may watch one cluster: they exclude each other.

            Exit status: 0 when it was told to stop.
            """)

    @OptionGroup var clusters: ClusterOptions

    func run() async throws {
        do {
            let file = try clusters.load()
            let desk = try FailoverDesk(
                try file.cluster(named: clusters.cluster), of: file, trigger: "monitor", secrets: .fromTerminal)
            let log = MonitorLog(cluster: desk.cluster.name)
            let watch = Watch(desk, told: { log.tell($0) }, ran: { log.tell($0) })
            try await Interruption.untilInterrupted { await watch.run() }
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.beforeAnything(failure))
        }
    }
}
