import ArgumentParser

struct DrillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Measure what clients see of a role change; open a standby or a copy to see that it can live.",
        discussion: """
            pgdr drill probe
            pgdr drill snapshot dr
            pgdr drill clone dr
            """,
        subcommands: [DrillProbeCommand.self, DrillSnapshotCommand.self, DrillCloneCommand.self])

    func run() throws { throw MissingSubcommand(Self.self) }
}
