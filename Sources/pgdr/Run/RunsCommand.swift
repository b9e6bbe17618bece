import ArgumentParser
import Configuration
import Essentials
import RunbookEngine

struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List runs, from the audit log; unfinished ones with how to go on.",
        discussion: """
            pgdr runs
            pgdr runs --unfinished --format json

            Exit status: 0, or 1 when a run is unfinished.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Flag(help: "Only runs that are neither done nor taken back.")
    var unfinished = false

    @Option(help: "How the result is printed.")
    var format: DocumentFormat = .table

    func run() throws {
        do {
            let file = try clusters.load()
            let desk = try RunDesk(try file.cluster(named: clusters.cluster), of: file)
            let runs = try desk.runs().filter { !unfinished || $0.isUnfinished }
            switch format {
            case .json: Terminal.print(try JSON.text(RunsDocument(runs)))
            case .table: Terminal.print(RunsTable.text(runs))
            }
            if runs.contains(where: \.isUnfinished) { throw ExitCode(1) }
        } catch let failure as Failure {
            throw CommandFailure(
                failure: failure, status: ExitStatus.beforeAnything(failure), format: format.ofFailure)
        }
    }
}
