import ArgumentParser

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Read the log of all that pgdr did, and prove that it is whole.",
        discussion: """
            pgdr audit show --since 2h
            pgdr audit verify
            pgdr audit export --output audit.jsonl
            """,
        subcommands: [AuditShowCommand.self, AuditVerifyCommand.self, AuditExportCommand.self])

    func run() throws { throw MissingSubcommand(Self.self) }
}
