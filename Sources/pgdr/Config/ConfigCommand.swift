import ArgumentParser
import Configuration
import Essentials
import Replication

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Look at the configuration file.",
        discussion: """
            pgdr config check
            """,
        subcommands: [ConfigCheckCommand.self])

    func run() throws { throw MissingSubcommand(Self.self) }
}

struct ConfigCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read the configuration file and say what is wrong with it; no server is asked.",
        discussion: """
            pgdr config check
            pgdr config check --config new.yaml

            Exit status: 0 good, 1 good with warnings, 3 can't be used.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Option(help: "How the result is printed.")
    var format: DocumentFormat = .table

    func run() throws {
        do {
            let file = try clusters.load()
            let chosen = try clusters.cluster.map { name throws(Failure) in [try file.cluster(named: name)] }
            let document = ConfigurationDocument(file: file, clusters: chosen ?? file.clusters)
            Terminal.print(format == .json ? try JSON.text(document) : document.lines)
            throw ExitCode(ExitStatus.check(file.warnings.isEmpty ? .ok : .warning))
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.checkImpossible, format: format.ofFailure)
        }
    }
}

/// What `pgdr config check` found; the same promises as `StatusDocument`.
struct ConfigurationDocument: Encodable {
    var schema = 1
    var path: String
    var clusters: [Cluster]
    var warnings: [Warning]

    init(file: ConfigurationFile, clusters: [ClusterConfiguration]) {
        path = file.path
        self.clusters = clusters.map { cluster in
            Cluster(
                name: cluster.name, nodes: cluster.nodes.map { Node(name: $0.name, kind: $0.kind.rawValue) })
        }
        warnings = file.warnings.map { warning in
            Warning(
                line: warning.location.line, column: warning.location.column, message: warning.text, hint: warning.hint)
        }
    }

    struct Cluster: Encodable {
        var name: String
        var nodes: [Node]
    }

    struct Node: Encodable {
        var name: String
        var kind: String
    }

    struct Warning: Encodable {
        var line: Int
        var column: Int
        var message: String
        var hint: String
    }

    /// The clusters and the advice for people, who have read the warnings themselves on standard error.
    var lines: String {
        let members = clusters.map { cluster in
            let nodes = cluster.nodes.map { "\($0.name) (\($0.kind))" }.joined(separator: ", ")
            return "\(path): cluster \"\(cluster.name)\": \(nodes)"
        }
        let advice = warnings.map { "\(path):\($0.line):\($0.column): HINT: \($0.hint)" }
        return (members + advice).joined(separator: "\n")
    }
}
