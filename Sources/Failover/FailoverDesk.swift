internal import Audit
package import Configuration
package import Essentials
internal import Hosts
package import RunbookEngine
internal import Replication
package import SSH

/// Where a loss is looked into, decided about and acted on, of one cluster.
package final class FailoverDesk: Sendable {
    /// The cluster.
    package let cluster: ClusterConfiguration
    /// Where the runs happen.
    package let runs: RunDesk
    /// What looks at the cluster.
    package let lookout: Lookout
    let journal: FailoverJournal
    let control: ControlStore

    /// A desk for a cluster of a configuration file.
    /// - Parameters:
    ///   - trigger: what triggered pgdr, such as a monitor's alert; nil: a person.
    ///   - secrets: where passphrases of keys come from that have no `askpass`.
    package init(
        _ cluster: ClusterConfiguration, of file: ConfigurationFile, trigger: String? = nil, secrets: Secrets = .none
    ) throws(Failure) {
        self.cluster = cluster
        runs = try RunDesk(cluster, of: file, trigger: trigger, secrets: secrets)
        lookout = Lookout(runs.sessions)
        journal = FailoverJournal(directory: file.auditDirectory, actor: Actor.current(trigger: trigger))
        control = ControlStore(cluster)
    }

    /// A situation that was decided about.
    package struct Case: Sendable {
        /// All that it rests on.
        package var situation: Situation
        /// What is to be done.
        package var verdict: Ruling
        /// What keeps others from deciding at the same time; nil where nothing is to be done.
        var lock: ClusterLock?
    }

    /// Looks until a loss has lasted as long as the policy wants, or until there is none, and decides.
    /// - Parameter told: called with each look's evidence.
    /// - Throws: `busy` when another process decides or acts at the moment, `refused` when several nodes take writes.
    package func consider(
        _ request: Situation.Request, told: @Sendable (Evidence) -> Void = { _ in }
    ) async throws(Failure) -> Case {
        if let named = request.primary { _ = try cluster.existingNode(named: named) }
        var confirmation = Confirmation()
        let end = Deadline.after(cluster.failover.confirmFor + Self.patience)
        let tellable = Deadline.after(cluster.timeout * 2)
        var pace = Pace(timeout: cluster.timeout)
        while true {
            let next = Deadline.after(cluster.failover.interval)
            let look = await lookout.look(named: request.primary, until: pace.begin())
            guard look.primaries.count < 2 else { throw .severalPrimaries(look.primaries) }
            told(look.evidence)
            confirmation.note(look.evidence.diagnose().condition, at: look.evidence.ticks)
            let situation = Situation(look.evidence, confirmation, cluster.failover, request)
            guard let outlook = situation.outlook else { return try await decide(situation) }
            if case .refuse = outlook, !tellable.hasPassed {
                // Others are as busy as this machine, perhaps with the same alert.
                try await Self.wait(until: next)
                continue
            }
            guard case .wait(let seconds) = outlook, !end.hasPassed else {
                return await withPast(Case(situation: situation, verdict: outlook))
            }
            try await Self.wait(until: min(next, pace.end(missing: .seconds(seconds))))
        }
    }

    private static func wait(until deadline: Deadline) async throws(Failure) {
        guard await ReadinessLoop.shared.sleep(until: deadline) != .cancelled else {
            throw Failure(.cancelled, "cancelled")
        }
    }

    /// A case in which nothing is to be done, of an alert that may have had its failover already.
    private func withPast(_ decided: Case) async -> Case {
        guard decided.situation.request.triggerID != nil else { return decided }
        var situation = decided.situation
        situation.control = await control.read(until: .after(min(cluster.timeout, .seconds(2)))).state
        return Case(situation: situation, verdict: situation.decide())
    }

    /// Has ready what is only needed once the primary is lost; it takes no longer than until the deadline.
    package func prepare(until deadline: Deadline) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.lookout.prepare(until: deadline) }
            guard cluster.failover.mode == .automatic else { return }
            group.addTask { await self.runs.sessions.prepare(until: deadline) }
            group.addTask { _ = await self.control.read(until: deadline) }
        }
    }

    /// How much longer than the policy wants is looked at most.
    private static let patience: Duration = .seconds(60)

    /// Decides about a loss that has lasted long enough: what the voters and the cluster say is asked now.
    /// - Throws: `busy` when another process decides or acts at the moment.
    package func decide(_ known: Situation) async throws(Failure) -> Case {
        // Somebody is missing for certain, and clients wait.
        runs.sessions.leaveBehind(known.evidence.silent)
        var promotes = false
        defer { if !promotes { runs.sessions.waitForAll() } }
        let decided = try await rule(on: known)
        if case .failOver = decided.verdict { promotes = true }
        return decided
    }

    private func rule(on known: Situation) async throws(Failure) -> Case {
        let evidence = known.evidence
        let voters = cluster.voters(replacing: evidence.primary)
        let lock = try await runs.takeLock(
            except: evidence.primary, voters: known.request.acceptsNoQuorum ? nil : voters)
        async let control = control.read(except: evidence.silent, until: .after(.seconds(2)))
        var situation = known
        if evidence.last == nil { situation.evidence = await identify(evidence) }
        situation.decisions = try await decisions(evidence, voters)
        situation.control = await control.state
        situation.quorum = Situation.Quorum(voters: voters.names, locked: lock.names)
        situation.fencing =
            evidence.host.takesCommands ? .host : cluster.failover.fenceCommand == nil ? .none : .command
        return Case(situation: situation, verdict: situation.decide(), lock: lock)
    }

    /// Asks the lost primary's own data, and the decisions, about a primary that this observer never saw as one.
    private func identify(_ evidence: Evidence) async -> Evidence {
        guard let timeline = evidence.timeline, let system = evidence.systemIdentifier else { return evidence }
        let deadline = Deadline.after(.seconds(5))
        var evidence = evidence
        if evidence.host == .stopped,
            let former = try? await runs.sessions.formerPrimary(
                evidence.primary, beyond: evidence.standbys.compactMap(\.endOfWAL).max(), until: deadline),
            former.key == DecisionKey(system: system, timeline: timeline)
        {
            evidence.identification.append(.data)
            evidence.last = former.endOfWAL.map { end in
                LastKnown(
                    lsn: end, timeline: timeline, at: evidence.at,
                    synchronousStandbyNames: former.synchronousStandbyNames, systemIdentifier: system, isEnd: true)
            }
        } else if evidence.identification.isEmpty, let run = await decided(evidence, timeline, system, until: deadline)
        {
            evidence.identification.append(.decided(run: run))
        }
        return evidence
    }

    /// The run in which it was decided that the lost primary replaces the one of the timeline before; nil: none is known.
    private func decided(
        _ evidence: Evidence, _ timeline: Timeline, _ system: SystemIdentifier, until deadline: Deadline
    ) async -> String? {
        guard timeline.rawValue > 1 else { return nil }
        let before = DecisionKey(system: system, timeline: Timeline(rawValue: timeline.rawValue - 1))
        let nodes = cluster.nodes.map(\.name).filter { $0 != evidence.primary }
        return await decision(for: evidence.primary, before, of: nodes, until: deadline)?.run
    }

    /// The decision that made a node the primary, where so many voters have it that there can be no other; nil: none.
    /// - Parameter nodes: those that are asked, besides all witnesses.
    func decision(
        for nominee: String, _ key: DecisionKey, of nodes: [String], until deadline: Deadline
    ) async -> DecisionRecord? {
        let places = nodes + cluster.witnesses.map(\.name)
        let answers = (try? await runs.sessions.decisions(key, of: places, until: deadline)) ?? [:]
        let agreeing = answers.compactMapValues { answer -> DecisionRecord? in
            if case .record(let record) = answer, record.nominee == nominee { record } else { nil }
        }
        guard let record = agreeing.values.first,
            cluster.voters(replacing: record.replaces).isMajority(agreeing.keys)
        else { return nil }
        return record
    }

    private func decisions(_ evidence: Evidence, _ voters: Voters) async throws(Failure) -> [Decision] {
        guard let timeline = evidence.timeline, let system = evidence.systemIdentifier else { return [] }
        let answers = try await runs.sessions.decisions(
            DecisionKey(system: system, timeline: timeline), of: voters.names, until: .after(.seconds(2)))
        return voters.names.compactMap { voter in
            guard case .record(let record)? = answers[voter] else { return nil }
            return Decision(voter: voter, nominee: record.nominee, run: record.run, triggerID: record.trigger)
        }
    }
}

extension Failure {
    /// Several nodes take writes: nothing is decided by itself then.
    static func severalPrimaries(_ names: [String]) -> Failure {
        Failure(
            .refused, "several nodes take writes: \(names.joined(separator: ", "))",
            hint: "Fence the wrong one: pgdr run fence NODE. Then bring it back: pgdr run rejoin NODE")
    }
}
