internal import Audit
internal import Configuration
package import Essentials
internal import Hosts
internal import Observation
internal import Postgres
internal import Replication
internal import SQLFiles
internal import SSH

extension RunSessions {
    /// Asks all servers and hosts at once for what a plan is made from.
    ///
    /// What can't be asked is missing in the answer, with the reason; only planning knows whether it's needed.
    /// - Parameter run: the identifier of the run to be.
    package func gather(
        for definition: RunbookDefinition, given: [String: String], run: String, hosts asking: HostAsking = .now,
        until deadline: Deadline
    ) async -> PlanningFacts {
        async let snapshot = round(until: deadline)
        let soon = asking.keptWithin == nil ? deadline : min(deadline, .after(cluster.timeout))
        async let hosts = hostFacts(asking, until: soon)
        let (facts, problems) = await hosts
        var planning = PlanningFacts(
            cluster: cluster, snapshot: await snapshot, hosts: facts, hostProblems: problems, replication: nil, run: run
        )
        planning.observer = Actor.hostName()
        planning.hasEstate = estate != nil
        planning.replication = await replicationSettings(planning, until: deadline)
        let actions = Set(definition.steps.map(\.action.keyword))
        if actions.contains("basebackup") { await addSizes(to: &planning, until: deadline) }
        if actions.contains("start_apart") { await addSuperusers(to: &planning, until: deadline) }
        for step in definition.steps where step.action.keyword == "sql_apart" {
            guard let planner = try? Planner(definition, given: given, facts: planning),
                let path = try? planner.argument("file", of: step.action), !path.isEmpty
            else { continue }
            planning.texts[path] = Self.text(of: path)
        }
        for question in definition.questions where question.call.keyword == "rejoin_method" {
            // Its arguments may be answers to the questions before it.
            guard var planner = try? Planner(definition, given: given, facts: planning) else { continue }
            planner.answerWhatCanBe(before: question.name)
            guard let node = try? planner.node("node", of: question.call),
                let primary = try? planner.node("primary", of: question.call)
            else { continue }
            do throws(Failure) {
                planning.rejoining[node] = try await rejoinFacts(node, primary, planning, until: deadline)
            } catch {
                planning.hostProblems[node] = planning.hostProblems[node] ?? error
            }
        }
        return planning
    }

    private func hostFacts(
        _ asking: HostAsking, until deadline: Deadline
    ) async -> ([String: HostFacts], [String: Failure]) {
        await withTaskGroup(of: (String, Result<HostFacts, Failure>).self) { group in
            for node in cluster.nodes where node.ssh != nil {
                group.addTask {
                    let found = await outcome { () throws(Failure) in
                        try await self.facts(of: node.name, asking, until: deadline)
                    }
                    return (node.name, found)
                }
            }
            var facts: [String: HostFacts] = [:]
            var problems: [String: Failure] = [:]
            for await (name, result) in group {
                switch result {
                case .success(let found): facts[name] = found
                case .failure(let failure): problems[name] = failure
                }
            }
            return (facts, problems)
        }
    }

    /// How standbys log in to their upstream: as configured, else as one of them does now.
    private func replicationSettings(
        _ facts: PlanningFacts, until deadline: Deadline
    ) async -> ConnectionString? {
        if let configured = cluster.replication { return configured }
        for standby in facts.standbys {
            let values = try? await values(
                "SELECT current_setting('primary_conninfo', true) AS conninfo", on: standby, until: deadline)
            // Its text leaves out a password: where that was the only way in, the login that is tried before anything
            // is done shows it.
            guard let text = values?["conninfo"], !text.isEmpty, let connection = try? ConnectionString(text),
                let bare = try? ConnectionString(connection.description)
            else { continue }
            return bare
        }
        return nil
    }

    private func addSuperusers(to facts: inout PlanningFacts, until deadline: Deadline) async {
        for node in facts.snapshot.nodes where node.snapshot != nil {
            // The one that initdb made always has this number.
            let values = try? await values(
                "SELECT rolname FROM pg_roles WHERE oid = 10", on: node.name, until: deadline)
            facts.superusers[node.name] = values?["rolname"]
        }
    }

    private static func text(of path: String) -> Result<String, Failure> {
        do throws(Failure) { return .success(try FileContent.read(path).text) } catch {
            return .failure(Failure(.refused, "could not read \"\(path)\"", detail: error.text))
        }
    }

