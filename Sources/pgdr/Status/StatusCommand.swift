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
            pgdr status --watch 2
            pgdr status --sample 10s            WAL rate, replay rate, time to catch up
            pgdr status --all --format json     every cluster of the configuration
            pgdr status --format nagios         for a monitor; also: openmetrics

            Exit status: 0 ok, 1 warning, 2 critical, 3 unknown or impossible to tell.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Flag(help: "Every cluster of the configuration.")
    var all = false

    @Option(help: "How the result is printed.")
    var format: OutputFormat = .table

    @Option(defaultAsFlag: TimeSpan(.seconds(2)), help: "Look again every so often until interrupted.")
    var watch: TimeSpan?

    @Option(help: "Take two looks, this far apart, and say how fast things move.")
    var sample: TimeSpan?

    @Option(help: "How long to wait for answers; default: the cluster's own.")
    var timeout: TimeSpan?

    func validate() throws {
        if watch != nil, sample != nil { throw ValidationError("--watch and --sample can't be combined.") }
        if all, clusters.cluster != nil { throw ValidationError("--all and --cluster can't be combined.") }
        if let timeout, timeout.duration <= .zero { throw ValidationError("--timeout must be more than nothing.") }
        if let watch, watch.duration <= .zero { throw ValidationError("--watch must be more than nothing.") }
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
        try await Interruption.untilInterrupted {
            while !Task.isCancelled {
                let next = Deadline.after(interval)
                let reports = await survey.reports(sample: nil)
                if Task.isCancelled { return }
                let text = try render(reports, of: chosen, layout: .oneLine)
                if Terminal.isInteractive, format == .table { Terminal.home() }
                Terminal.print(text)
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
