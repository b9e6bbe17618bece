import ArgumentParser
import Configuration
import Essentials
import Observation
import Replication

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the topology, and how far each standby is behind.",
        discussion: """
            pgdr status
            pgdr status --watch 500ms
            pgdr status --sample 10s          rates, and the time to catch up
            pgdr status --all --format json   every cluster there is
            pgdr status --format nagios       for a monitor; or openmetrics

            SENT, WRITE, FLUSH and REPLAY are PostgreSQL's stages, RECEIVE is what
            the standby itself says it has. Seconds are pg_stat_replication's
            unless MEASURED BY says otherwise; ? is what can't be told.

            Exit status: 0 ok, 1 warning, 2 critical, 3 unknown.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Flag(help: "Every cluster of the configuration.")
    var all = false

    @Option(help: "How the result is printed.")
    var format: OutputFormat = .table

    @Option(
        defaultAsFlag: TimeSpan(.seconds(2)),
        help: TimeSpan.help("Look again every so often, such as 500ms, 10s, 2min."))
    var watch: TimeSpan?

    @Option(help: TimeSpan.help("Take two looks, this far apart, and say how fast things move."))
    var sample: TimeSpan?

    @Option(help: TimeSpan.help("How long to wait for answers; default: the cluster's own."))
    var timeout: TimeSpan?

    func validate() throws {
        if watch != nil, sample != nil { throw ValidationError("--watch and --sample can't be combined.") }
        if all, clusters.cluster != nil { throw ValidationError("--all and --cluster can't be combined.") }
        try timeout?.requirePositive("--timeout")
        try watch?.requirePositive("--watch")
        try sample?.requirePositive("--sample")
    }

    func run() async throws {
        do {
            let file = try clusters.load()
            let chosen = all ? file.clusters : [try file.cluster(named: clusters.cluster)]
            let survey = Survey(chosen, timeout: timeout?.duration)
            guard let watch else {
                let reports = await survey.reports(sample: sample?.duration)
                Terminal.print(try render(reports, of: chosen, layout: .indented))
                throw ExitCode(ExitStatus.check(reports.map(\.verdict.severity).max() ?? .unknown))
            }
            try await self.watch(survey, of: chosen, every: watch.duration)
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.checkImpossible, format: format)
        }
    }

    private func watch(_ survey: Survey, of chosen: [ClusterConfiguration], every interval: Duration) async throws {
        let isScreen = format == .table && Terminal.isInteractive
        if isScreen { Terminal.useSecondScreen(true) }
        defer { if isScreen { Terminal.useSecondScreen(false) } }
        try await Interruption.untilInterrupted {
            while !Task.isCancelled {
                let next = Deadline.after(interval)
                let reports = await survey.reports(sample: nil)
                if Task.isCancelled { return }
                let text = try render(reports, of: chosen, layout: .oneLine)
                if format == .table {
                    let moment = StatusDocument.timestamp(reports.map(\.at).max() ?? .now)
                    let page = Style(hasColours: Terminal.hasColours).dim(moment) + "\n\n" + text
                    if isScreen { Terminal.show(page) } else { Terminal.print(page + "\n") }
                } else {
                    Terminal.print(text)
                }
                if await ReadinessLoop.shared.sleep(until: next) == .cancelled { return }
            }
        }
    }

    private func render(
        _ reports: [ClusterReport], of chosen: [ClusterConfiguration], layout: JSON.Layout
    ) throws -> String {
        switch format {
        case .table: return StatusTable(style: Style(hasColours: Terminal.hasColours)).text(reports)
        case .json: return try JSON.text(StatusDocument(reports), layout)
        case .nagios:
            let thresholds = Dictionary(uniqueKeysWithValues: chosen.map { ($0.name, $0.thresholds) })
            return NagiosOutput(thresholds: thresholds).text(reports)
        case .openmetrics: return OpenMetricsOutput().text(reports)
        }
    }
}