    private func addSizes(to facts: inout PlanningFacts, until deadline: Deadline) async {
        for node in facts.snapshot.nodes where node.snapshot != nil {
            let values = try? await values(
                "SELECT (SELECT sum(pg_database_size(oid)) FROM pg_database)::bigint AS size, "
                    + "COALESCE((SELECT string_agg(path, E'\\n') FROM (SELECT pg_tablespace_location(oid) AS path "
                    + "FROM pg_tablespace) AS t WHERE path <> ''), '') AS tablespaces",
                on: node.name, until: deadline)
            facts.sizes[node.name] = values?["size"].flatMap { UInt64($0) }
            facts.tablespaces[node.name] = values?["tablespaces"].map { text in
                text.split(separator: "\n").map(String.init)
            }
        }
    }

    private func rejoinFacts(
        _ name: String, _ primary: String, _ facts: PlanningFacts, until deadline: Deadline
    ) async throws(Failure) -> RejoinFacts {
        guard let source = facts.snapshot.node(primary)?.snapshot, let timeline = source.currentTimeline else {
            throw Failure(.refused, "node \"\(primary)\" does not answer", node: primary)
        }
        let command = try facts.controlData(name)
        let result = try await run(command, in: .shared, until: deadline)
        guard result.succeeded else {
            throw Failure(.command, "could not read the control file", detail: result.summary, node: name)
        }
        let control = try ControlData(parsing: result.outputText, errors: result.errorText)
        let own = facts.snapshot.node(name)?.snapshot
        let restoreCommand = try? await values(
            "SELECT current_setting('restore_command', true) AS command", on: primary, until: deadline)["command"]
        var found = RejoinFacts(
            primarySystem: source.systemIdentifier, system: control.systemIdentifier,
            timeline: own?.currentTimeline
                ?? max(control.timeline, control.minimumRecoveryEndTimeline ?? control.timeline),
            endOfWAL: nil, wasShutDown: control.state.isClean,
            streams: own?.inRecovery == true && own?.isStreaming == true && own?.currentTimeline == timeline,
            primaryTimeline: timeline, primaryHistory: await history(of: primary, timeline, until: deadline),
            canTellPages: control.canBeRewound,
            hasRewind: (try? facts.toolbox(name).command("pg_rewind", [])) != nil
                && facts.hosts[name]?.programs?.path(of: "pg_rewind") != nil,
            hasRestoreCommand: restoreCommand.map { !$0.isEmpty } ?? false, segmentSize: control.segmentSize)
        found.runsAsPrimary = own?.inRecovery == false
        let data = try await dataMarks(name, found.timeline, facts, until: deadline)
        found.history = data.history
        found.wasPrimary = ControlData.State.ofPrimaries.contains(control.state) && data.isPrimarys
        found.endOfWAL = await endOfWAL(name, control, own, fork: found.fork, found.timeline, facts, until: deadline)
        if let end = found.endOfWAL {
            found.isWALThere = await has(end, size: control.segmentSize, on: primary, until: deadline)
        }
        found.primaryPosition =
            (try? await values(
                "SELECT pg_current_wal_lsn() AS position", on: primary, until: deadline)["position"])
            .flatMap { try? LSN(parsing: $0) }
        return found
    }

    /// What a data directory tells beside its control file.
    struct DataMarks {
        var history: TimelineHistory?
        /// Whether it is a copy that was never started.
        var isCopy = false
        var isMarked = false
        var wasFencedAsPrimary = false

        /// Whether it is that of a primary, as far as its control file doesn't tell otherwise.
        ///
        /// A copy's control file still says what the server that was copied did; a fence is left on a primary too.
        var isPrimarys: Bool { !isCopy && (!isMarked || wasFencedAsPrimary) }
    }

    func dataMarks(
        _ name: String, _ timeline: Timeline, _ facts: PlanningFacts, until deadline: Deadline
    ) async throws(Failure) -> DataMarks {
        let command = try facts.remote(
            name,
            HostCommand(
                [
                    "sh", "-c", RunScript.lookIntoData.text, "pgdr-\(RunScript.lookIntoData.name)",
                    facts.dataDirectory(name), WALSegment.historyFileName(of: timeline),
                ], as: .server))
        let result = try await run(command, in: .shared, until: deadline)
        guard result.succeeded else {
            throw Failure(.command, "could not look into the data directory", detail: result.summary, node: name)
        }
        var found = DataMarks()
        let lines = result.outputText.split(separator: "\n", omittingEmptySubsequences: false)
        let words = (lines.first ?? "").split(separator: " ")
        found.isCopy = words.contains("copy")
        found.isMarked = words.contains("standby")
        found.wasFencedAsPrimary = words.contains("fenced-primary")
        if words.contains("history") {
            found.history = try? TimelineHistory(parsing: lines.dropFirst().joined(separator: "\n"), of: timeline)
        }
        return found
    }

