import ArgumentParser
import Essentials

/// The command line: parses, calls one library function, prints what it returned.
@main
struct Pgdr: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pgdr",
        abstract: "Shows how far PostgreSQL standbys are behind, and whether one could take over now.",
        discussion: """
            Without a configuration:
              pgdr demo                              a cluster of three real servers, its lag, and its end
              pgdr init 'host=10.0.0.5 user=pgdr'    writes a configuration from one node of yours

            With one:
              pgdr status                            how far each standby is behind
              pgdr status --watch                    the same, again and again
              pgdr check dr                          may this node be promoted now?

            Exit status of status and check: 0 ok, 1 warning, 2 critical, 3 unknown.
            Exit status of other commands: 0 done, 1 refused, 2 failed and undone, 3 failed part-way, 64 usage.
            """,
        version: Version.text,
        subcommands: [
            StatusCommand.self, CheckCommand.self, InitCommand.self, ConfigCommand.self, LabCommand.self,
            DemoCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            failure.report()
            exit(withError: ExitCode(failure.status))
        } catch {
            exit(withError: error)
        }
    }
}

/// A failure on its way out of a command: how it is printed and what exit status it gives.
struct CommandFailure: Error {
    var failure: Failure
    var status: Int32
    var format: OutputFormat = .table

    /// Prints it to standard error, as PostgreSQL prints its own, or as one JSON object.
    func report() {
        guard format != .json else {
            let document = FailureDocument(failure: failure)
            return Terminal.note((try? JSON.text(document, .oneLine)) ?? "{}")
        }
        let node = failure.node.map { "node \"\($0)\": " } ?? ""
        Terminal.note("pgdr: \(node)\(failure.message)")
        if let detail = failure.detail { Terminal.note("DETAIL: \(detail)") }
        if let hint = failure.hint { Terminal.note("HINT: \(hint)") }
    }
}

/// A failure as JSON.
struct FailureDocument: Encodable {
    var failure: Failure

    enum CodingKeys: String, CodingKey { case code, message, detail, hint, node }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(failure.code.rawValue, forKey: .code)
        try container.encode(failure.message, forKey: .message)
        try container.encode(failure.detail, forKey: .detail)
        try container.encode(failure.hint, forKey: .hint)
        try container.encode(failure.node, forKey: .node)
    }
}
