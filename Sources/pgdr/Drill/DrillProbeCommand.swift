import ArgumentParser
import Audit
import Configuration
import Drills
import Essentials

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct DrillProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Commit as an application does, and say how long it could not and what it lost.",
        discussion: """
            pgdr drill probe                        until Ctrl-C, over the first path
            pgdr drill probe --path app --for 5min --interval 20ms
            pgdr drill probe --for 1min --rto 5s --rpo 0 --format json

            The paths are those under "clients" in the configuration; without them
            the nodes' own connections are tried one after the other. The rows go into
            pgdr.heartbeat (sql/schema.sql), and are removed at the end.

            The limits are those under "objectives" in the configuration, unless --rto
            and --rpo give others.

            Exit status: 0 within the limits, or there are none; 2 beyond one of them;
            3 could not be measured.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Option(help: ArgumentHelp("The way to the cluster; default: the first there is.", valueName: "name"))
    var path: String?

    @Option(help: TimeSpan.help("The time from one commit to the next."))
    var interval = TimeSpan(.milliseconds(100))

    @Option(name: .customLong("for"), help: TimeSpan.help("How long; default: until Ctrl-C."))
    var length: TimeSpan?

    @Option(help: TimeSpan.help("The longest time without a commit that will do; default: objectives.rto."))
    var rto: TimeSpan?

    @Option(help: ArgumentHelp("How many commits may be lost; default: objectives.rpo.", valueName: "number"))
    var rpo: Int?

    @Option(help: "How the result is printed.")
    var format: DocumentFormat = .table

    func validate() throws {
        try interval.requirePositive("--interval")
        try length?.requirePositive("--for")
        if let rpo, rpo < 0 { throw ValidationError("--rpo can't be negative.") }
    }

    func run() async throws {
        do {
            let file = try clusters.load()
            let cluster = try file.cluster(named: clusters.cluster)
            let probe = ClientProbe(cluster, try cluster.clientPath(named: path), interval: interval.duration)
            let length = length?.duration
            let measurement = try await Interruption.inTwoSteps(saying: "Stopping; once more to end at once.") { wish in
                try await probe.during { sight in
                    let view = ProbeView()
                    let end = length.map { Deadline.after($0) }
                    while !wish(), end.map({ !$0.hasPassed }) ?? true {
                        view.show(sight)
                        let next = Deadline.after(.milliseconds(100))
                        guard await ReadinessLoop.shared.sleep(until: min(end ?? next, next)) == .timedOut else {
                            break
                        }
                    }
                    view.close()
                }.measurement
            }
            record(measurement, of: cluster, in: file.auditDirectory)
            let report = ProbeReport(
                cluster: cluster.name, measurement: measurement, rto: rto?.duration ?? cluster.objectives.rto,
                rpo: rpo ?? cluster.objectives.rpo)
            switch format {
            case .json: Terminal.print(try JSON.text(ProbeReportDocument(report)))
            case .table: Terminal.print(report.text(style: Style(hasColours: Terminal.hasColours)))
            }
            if report.status != 0 { throw ExitCode(report.status) }
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.checkImpossible, format: format.ofFailure)
        }
    }
}

extension DrillProbeCommand {
    /// Has the audit log keep what was measured, for reports of what happened meanwhile; that it can't is no failure.
    private func record(_ measurement: ClientMeasurement, of cluster: ClusterConfiguration, in directory: String) {
        do throws(Failure) {
            let entry = AuditEntry(
                ProbeSummary.event, cluster: cluster.name, details: measurement.summary.auditDetails)
            try AuditLog.open(directory, actor: .current()).append(entry)
        } catch {
            Terminal.note("pgdr: warning: the audit log doesn't tell what the probe measured: \(error.message)")
        }
    }
}

/// A probe as it goes on, on standard error where that is a terminal.
private struct ProbeView {
    private let isLive = isatty(STDERR_FILENO) == 1

    func show(_ sight: ClientProbe.Sight) {
        guard isLive else { return }
        let measurement = sight.measurement
        let server = measurement.record.commits.last.flatMap { measurement.server(of: $0)?.text } ?? "nobody yet"
        let now = sight.trouble.map { "no answer: \($0)" } ?? "by \(server)"
        let wait = measurement.longestOutage.map { ClientText.duration($0.length) } ?? "?"
        let text = "\(measurement.record.commits.count) commits, longest wait \(wait), \(now)"
        Terminal.rewrite(String(text.prefix(120)), isLast: false)
    }

    func close() { if isLive { Terminal.rewrite("", isLast: false) } }
}
