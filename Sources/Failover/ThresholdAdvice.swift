package import Configuration
internal import Essentials
internal import Replication

/// What a sample says of the times that a cluster's failover is configured with.
package struct ThresholdAdvice: Sendable, Equatable {
    /// What it rests on.
    package var sample: ThresholdSample
    /// What is to be said of the times.
    package var findings: [FailoverReadiness.Finding]
    /// The times as they are.
    package var configured: Times
    /// The times that the sample supports; where none is needed to change, the same.
    package var advised: Times
    /// How long clients can't write with the configured times.
    package var outage: Outage
    /// The same with those that the sample supports.
    package var advisedOutage: Outage

    /// The times of a configuration that say when a primary is lost, in seconds.
    package struct Times: Sendable, Equatable {
        /// After which a look doesn't wait any longer.
        package var timeout: Double
        /// How long a loss must be seen.
        package var confirmFor: Double
        /// How often the cluster is looked at.
        package var interval: Double

        /// Times by their parts.
        package init(timeout: Double, confirmFor: Double, interval: Double) {
            self.timeout = timeout
            self.confirmFor = confirmFor
            self.interval = interval
        }
    }

    /// From the primary's death until clients can write again, in seconds; an estimate, but for the waits that are
    /// configured.
    package struct Outage: Sendable, Equatable {
        /// Where its server is killed and its host answers.
        package var killed: Double
        /// Where its host has vanished without a word, at the longest, without what the `fence_command` takes; nil:
        /// nobody is promoted, since nothing could prove that it is off.
        package var vanished: Double?

        /// An outage by its parts.
        package init(killed: Double, vanished: Double?) {
            self.killed = killed
            self.vanished = vanished
        }
    }

    /// How many times the slowest answer that was seen a limit is to be.
    package static let margin = 3.0
    /// The least time, in seconds, that is advised: no short sample tells how long a server that writes a checkpoint or
    /// a machine that is moved stands still.
    package static let floor = 1.0
    /// How many looks a sample has at least that is not called short.
    package static let manyLooks = 500
    /// How many it has at least for shorter times to be advised.
    package static let enoughLooks = 10

    /// The advice on a cluster's times.
    package init(_ cluster: ClusterConfiguration, from sample: ThresholdSample) {
        let policy = cluster.failover
        let times = Times(
            timeout: cluster.timeout.seconds, confirmFor: policy.confirmFor.seconds, interval: policy.interval.seconds)
        self.init(times, policy, from: sample)
    }

    /// The advice on times under a policy.
    package init(_ times: Times, _ policy: FailoverPolicy, from sample: ThresholdSample) {
        let judgement = Judgement(
            times: times, sample: sample, severity: policy.mode == .automatic ? .warning : .ok,
            isFenced: policy.fenceCommand != nil || policy.fencing == .bestEffort)
        self.sample = sample
        configured = times
        advised = judgement.advised
        findings = judgement.findings
        outage = judgement.outage(with: times)
        advisedOutage = judgement.outage(with: judgement.advised)
    }
}

/// Times held against a sample.
private struct Judgement {
    typealias Finding = FailoverReadiness.Finding

    var times: ThresholdAdvice.Times
    var sample: ThresholdSample
    /// Of what may replace a primary that lives.
    var severity: Severity
    /// Whether a host that has vanished keeps nobody from being promoted.
    var isFenced: Bool

    var findings: [Finding] {
        noAnswer + timeoutShort
            + [timeoutLong, confirmForZero, confirmForShort, confirmForLong, intervalLong]
            .compactMap(\.self)
    }

    // MARK: What the sample supports

    /// Whether shorter times may be advised: nobody is unknown.
    private var isEnough: Bool { noAnswer.isEmpty && sample.looks >= ThresholdAdvice.enoughLooks }

    /// The least timeout of which each share is `margin` times the slowest answer that had that share
    /// (`ProbeTimes.Kind.shares`), as a round number; nil: nothing was answered.
    private var supportedTimeout: Double? {
        let needs = sample.probes.compactMap(neededTimeout)
        return needs.max().map { Self.round(up: max($0, ThresholdAdvice.floor)) }
    }

