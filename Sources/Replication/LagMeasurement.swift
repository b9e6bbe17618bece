/// What lag is measured against in one round.
struct LagReference {
    /// The position a standby without lag has reached.
    var position: LSN
    /// What the position is.
    var source: LagSource
    /// The primary's answer and its clock; nil when it was not asked.
    var primary: ObservedNode?

    /// The primary's position; without one the last position seen of it, unless a standby is already beyond that.
    static func of(
        _ snapshot: ClusterSnapshot, _ topology: Topology, _ clock: LSNClock
    ) -> LagReference? {
        if let name = topology.primary, let node = snapshot.node(name), let position = node.snapshot?.currentLSN {
            return LagReference(position: position, source: .primaryPosition, primary: node)
        }
        // With several primaries and no way to tell which one counts there is nothing to measure against.
        guard topology.primaries.isEmpty else { return nil }
        let standbys = snapshot.nodes.compactMap(\.snapshot).filter(\.inRecovery)
        let highest = standbys.compactMap(\.currentTimeline).max()
        let mostAdvanced = standbys.filter { $0.currentTimeline == highest }.compactMap(\.position).max()
        let known = clock.timeline == highest ? clock.samples.last?.lsn : nil
        if let known, known >= mostAdvanced ?? .invalid {
            return LagReference(position: known, source: .lastKnownPrimary, primary: nil)
        }
        return mostAdvanced.map { LagReference(position: $0, source: .mostAdvancedStandby, primary: nil) }
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

    /// How far a stage has come. Positions only ever advance, so of two reports the greater is the newer: the
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
            let age = clock.age(of: position, asOf: now)
        {
            return (age, reference.source == .lastKnownPrimary ? .lastKnownPrimary : .lsnClock)
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

    /// Whether a `*_lag` still says how it is now. PostgreSQL renews it only when the standby confirms something new
    /// (`LagTrackerRead` in walsender.c): while replay stands still, an old small value stays. Then the last
    /// transaction replayed is older than the value by more than the time between two replies.
    private func isCurrent(_ measured: Double, _ replayAge: Double?, _ stage: Lag.Stage) -> Bool {
        guard stage == .replay else { return true }
        if node.snapshot?.isReplayPaused == true || (node.snapshot?.applyDelay ?? 0) > measured { return false }
        guard let replayAge else { return true }
        let interval = Double(node.snapshot?.integerSetting("wal_receiver_status_interval") ?? 10)
        return replayAge <= measured + max(interval, 1) + 1
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
