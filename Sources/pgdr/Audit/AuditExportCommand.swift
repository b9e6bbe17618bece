import ArgumentParser
import Audit
import Essentials
import Replication

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct AuditExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Copy events out of the log, and say how the copy is known.",
        discussion: """
            pgdr audit export --output audit.jsonl
            pgdr audit export --run r-20260131-1 --format csv > run.csv

            JSON lines are copied as they stand in the log, so that each can be held
            against it. What was copied, its SHA-256 and the log's head are told on
            standard error. Verifies the log first, and copies nothing when it was
            tampered with, unless --unverified is given.

            Exit status: 0 done, 2 the log was tampered with, 3 it can't be read or
            the copy can't be written.
            """)

    @OptionGroup var log: AuditOptions
    @OptionGroup var filter: AuditFilterOptions

    @Option(
        help: ArgumentHelp("A new file; default: standard output.", valueName: "file"), completion: .file())
    var output: String?

    @Option(help: "How the events are written.")
    var format: AuditExport.Form = .jsonl

    @Flag(help: "Copy the events of a log that was tampered with too.")
    var unverified = false

    func run() throws {
        do {
            let directory = try log.logDirectory()
            let verification = try verify(directory: directory)
            if let problem = verification.problem, problem.kind != .torn {
                let failure = AuditExportSummary.tampered(problem, in: directory)
                guard unverified else { throw CommandFailure(failure: failure, status: ExitStatus.check(.critical)) }
                Terminal.note("pgdr: warning: \(failure.message)")
            }
            let wanted = filter.filter(cluster: log.clusters.cluster)
            let destination = output.map(AuditExport.Destination.newFile) ?? .descriptor(STDOUT_FILENO)
            let export = try AuditExport.write(directory, wanted, as: format, to: destination)
            Terminal.note(AuditExportSummary(export: export, head: verification.head).text)
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.checkImpossible)
        }
    }
}

extension AuditExport.Form: ExpressibleByArgument {}
