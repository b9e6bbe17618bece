package import Replication

/// Which standby becomes the primary, where it gets the WAL from that it lacks, and what is lost.
package struct Election: Sendable, Equatable, Codable {
    /// The node to promote.
    package var nominee: String
    /// The node that has more WAL than the nominee, which it fetches before it is promoted; nil: nobody has more.
    package var source: String?
    /// Where the WAL ends that will be there: the nominee's own, or the source's.
    package var endOfWAL: LSN
    /// How long before it was last heard the primary stood there, in seconds; nil when that isn't known.
    package var secondsBehind: Double?
    /// Why each of the others was not chosen.
    package var passedOver: [Refusal]

    /// An outcome by its parts.
    package init(
        nominee: String, source: String? = nil, endOfWAL: LSN, secondsBehind: Double? = nil, passedOver: [Refusal] = []
    ) {
        self.nominee = nominee
        self.source = source
        self.endOfWAL = endOfWAL
        self.secondsBehind = secondsBehind
        self.passedOver = passedOver
    }

    /// Where a cluster would rather have its primary.
    package struct Sites: Sendable, Equatable, Codable {
        /// Sites whose nodes come first, the most preferred one first.
        package var preferred: [String]
        /// Sites whose nodes are promoted only when no other can be.
        package var avoided: [String]

        /// Sites by their names; empty: all are alike.
        package init(preferred: [String] = [], avoided: [String] = []) {
            self.preferred = preferred
            self.avoided = avoided
        }
    }

    /// Chooses among the standbys that can be asked.
    ///
    /// Which one is preferred and who has the most WAL are two questions: the preferred one first fetches what it lacks
    /// from the most advanced one, which may also be a node that is never promoted itself. Timelines come before
    /// positions, since a later timeline of one line of history holds all of the earlier one up to the fork.
    /// - Parameters:
    ///   - standbys: all nodes but the old primary.
    ///   - decided: the node that was decided on before; nobody else may be chosen then.
    /// - Returns: the outcome; nil inside when nobody can be promoted, with the reasons.
    package static func hold(
        among standbys: [StandbyEvidence], sites: Sites = Sites(), decided: String? = nil
    ) -> (outcome: Election?, refusals: [Refusal]) {
        var refusals: [Refusal] = []
        var fit: [StandbyEvidence] = []
        for standby in standbys {
            if let refusal = standby.unfitness {
                refusals.append(refusal)
            } else if let decided, standby.name != decided {
                refusals.append(
                    Refusal(.decidedOtherwise, node: standby.name, "it was decided before to promote \(decided)"))
            } else {
                fit.append(standby)
            }
        }
        let ranked = fit.sorted { $0.isPreferred(to: $1, sites) }
        let holders = standbys.filter { $0.isOfThisSystem && $0.endOfWAL != nil }
        guard let nominee = ranked.first, let own = nominee.reach,
            let most = holders.max(by: { ($0.reach ?? own) < ($1.reach ?? own) }), let reach = most.reach
        else { return (nil, refusals) }
        let passedOver =
            refusals
            + ranked.dropFirst().map { other in
                let isAvoided = sites.rank(of: other.site) > sites.rank(of: nominee.site)
                return Refusal(
                    isAvoided ? .siteAvoided : .lessPreferred, node: other.name,
                    "\(nominee.name) comes before it: \(nominee.reason(over: other, sites))")
            }
        return (
            Election(
                nominee: nominee.name, source: reach > own ? most.name : nil, endOfWAL: max(reach, own).lsn,
                secondsBehind: (reach > own ? most : nominee).secondsBehind, passedOver: passedOver), refusals
        )
    }
}

extension Election.Sites {
    /// The place of a site in the order of preference, smaller is better.
    func rank(of site: String?) -> Int {
        guard let site else { return preferred.count }
        if avoided.contains(site) { return preferred.count + 1 }
        return preferred.firstIndex(of: site) ?? preferred.count
    }
}

/// How far a node's WAL reaches along one line of history.
struct Reach: Comparable {
    var timeline: Timeline
    var lsn: LSN

    static func < (left: Reach, right: Reach) -> Bool {
        left.timeline == right.timeline ? left.lsn < right.lsn : left.timeline < right.timeline
    }
}

extension StandbyEvidence {
    /// How far its WAL reaches; nil when it doesn't say.
    var reach: Reach? {
        guard let timeline, let endOfWAL else { return nil }
        return Reach(timeline: timeline, lsn: endOfWAL)
    }

    /// Why it can't be promoted; nil when it can.
    var unfitness: Refusal? {
        if kind == .backup { return Refusal(.backupOnly, node: name, "kind \"backup\": it only keeps the data") }
        if priority == 0 { return Refusal(.priorityZero, node: name, "priority 0: never promoted") }
        if let silence { return Refusal(.silent, node: name, "it gives no answer: \(silence)") }
        guard inRecovery == true else { return Refusal(.notInRecovery, node: name, "it is no standby") }
        for obstacle in obstacles {
            switch obstacle {
            case .otherSystem:
                return Refusal(.otherSystem, node: name, "it belongs to another cluster (system identifier)")
            case .diverged(let how): return Refusal(.diverged, node: name, how)
            case .delayed(let seconds):
                return Refusal(.delayed, node: name, "recovery_min_apply_delay is \(Quantity.seconds(seconds))")
            case .target(let setting):
                return Refusal(.recoveryTarget, node: name, "\(setting) is set: a promotion would end there")
            case .parametersLower:
                return Refusal(
                    .parametersLower, node: name, "replay has stopped: its settings are lower than the primary's")
            case .paused: continue
            }
        }
        guard reach != nil else { return Refusal(.noPosition, node: name, "where its WAL ends is not known") }
        return nil
    }

    private var isPaused: Bool { obstacles.contains(.paused) }

    /// Whether it comes before another one that can be promoted too.
    func isPreferred(to other: StandbyEvidence, _ sites: Election.Sites) -> Bool {
        let ranks = (sites.rank(of: site), sites.rank(of: other.site))
        if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
        if isPaused != other.isPaused { return !isPaused }
        if priority != other.priority { return priority > other.priority }
        if let mine = reach, let theirs = other.reach, mine != theirs { return mine > theirs }
        return name < other.name
    }

    /// What put it before another one.
    fileprivate func reason(over other: StandbyEvidence, _ sites: Election.Sites) -> String {
        if sites.rank(of: site) != sites.rank(of: other.site) {
            return "site \(site ?? "not said") is preferred to \(other.site ?? "not said")"
        }
        if isPaused != other.isPaused { return "replay on \(other.name) is paused" }
        if priority != other.priority { return "priority \(priority) against \(other.priority)" }
        if let mine = reach, let theirs = other.reach, mine != theirs {
            return "its WAL ends at \(mine.lsn), that of \(other.name) at \(theirs.lsn)"
        }
        return "by name"
    }
}
