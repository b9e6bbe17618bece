#if os(Linux)
    import ArgumentParser
    import Essentials
    import Lab

    struct LabUpCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "up",
            abstract: "Make a primary and standbys, and start them.",
            discussion: """
                pgdr lab up
                pgdr lab up --dir /tmp/other --nodes 5
                pgdr lab up --postgres-bin /usr/lib/postgresql/17/bin
                pgdr lab up --dr-in-container

                As root the servers run as the user postgres. Needs PostgreSQL's
                programs and OpenSSH's server.
                """)

        @OptionGroup var lab: LabDirectoryOption

        @Option(help: ArgumentHelp("How many servers, the primary included.", valueName: "number"))
        var nodes = 3

        @Option(
            help: ArgumentHelp("PostgreSQL's programs; default: the newest that are installed.", valueName: "dir"),
            completion: .directory)
        var postgresBin: String?

        @Option(help: "The port of all servers; default: one that is free.")
        var port: Int?

        @Flag(help: "Run the server of node \"dr\" in a podman container; needs root.")
        var drInContainer = false

        func validate() throws {
            guard (1...LabOptions.mostStandbys + 1).contains(nodes) else {
                throw ValidationError("--nodes must be between 1 and \(LabOptions.mostStandbys + 1).")
            }
            if drInContainer, nodes < 2 { throw ValidationError("--dr-in-container needs --nodes 2 at least.") }
            if let port, !(1024...65_535).contains(port) {
                throw ValidationError("--port must be between 1024 and 65535.")
            }
        }

        func run() async throws {
            let options = LabOptions(
                directory: lab.dir, standbys: nodes - 1, postgresBin: postgresBin, port: port,
                drInContainer: drInContainer ? .no : nil)
            do {
                let lab = try await Interruption.untilInterrupted { try await Lab.up(options) }
                Terminal.print(LabTable(rows: lab.status()).text)
                Terminal.note("Next: PGDR_CONFIG=\(lab.configurationFile) pgdr status")
            } catch let failure as Failure {
                throw CommandFailure(failure: failure, status: ExitStatus.action(failure))
            }
        }
    }
#endif
