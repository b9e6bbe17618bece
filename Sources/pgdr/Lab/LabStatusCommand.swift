#if os(Linux)
    import ArgumentParser
    import Essentials
    import Lab

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
#endif
