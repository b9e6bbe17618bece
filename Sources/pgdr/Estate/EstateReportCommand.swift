import ArgumentParser
import Configuration
import Essentials
import Estate
import Observation

struct EstateReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Check the estate and write a report with diagrams and what has changed.",
        discussion: """
            pgdr estate report --output estate.html
            pgdr estate report --format markdown > estate.md

            HTML is one page that needs nothing else. Compared is with the newest
            check of the same categories in the audit log.

            Exit status: as of pgdr estate check.
            """)

    /// How the report is written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case html
        case markdown
    }

    @OptionGroup var clusters: ClusterOptions

    @OptionGroup var subject: EstateSubject

    @Option(help: "How the report is written.")
    var format: Format = .html

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The file it is written to; default: standard output.", valueName: "file"),
        completion: .file(extensions: ["html", "md"]))
    var output: String?

    func validate() throws { try subject.validate() }

    func run() async throws {
        do {
            let file = try clusters.load()
            _ = try subject.estate(of: file)
            let chosen = try clusters.cluster.map { name throws(Failure) in [try file.cluster(named: name)] }
            async let standing = Survey(chosen ?? file.clusters).reports(sample: nil)
            let check = try await subject.check(file)
            let report = EstateReport(
                at: check.at, took: check.took, only: check.only, estate: check.estate, results: check.results,
                previous: previous(in: file.auditDirectory), clusters: await standing)
            check.record(in: file.auditDirectory)
            let text =
                switch format {
                case .html: HTMLReport(report).text
                case .markdown: MarkdownReport(report).text
                }
            try OutputFile.write(text, to: output)
            throw ExitCode(ExitStatus.check(check.results.severity))
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.checkImpossible)
        }
    }

    /// The check before; a log that can't be read is no reason to have no report.
    private func previous(in directory: String) -> EstateRun? {
        do {
            return try EstateRun.newest(of: subject.only, in: directory)
        } catch {
            Terminal.note("pgdr: warning: not compared with the check before: \(error.message)")
            return nil
        }
    }
}
