#if os(Linux)
    import ArgumentParser
    import Essentials
    import Lab
    import Replication

    struct LabLoadCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "load",
            abstract: "Write to a server of the lab for a while, a row a transaction.",
            discussion: """
                pgdr lab load --rate 500 --duration 1min
                """)

        @OptionGroup var lab: LabDirectoryOption

        @Option(help: ArgumentHelp("Rows a second.", valueName: "rows"))
        var rate = 100

        @Option(help: TimeSpan.help("How long."))
        var duration = TimeSpan(.seconds(30))

        @Option(help: "The node to write to; it must be primary.")
        var node = "primary"

        func validate() throws {
            guard (1...100_000).contains(rate) else { throw ValidationError("--rate must be between 1 and 100000.") }
            try duration.requirePositive("--duration")
        }

        func run() async throws {
            let target: LabNode
            do { target = try Lab.open(lab.dir).node(node) } catch {
                throw CommandFailure(failure: error, status: ExitStatus.refused)
            }
            do {
                let load = LabLoad(node: target, rowsPerSecond: rate, duration: duration.duration)
                let total = duration.duration.seconds
                let result = try await Interruption.untilInterrupted {
                    try await load.run { progress in
                        Progress.show(progress.elapsed.seconds / total, "\(progress.acknowledged) rows")
                    }
                }
                Terminal.print(
                    "\(result.acknowledged) rows acknowledged in \(Quantity.seconds(result.elapsed.seconds))")
            } catch let failure as Failure {
                throw CommandFailure(failure: failure, status: ExitStatus.partWay)
            }
        }
    }
#endif
