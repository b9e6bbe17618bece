import ArgumentParser
import Configuration
import Essentials
import Failover
import Hosts
import Observation
import Replication
import SSH
import Synchronization

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say whether a node may be promoted now, and whether a switchover would lose nothing.",
        discussion: """
            pgdr check dr
            pgdr check                   every standby, and what failover would survive
            pgdr check dr --format json
            pgdr check --sample 10min    also what failover's times rest on, measured

            Each condition is shown with its evidence. Only reads. Over SSH it tries
            the logins that the other nodes would need. Where failover happens by
            itself, answers are measured for 2s without --sample, too.

            Exit status: 0 ok, 1 something to look at, 2 must not be promoted,
            3 something could not be proved.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Argument(help: "The node; without it all that could take over.")
    var node: String?

    @Flag(help: "Leave the hosts out, which are looked at over SSH where that is configured.")
    var sqlOnly = false

    @Option(help: "How the result is printed.")
    var format: DocumentFormat = .table

    @Option(help: TimeSpan.help("How long to wait for answers; default: the cluster's own."))
    var timeout: TimeSpan?

    @Option(help: TimeSpan.help("Measure for that long how fast answers come, and judge failover's times by it."))
    var sample: TimeSpan?

    func validate() throws {
        try timeout?.requirePositive("--timeout")
        try sample?.requirePositive("--sample")
        if node != nil, sample != nil { throw ValidationError("--sample is for all nodes: leave NODE out.") }
        if let sample, sample.duration > .seconds(86_400) { throw ValidationError("--sample must be 1d at most.") }
    }

    func run() async throws {
        do {
            let cluster = try clusters.load().cluster(named: clusters.cluster)
            if let node { _ = try cluster.existingNode(named: node) }
            let time = timeout?.duration ?? cluster.timeout
            async let control = node == nil ? ControlStore(cluster).read(until: .after(time)) : nil
            var checks = await checkPromotions(in: cluster, of: node, timeout: time)
            if !sqlOnly { await addHosts(of: cluster, to: &checks) }
            guard !checks.isEmpty else {
                throw CommandFailure(
                    failure: Failure(.configuration, "cluster \"\(cluster.name)\" has no node that could take over"),
                    status: ExitStatus.check(.critical), format: format.ofFailure)
            }
            var failover = await control.map { cluster.failoverReadiness($0) }
            failover?.thresholds = await thresholds(of: cluster)
            switch format {
            case .json:
                Terminal.print(
                    try JSON.text(CheckDocument(cluster: cluster.name, checks: checks, failover: failover)))
            case .table:
                let style = Style(hasColours: Terminal.hasColours)
                Terminal.print(CheckTable(style: style).text(checks))
                if let failover {
                    Terminal.print("\n" + FailoverReadinessText(style: style, cluster: cluster).text(failover))
                }
            }
            let severities = checks.map(\.severity) + [failover?.severity].compactMap(\.self)
            throw ExitCode(ExitStatus.check(severities.max() ?? .critical))
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.checkImpossible, format: format.ofFailure)
        }
    }

    /// What was measured; nil: nobody asked for it, and nothing happens by itself.
    private func thresholds(of cluster: ClusterConfiguration) async -> ThresholdAdvice? {
        guard node == nil, sample != nil || cluster.failover.mode != .manual else { return nil }
        let measurement = ThresholdMeasurement(
            cluster, span: sample?.duration, timeout: timeout?.duration ?? cluster.timeout, asksHosts: !sqlOnly)
        let progress = sample.map { SampleProgress(span: $0) }
        let sample = await measurement.take(.fromTerminal) { progress?.show($0) }
        progress?.show(1)
        return ThresholdAdvice(cluster, from: sample)
    }

    /// A login over SSH takes longer than a question in SQL.
    private func addHosts(of cluster: ClusterConfiguration, to checks: inout [PromotionCheck]) async {
        let candidates = checks.filter { !$0.isPrimary }.map(\.node)
        guard !candidates.isEmpty else { return }
        let survey = await HostSurvey.take(
            of: cluster, candidates: candidates, timeout: timeout?.duration ?? max(cluster.timeout, .seconds(15)),
            secrets: .fromTerminal)
        for index in checks.indices where !checks[index].isPrimary {
            checks[index].conditions += survey.conditions(of: checks[index].node)
        }
    }
}

/// How much of a sample is done, told at every further five per cent.
private final class SampleProgress: Sendable {
    private let span: TimeSpan
    private let shown = Mutex(-1)

    init(span: TimeSpan) { self.span = span }

    func show(_ share: Double) {
        let percent = Int(share * 20) * 5
        let isNew = shown.withLock { shown in
            defer { shown = max(shown, percent) }
            return percent > shown
        }
        if isNew { Progress.show(share, "measuring for \(span)") }
    }
}
