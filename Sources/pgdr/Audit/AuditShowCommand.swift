import ArgumentParser
import Audit
import Essentials

struct AuditShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print what pgdr did, the oldest first.",
        discussion: """
            pgdr audit show
            pgdr audit show --run r-20260131-1   one run
            pgdr audit show --since 2h
            pgdr audit show --follow             and what is still to come
            pgdr audit show --format json        the lines of the log as they are

            Proves nothing: pgdr audit verify does. Works when every server is down.
            """)

    @OptionGroup var log: AuditOptions
    @OptionGroup var filter: AuditFilterOptions

    @Flag(help: "Wait for new events; Ctrl-C ends it.")
    var follow = false

    @Option(help: "How the events are printed.")
    var format: DocumentFormat = .table

    func run() async throws {
        do {
            let directory = try log.logDirectory()
            let wanted = filter.filter(cluster: log.clusters.cluster)
            try await Interruption.untilInterrupted { [format, follow] in
                var reader = try AuditReader(directory, wanted)
                var printer = AuditPrinter(format: format, style: Style(hasColours: Terminal.hasColours))
                try printer.printRest(of: &reader)
                while follow, !Task.isCancelled {
                    // New lines come from other processes, which tell nobody.
                    if await ReadinessLoop.shared.sleep(until: .after(.milliseconds(200))) == .cancelled { return }
                    try printer.printRest(of: &reader)
                }
            }
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.checkImpossible, format: format.ofFailure)
        }
    }
}
