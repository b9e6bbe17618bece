import ArgumentParser

struct EstateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estate", abstract: "Check all that depends on the databases: does everything still see them?",
        discussion: """
            pgdr estate check              servers, services, pipelines
            pgdr estate report --output estate.html
            pgdr estate example            a configuration to begin with
            """,
        subcommands: [EstateCheckCommand.self, EstateReportCommand.self, EstateExampleCommand.self])

    func run() throws { throw MissingSubcommand(Self.self) }
}
