import Configuration
import Essentials
import Replication

/// What comes before a promotion that nobody else may contradict.
extension PlanningFacts {
    /// What a decision to replace a primary by a node is about.
    /// - Throws: `refused` when the node gives no answer, or not the one that is needed.
    func decisionKey(for nominee: String, replacing old: String) throws(Failure) -> DecisionKey {
        guard let own = snapshot.node(nominee)?.snapshot, let system = own.systemIdentifier else {
            throw Failure(
                .refused, "of which cluster node \"\(nominee)\" is, is not known", detail: "It gives no answer.",
                node: nominee)
        }
        // It has replaced it already.
        if !own.inRecovery, let timeline = own.currentTimeline, timeline.rawValue > 1 {
            return DecisionKey(system: system, timeline: Timeline(rawValue: timeline.rawValue - 1))
        }
        // A standby that lags may be on an earlier one still.
        let timelines = snapshot.nodes.compactMap { node -> Timeline? in
            guard let other = node.snapshot, other.systemIdentifier == system else { return nil }
            return other.inRecovery || node.name == old ? other.currentTimeline : nil
        }
        guard let timeline = timelines.max() else {
            throw Failure(.refused, "which timeline node \"\(nominee)\" is on is not known", node: nominee)
        }
        return DecisionKey(system: system, timeline: timeline)
    }

    /// The voters on replacing a primary by a node, and how each is asked.
    func ballot(for nominee: String, replacing old: String) throws(Failure) -> Ballot {
        try polled(nominee, old).ballot
    }

    private func polled(
        _ nominee: String, _ old: String
    ) throws(Failure) -> (ballot: Ballot, places: [DecisionPlace]) {
        let name = try decisionKey(for: nominee, replacing: old).fileName
        var ballot = Ballot(name: name, nominee: nominee, reads: [], unasked: [])
        var places: [DecisionPlace] = []
        for voter in cluster.voters(replacing: old).names {
            do throws(Failure) {
                let place = try place(of: voter)
                places.append(place)
                ballot.reads.append(place.read(name))
            } catch {
                ballot.unasked.append(Ballot.Unasked(voter: voter, reason: error.text))
            }
        }
        return (ballot, places)
    }

    private func place(of voter: String) throws(Failure) -> DecisionPlace {
        if let witness = cluster.witnesses.first(where: { $0.name == voter }) { return DecisionPlace(witness) }
        return try DecisionPlace(node(voter), host(voter))
    }

    func decide(
        _ nominee: String, replacing old: String, trigger: String?, automatic: Bool, acceptsNoQuorum: Bool
    ) throws(Failure) -> Operation {
        let (ballot, places) = try polled(nominee, old)
        let trigger = trigger.flatMap { $0.isEmpty ? nil : $0 }
        let draft = DecisionAct.Draft(replaces: old, run: run, trigger: trigger, automatic: automatic)
        let act = DecisionAct(
            ballot: ballot, draft: draft,
            writes: places.map { $0.write(ballot.name, draft.line(for: nominee)) }, acceptsNoQuorum: acceptsNoQuorum)
        return Operation(
            "write down on \(ballot.count) voters that \(nominee) replaces \(old)", [.decide(act)])
    }

    /// Cuts a node off by the configured command, which is told what it is about.
    func fenceByCommand(_ name: String, trigger: String?) throws(Failure) -> Operation {
        guard let command = cluster.failover.fenceCommand else {
            throw Failure(
                .refused, "there is no fence command",
                hint: "Name one in the configuration: failover: {fence_command: [/path/to/program, …]}", node: name)
        }
        let address = try node(name).replicationAddress()
        let event = FenceEvent(
            cluster: cluster.name, node: name, host: address.host, port: address.port, site: try node(name).site,
            run: run, trigger: trigger.flatMap { $0.isEmpty ? nil : $0 })
        return Operation(
            "cut \(name) off by the fence command", [.local(command, input: event.line)],
            verification: .notPrimary(node: name))
    }
}
