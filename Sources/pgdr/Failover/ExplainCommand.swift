import ArgumentParser
import Configuration
import Essentials
import Failover

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why a failover was decided as it was, by deciding it again from the recorded evidence.",
        discussion: """
            pgdr explain 20261125-152950-rjkv
            pgdr explain RUN --format json     all that was seen, as it was recorded

            pgdr failover --history lists the decisions.

            Exit status: 0, or 1 when the evidence leads to another decision today.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Argument(help: "The run or decision.")
    var decision: String

    @Option(help: "How the result is printed.")
    var format: DocumentFormat = .table

    func run() throws {
        do {
            let file = try clusters.load()
            let cluster = try file.cluster(named: clusters.cluster)
            let decisions = try RecordedDecision.all(in: file.auditDirectory, cluster: cluster.name)
            guard let decision = decisions.last(where: { $0.id == self.decision }) else {
                throw Failure(
                    .refused, "there is no decision \(self.decision) of cluster \"\(cluster.name)\" in the audit log",
                    hint: "See them with: pgdr failover --history")
            }
            switch format {
            case .json: Terminal.print(try JSON.text(ExplanationDocument(decision)))
            case .table: Terminal.print(Explanation.text(decision))
            }
            if !decision.isReproduced { throw ExitCode(1) }
        } catch let failure as Failure {
            throw CommandFailure(
                failure: failure, status: ExitStatus.beforeAnything(failure), format: format.ofFailure)
        }
    }
}
