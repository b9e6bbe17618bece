/// What lag is measured against in one round.
struct LagReference {
    /// The position a standby without lag has reached.
    var position: LSN
    /// What the position is.
    var source: LagSource
    /// The node whose line of history the position is on: the primary, or the most advanced standby in its stead.
    var node: ObservedNode?

    /// The primary's answer and its clock; nil when it was not asked.
    var primary: ObservedNode? { source == .primaryPosition ? node : nil }

    /// The primary's position; without one the last position seen of it, unless a standby is already beyond that.
    ///
    /// Seen by this observer, or reported to a walreceiver that is still connected (`latest_end_lsn`). What was
    /// reported to a standby is nearly always what it got, so that only a report beyond all standbys tells anything.
    static func of(
        _ snapshot: ClusterSnapshot, _ topology: Topology, _ clock: LSNClock
    ) -> LagReference? {
        if let name = topology.primary, let node = snapshot.node(name), let position = node.snapshot?.currentLSN {
            return LagReference(position: position, source: .primaryPosition, node: node)
        }
        // With several primaries and no way to tell which one counts there is nothing to measure against.
        guard topology.primaries.isEmpty else { return nil }
        let best = mostAdvanced(snapshot)
        let timeline = best?.snapshot?.currentTimeline
        let reached = best?.snapshot?.position
        let seen = clock.timeline == timeline ? clock.samples.last?.lsn : nil
        let reported = snapshot.nodes.compactMap { node -> LSN? in
            guard let own = node.snapshot, own.currentTimeline == timeline, let position = own.receiver?.latestEndLSN,
                own.systemIdentifier == best?.snapshot?.systemIdentifier, position > reached ?? .invalid
            else { return nil }
            return position
        }
        if timeline != nil, let known = ([seen] + reported).compactMap(\.self).max(), known >= reached ?? .invalid {
            return LagReference(position: known, source: .lastKnownPrimary, node: best)
        }
        return reached.map { LagReference(position: $0, source: .mostAdvancedStandby, node: best) }
    }

    /// The standby furthest on the latest timeline, of the system that most standbys belong to.
    private static func mostAdvanced(_ snapshot: ClusterSnapshot) -> ObservedNode? {
        let members = Dictionary(grouping: snapshot.nodes.compactMap(\.snapshot), by: \.systemIdentifier)
        func rank(_ node: ObservedNode) -> (Int, UInt32, LSN) {
            let own = node.snapshot
            return (
                members[own?.systemIdentifier]?.count ?? 0, own?.currentTimeline?.rawValue ?? 0,
                own?.position ?? .invalid
            )
        }
        return snapshot.nodes.filter { $0.snapshot?.position != nil }.max { rank($0) < rank($1) }
    }

    /// Whether the positions of `node` can be compared with this one, given how it relates to the primary.
    func applies(to node: ObservedNode, _ ancestry: Ancestry?) -> Bool {
        if let ancestry { return ancestry == .descends }
        guard node.snapshot != nil, let other = self.node, other.name != node.name else { return true }
        return Ancestry.of(node, comparedTo: other) == .descends
    }
}

/// The lag of one standby, from what it and its upstream say.
struct LagMeasurement {
    let node: ObservedNode
    let link: Topology.Link?
    let upstream: ObservedNode?
    let reference: LagReference
    let clock: LSNClock

    func measure() -> Lag {
        var lag = Lag()
        for stage in Lag.Stage.allCases {
            guard let position = position(of: stage) else { continue }
            lag[stage] = measure(stage, at: position)
        }
        return lag
    }

