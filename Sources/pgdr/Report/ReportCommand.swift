import ArgumentParser
import Audit
import Configuration
import Drills
import Essentials

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Tell of a run or drill: what happened when, why, what it cost, what remains.",
        discussion: """
            pgdr report 20261125-152950-rjkv
            pgdr report RUN --output incident.html     also .md and .json
            pgdr run switchover dr --probe --report drill.html

            From the audit log alone, which keeps what a probe measured. Once the
            old primary is back, it tells also how many commits only that one had.
            HTML is one page that needs nothing else.

            Exit status: 0 made, 3 it could not be.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Argument(help: ArgumentHelp("The run, decision or drill; see pgdr runs.", valueName: "run"))
    var subject: String

    @Option(help: "How the report is written; default: as the file is called, else markdown.")
    var format: ReportFormat?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The file it is written to; default: standard output.", valueName: "file"),
        completion: .file(extensions: ["html", "md", "json"]))
    var output: String?

    func run() throws {
        do {
            let file = try clusters.load()
            let report = try Report.read(
                subject, of: try file.cluster(named: clusters.cluster), in: file.auditDirectory)
            if report.log.problem != nil { Terminal.note("pgdr: warning: \(report.logText)") }
            let form = format ?? output.flatMap { ReportFormat(fileName: $0) } ?? .markdown
            try OutputFile.write(form.text(report), to: output)
        } catch let failure as Failure {
            throw CommandFailure(
                failure: failure, status: ExitStatus.checkImpossible, format: format == .json ? .json : .table)
        }
    }
}

/// How a report of a run is written.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
    case markdown
    case json
    case html

    /// The format that a file's name stands for; nil: none.
    init?(fileName: String) {
        switch fileName.split(separator: ".").last?.lowercased() {
        case "md", "markdown": self = .markdown
        case "json": self = .json
        case "html", "htm": self = .html
        default: return nil
        }
    }

    func text(_ report: Report) throws -> String {
        switch (self, report) {
        case (.markdown, _): report.markdown
        case (.html, _): report.html
        case (.json, .run(let run)): try JSON.text(RunReportDocument(run)) + "\n"
        case (.json, .drill(let drill)): try JSON.text(DrillReportDocument(drill)) + "\n"
        }
    }
}
