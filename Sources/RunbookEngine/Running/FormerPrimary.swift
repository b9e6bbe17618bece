internal import Configuration
package import Essentials
internal import Hosts
internal import Replication
internal import SSH

extension RunSessions {
    /// The timeline that a server which is down was the primary of, as its data tells; nil when it was a standby, or is
    /// a copy that was never started.
    ///
    /// That its server was the primary of a timeline can't become untrue, unlike whom a standby is told to follow.
    /// - Throws: when its host can't be asked, or its data not be understood.
    package func formerPrimary(_ name: String, until deadline: Deadline) async throws(Failure) -> DecisionKey? {
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
        return DecisionKey(system: control.systemIdentifier, timeline: control.timeline)
    }

    /// Whether nobody has decided that another node replaces this one on the timeline that it was the primary of: then it
    /// must not come back as one.
    func askReplaced(_ name: String, until deadline: Deadline) async -> ProbeResult {
        do throws(Failure) {
            guard let key = try await formerPrimary(name, until: deadline) else {
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
