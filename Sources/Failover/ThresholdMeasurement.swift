package import Configuration
internal import Essentials
internal import Hosts
internal import Observation
internal import Replication
internal import RunbookEngine
package import SSH

/// Measures what `pgdr monitor` relies on: its looks, new connections, and the views from the hosts.
package struct ThresholdMeasurement: Sendable {
    /// The cluster.
    package var cluster: ClusterConfiguration
    /// How long it is measured.
    package var span: Duration
    /// How long a look may take, as the cluster's timeout; a probe is given half of it.
    package var timeout: Duration
    /// Whether the hosts look too.
    package var asksHosts: Bool

    /// A measurement that hasn't begun; without a `span` a short one.
    package init(_ cluster: ClusterConfiguration, span: Duration? = nil, timeout: Duration, asksHosts: Bool) {
        self.cluster = cluster
        self.span = span ?? Self.moment
        self.timeout = timeout
        self.asksHosts = asksHosts
    }

    /// Enough for about twenty looks.
    private static let moment: Duration = .seconds(2)
    /// The most looks that are kept: a long sample takes fewer a second.
    private static let most = 20_000

    /// From one look to the next.
    private var pause: Duration { max(.milliseconds(100), span / Self.most) }
    private var limit: Duration { timeout / 2 }

    /// Measures; it takes no longer than the span and three times the timeout, whatever hangs.
    /// - Parameters:
    ///   - secrets: where passphrases of keys come from that have no `askpass`.
    ///   - told: called with the share that is done, from 0 to 1.
    package func take(_ secrets: Secrets = .none, told: @escaping @Sendable (Double) -> Void = { _ in }) async
        -> ThresholdSample
    {
        let sessions = RunSessions(cluster, statementTimeout: timeout, secrets: secrets)
        // The first look connects, and the second one has the statement planned: neither is what a monitor waits for.
        let first = await sessions.observer.round(until: .after(limit))
        _ = await sessions.observer.round(until: .after(limit))
        let primaries = first.primaries.map(\.name)
        let primary = primaries.count == 1 ? primaries[0] : nil
        let places = asksHosts ? vantages(of: primary) : []
        await openAll(places, sessions)
        let began = ContinuousClock.now
        let end = Deadline.after(span)
        async let looks = self.looks(sessions, primary, until: end, told)
        async let connections = self.connections(until: end)
        async let views = self.views(of: primary, from: places, sessions, until: end)
        let probes = await looks + connections + views
        let order = ProbeTimes.Kind.allCases
        return ThresholdSample(
            span: began.duration(to: .now).seconds, primary: primary,
            probes: order.flatMap { kind in probes.filter { $0.kind == kind } })
    }

    /// Probes again and again until the deadline, at least once.
    private func again(
        every pause: Duration, until end: Deadline, _ probe: () async -> Void
    ) async {
        repeat {
            let next = Deadline.after(pause)
            await probe()
            guard next < end, !end.hasPassed, await ReadinessLoop.shared.sleep(until: next) != .cancelled else {
                return
            }
        } while !Task.isCancelled
    }

    private func empty(_ kind: ProbeTimes.Kind, _ place: String) -> ProbeTimes {
        ProbeTimes(kind, place, limit: limit.seconds)
    }

    /// What the nodes take to answer a round over held connections, and how old the walreceivers' messages are then.
    private func looks(
        _ sessions: RunSessions, _ primary: String?, until end: Deadline, _ told: @Sendable (Double) -> Void
    ) async -> [ProbeTimes] {
        var looks = cluster.nodes.map { empty(.look, $0.name) }
        var messages = cluster.nodes.map { empty(.message, $0.name) }
        await again(every: pause, until: end) {
            let snapshot = await sessions.observer.round(until: .after(limit))
            for (index, node) in snapshot.nodes.enumerated() {
                looks[index].note(node, took: node.answer.timing.map { max(0, $0.answered - $0.asked) })
                guard node.name != primary, let own = node.snapshot, own.isStreaming,
                    let message = own.receiver?.lastMessageReceiptTime
                else { continue }
                messages[index].seconds.append(max(0, own.now - message))
            }
            told(min(1, 1 - end.remaining / span))
        }
        return looks + messages.filter { !$0.seconds.isEmpty }
    }

    /// What it takes to connect, log in and get the first answer; of all nodes at once, as after a break.
    private func connections(until end: Deadline) async -> [ProbeTimes] {
        var times = cluster.nodes.map { empty(.connection, $0.name) }
        await again(every: pause * 5, until: end) {
            let rounds = await Self.ofAll(cluster.nodes) { node in
                var alone = cluster
                alone.nodes = [node]
                return await ClusterObserver(alone).round(until: .after(limit))
            }
            for (index, round) in rounds.enumerated() {
                guard let node = round.nodes.first else { continue }
                times[index].note(node, took: round.took)
            }
        }
        return times
    }

    /// The nodes and witnesses from whose hosts the primary can be looked at.
    private func vantages(of primary: String?) -> [String] {
        guard let primary else { return [] }
        return cluster.nodes.filter { $0.ssh != nil && $0.name != primary }.map(\.name) + cluster.witnesses.map(\.name)
    }

    /// Logs in to the hosts, and has each look once.
    private func openAll(_ places: [String], _ sessions: RunSessions) async {
        _ = await Self.ofAll(places) { place in
            do throws(Failure) { try await sessions.host(of: place).open(until: .after(timeout)) } catch {
                // That there is no way to it shows in the measurement.
            }
        }
    }

    private func views(
        of primary: String?, from places: [String], _ sessions: RunSessions, until end: Deadline
    ) async -> [ProbeTimes] {
        guard let primary, let address = try? cluster.node(named: primary)?.replicationAddress() else { return [] }
        var times = places.map { empty(.view, $0) }
        guard !times.isEmpty else { return [] }
        await again(every: pause * 2, until: end) {
            let views = await Self.ofAll(places) { place in
                let began = ContinuousClock.now
                let reach: Result<SSH.Reach, Failure>
                do throws(Failure) {
                    reach = .success(
                        try await sessions.host(of: place).reach(
                            address.host, port: address.port, greeting: RunSessions.greeting, until: .after(limit)))
                } catch {
                    reach = .failure(error)
                }
                return TimedReach(reach: reach, took: began.duration(to: .now).seconds)
            }
            for (index, view) in views.enumerated() { times[index].note(view) }
        }
        return times
    }

    /// Does something for all of them at once; the results are in their order.
    private static func ofAll<Element: Sendable, Value: Sendable>(
        _ elements: [Element], _ body: @escaping @Sendable (Element) async -> Value
    ) async -> [Value] {
        await withTaskGroup(of: Numbered<Value>.self) { group in
            for (number, element) in elements.enumerated() {
                group.addTask {
                    let value = await body(element)
                    return Numbered(number: number, value: value)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.number < $1.number }.map(\.value)
        }
    }

    private struct Numbered<Value: Sendable>: Sendable {
        var number: Int
        var value: Value
    }
}

/// What became of a connection from a host to the primary, and after how many seconds.
private struct TimedReach: Sendable {
    var reach: Result<SSH.Reach, Failure>
    var took: Double
}

extension ProbeTimes {
    /// Takes up what a node answered.
    fileprivate mutating func note(_ node: ObservedNode, took: Double?) {
        if let silence = node.silence {
            fail(isTimeout: ["connect_timeout", "query_timeout"].contains(silence.reason), silence.detail)
        } else if let took {
            seconds.append(took)
        }
    }

    /// Takes up what a host saw of the primary.
    fileprivate mutating func note(_ view: TimedReach) {
        switch view.reach {
        case .success(.answered): seconds.append(view.took)
        case .success(.silent):
            fail(isTimeout: view.took >= limit, "the primary's port takes connections and nothing answers")
        case .success(.failed(let words)), .success(.forbidden(let words)): fail(isTimeout: false, words)
        case .failure(let failure): fail(isTimeout: failure.code == .timeout, failure.message)
        }
    }

    private mutating func fail(isTimeout: Bool, _ why: String) {
        if isTimeout { timeouts += 1 } else { failures += 1 }
        reason = why.split(whereSeparator: \.isNewline).first.map(String.init) ?? why
    }
}
