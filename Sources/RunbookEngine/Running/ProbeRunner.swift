internal import Configuration
package import Essentials
internal import Hosts
internal import Observation
internal import Postgres
internal import Replication
internal import SSH

extension RunSessions {
    /// Asks a probe once; nothing of it throws, since that something can't be told is an answer.
    package func ask(_ probe: Probe, until deadline: Deadline) async -> ProbeResult {
        // One server that stands still must not take all the time there is.
        let soon = min(deadline, .after(cluster.timeout))
        switch probe {
        case .statement(let statement): return await ask(statement, until: soon)
        case .command(let command, let expected): return await ask(command, expected, until: deadline)
        case .controlFile(let command, let state, let timeline):
            return await askControlFile(command, state, timeline, until: deadline)
        case .holdsAllWAL(let standby, let primary, let controlData):
            return await askWAL(of: standby, from: primary, controlData, until: deadline)
        case .streams(let node, let upstream, let applicationName):
            return await askStreaming(node, from: upstream, as: applicationName, until: soon)
        case .caughtUp(let node, let upstream, let limit):
            return await askCaughtUp(node, with: upstream, within: limit, until: soon)
        case .onlyPrimary(let node): return await askPrimaries(expected: [node], required: node, until: deadline)
        case .noPrimary(let expected, let acceptsSilence):
            return await askPrimaries(
                expected: expected, required: nil, acceptsSilence: acceptsSilence, until: deadline)
        case .allAnswer(let acceptsSilence): return await askAll(acceptsSilence: acceptsSilence, until: soon)
        case .promotable(let node, let passedOver):
            return await askPromotable(node, but: passedOver, until: deadline)
        case .ownsData(let node, let source, let command):
            return await askData(of: node, as: source, command, until: deadline)
        case .descends(let node): return await askDescent(node, until: deadline)
        case .canTakeOver(let node, let old, let isFenced):
            return await askTakeOver(node, from: old, isFenced: isFenced, until: deadline)
        case .mostAdvanced(let node, let limit, let former, let acceptsSilence):
            return await askMostAdvanced(
                node, within: limit, former: former, acceptsSilence: acceptsSilence, until: deadline)
        case .notPrimary(let node): return await askNotPrimary(node, until: deadline)
        case .notReplaced(let node): return await askReplaced(node, until: deadline)
        case .hasWAL(let node, let source): return await askWAL(of: source, on: node, until: soon)
        case .noOtherDecision(let ballot, let isAccepted):
            return await askDecisions(ballot, isAccepted: isAccepted, until: soon)
        case .spare(let node, let primary, let acceptsUncovered):
            return await askSpare(node, beside: primary, acceptsUncovered: acceptsUncovered, until: deadline)
        case .keepsWAL(let primary, let seconds, let disk):
            return await askRetention(of: primary, for: seconds, disk: disk, until: deadline)
        case .sameCluster(let node, let other): return await askSameCluster(node, other, until: deadline)
        case .all(let probes):
            var evidence: [String] = []
            for probe in probes {
                let result = await ask(probe, until: deadline)
                guard result.holds == true else { return result }
                evidence.append(result.evidence)
            }
            return ProbeResult(true, evidence.joined(separator: "; "))
        case .any(let probes):
            var results: [ProbeResult] = []
            for probe in probes {
                let result = await ask(probe, until: deadline)
                if result.holds == true { return result }
                results.append(result)
            }
            return ProbeResult(
                results.contains { $0.holds == nil } ? nil : false, results.map(\.evidence).joined(separator: "; "))
        case .known(let holds, let evidence): return ProbeResult(holds, evidence)
        }
    }

