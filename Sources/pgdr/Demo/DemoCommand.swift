#if os(Linux)
    import ArgumentParser
    import Configuration
    import Essentials
    import Lab
    import Observation
    import Replication

    struct DemoCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "demo",
            abstract: "Show pgdr at work on three real servers on this machine, and take them down again.",
            discussion: """
                pgdr demo

                Makes a primary, a DR standby and a replica, writes to the primary,
                pauses replay on the DR standby so that lag appears, resumes it so that
                it vanishes, and removes everything. Takes about 5 seconds.
                """)

        @Option(
            help: ArgumentHelp("PostgreSQL's programs; default: the newest that are installed.", valueName: "dir"),
            completion: .directory)
        var postgresBin: String?

        @Flag(help: "Leave the servers running at the end.")
        var keep = false

        func run() async throws {
            let options = LabOptions(directory: Lab.temporaryDirectory(), postgresBin: postgresBin)
            let keep = keep
            do {
                try await Interruption.untilInterrupted {
                    say("Making a primary, a DR standby and a replica …")
                    guard keep else {
                        try await Lab.with(options) { lab in try await Demonstration(lab: lab).run() }
                        return say("Everything is taken down again.")
                    }
                    let lab = try await Lab.up(options)
                    try await Demonstration(lab: lab).run()
                    say("The servers are left running: PGDR_CONFIG=\(lab.configurationFile) pgdr status --watch")
                }
            } catch let failure as Failure {
                throw CommandFailure(failure: failure, status: ExitStatus.action(failure))
            }
        }
    }

    /// What the demo shows once the servers run.
    private struct Demonstration {
        let lab: Lab

        func run() async throws {
            let file = try ConfigurationFile.load(path: lab.configurationFile)
            let survey = Survey([try file.cluster(named: nil)])
            try await show(survey, "pgdr status: all standbys are level.")

            let dr = try lab.node("dr")
            say("Pausing replay on dr and writing 3000 rows to the primary …")
            try await dr.psql("SELECT pg_wal_replay_pause()")
            try await LabLoad(node: lab.primary, rowsPerSecond: 1000, duration: .seconds(3)).run()
            try await show(
                survey, "dr has received everything, so that losing the primary would lose nothing; but it lags.")

            say("Resuming replay on dr …")
            try await dr.psql("SELECT pg_wal_replay_resume()")
            let deadline = Deadline.after(.seconds(20))
            while await survey.reports(sample: nil).first?.node("dr")?.lag?.replay.bytes != 0 {
                guard await ReadinessLoop.shared.sleep(until: min(deadline, .after(.milliseconds(100)))) != .cancelled,
                    !deadline.hasPassed
                else { throw Failure(.timeout, "standby \"dr\" did not catch up within 20 s", node: "dr") }
            }
            try await show(survey, "The lag has vanished.")
        }

        private func show(_ survey: Survey, _ title: String) async throws {
            try Task.checkCancellation()
            say(title)
            let style = Style(hasColours: Terminal.hasColours)
            Terminal.print("\n" + StatusTable(style: style).text(await survey.reports(sample: nil)) + "\n")
        }
    }

    private func say(_ text: String) { Terminal.print("— \(text)") }
#endif
