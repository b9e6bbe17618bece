#if os(Linux)
    import ArgumentParser

    struct LabCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "lab",
            abstract: "A throw-away cluster of real PostgreSQL servers on this machine.",
            discussion: """
                pgdr lab up
                PGDR_CONFIG=/tmp/pgdr-lab/pgdr.yaml pgdr status
                pgdr lab down
                """,
            subcommands: [LabUpCommand.self, LabStatusCommand.self, LabLoadCommand.self, LabDownCommand.self])

        func run() throws { throw MissingSubcommand(Self.self) }

        /// Where the lab lies if nothing else is said.
        static let defaultDirectory = "/tmp/pgdr-lab"
    }

    /// Which lab a command is about.
    struct LabDirectoryOption: ParsableArguments {
        @Option(name: [.customShort("D"), .long], help: "The lab's directory.", completion: .directory)
        var dir = LabCommand.defaultDirectory
    }
#endif
