import ArgumentParser
import Configuration
import Essentials
import Estate

struct EstateCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Ask every server, service and pipeline of the estate, all at once.",
        discussion: """
            pgdr estate check
            pgdr estate check --only databases --only pipelines
            pgdr estate check --format nagios      for a monitor; or json

            Only reads. What is declared with deployed: false is skipped. The
            result is kept in the audit log, for the next report.

            Exit status: 0 ok, 1 a certificate ends soon, 2 something fails,
            3 unknown.
            """)

    @OptionGroup var clusters: ClusterOptions

    @OptionGroup var subject: EstateSubject

    @Option(help: "How the result is printed.")
    var format: MonitorFormat = .table

    func validate() throws { try subject.validate() }

    func run() async throws {
        do {
            let file = try clusters.load()
            let check = try await subject.check(file)
            check.record(in: file.auditDirectory)
            switch format {
            case .table: Terminal.print(EstateTable(style: Style(hasColours: Terminal.hasColours)).text(check))
            case .json: Terminal.print(try JSON.text(EstateDocument(check)))
            case .nagios: Terminal.print(NagiosOutput.text(check))
            }
            throw ExitCode(ExitStatus.check(check.results.severity))
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.checkImpossible, format: format.ofFailure)
        }
    }
}

/// How a check is printed that a monitor may run.
enum MonitorFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
    case nagios

    /// How a failure of the command is printed.
    var ofFailure: OutputFormat {
        switch self {
        case .table: .table
        case .json: .json
        case .nagios: .nagios
        }
    }
}
