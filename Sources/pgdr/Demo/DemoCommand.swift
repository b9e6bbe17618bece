#if os(Linux)
    import ArgumentParser
    import Audit
    import Configuration
    import Drills
    import Essentials
    import Lab
    import Observation
    import Replication
    import Postgres
    import RunbookEngine

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    struct DemoCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "demo",
            abstract: "Show pgdr at work on three real servers on this machine, and take them down again.",
            discussion: """
                pgdr demo

                Makes a primary, a DR standby and a replica, writes to the primary,
                pauses replay on the DR standby so that lag appears, resumes it so that
                it vanishes; switches over to the DR standby and back while a client
                commits; kills the primary, which is replaced by itself, and brings it
                back; changes one line of the audit log, which is noticed, and removes
                everything. Takes about 15 seconds.
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
    struct Demonstration {
        let lab: Lab

        func run() async throws {
            let file = try ConfigurationFile.load(path: lab.configurationFile)
            let cluster = try file.cluster(named: nil)
            let survey = Survey([cluster])
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

            try await switchOver(to: "dr", cluster, file)
            try await show(survey, "dr is the primary, the old one its standby.")
            try await switchOver(to: "primary", cluster, file)
            try await loseThePrimary()
            try await show(survey, "The cluster is whole again.")
            try tamper(with: file.auditDirectory)
        }

        /// Switches over while a client commits each 10 ms.
        private func switchOver(to target: String, _ cluster: ClusterConfiguration, _ file: ConfigurationFile)
            async throws
        {
            try Task.checkCancellation()
            say("pgdr run switchover \(target) --yes, while a client commits every 10 ms …")
            let desk = try RunDesk(cluster, of: file)
            let (outcome, record) = try await probe().during {
                try await conduct(try await desk.propose("switchover", ["target": target]), at: desk)
            }
            guard case .done = outcome else { throw Failure(.lab, "the switchover did not succeed") }
            try await tell(record, on: target)
        }

        /// A client that commits each 10 ms.
        func probe() throws -> WriteProbe {
            WriteProbe(connections: try lab.nodes.map { try ConnectionString($0.connectionString(as: .superuser)) })
        }

        /// Carries out a plan before everybody's eyes.
        func conduct(_ proposal: RunDesk.Proposal, at desk: RunDesk) async throws -> RunOutcome {
            let view = RunView(plan: proposal.plan)
            let attendant = RunAttendant(told: { view.tell($0) }, confirms: { _ in true }, wantsStop: { false })
            return try await desk.run(proposal, attendant)
        }

        /// Says how long the client waited and what it misses on the new primary.
        /// - Returns: how many of the commits that it was told of are lost.
        @discardableResult
        func tell(_ record: WriteRecord, on primary: String) async throws -> Int {
            let connection = try ConnectionString(lab.node(primary).connectionString(as: .superuser))
            let lost = try await record.lost(on: connection, until: .after(.seconds(10)))
            let gap = record.longestGap.map { Int(($0.length.seconds * 1000).rounded()) } ?? 0
            say("The client's longest wait was \(gap) ms; of \(record.commits.count) commits \(lost.count) are lost.")
            return lost.count
        }

        /// Changes one letter in the middle of the log, as somebody would who wants to have been somebody else.
        private func tamper(with directory: String) throws {
            let text = AuditVerificationText(style: Style(hasColours: Terminal.hasColours))
            func report() throws -> AuditReport {
                AuditReport(
                    directory: directory, observer: AuditLog.observer(of: directory), given: [], stored: [],
                    verification: try verify(directory: directory))
            }
            say("pgdr audit verify: what was done is in the audit log.")
            Terminal.print("\n" + text.text(try report()) + "\n")
            let file = "\(directory)/audit-000001.jsonl"
            let log = try String(contentsOfFile: file, encoding: .utf8)
            try log.replacing("\"event\":\"step.done\"", with: "\"event\":\"step.skip\"", maxReplacements: 1).write(
                toFile: file, atomically: false, encoding: .utf8)
            say("Somebody changes one word in it. pgdr audit verify:")
            Terminal.print("\n" + text.text(try report()) + "\n")
        }

        private func show(_ survey: Survey, _ title: String) async throws {
            try Task.checkCancellation()
            say(title)
            let style = Style(hasColours: Terminal.hasColours)
            Terminal.print("\n" + StatusTable(style: style).text(await survey.reports(sample: nil)) + "\n")
        }
    }

    func say(_ text: String) { Terminal.print("— \(text)") }
#endif
