import ArgumentParser

struct DrillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill", abstract: "Practise, and prove what was practised.",
        discussion: """
            pgdr drill probe             what clients see, while anything happens
            pgdr drill switchover dr     the primary role to dr and back
            pgdr drill history
            """,
        subcommands: [DrillProbeCommand.self, DrillSwitchoverCommand.self, DrillHistoryCommand.self])

    func run() throws { throw MissingSubcommand(Self.self) }
}
