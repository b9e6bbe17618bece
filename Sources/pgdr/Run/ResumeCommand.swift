import ArgumentParser
import Configuration
import Essentials
import RunbookEngine

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a run that was stopped, failed part-way or was cut off.",
        discussion: """
            pgdr resume 20261125-031502-abcd

            What was begun is looked at before anything is done again.

            Exit status: as of pgdr run.
            """)

    @OptionGroup var clusters: ClusterOptions
    @OptionGroup var running: RunningOptions

    @Argument(help: "The run; see pgdr runs.")
    var run: String

    func run() async throws {
        try await running.reporting {
            let file = try clusters.load()
            let desk = try RunDesk(try file.cluster(named: clusters.cluster), of: file)
            return try await running.conduct(run, try desk.run(run).plan) { attendant throws(Failure) in
                try await desk.resume(run, attendant)
            }
        }
    }
}

struct AbortCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort",
        abstract: "Take back a run that was stopped, failed part-way or was cut off.",
        discussion: """
            pgdr abort 20261125-031502-abcd

            Refused beyond the run's point of no return: from there on it can only be resumed.

            Exit status: 2 taken back, 1 refused, 3 not all of it could be taken back.
            """)

    @OptionGroup var clusters: ClusterOptions
    @OptionGroup var running: RunningOptions

    @Argument(help: "The run; see pgdr runs.")
    var run: String

    func run() async throws {
        try await running.reporting {
            let file = try clusters.load()
            let desk = try RunDesk(try file.cluster(named: clusters.cluster), of: file)
            return try await running.conduct(run, try desk.run(run).plan) { attendant throws(Failure) in
                try await desk.abort(run, attendant)
            }
        }
    }
}