    private func neededTimeout(_ probe: ProbeTimes) -> Double? {
        guard let shares = probe.kind.shares, let slowest = probe.slowest else { return nil }
        return ThresholdAdvice.margin * shares * slowest
    }

    /// Twice the longest pause that was seen, so that the looks that confirm a loss don't all fall into such a one.
    private var supportedConfirmFor: Double { Self.round(up: max(2 * spread, ThresholdAdvice.floor)) }

    private var spread: Double { sample.unsteadiest?.spread ?? 0 }

    var advised: ThresholdAdvice.Times {
        var advised = times
        if let timeout = supportedTimeout, !timeoutShort.isEmpty || timeoutLong != nil { advised.timeout = timeout }
        if confirmForShort != nil || confirmForLong != nil { advised.confirmFor = supportedConfirmFor }
        if intervalLong != nil { advised.interval = ThresholdAdvice.floor }
        return advised
    }

    /// The next of 1, 1.5, 2, 3, 4, 5, 6, 8 and their multiples by powers of ten.
    private static func round(up seconds: Double) -> Double {
        var unit = 0.1
        while true {
            // The tolerance is that of the division: 3 × 2 × 0.5 is 3, not a bit more.
            for step in [1, 1.5, 2, 3, 4, 5, 6, 8] where step * unit >= seconds * (1 - 1e-9) {
                return (step * unit * 10).rounded() / 10
            }
            unit *= 10
        }
    }

    // MARK: What is to be said

    private var noAnswer: [Finding] {
        sample.probes.filter { $0.count > 0 && $0.seconds.isEmpty && $0.kind != .message }.map { probe in
            let why = probe.reason.map { ": \($0)" } ?? ""
            return Finding(
                .notMeasured, .ok, node: probe.place,
                "\(probe.kind.words(at: probe.place)) could not be measured, \(probe.count) of \(probe.count) failed"
                    + why)
        }
    }

    /// One for each place: the probe that has the least room.
    private var timeoutShort: [Finding] {
        let tight = sample.probes.filter { probe in
            neededTimeout(probe).map { $0 > times.timeout } ?? false
        }
        let places = tight.map(\.place)
        return places.indices.filter { places.firstIndex(of: places[$0]) == $0 }.compactMap { index in
            let worst = tight.filter { $0.place == places[index] }.max {
                (neededTimeout($0) ?? 0) < (neededTimeout($1) ?? 0)
            }
            guard let worst, let shares = worst.kind.shares, let slowest = worst.slowest,
                let needed = neededTimeout(worst)
            else { return nil }
            let seen =
                worst.timeouts > 0
                ? "\(worst.timeouts) of \(worst.count) got no answer in \(SpanText.measured(worst.limit))"
                : "the slowest of \(worst.count) took \(SpanText.measured(slowest))"
            let least = worst.timeouts > 0 ? " at least; measure again with --timeout" : ""
            return Finding(
                .timeoutShort, severity, node: worst.place,
                "timeout \(SpanText.configured(times.timeout)) leaves \(worst.kind.words(at: worst.place)) "
                    + "\(SpanText.measured(times.timeout / shares)): \(seen)",
                hint: "timeout: \(SpanText.configured(Self.round(up: max(needed, ThresholdAdvice.floor))))\(least). "
                    + "Who answers later is taken for silent, and is not promoted.")
        }
    }

    private var timeoutLong: Finding? {
        guard isEnough, timeoutShort.isEmpty, let supported = supportedTimeout, times.timeout > 2 * supported,
            let slowest = sample.slowest
        else { return nil }
        var faster = times
        faster.timeout = supported
        return Finding(
            .timeoutLong, .ok,
            "timeout \(SpanText.configured(times.timeout)) is more than was needed, the slowest answer took "
                + "\(SpanText.measured(slowest)): that a host has vanished is known after up to "
                + "\(SpanText.measured(times.detection))",
            hint: "timeout: \(SpanText.configured(supported)) would make that \(SpanText.measured(faster.detection)).")
    }

