import ArgumentParser

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The command line: parses, calls one library function, prints what it returned.
@main
struct Pgdr: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pgdr",
        abstract: "Shows how far PostgreSQL standbys are behind, and moves the primary role safely.",
        discussion: """
            Without a configuration:
              pgdr demo            three real servers, their lag, and their end
              pgdr init CONNINFO   writes a configuration from one of your nodes

            With one:
              pgdr status          how far each standby is behind
              pgdr status --watch  the same, again and again
              pgdr check dr        may this node be promoted now?
              pgdr ssh check       can pgdr act on the hosts?
              pgdr run switchover dr --plan    what a switchover would do
              pgdr runs            what was run, and what is unfinished
              pgdr report RUN      what happened, what it cost, what remains
              pgdr estate check    does all that needs the databases see them?
              pgdr drill probe     what an application sees of all that

            Exit status of status and checks:
              0 ok, 1 warning, 2 critical, 3 unknown
            Exit status of other commands:
              0 done, 1 refused, 2 failed and undone, 3 failed part-way
            Either way 64 when the command line isn't understood.
            """,
        version: Version.text,
        subcommands: subcommands)

    private static var subcommands: [any ParsableCommand.Type] {
        #if os(Linux)
            [
                StatusCommand.self, CheckCommand.self, RunCommand.self, RunsCommand.self, ResumeCommand.self,
                AbortCommand.self, FailoverCommand.self, MonitorCommand.self, ExplainCommand.self, ReportCommand.self,
                PauseCommand.self, UnpauseCommand.self, DrillCommand.self, EstateCommand.self, RunbooksCommand.self,
                AuditCommand.self,
                SSHCommand.self,
                InitCommand.self, ConfigCommand.self, LabCommand.self, DemoCommand.self,
            ]
        #else
            [
                StatusCommand.self, CheckCommand.self, RunCommand.self, RunsCommand.self, ResumeCommand.self,
                AbortCommand.self, FailoverCommand.self, MonitorCommand.self, ExplainCommand.self, ReportCommand.self,
                PauseCommand.self, UnpauseCommand.self, DrillCommand.self, EstateCommand.self, RunbooksCommand.self,
                AuditCommand.self,
                SSHCommand.self,
                InitCommand.self, ConfigCommand.self,
            ]
        #endif
    }

    static let _errorLabel = "pgdr"

    func run() throws { throw MissingSubcommand(Self.self) }

    /// Not on the main actor, so that neither start nor end waits for a thread that only changes actors.
    nonisolated static func main() async {
        Descriptors.prepare()
        do {
            var command = try parseAsRoot(LeadingOptions.moved(Array(CommandLine.arguments.dropFirst())))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            // All is written; the farewells of thirty libraries would only take time.
            _exit(EXIT_SUCCESS)
        } catch let failure as CommandFailure {
            failure.report()
            exit(withError: ExitCode(failure.status))
        } catch let missing as MissingSubcommand {
            Terminal.note(missing.help)
            exit(withError: ExitCode(ExitStatus.usage))
        } catch {
            if let code = error as? ExitCode { _exit(code.rawValue) }
            let status = exitCode(for: error)
            guard status == .validationFailure else { exit(withError: error) }
            Terminal.note(MisplacedSecrets(CommandLine.arguments).removed(from: fullMessage(for: error)))
            exit(withError: status)
        }
    }
}
