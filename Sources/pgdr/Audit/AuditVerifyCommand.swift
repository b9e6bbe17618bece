import ArgumentParser
import Audit
import Configuration
import Essentials
import Observation

struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove that nobody changed the log, and that nothing is missing.",
        discussion: """
            pgdr audit verify
            pgdr audit verify --anchor 1200:5f3a…   a head noted elsewhere
            pgdr audit verify --directory copy      of a copy, without a configuration

            Edited, deleted, added and moved lines show by themselves. What is cut
            off the end, an edit of the last line, and a log that was written anew
            show only against anchors: the heads that pgdr keeps in the cluster
            (where sql/schema.sql was run), and those given here.

            Exit status: 0 intact, 1 the last line is incomplete after a crash,
            2 tampered with, 3 can't be read.
            """)

    @OptionGroup var log: AuditOptions

    @Option(
        help: ArgumentHelp("A head of the log that was noted elsewhere; may be repeated.", valueName: "seq:hash"))
    var anchor: [AuditHead] = []

    @Option(help: "How the result is printed.")
    var format: DocumentFormat = .table

    @Option(help: TimeSpan.help("How long to wait for servers; default: the cluster's own."))
    var timeout: TimeSpan?

    func validate() throws { try timeout?.requirePositive("--timeout") }

    func run() async throws {
        do {
            let (directory, clusters) = try logAndClusters()
            let observer = AuditLog.observer(of: directory)
            let stored = await storedAnchors(of: observer, in: clusters)
            let anchors = anchor + stored.flatMap(\.anchors).map { AuditHead(seq: $0.seq, hash: $0.hash) }
            let report = AuditReport(
                directory: directory, observer: observer, given: anchor, stored: stored,
                verification: try verify(directory: directory, anchors: anchors))
            switch format {
            case .json: Terminal.print(try JSON.text(AuditVerificationDocument(report)))
            case .table:
                Terminal.print(AuditVerificationText(style: Style(hasColours: Terminal.hasColours)).text(report))
            }
            throw ExitCode(ExitStatus.check(report.severity))
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.checkImpossible, format: format.ofFailure)
        }
    }

    /// The log, and the clusters that may know of it.
    ///
    /// A log that is named can be read without any configuration, by whoever got a copy of it.
    private func logAndClusters() throws(Failure) -> (directory: String, clusters: [ClusterConfiguration]) {
        do throws(Failure) {
            let file = try log.clusters.load()
            let chosen = try log.clusters.cluster.map { name throws(Failure) in [try file.cluster(named: name)] }
            return (log.directory ?? file.auditDirectory, chosen ?? file.clusters)
        } catch {
            guard let directory = log.directory else { throw error }
            Terminal.note("pgdr: warning: no cluster is asked for anchors: \(error.message)")
            return (directory, [])
        }
    }

    private func storedAnchors(of observer: String, in clusters: [ClusterConfiguration]) async -> [StoredAnchors] {
        await withTaskGroup(of: (Int, StoredAnchors).self) { group in
            for (index, cluster) in clusters.enumerated() {
                let deadline = Deadline.after(timeout?.duration ?? cluster.timeout)
                group.addTask { (index, await StoredAnchors(of: observer, in: cluster, until: deadline)) }
            }
            var all: [(Int, StoredAnchors)] = []
            for await stored in group { all.append(stored) }
            return all.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

extension AuditHead: ExpressibleByArgument {
    /// A head as `SEQ:HASH`.
    public init?(argument: String) { self.init(argument) }
}