    private var confirmForZero: Finding? {
        guard times.confirmFor == 0 else { return nil }
        return Finding(
            .confirmForZero, .ok,
            "confirm_for 0s: one look at which nobody sees the primary alive, from here and from another place, is enough",
            hint: "A restart of its server, during which nobody listens, may be taken for a loss: pgdr pause before it."
        )
    }

    private var confirmForShort: Finding? {
        guard times.confirmFor > 0, let pause = sample.unsteadiest, times.confirmFor < pause.spread else { return nil }
        return Finding(
            .confirmForShort, severity, node: pause.place,
            "confirm_for \(SpanText.configured(times.confirmFor)) is shorter than a pause that was seen, of "
                + "\(SpanText.measured(pause.spread)) in \(pause.kind.words(at: pause.place)): the looks that confirm a "
                + "loss may all fall into such a one",
            hint:
                "confirm_for: \(SpanText.configured(supportedConfirmFor)). One place that sees the primary alive still outweighs "
                + "all others.")
    }

    private var confirmForLong: Finding? {
        guard isEnough, times.confirmFor > 2 * supportedConfirmFor else { return nil }
        return Finding(
            .confirmForLong, .ok,
            "confirm_for \(SpanText.configured(times.confirmFor)) is most of what clients wait for, and the longest pause that was "
                + "seen is \(SpanText.measured(spread))",
            hint:
                "confirm_for: \(SpanText.configured(supportedConfirmFor)) would do for such pauses. What takes longer, a restart "
                + "of the server or a network that heals itself, doesn't show in a sample.")
    }

    private var intervalLong: Finding? {
        guard times.interval > ThresholdAdvice.floor, times.interval > (supportedTimeout ?? times.timeout) else {
            return nil
        }
        return Finding(
            .intervalLong, .ok,
            "interval \(SpanText.configured(times.interval)): for so long a host that has vanished may go unasked",
            hint: "interval: \(SpanText.configured(ThresholdAdvice.floor)). A look asks each node one statement.")
    }

    // MARK: How long clients can't write

    /// Measured on one machine, without a network between the nodes: what a failover itself takes from its decision to
    /// the first commit, in seconds (`Tests/Benchmarks/run`, confirm_for 0).
    private static let ownWork = 0.15
    /// How many times something goes to a node or a host and back, one after the other, from the decision to the
    /// promotion: locks (1), what voters have written down (1), the plan's probes (3), the decision written (2), the
    /// fence (3), a slot (2), who has the most WAL (1), the promotion (2).
    private static let roundTrips = 15.0

    /// The usual time of the slowest place, in seconds.
    private func usual(_ kind: ProbeTimes.Kind) -> Double {
        sample.probes.filter { $0.kind == kind }.compactMap { $0.quantile(0.5) }.max() ?? 0
    }

    /// The waits of `Watch.look`.
    ///
    /// A server that is killed ends its connection, and that wakes the watch (`Lookout.waitForEnd`): no interval
    /// passes. Its host refuses at once, so that a look takes what the other places take to look; a second one follows
    /// after `confirm_for` (`Situation.outlook`). Of a host that has vanished nothing comes: a whole interval may pass
    /// until it is asked, a whole timeout until the look is over, and `confirm_for` runs from there (`Pace`).
    func outage(with times: ThresholdAdvice.Times) -> ThresholdAdvice.Outage {
        let look = max(usual(.look), usual(.view))
        let work = Self.ownWork + Self.roundTrips * usual(.look)
        let killed = look + (times.confirmFor > 0 ? times.confirmFor + look : 0) + work
        return .init(killed: killed, vanished: isFenced ? times.detection + work : nil)
    }
}

extension ThresholdAdvice.Times {
    /// The longest time, in seconds, until it is certain that a host has vanished; see `Pace`.
    package var detection: Double {
        interval + timeout + (confirmFor > 0 ? max(confirmFor, timeout / 2) : 0)
    }
}

extension ProbeTimes.Kind {
    /// A probe of that kind as a part of a sentence.
    fileprivate func words(at place: String) -> String {
        switch self {
        case .look: "a look at \"\(place)\""
        case .connection: "a new connection to \"\(place)\""
        case .view: "the view of the primary from the host of \"\(place)\""
        case .message: "the last message of \"\(place)\""
        }
    }
}
