import ArgumentParser

struct SSHCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh", abstract: "Look at the way to the nodes' hosts, and trust their keys.",
        discussion: """
            pgdr ssh check           can pgdr act on every node?
            pgdr ssh trust dr        believe that host's key from now on
            """,
        subcommands: [SSHCheckCommand.self, SSHTrustCommand.self])

    func run() throws { throw MissingSubcommand(Self.self) }
}
