import ArgumentParser
import Configuration
import Essentials
import RunbookEngine
import SSH

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a run that was stopped, failed part-way or was cut off.",
        discussion: """
            pgdr resume 20261125-031502-abcd

            What was begun is looked at before anything is done again. Of a step that can't be looked at a person has
            to say whether it was done: with --done, or with --repeat, which does it again.
            The cluster may have gone on without the run: a node that gives no answer, and whose host
            doesn't prove its server stopped, may be the primary by now. --accept-silent takes that risk.

            Exit status: as of pgdr run.
            """)

    @OptionGroup var clusters: ClusterOptions
    @OptionGroup var running: RunningOptions

    @Argument(help: "The run; see pgdr runs.")
    var run: String

    @Option(parsing: .singleValue, help: ArgumentHelp("A step that was done.", valueName: "step"))
    var done: [String] = []

    @Option(
        name: .customLong("repeat"), parsing: .singleValue, help: ArgumentHelp("A step to do again.", valueName: "step")
    )
    var again: [String] = []

    @Flag(help: "Go on although a node gives no answer, which may be the primary.")
    var acceptSilent = false

    func validate() throws {
        if let both = done.first(where: again.contains) {
            throw ValidationError("\(both) is done or done again, not both.")
        }
    }

    func run() async throws {
        try await running.reporting {
            let file = try clusters.load()
            let desk = try RunDesk(
                try file.cluster(named: clusters.cluster), of: file, secrets: .fromTerminal)
            let verdicts = done.map { ($0, StepVerdict.done) } + again.map { ($0, StepVerdict.again) }
            let said = Dictionary(verdicts) { first, _ in first }
            return try await running.conduct(run, try desk.run(run).plan, at: desk) { attendant throws(Failure) in
                try await desk.resume(run, said, acceptsSilence: acceptSilent, attendant)
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

            pgdr abort 20261125-031502-abcd --leave

            Refused beyond the run's point of no return: from there on it can only be resumed.
            With --leave nothing is taken back: the run ends as it stands, for when its nodes
            are gone and another runbook is needed; what it left half done is yours then.

            Exit status: 2 taken back, 1 refused, 3 not all of it could be taken back;
            0 left.
            """)

    @OptionGroup var clusters: ClusterOptions
    @OptionGroup var running: RunningOptions

    @Flag(help: "Take nothing back: the run ends as it stands.")
    var leave = false

    @Flag(help: "Take it back although a node gives no answer, which may be the primary.")
    var acceptSilent = false

    @Argument(help: "The run; see pgdr runs.")
    var run: String

    func run() async throws {
        try await running.reporting {
            let file = try clusters.load()
            let desk = try RunDesk(
                try file.cluster(named: clusters.cluster), of: file, secrets: .fromTerminal)
            if leave {
                try desk.leave(run)
                Terminal.note("Run \(run) is left as it stands.")
                return running.reports.write(run, of: desk.cluster, in: desk.auditDirectory, after: 0)
            }
            return try await running.conduct(run, try desk.run(run).plan, at: desk) { attendant throws(Failure) in
                try await desk.abort(run, acceptsSilence: acceptSilent, attendant)
            }
        }
    }
}
