package import Configuration
package import Replication

extension ClusterConfiguration {
    /// What a round of answers says of the nodes other than the primary, in the configuration's order.
    /// - Parameters:
    ///   - primary: the node that is or was the primary.
    ///   - last: what was last known of it, nil when nothing is.
    ///   - clock: where it stood when.
    package func standbyEvidence(
        _ snapshot: ClusterSnapshot, besides primary: String, last: LastKnown?, clock: LSNClock = LSNClock()
    ) -> [StandbyEvidence] {
        let others = snapshot.nodes.filter { $0.name != primary }
        let system = last?.systemIdentifier ?? mostCommon(others.compactMap { $0.snapshot?.systemIdentifier })
        let standbys = others.filter { $0.snapshot?.inRecovery == true && $0.snapshot?.systemIdentifier == system }
        let reference = reference(standbys, last)
        return others.map { node in
            var standby = StandbyEvidence(
                name: node.name, applicationName: node.applicationName, kind: node.kind, priority: node.priority,
                site: self.node(named: node.name)?.site,
                silence: node.silence.map { "\($0.reason): \($0.detail)" })
            guard let own = node.snapshot else { return standby }
            standby.inRecovery = own.inRecovery
            standby.systemIdentifier = own.systemIdentifier
            standby.timeline = own.currentTimeline
            standby.endOfWAL = own.endOfWAL
            standby.replayLSN = own.replayLSN
            standby.isReceiving = own.receiver != nil
            standby.obstacles = own.obstacles
            if own.systemIdentifier != system {
                standby.obstacles.insert(.otherSystem, at: 0)
            } else if let reference, let parting = node.parting(from: reference) {
                standby.obstacles.insert(.diverged(parting), at: 0)
            }
            if let last, let end = own.endOfWAL { standby.secondsBehind = clock.age(of: end, asOf: last.at) }
            return standby
        }
    }

    /// The standby whose line of history the others are compared with: the most advanced one on the timeline that the
    /// primary was last seen on, else on the one that most standbys are on.
    private func reference(_ standbys: [ObservedNode], _ last: LastKnown?) -> ObservedNode? {
        let timelines = standbys.compactMap { $0.snapshot?.currentTimeline }
        guard let timeline = last?.timeline ?? mostCommon(timelines) else { return nil }
        return standbys.filter { $0.snapshot?.currentTimeline == timeline }.max { left, right in
            (left.snapshot?.endOfWAL ?? .invalid) < (right.snapshot?.endOfWAL ?? .invalid)
        }
    }
}

/// The value that occurs most often, of several the one that comes last in order of their description's length and text.
private func mostCommon<Value: Hashable & CustomStringConvertible>(_ values: [Value]) -> Value? {
    func rank(_ value: Value) -> (Int, Int, String) {
        (values.count { $0 == value }, value.description.count, value.description)
    }
    return values.max { rank($0) < rank($1) }
}

extension ObservedNode {
    /// How its WAL parts from that of another standby; nil when it is on the same line of history.
    fileprivate func parting(from reference: ObservedNode) -> String? {
        guard name != reference.name else { return nil }
        switch Ancestry.of(self, comparedTo: reference) {
        case .descends: return nil
        case .diverged(let timeline, let position, let fork):
            return "at \(position) on timeline \(timeline), which the others left at \(fork?.description ?? "no point")"
        case .ahead(let timeline): return "it is on timeline \(timeline), which the primary was not on"
        case .otherSystem: return "another cluster"
        case .unknown(let reason): return "whether it is on the others' line of history can't be told: \(reason)"
        }
    }
}

extension NodeSnapshot {
    /// What keeps it from being promoted, its line of history aside.
    fileprivate var obstacles: [StandbyEvidence.Obstacle] {
        var obstacles: [StandbyEvidence.Obstacle] = []
        if let target = recoveryTarget?.first { obstacles.append(.target(target.name)) }
        if applyDelay > 0 { obstacles.append(.delayed(seconds: applyDelay)) }
        if recoveryTarget?.first == nil, isReplayPaused || replayPauseState == "pause requested" {
            obstacles.append(.paused)
        }
        return obstacles
    }
}
