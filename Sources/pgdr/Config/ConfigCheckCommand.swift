import ArgumentParser
import Configuration
import Essentials
import Replication

struct ConfigCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read the configuration file and say what is wrong with it; no server is asked.",
        discussion: """
            pgdr config check
            pgdr config check --config new.yaml

            Exit status: 0 good, 1 good with warnings, 3 can't be used.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Option(help: "How the result is printed.")
    var format: DocumentFormat = .table

    func run() throws {
        do {
            let file = try clusters.load()
            let chosen = try clusters.cluster.map { name throws(Failure) in [try file.cluster(named: name)] }
            let document = ConfigurationDocument(file: file, clusters: chosen ?? file.clusters)
            Terminal.print(format == .json ? try JSON.text(document) : document.lines)
            throw ExitCode(ExitStatus.check(file.warnings.isEmpty ? .ok : .warning))
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.checkImpossible, format: format.ofFailure)
        }
    }
}
