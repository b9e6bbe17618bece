import ArgumentParser
import Configuration
import Essentials
import FoundationEssentials
import Observation
import Postgres

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a configuration, starting from one node of a cluster.",
        discussion: """
            pgdr init 'host=10.0.0.5 dbname=postgres user=pgdr'
            pgdr init postgresql://pgdr@10.0.0.5/postgres --output -
            pgdr init 'host=nas-1 user=pgdr' 'host=nas-2 user=pgdr'

            Asks the node which servers it replicates to and from, asks those, and writes what it found with a comment
            on each key. What it can't find out it says. Passwords belong into ~/.pgpass and are never written.
            The role pgdr should be a member of pg_monitor; sql/monitoring_role.sql makes it.
            """)

    @Argument(help: "Connection strings as libpq takes them, of one or more nodes.")
    var conninfo: [String]

    @Option(help: "The cluster's name in the configuration.")
    var name = "main"

    @Option(name: [.short, .long], help: "The file to write; - for standard output.")
    var output = "pgdr.yaml"

    @Flag(help: "Replace the file if it exists.")
    var force = false

    @Option(help: "How long to wait for each node.")
    var timeout = TimeSpan(.seconds(5))

    func run() async throws {
        do {
            if output != "-", !force, FileManager.default.fileExists(atPath: output) {
                throw Failure(
                    .configuration, "\"\(output)\" exists already", hint: "Use --force to replace it, or --output.")
            }
            let known = try conninfo.map { text throws(Failure) in try ConnectionString(text) }
            let discovery = try await discover(from: known, clusterName: name, timeout: timeout.duration)
            let text = ConfigurationWriter.render([discovery.cluster])
            if output == "-" {
                Terminal.print(text)
            } else {
                try write(text)
                Terminal.note("Wrote \(output): \(discovery.cluster.nodes.map(\.name).joined(separator: ", ")).")
            }
            for note in discovery.notes { Terminal.note("NOTE: \(note)") }
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.refused)
        }
    }

    private func write(_ text: String) throws(Failure) {
        do {
            try Data(text.utf8).write(to: URL(filePath: output), options: .atomic)
        } catch {
            throw Failure(.system, "could not write \"\(output)\"", detail: "\(error)")
        }
    }
}
