import ArgumentParser

struct DrillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill", abstract: "Measure what clients see of a role change.",
        discussion: """
            pgdr drill probe
            """,
        subcommands: [DrillProbeCommand.self])

    func run() throws { throw MissingSubcommand(Self.self) }
}
