import ArgumentParser

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Look at the configuration file.",
        discussion: """
            pgdr config check
            """,
        subcommands: [ConfigCheckCommand.self])

    func run() throws { throw MissingSubcommand(Self.self) }
}
