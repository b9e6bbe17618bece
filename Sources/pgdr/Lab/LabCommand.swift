#if os(Linux)
    import ArgumentParser
    import Essentials
    import Lab

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

    struct LabUpCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "up",
            abstract: "Make a primary and standbys, and start them.",
            discussion: """
                pgdr lab up
                pgdr lab up --dir /tmp/other --nodes 5
                pgdr lab up --postgres-bin /usr/lib/postgresql/17/bin

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

        func validate() throws {
            guard (1...LabOptions.mostStandbys + 1).contains(nodes) else {
                throw ValidationError("--nodes must be between 1 and \(LabOptions.mostStandbys + 1).")
            }
            if let port, !(1024...65_535).contains(port) {
                throw ValidationError("--port must be between 1024 and 65535.")
            }
        }

        func run() async throws {
            let options = LabOptions(directory: lab.dir, standbys: nodes - 1, postgresBin: postgresBin, port: port)
            do {
                let lab = try await Interruption.untilInterrupted { try await Lab.up(options) }
                Terminal.print(LabTable(rows: lab.status()).text)
                Terminal.note("Next: PGDR_CONFIG=\(lab.configurationFile) pgdr status")
            } catch let failure as Failure {
                throw CommandFailure(failure: failure, status: ExitStatus.action(failure))
            }
        }
    }

    struct LabStatusCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Show which servers of the lab run.",
            discussion: """
                pgdr lab status
                pgdr lab status --dir /tmp/other --format json
                """)

        @OptionGroup var lab: LabDirectoryOption

        @Option(help: "How the result is printed.")
        var format: DocumentFormat = .table

        func run() throws {
            do {
                let rows = try Lab.open(lab.dir).status()
                Terminal.print(format == .json ? try JSON.text(LabDocument(rows: rows)) : LabTable(rows: rows).text)
            } catch let failure as Failure {
                throw CommandFailure(failure: failure, status: ExitStatus.refused, format: format.ofFailure)
            }
        }
    }

    struct LabDownCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "down", abstract: "Stop all servers of the lab and remove its directory.",
            discussion: """
                pgdr lab down
                pgdr lab down --dir /tmp/other

                Works whatever state the lab is in, and removes nothing that isn't a
                lab.
                """)

        @OptionGroup var lab: LabDirectoryOption

        func run() async throws {
            do {
                switch try await Lab.down(lab.dir) {
                case .removed: Terminal.note("The lab in \(lab.dir) is gone.")
                case .nothing: Terminal.note("There is no lab in \(lab.dir).")
                }
            } catch {
                throw CommandFailure(failure: error, status: ExitStatus.refused)
            }
        }
    }
#endif
