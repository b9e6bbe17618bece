import ArgumentParser

struct DrillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill", abstract: "Practise, and prove what was practised.",
        discussion: """
            pgdr drill probe             what clients see, while anything happens
            pgdr drill switchover dr     the primary role to dr and back
            pgdr drill snapshot dr       dr opened read-write, and made a standby again
            pgdr drill clone dr          a copy of dr, opened, checked and removed
            pgdr drill history
            """,
        subcommands: [
            DrillProbeCommand.self, DrillSwitchoverCommand.self, DrillSnapshotCommand.self, DrillCloneCommand.self,
            DrillHistoryCommand.self,
        ])

    func run() throws { throw MissingSubcommand(Self.self) }
}
