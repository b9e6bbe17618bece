import ArgumentParser
import Configuration
import Essentials
import Observation
import Postgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a configuration, starting from one node of a cluster.",
        discussion: """
            pgdr init 'host=10.0.0.5 dbname=postgres user=pgdr'
            pgdr init postgresql://pgdr@10.0.0.5/postgres --output -
            pgdr init 'host=nas-1 user=pgdr' 'host=nas-2 user=pgdr'

            Asks the node which servers it replicates to and from, asks those, and
            writes what it found with a comment on each key. What it can't find out
            it says. Passwords belong into ~/.pgpass and are never written. The role
            should be a member of pg_monitor; sql/monitoring_role.sql makes it.
            """)

    @Argument(help: "Connection strings as libpq takes them, of one or more nodes.")
    var conninfo: [String]

    @Option(help: "The cluster's name in the file.")
    var name = "main"

    @Option(
        name: [.short, .long], help: ArgumentHelp("The file to write; - for standard output.", valueName: "file"),
        completion: .file())
    var output = "pgdr.yaml"

    @Flag(help: "Replace the file if it exists.")
    var force = false

    @Option(help: TimeSpan.help("How long to wait for each node."))
    var timeout = TimeSpan(.seconds(5))

    func validate() throws {
        try timeout.requirePositive("--timeout")
        guard Name.isValid(name) else { throw ValidationError("'\(name)' can't be a cluster's name. \(Name.rule)") }
    }

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
                Terminal.print(text.hasSuffix("\n") ? String(text.dropLast()) : text)
            } else {
                try write(text)
                Terminal.note("Wrote \(output): \(discovery.cluster.nodes.map(\.name).joined(separator: ", ")).")
            }
            for note in discovery.notes { Terminal.note("NOTE: \(note)") }
            // Two standbys that call themselves the same can't be told apart by anyone but a person.
            do { _ = try ConfigurationFile.parse(yaml: text, path: output) } catch {
                Terminal.note("NOTE: Before it can be used, correct this: \(error.message).")
            }
        } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.refused)
        }
    }

    private func write(_ text: String) throws(Failure) {
        do {
            try Data(text.utf8).write(to: URL(filePath: output), options: .atomic)
        } catch {
            let cause = (error as? CocoaError)?.underlying as? POSIXError
            let reason = cause.map { String(cString: strerror($0.code.rawValue)) } ?? "\(error)"
            throw Failure(.system, "could not write \"\(output)\": \(reason)")
        }
    }
}
