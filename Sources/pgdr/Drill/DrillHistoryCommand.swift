import ArgumentParser
import Configuration
import Drills
import Essentials
import RunbookEngine

struct DrillHistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the drills there were, from the audit log.",
        discussion: """
            pgdr drill history
            pgdr drill history --format json

            When the last successful one of a kind is older than "drills" in the
            configuration wants, pgdr status says so.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Option(help: "How the result is printed.")
    var format: DocumentFormat = .table

    func run() throws {
        do {
            let file = try clusters.load()
            let cluster = try file.cluster(named: clusters.cluster)
            let drills = try RunDesk(cluster, of: file).drills()
            switch format {
            case .json: Terminal.print(try JSON.text(DrillsDocument(cluster: cluster.name, drills)))
            case .table: Terminal.print(DrillsTable.text(drills))
            }
        } catch let failure as Failure {
            throw CommandFailure(
                failure: failure, status: ExitStatus.beforeAnything(failure), format: format.ofFailure)
        }
    }
}
