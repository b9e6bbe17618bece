import ArgumentParser
import Configuration
import Essentials
import Hosts
import Replication

struct SSHCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say whether pgdr can act on the nodes' hosts: login, accounts, data directory, programs, disk.",
        discussion: """
            pgdr ssh check                   every node
            pgdr ssh check dr replica
            pgdr ssh check --format json

            All hosts are looked at side by side. Only reads.

            Exit status: 0 ok, 1 warning, 2 critical, 3 unknown.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Argument(help: ArgumentHelp("The nodes; without any all there are.", valueName: "node"))
    var nodes: [String] = []

    @Option(help: "How the result is printed.")
    var format: DocumentFormat = .table

    @Option(help: TimeSpan.help("How long to wait for all of them."))
    var timeout = TimeSpan(.seconds(15))

    func validate() throws { try timeout.requirePositive("--timeout") }

    func run() async throws {
        do {
            let cluster = try clusters.load().cluster(named: clusters.cluster)
            var chosen: [NodeConfiguration] = []
            for name in nodes { chosen.append(try cluster.existingNode(named: name)) }
            let checks = await checkHosts(
                nodes.isEmpty ? cluster.nodes : chosen, timeout: timeout.duration, secrets: .fromTerminal)
            switch format {
            case .json: Terminal.print(try JSON.text(HostCheckDocument(cluster: cluster.name, checks: checks)))
            case .table: Terminal.print(HostCheckTable(style: Style(hasColours: Terminal.hasColours)).text(checks))
            }
            throw ExitCode(ExitStatus.check(checks.map(\.severity).max() ?? .unknown))
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.checkImpossible, format: format.ofFailure)
        }
    }
}
