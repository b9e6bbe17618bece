internal import Configuration
internal import Essentials
package import Replication

/// What is to be done about a situation.
package enum Ruling: Sendable, Equatable, Codable {
    /// Nothing: the primary is not lost.
    case stay(PrimaryCondition)
    /// To look again: the loss must be seen for that many more seconds.
    case wait(seconds: Double)
    /// Nothing any more: that alert has had its failover.
    case alreadyDone(run: String)
    /// To start the primary's server again before anybody is promoted.
    case restart
    /// To promote.
    case failOver(Promotion)
    /// Nothing, since these rules forbid it.
    case refuse([Refusal])

    /// A promotion that was decided on.
    package struct Promotion: Sendable, Equatable, Codable {
        /// Who, and with whose WAL.
        package var election: Election
        /// The timeline that is replaced.
        package var timeline: Timeline
        /// What is lost at least and at most.
        package var loss: WALLoss
        /// How the old primary is fenced first.
        package var fencing: FencingMeans

        /// A promotion by its parts.
        package init(election: Election, timeline: Timeline, loss: WALLoss, fencing: FencingMeans) {
            self.election = election
            self.timeline = timeline
            self.loss = loss
            self.fencing = fencing
        }
    }
}

/// What a promotion loses.
package enum WALLoss: Sendable, Equatable, Codable {
    /// No commit that was acknowledged: these standbys, of which the most advanced one is promoted, have them all.
    case noCommit(by: [String])
    /// So much WAL, in bytes, that the old primary had when it was last heard and nobody has who answers, written in so
    /// many seconds (nil: not known); and what it wrote after that.
    case atLeast(bytes: UInt64, seconds: Double?)
    /// It is not known: this observer never heard the primary.
    case unknown
}

extension Situation {
    /// What is to be done.
    package func decide() -> Ruling {
        if let trigger = request.triggerID, let done = control.failovers.last(where: { $0.triggerID == trigger }) {
            return .alreadyDone(run: done.run)
        }
        if let outlook { return outlook }
        if policy.restartFirst, evidence.diagnose().condition == .postgresDown, evidence.host == .stopped,
            !wasRestarted,
            decisions.isEmpty
        {
            return .restart
        }
        let refusals = refusalsOfSafety() + (request.isAutomatic ? refusalsOfPolicy() : [])
        return refusals.isEmpty ? elect() : .refuse(refusals)
    }

    /// What the evidence alone says, before voters and others are asked; nil: the primary is lost, and has been for as
    /// long as the policy wants.
    package var outlook: Ruling? {
        let condition = evidence.diagnose().condition
        if condition == .notTold { return .refuse([viewMissing]) }
        guard condition.isLost else { return .stay(condition) }
        let wanted = policy.confirmFor
        let seen = confirmation.age(at: evidence.ticks) ?? 0
        return seen < wanted ? .wait(seconds: wanted - seen) : nil
    }

    private var viewMissing: Refusal {
        Refusal(
            .secondViewMissing,
            "nobody but this observer can tell whether node \"\(evidence.primary)\" lives",
            hint: "Give a standby or a witness \"ssh\", or promote by hand: pgdr run promote NODE")
    }

    // MARK: Rules of safety

    private func refusalsOfSafety() -> [Refusal] {
        [notIdentified, secondPrimary, contradiction, noQuorum, unfenced].compactMap(\.self)
    }

    /// Two observers that replace different primaries would ask different voters, of whom no majority is common.
    private var notIdentified: Refusal? {
        guard evidence.identification.isEmpty || evidence.timeline == nil else { return nil }
        return Refusal(
            .primaryNotIdentified,
            "nothing proves that node \"\(evidence.primary)\" was the primary of timeline "
                + (evidence.timeline.map(\.description) ?? "unknown"),
            hint: "This observer never saw it take writes, and its data can't be read. Say so: --primary NODE")
    }

    private var secondPrimary: Refusal? {
        guard let other = evidence.standbys.first(where: { $0.silence == nil && $0.inRecovery == false }) else {
            return nil
        }
        return Refusal(
            .secondPrimary, node: other.name, "it is a primary already",
            hint: "Bring the old one back as its standby: pgdr run rejoin \(evidence.primary)")
    }

    private var contradiction: Refusal? {
        let nominees = Set(decisions.map(\.nominee))
        guard nominees.count > 1 else { return nil }
        let list = decisions.map { "\($0.voter) has \($0.nominee) (run \($0.run))" }.sorted()
        return Refusal(
            .contradictingDecisions, "voters have different decisions: \(list.joined(separator: ", "))",
            hint: "A person must see which of them was carried out.")
    }

    private var noQuorum: Refusal? {
        guard !request.acceptsNoQuorum, !quorum.isMajority else { return nil }
        let locked = quorum.locked.isEmpty ? "none" : quorum.locked.joined(separator: ", ")
        return Refusal(
            .noQuorum,
            "of the voters \(quorum.voters.joined(separator: ", ")) \(quorum.majority) are needed; these answer: \(locked)",
            hint: "Once it is certain that nobody else promotes another node: --accept-no-quorum")
    }

    private var unfenced: Refusal? {
        guard fencing == .none, policy.fencing == .required, !request.acceptsUnfenced else { return nil }
        return Refusal(
            .unfenced, node: evidence.primary,
            "its host takes no command and there is no fence command: it may still take writes",
            hint: "Switch it off or cut it off, then: --accept-unfenced")
    }

    // MARK: Rules of the policy, where nobody is there to decide otherwise

