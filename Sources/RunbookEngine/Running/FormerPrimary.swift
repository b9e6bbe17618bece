internal import Configuration
package import Essentials
internal import Hosts
package import Replication
internal import SSH

/// A server that is down, and was a primary.
package struct FormerPrimary: Sendable, Equatable {
    /// Its cluster, and the timeline that it was the primary of.
    package var key: DecisionKey
    /// A position behind the start of the last record it wrote; nil when that can't be found.
    package var endOfWAL: LSN?
    /// Its `synchronous_standby_names`, as its configuration files have it; nil when they can't be read.
    package var synchronousStandbyNames: String?
}

extension RunSessions {
    /// What a server which is down was the primary of, as its data tells; nil when it was a standby, or is a copy that was
    /// never started.
    ///
    /// That its server was the primary of a timeline can't become untrue, unlike whom a standby is told to follow.
    /// - Parameter position: where a standby's WAL ends, from where on its own is read; nil: it isn't read.
    /// - Throws: when its host can't be asked, or its data not be understood.
    package func formerPrimary(
        _ name: String, beyond position: LSN? = nil, until deadline: Deadline
    ) async throws(Failure) -> FormerPrimary? {
        let node = try cluster.existingNode(named: name)
        let facts = try await shell(of: name).lastFacts(until: deadline)
        let planning = PlanningFacts(
            cluster: cluster, snapshot: ClusterSnapshot(name: cluster.name, at: Moment(rawValue: 0), nodes: []),
            hosts: [name: facts], hostProblems: [:], replication: cluster.replication, run: "")
        let command = try planning.controlData(name)
        let result = try await run(command, in: .shared, until: deadline)
        guard result.succeeded else {
            throw Failure(.command, "could not read the control file", detail: result.summary, node: node.name)
        }
        let control = try ControlData(parsing: result.outputText, errors: result.errorText)
        let marks = try await dataMarks(name, control.timeline, planning, until: deadline)
        guard ControlData.State.ofPrimaries.contains(control.state), marks.isPrimarys else { return nil }
        var found = FormerPrimary(key: DecisionKey(system: control.systemIdentifier, timeline: control.timeline))
        guard let position else { return found }
        async let names = configured("synchronous_standby_names", planning, name, until: deadline)
        found.endOfWAL = await endOfWAL(
            name, control, nil, fork: position, control.timeline, planning, until: deadline)
        found.synchronousStandbyNames = await names
        return found
    }

    /// A setting of a server that is down, as its program reads it from the files it was last started with.
    private func configured(
        _ setting: String, _ facts: PlanningFacts, _ name: String, until deadline: Deadline
    ) async -> String? {
        guard facts.hosts[name]?.container == nil, let words = facts.hosts[name]?.dataDirectory?.startWords,
            !words.isEmpty, let command = try? facts.remote(name, HostCommand(words + ["-C", setting])),
            let result = try? await run(command, in: .shared, until: deadline), result.succeeded
        else { return nil }
        return result.outputText.trimmed
    }

    /// Whether nobody has decided that another node replaces this one on the timeline that it was the primary of: then it
    /// must not come back as one.
    func askReplaced(_ name: String, until deadline: Deadline) async -> ProbeResult {
        do throws(Failure) {
            guard let key = try await formerPrimary(name, until: deadline)?.key else {
                return ProbeResult(true, "\(name)'s data is a standby's")
            }
            let voters = cluster.voters(replacing: name).names
            let answers = try await decisions(key, of: voters, until: deadline)
            for voter in voters {
                guard case .record(let record)? = answers[voter], record.nominee != name else { continue }
                return ProbeResult(
                    false,
                    "\(voter) has the decision of run \(record.run) that \(record.nominee) replaces \(name) on timeline "
                        + "\(key.timeline): bring it back with the runbook \"rejoin\"")
            }
            return ProbeResult(
                true, "no voter that answers has a decision to replace \(name) on timeline \(key.timeline)")
        } catch {
            return ProbeResult(nil, error.textWithNode)
        }
    }
}

extension ControlData.State {
    /// What a primary's control file may say, be it up, down or crashed.
    static let ofPrimaries: Set<ControlData.State> = [.shutDown, .shuttingDown, .inCrashRecovery, .inProduction]
}