    private func ask(_ statement: Statement, until deadline: Deadline) async -> ProbeResult {
        do {
            let result = try await query(statement.sql, statement.parameters, on: statement.node, until: deadline)
            guard let row = result.rows.first, let column = result.columns.first, result.rows.count == 1 else {
                return ProbeResult(false, "\(statement.node): \(result.rows.count) rows")
            }
            let value = try row.text(column)
            return ProbeResult(
                value == (statement.expected ?? "t"),
                "\(statement.node): \(column) is \(value.map { "\"\($0)\"" } ?? "NULL")")
        } catch {
            return ProbeResult(nil, "\(statement.node): \(error.failure().text)")
        }
    }

    private func ask(_ command: RemoteCommand, _ expected: String?, until deadline: Deadline) async -> ProbeResult {
        do {
            let result = try await run(command, in: .shared, until: deadline)
            guard result.succeeded else { return ProbeResult(false, "\(command.node): \(result.summary)") }
            guard let expected else { return ProbeResult(true, "\(command.node): exit status 0") }
            let output = result.outputText.trimmed
            return ProbeResult(output == expected, "\(command.node): it printed \"\(output.prefix(200))\"")
        } catch {
            return ProbeResult(nil, "\(command.node): \(error.text)")
        }
    }

    private func askControlFile(
        _ command: RemoteCommand, _ state: String, _ timeline: UInt32?, until deadline: Deadline
    ) async -> ProbeResult {
        do throws(Failure) {
            let result = try await run(command, in: .shared, until: deadline)
            guard result.succeeded else {
                return ProbeResult(nil, "\(command.node): pg_controldata: \(result.summary)")
            }
            let control = try ControlData(parsing: result.outputText, errors: result.errorText)
            return ProbeResult(
                control.state.rawValue == state && timeline.map { control.timeline.rawValue == $0 } ?? true,
                "\(command.node): its control file says \"\(control.state.rawValue)\", timeline \(control.timeline)")
        } catch {
            return ProbeResult(nil, error.textWithNode)
        }
    }

    private func askWAL(
        of standby: String, from primary: String, _ command: RemoteCommand, until deadline: Deadline
    ) async -> ProbeResult {
        do {
            let result = try await run(command, in: .shared, until: deadline)
            guard result.succeeded else { return ProbeResult(nil, "\(primary): pg_controldata: \(result.summary)") }
            let control = try ControlData(parsing: result.outputText)
            guard control.state == .shutDown else {
                return ProbeResult(
                    false, "\(primary) was not shut down cleanly: its control file says \"\(control.state.rawValue)\"")
            }
            // Its files are looked at only when that is the last thing to know.
            let row = try await values(
                "SELECT replayed, system_identifier, CASE WHEN replayed > $1::pg_lsn THEN (SELECT max(left(name, 8)) "
                    + "FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$') END AS timeline "
                    + "FROM pg_control_system(), pg_last_wal_replay_lsn() AS replayed",
                ["\(control.checkpoint)"], on: standby, until: deadline)
            guard row["system_identifier"] == control.systemIdentifier.rawValue else {
                return ProbeResult(false, "\(standby) and \(primary) have different system identifiers")
            }
            guard let replayed = row["replayed"].flatMap({ try? LSN(parsing: $0) }) else {
                return ProbeResult(nil, "\(standby) has replayed nothing that could be compared")
            }
            // The record begins at the checkpoint's position and is replayed only when it is there in whole.
            let evidence =
                "\(primary)'s shutdown checkpoint is at \(control.checkpoint), \(standby) has replayed up to \(replayed)"
            guard replayed > control.checkpoint else { return ProbeResult(false, evidence) }
            let timeline = row["timeline"].flatMap { UInt32($0, radix: 16) }
            guard timeline == control.timeline.rawValue else {
                return ProbeResult(
                    false,
                    "\(primary) was shut down on timeline \(control.timeline), \(standby)'s WAL is of timeline "
                        + "\(timeline.map(String.init) ?? "unknown")")
            }
            return ProbeResult(true, evidence)
        } catch {
            return ProbeResult(nil, error.textWithNode)
        }
    }

    private func askData(
        of node: String, as source: String, _ command: RemoteCommand, until deadline: Deadline
    ) async -> ProbeResult {
        let theirs: String?
        do throws(Failure) {
            theirs = try await values(
                "SELECT system_identifier FROM pg_control_system()", on: source, until: deadline)["system_identifier"]
        } catch {
            return ProbeResult(nil, error.textWithNode)
        }
        guard let theirs else { return ProbeResult(nil, "\(source) gives no system identifier") }
        do throws(Failure) {
            let result = try await run(command, in: .shared, until: deadline)
            guard result.succeeded, let own = try? ControlData(parsing: result.outputText, errors: result.errorText)
            else {
                return ProbeResult(true, "\(node)'s control file can't be read: its data is damaged anyway")
            }
            let isSame = own.systemIdentifier.rawValue == theirs
            let wasPrimary: [ControlData.State] = [.shutDown, .shuttingDown, .inCrashRecovery, .inProduction]
            guard !isSame || !wasPrimary.contains(own.state) else {
                return ProbeResult(
                    false,
                    "\(node)'s control file says \"\(own.state.rawValue)\": it was a primary, and may have commits that "
                        + "nobody else has. The runbook \"rejoin\" keeps them")
            }
            return ProbeResult(
                isSame,
                isSame
                    ? "\(node)'s data has system identifier \(theirs)"
                    : "\(node)'s data is of another cluster: system identifier \(own.systemIdentifier), "
                        + "that of \(source) is \(theirs)")
        } catch {
            return ProbeResult(nil, error.textWithNode)
        }
    }

    private func askStreaming(
        _ node: String, from upstream: String, as applicationName: String, until deadline: Deadline
    ) async -> ProbeResult {
        do {
            let receiver = try await values(
                "SELECT COALESCE(status, 'absent') AS status, received_tli AS timeline, pg_is_in_recovery() AS standby "
                    + "FROM (VALUES (1)) AS one LEFT JOIN pg_stat_get_wal_receiver() ON true",
                on: node, until: deadline)
            guard receiver["standby"] == "t" else { return ProbeResult(false, "\(node) is no standby") }
            let status = receiver["status"] ?? "absent"
            guard status == "streaming" else { return ProbeResult(false, "\(node)'s walreceiver is \(status)") }
            let source = try await values(
                "SELECT count(*) > 0 AS known, CASE WHEN NOT pg_is_in_recovery() THEN "
                    + "('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint END AS timeline "
                    + "FROM pg_stat_replication WHERE application_name = $1 AND state = 'streaming'",
                [applicationName], on: upstream, until: deadline)
            // One that has diverged streams for a moment too, until its server sees that the WAL isn't its own.
            if let theirs = source["timeline"], let own = receiver["timeline"], theirs != own {
                return ProbeResult(false, "\(node) streams on timeline \(own), \(upstream) is on \(theirs)")
            }
            let isKnown = source["known"] == "t"
            return ProbeResult(
                isKnown,
                isKnown
                    ? "\(node) streams from \(upstream)" : "\(node) streams, but \(upstream) has no walsender for it")
        } catch {
            return ProbeResult(nil, error.textWithNode)
        }
    }

    private func askCaughtUp(
        _ node: String, with upstream: String, within limit: UInt64, until deadline: Deadline
    ) async -> ProbeResult {
        do {
            let written = try await values(
                "SELECT CASE WHEN pg_is_in_recovery() THEN GREATEST(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) "
                    + "ELSE pg_current_wal_lsn() END AS position", on: upstream, until: deadline)["position"]
            let replayed = try await values(
                "SELECT pg_last_wal_replay_lsn() AS position", on: node, until: deadline)["position"]
            guard let written = written.flatMap({ try? LSN(parsing: $0) }),
                let replayed = replayed.flatMap({ try? LSN(parsing: $0) })
            else { return ProbeResult(nil, "\(node) or \(upstream) gives no position") }
            let behind = written.bytesAhead(of: replayed)
            return ProbeResult(
                behind <= limit,
                "\(node) has replayed all but \(behind) bytes of \(upstream)'s WAL; the limit is \(limit)")
        } catch {
            return ProbeResult(nil, error.textWithNode)
        }
    }

    private func askPrimaries(
        expected: [String], required: String?, acceptsSilence: Bool = true, until deadline: Deadline
    ) async -> ProbeResult {
        let survey = await roleSurvey(until: min(deadline, .after(min(cluster.timeout, .seconds(2)))))
        let (primaries, silent) = (survey.primaries, survey.silent)
        let others = primaries.filter { !expected.contains($0) }
        guard others.isEmpty else { return ProbeResult(false, "\(others.joined(separator: ", ")) is a primary") }
        if let required, !primaries.contains(required) { return ProbeResult(false, "\(required) is no primary") }
        var unproved: [String] = []
        if !acceptsSilence {
            for name in silent where !expected.contains(name) {
                if await !isProvedStopped(name, until: deadline) { unproved.append(name) }
            }
        } else {
            // That it turns clients away is no silence: it lives, and whether as a primary it doesn't say.
            unproved = survey.full.filter { !expected.contains($0) }
        }
        guard unproved.isEmpty else {
            return ProbeResult(
                nil,
                "\(unproved.joined(separator: ", ")) gives no answer and may be a primary: bring it back, or accept that "
                    + "with accept_silent")
        }
        let note = silent.isEmpty ? "" : "; \(silent.joined(separator: ", ")) did not answer"
        return ProbeResult(
            true,
            (primaries.isEmpty ? "no node is a primary" : "\(primaries.joined(separator: ", ")) is the only primary")
                + note)
    }

    private func askAll(acceptsSilence: Bool, until deadline: Deadline) async -> ProbeResult {
        let survey = await roleSurvey(until: deadline)
        guard !survey.silent.isEmpty else { return ProbeResult(true, "all answer") }
        let names = survey.silent.map { "\($0) (\(survey.reasons[$0] ?? "no answer"))" }.joined(separator: ", ")
        guard !acceptsSilence else { return ProbeResult(true, "\(names) does not answer, and is left out") }
        return ProbeResult(
            nil,
            "\(names) gives no answer: whether it could follow is not known, and it would be left out; bring it back, or "
                + "accept that with accept_silent=true")
    }

    /// Whether a node's host says that no server runs on its data directory.
    private func isProvedStopped(_ name: String, until deadline: Deadline) async -> Bool {
        guard let node = cluster.node(named: name), let shell = shells[name],
            let facts = try? await shell.facts(until: deadline), facts.dataDirectory?.majorVersion != nil,
            // What its runtime is about to start again has no process either.
            facts.container?.isDown ?? true,
            let command = try? ServiceCommands(node, facts).awaitStopped(seconds: 0),
            let result = try? await shell.run(command, in: .shared, until: deadline)
        else { return false }
        return PostmasterReport(result) == .gone
    }

    private func askPromotable(
        _ node: String, but passedOver: [String], until deadline: Deadline
    ) async -> ProbeResult {
        let checks = await checkPromotions(
            in: cluster, of: node, timeout: min(deadline.remaining, cluster.timeout), by: observer)
        guard let check = checks.first else { return ProbeResult(nil, "\(node) could not be checked") }
        guard !check.isPrimary else { return ProbeResult(true, check.text) }
        if let failed = check.conditions.first(where: { $0.severity == .critical && !passedOver.contains($0.code) }) {
            return ProbeResult(false, "\(failed.title): \(failed.evidence)")
        }
        let unproven = ["one_primary", "system_identifier", "history"]
        if let open = check.conditions.first(where: { $0.severity == .unknown && unproven.contains($0.code) }) {
            return ProbeResult(nil, "\(open.title): \(open.evidence)")
        }
        return ProbeResult(true, "nothing forbids making \(node) the primary")
    }

    private func askSameCluster(_ node: String, _ other: String, until deadline: Deadline) async -> ProbeResult {
        do {
            var identifiers: [String?] = []
            for name in [node, other] {
                let statement = "SELECT system_identifier FROM pg_control_system()"
                identifiers.append(try await values(statement, on: name, until: deadline)["system_identifier"])
            }
            return ProbeResult(
                identifiers[0] != nil && identifiers[0] == identifiers[1],
                "system identifiers \(identifiers.map { $0 ?? "unknown" }.joined(separator: " and "))")
        } catch {
            return ProbeResult(nil, error.textWithNode)
        }
    }

    /// The only row of a statement's answer, its columns by name; NULLs are absent.
    package func values(
        _ statement: String, _ parameters: [String?] = [], on node: String, until deadline: Deadline
    ) async throws(Failure) -> [String: String] {
        do throws(PostgresError) {
            let result = try await query(statement, parameters, on: node, until: deadline)
            let row = try result.onlyRow()
            var values: [String: String] = [:]
            for column in result.columns { values[column] = try row.text(column) }
            return values
        } catch {
            throw error.failure(node: node)
        }
    }
}

extension Failure {
    /// The message and the detail on one line.
    package var text: String { [message, detail].compactMap(\.self).joined(separator: ": ") }

    /// The same, after the node it is about.
    var textWithNode: String { (node.map { "\($0): " } ?? "") + text }
}

extension String {
    /// The text without the white space at its ends.
    var trimmed: String {
        var rest = self[...]
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest.drop(while: \.isWhitespace))
    }
}

extension CommandResult {
    /// How it ended, and the last thing it said.
    package var summary: String {
        let how =
            switch end {
            case .exited(let status): "exit status \(status)"
            case .signalled(let name): "ended by signal \(name)"
            }
        let said = (errorText.trimmed.isEmpty ? outputText : errorText).split(whereSeparator: \.isNewline).suffix(3)
        return said.isEmpty ? how : "\(how): \(said.joined(separator: "; "))"
    }
}