    /// How far a stage has come.
    ///
    /// Positions only ever advance, so of two reports the greater is the newer: the
    /// primary's row for replay is as old as the standby's last reply, up to `wal_receiver_status_interval`. And what
    /// is durable was written, what was written was sent: a new walreceiver has flushed before it reports a write.
    private func position(of stage: Lag.Stage) -> LSN? {
        let own = node.snapshot
        let row = link?.row
        let flushed = [row?.flushLSN, own?.receiver?.flushedLSN]
        let written = [row?.writeLSN, own?.receiver?.writtenLSN] + flushed
        let positions: [LSN?] =
            switch stage {
            case .sent: [row?.sentLSN] + written
            case .write: written
            case .flush: flushed
            case .receive: [own?.position]
            case .replay: [row?.replayLSN, own?.replayLSN]
            }
        return positions.compactMap(\.self).filter { $0 != .invalid }.max()
    }

    private func measure(_ stage: Lag.Stage, at position: LSN) -> StageLag {
        let bytes = reference.position.bytesAhead(of: position)
        var lag = StageLag(bytes: bytes, seconds: nil, source: reference.source)
        if let upstream = upstream?.snapshot, upstream.inRecovery, let sendable = upstream.position {
            lag.upstreamBytes = sendable.bytesAhead(of: position)
        }
        if bytes == 0 {
            // Against anything but the primary itself, "nothing missing" isn't known.
            if reference.source == .primaryPosition { (lag.seconds, lag.source) = (0, .caughtUp) }
            return lag
        }
        if let (seconds, source) = seconds(of: stage, at: position) { (lag.seconds, lag.source) = (seconds, source) }
        return lag
    }

    /// The first source that can be trusted, in the order primary's own measurement, LSN clock, replay timestamp.
    private func seconds(of stage: Lag.Stage, at position: LSN) -> (Double, LagSource)? {
        let byTimestamp = stage == .replay ? replayAge : nil
        if let measured = primaryMeasurement(of: stage), isCurrent(measured, byTimestamp, stage) {
            return (measured, .primaryLag)
        }
        if let now = node.answer.timing?.answered ?? reference.primary?.answer.timing?.answered,
            clock.timeline == reference.node?.snapshot?.currentTimeline, let age = clock.age(of: position, asOf: now)
        {
            return (age, reference.primary == nil ? reference.source : .lsnClock)
        }
        return byTimestamp.map { ($0, .replayTimestamp) }
    }

    /// The primary's own `*_lag`; only of a standby directly below it, since each hop is measured by itself.
    private func primaryMeasurement(of stage: Lag.Stage) -> Double? {
        guard let row = link?.row, let primary = reference.primary, link?.upstream == primary.name else { return nil }
        switch stage {
        case .write: return row.writeLag
        case .flush, .receive: return row.flushLag
        case .replay: return row.replayLag
        case .sent: return nil
        }
    }

    /// Whether a `*_lag` still says how it is now.
    ///
    /// PostgreSQL renews it only when the standby confirms something new (`LagTrackerRead` in walsender.c): while a
    /// stage stands still, an old small value stays. A standby that lives replies every
    /// `wal_receiver_status_interval`. Replay may stand still while replies come: then the last transaction replayed
    /// is older than the value by more than the time between two replies, and the primary's report of the replay
    /// position is the standby's own.
    private func isCurrent(_ measured: Double, _ replayAge: Double?, _ stage: Lag.Stage) -> Bool {
        // A standby that gives no answer may stand still: nothing tells how old the value is.
        guard let own = node.snapshot, let row = link?.row else { return false }
        let interval = max(Double(own.integerSetting("wal_receiver_status_interval") ?? 10), 1) + 1
        if let reply = row.replyTime, own.now - reply > measured + interval { return false }
        guard stage == .replay else { return true }
        if own.isReplayPaused || own.applyDelay > measured { return false }
        if let confirmed = row.replayLSN, let reached = own.replayLSN, confirmed != reached { return true }
        return replayAge.map { $0 <= measured + interval } ?? true
    }

    /// How old the last transaction replayed is, by the primary's clock that stamped it: the standby's sample is
    /// carried over through the observer's clock.
    private var replayAge: Double? {
        guard let stamp = node.snapshot?.replayTimestamp, let sampled = node.answer.timing?.answered,
            let primary = reference.primary, let offset = primary.clockOffset
        else { return nil }
        return max(0, sampled + offset.seconds - stamp)
    }
}