    private func refusalsOfPolicy() -> [Refusal] {
        [mode, controlUnknown, paused, coolingDown, tooMany].compactMap(\.self)
    }

    private var mode: Refusal? {
        switch policy.mode {
        case .automatic: nil
        case .manual: Refusal(.modeManual, "mode is \"manual\"", hint: "To do it now: pgdr failover")
        case .observe: Refusal(.modeObserve, "mode is \"observe\": what would be done is recorded only")
        }
    }

    private var controlUnknown: Refusal? {
        control.isKnown
            ? nil
            : Refusal(
                .controlUnknown, "whether failover is paused could not be read from any standby",
                hint: "Run sql/schema.sql on the primary.")
    }

    private var paused: Refusal? {
        guard let until = control.pausedUntil, until > control.at else { return nil }
        return Refusal(
            .paused,
            "paused for another \(Quantity.seconds(until - control.at)): \(control.pauseReason ?? "no reason")",
            hint: "To end that: pgdr unpause")
    }

    private var coolingDown: Refusal? {
        guard let last = control.failovers.last else { return nil }
        let left = policy.cooldown - (control.at - last.at)
        guard left > 0 else { return nil }
        return Refusal(
            .cooldown,
            "the last failover, run \(last.run), was \(Quantity.seconds(max(0, control.at - last.at))) ago, the cooldown is "
                + "\(Quantity.seconds(policy.cooldown))",
            hint: "Not by itself for another \(Quantity.seconds(left)). To do it now: pgdr failover")
    }

    private var tooMany: Refusal? {
        let window = policy.within
        let count = control.failovers.count { $0.isAutomatic && control.at - $0.at < window }
        guard count >= policy.atMost else { return nil }
        return Refusal(
            .tooManyFailovers,
            "\(count) failovers in \(Quantity.seconds(window)), at most \(policy.atMost) happen by themselves",
            hint: "To do it now: pgdr failover")
    }

    // MARK: Who, and what it costs

    private func elect() -> Ruling {
        let sites = Election.Sites(preferred: policy.preferSites, avoided: policy.avoidSites)
        let (outcome, refusals) = Election.hold(
            among: evidence.standbys, sites: sites, decided: decisions.first?.nominee)
        guard let election = outcome, let timeline = evidence.timeline else {
            return .refuse([Refusal(.nobodyToPromote, "no standby can be promoted")] + refusals)
        }
        let loss = loss(of: election, on: timeline)
        if let refusal = unprovedCommits(loss) { return .refuse([refusal]) }
        // What was decided is completed: what it costs was weighed when it was decided.
        if decisions.isEmpty, let refusal = refusal(of: loss) { return .refuse([refusal]) }
        return .failOver(.init(election: election, timeline: timeline, loss: loss, fencing: fencing))
    }

    private func loss(of election: Election, on timeline: Timeline) -> WALLoss {
        let proof = CommitProof.of(
            evidence.last?.synchronousStandbyNames, primary: evidence.applicationName, evidence.standbys)
        // The nominee fetches what the most advanced of all has, so it ends where the proof's most advanced one does.
        if case .proved(let standbys) = proof { return .noCommit(by: standbys) }
        guard let last = evidence.last, last.timeline == timeline else { return .unknown }
        let bytes = last.lsn.bytesAhead(of: election.endOfWAL)
        if last.isEnd, bytes == 0 { return .noCommit(by: [election.source ?? election.nominee]) }
        return .atLeast(bytes: bytes, seconds: bytes == 0 ? 0 : election.secondsBehind)
    }

    /// Where commits waited for standbys, clients rely on them, however little WAL is lost.
    private func unprovedCommits(_ loss: WALLoss) -> Refusal? {
        if case .noCommit = loss { return nil }
        guard request.acceptedLoss == nil, let last = evidence.last,
            case .open(let why) = CommitProof.of(
                last.synchronousStandbyNames, primary: evidence.applicationName, evidence.standbys)
        else { return nil }
        return Refusal(
            .commitsNotProved, "that every acknowledged commit is there could not be proved: \(why)",
            hint: "To lose some: pgdr failover --accept-data-loss BYTES")
    }

    private func refusal(of loss: WALLoss) -> Refusal? {
        let bytesLimit = request.acceptedLoss ?? policy.maxLag.bytes
        let secondsLimit = request.acceptedLoss == nil ? policy.maxLag.seconds : nil
        let hint = "To lose it: pgdr failover --accept-data-loss BYTES"
        switch loss {
        case .noCommit: return nil
        case .unknown:
            guard request.acceptedLoss == nil, bytesLimit != nil || secondsLimit != nil else { return nil }
            return Refusal(
                .lossUnknown, "this observer never heard the primary: how much of its WAL no standby has is not known",
                hint: hint)
        case .atLeast(let bytes, let seconds):
            if let bytesLimit, bytes > bytesLimit {
                return Refusal(
                    .lossAboveLimit,
                    "\(Quantity.bytes(bytes)) of the primary's WAL are on no standby that answers, the limit is "
                        + "\(Quantity.bytes(bytesLimit))", hint: hint)
            }
            guard let secondsLimit else { return nil }
            guard let seconds else {
                return Refusal(
                    .lossUnknown, "in how many seconds the WAL was written that no standby has is not known", hint: hint
                )
            }
            guard seconds > secondsLimit else { return nil }
            return Refusal(
                .lossAboveLimit,
                "the WAL of the last \(Quantity.seconds(seconds)) is on no standby that answers, the limit is "
                    + "\(Quantity.seconds(secondsLimit))", hint: hint)
        }
    }
}
