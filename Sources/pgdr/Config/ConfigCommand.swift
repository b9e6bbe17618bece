import ArgumentParser
import Configuration
import Essentials
import Replication

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Look at the configuration file.", subcommands: [ConfigCheckCommand.self])
}

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

    func run() throws {
        do {
            let file = try clusters.load()
            for cluster in file.clusters {
                let nodes = cluster.nodes.map { "\($0.name) (\($0.kind.rawValue))" }.joined(separator: ", ")
                Terminal.print("\(file.path): cluster \"\(cluster.name)\": \(nodes)")
            }
            throw ExitCode(file.warnings.isEmpty ? 0 : 1)
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.checkImpossible)
        }
    }
}
