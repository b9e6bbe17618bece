import ArgumentParser
import Configuration
import Essentials
import RunbookEngine

struct RunbooksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runbooks",
        abstract: "List, show, export and check runbooks.",
        discussion: """
            pgdr runbooks list
            pgdr runbooks show switchover
            pgdr runbooks export DIRECTORY    the built-in ones, to read or to change
            pgdr runbooks validate FILE       keywords, arguments and names of one of your own

            A file in the configuration's "runbooks" directory wins over a built-in one of its name.
            """,
        subcommands: [List.self, Show.self, Export.self, Validate.self])

    func run() throws { throw MissingSubcommand(Self.self) }

    /// The runbooks of the configuration, or the built-in ones where there is none.
    static func library(_ clusters: ClusterOptions) throws(Failure) -> RunbookLibrary {
        if clusters.config == nil, !clusters.isConfigured { return try RunbookLibrary(directory: nil) }
        return try RunbookLibrary(directory: clusters.load().runbooks)
    }

    /// Runs a body, its failures with the exit status of actions.
    static func reporting(_ body: () throws -> Void) throws {
        do { try body() } catch let failure as Failure {
            throw CommandFailure(failure: failure, status: ExitStatus.beforeAnything(failure))
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the runbooks.", discussion: "pgdr runbooks list --format json")

        @OptionGroup var clusters: ClusterOptions

        @Option(help: "How the result is printed.")
        var format: DocumentFormat = .table

        func run() throws {
            try RunbooksCommand.reporting {
                let library = try RunbooksCommand.library(clusters)
                var definitions: [RunbookDefinition] = []
                for source in library.sources { definitions.append(try library.definition(named: source.name)) }
                switch format {
                case .json: Terminal.print(try JSON.text(RunbooksDocument(definitions, library)))
                case .table: Terminal.print(RunbooksText.table(definitions, library))
                }
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a runbook: what it takes, then its text.",
            discussion: "pgdr runbooks show switchover")

        @OptionGroup var clusters: ClusterOptions

        @Argument(help: "The runbook.")
        var name: String

        func run() throws {
            try RunbooksCommand.reporting {
                Terminal.print(RunbooksText.page(try RunbooksCommand.library(clusters).definition(named: name)))
            }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Write the built-in runbooks into a directory; files that are there already are left alone.",
            discussion: "pgdr runbooks export ./runbooks")

        @Argument(help: "The directory; made if it is missing.")
        var directory: String

        func run() throws {
            try RunbooksCommand.reporting {
                for path in try RunbookLibrary(directory: nil).export(to: directory) { Terminal.print(path) }
            }
        }
    }

    struct Validate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "validate",
            abstract: "Check the text of runbooks; errors name file, line and column.",
            discussion: "pgdr runbooks validate runbooks/*.yaml")

        @Argument(help: "The files.", completion: .file(extensions: ["yaml", "yml"]))
        var files: [String]

        func run() throws {
            try RunbooksCommand.reporting {
                for file in files {
                    let definition = try RunbookLibrary.read(file)
                    let count = definition.steps.count
                    Terminal.print("\(file): \(count) \(count == 1 ? "step" : "steps")")
                }
            }
        }
    }
}