    /// A position behind the start of the last record that the node would replay by itself; nil when it can't be found.
    func endOfWAL(
        _ name: String, _ control: ControlData, _ own: NodeSnapshot?, fork: LSN?, _ timeline: Timeline,
        _ facts: PlanningFacts, until deadline: Deadline
    ) async -> LSN? {
        if let own { return own.inRecovery ? own.endOfWAL : own.currentLSN }
        // A primary's last record is its shutdown checkpoint.
        if control.state == .shutDown { return control.checkpoint.advanced(by: 1) }
        // What a standby received and didn't replay, and what a crashed server wrote, only the WAL itself tells. Near the
        // fork there is less to read than from the last checkpoint on.
        let nearFork = fork.map { LSN(rawValue: $0.rawValue > 65_536 ? $0.rawValue - 65_536 : 1) }
        let directory = "\((try? facts.dataDirectory(name)) ?? "")/pg_wal"
        // Without an end pg_waldump looks for the next file for five seconds where there is none.
        guard let end = await lastSegment(of: name, in: directory, timeline, control, facts, until: deadline) else {
            return nil
        }
        for start in [nearFork, control.redo] {
            guard let start, start >= control.redo, start < end else { continue }
            let arguments: [Toolbox.Argument] = [
                "-p", .path(directory), "-t", .word("\(timeline)"), "-s", .word("\(start)"), "-e", .word("\(end)"),
            ]
            guard let words = try? facts.toolbox(name).command("pg_waldump", arguments).words,
                let command = try? facts.remote(
                    name, HostCommand(["sh", "-c", "\"$@\" 2>/dev/null | tail -n 1", "pgdr"] + words)),
                let result = try? await run(command, in: .shared, until: deadline), result.succeeded,
                let place = result.outputText.firstRange(of: "lsn: ")
            else { continue }
            let text = result.outputText[place.upperBound...].prefix { $0 != "," }
            if let last = try? LSN(parsing: String(text)) { return last.advanced(by: 1) }
        }
        return nil
    }

    /// The position behind the last segment file of a timeline.
    private func lastSegment(
        of name: String, in directory: String, _ timeline: Timeline, _ control: ControlData, _ facts: PlanningFacts,
        until deadline: Deadline
    ) async -> LSN? {
        guard let command = try? facts.remote(name, HostCommand(["ls", directory])),
            let result = try? await run(command, in: .shared, until: deadline), result.succeeded
        else { return nil }
        let segments = result.outputText.split(separator: "\n").compactMap {
            WALSegment(name: String($0), size: control.segmentSize)
        }
        return segments.filter { $0.timeline == timeline }.max { $0.number < $1.number }?.start
            .advanced(by: control.segmentSize)
    }

    /// Whether a server still has the WAL from a position on.
    private func has(
        _ position: LSN, size: UInt64, on name: String, until deadline: Deadline
    ) async -> Bool? {
        // The names of one segment on several timelines end alike.
        guard let segment = WALSegment(containing: position, on: Timeline(rawValue: 1), size: size)?.name else {
            return nil
        }
        let answer = try? await values(
            "SELECT count(*) > 0 AS has FROM pg_ls_waldir() WHERE substr(name, 9) = $1", [String(segment.dropFirst(8))],
            on: name, until: deadline)["has"]
        return answer.map { $0 == "t" }
    }

    private func history(
        of primary: String, _ timeline: Timeline, until deadline: Deadline
    ) async -> TimelineHistory? {
        guard let result = try? await query(SQLFile.timelineHistory, on: primary, until: deadline) else { return nil }
        for row in result.rows {
            guard let number = try? row.integer("timeline"), number == Int64(timeline.rawValue),
                let content = try? row.text("content")
            else { continue }
            return try? TimelineHistory(parsing: content, of: timeline)
        }
        return nil
    }

    /// Asks what must hold before a plan may run.
    package func answered(_ plan: Plan, until deadline: Deadline) async -> Plan {
        var plan = plan
        await withTaskGroup(of: (Int, ProbeResult).self) { group in
            for (index, requirement) in plan.requirements.enumerated() {
                group.addTask { (index, await self.ask(requirement.probe, until: deadline)) }
            }
            for await (index, result) in group { plan.requirements[index].result = result }
        }
        return plan
    }
}
