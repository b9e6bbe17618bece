internal import Configuration
internal import Essentials
internal import Hosts
internal import Observation
internal import Postgres
internal import Replication
internal import RunbookEngine
internal import SSH

/// The hosts of a cluster's nodes and witnesses as vantage points: what is seen from there.
struct LookoutHosts: Sendable {
    private let sessions: RunSessions
    private var cluster: ClusterConfiguration { sessions.cluster }

    init(_ sessions: RunSessions) { self.sessions = sessions }

    /// Opens what isn't open, and asks the nodes' hosts what is needed later to tell whether a server runs there.
    func prepare(until deadline: Deadline) async {
        await withTaskGroup(of: Void.self) { group in
            for node in cluster.nodes where node.ssh != nil {
                group.addTask { try? await renewFacts(of: node.name, until: deadline) }
            }
            for witness in cluster.witnesses {
                group.addTask { try? await sessions.host(of: witness.name).open(until: deadline) }
            }
        }
    }

    /// Only who acts in a hurry needs them new.
    private func renewFacts(of name: String, until deadline: Deadline) async throws(Failure) {
        let shell = try sessions.shell(of: name)
        guard try await shell.lastFacts(until: deadline).isLasting, cluster.failover.mode == .automatic else { return }
        _ = try await shell.facts(within: Self.renewal, until: deadline)
    }

    /// How old facts may get before they are asked for again.
    private static let renewal: Duration = .seconds(15)

    /// What each vantage point sees of the primary, and what its host says.
    /// - Parameters:
    ///   - messages: when standbys had had their last message from the primary at the look before.
    ///   - isLost: whether it gave this observer no answer; otherwise nobody's host is asked.
    func views(
        of primary: String, in snapshot: ClusterSnapshot, silentFor: Double, before messages: [String: Moment],
        isLost: Bool, until deadline: Deadline
    ) async -> ([View], HostSight) {
        let node = snapshot.node(primary)
        let own = View(.observer, node.map { Sight($0) } ?? .blind, node?.silence?.detail ?? "")
        let heard = snapshot.nodes.filter { $0.name != primary }.map { standby in
            (standby.name, standby.hears(primary, of: cluster, in: snapshot, silentFor, messages[standby.name]))
        }
        guard isLost else { return ([own] + heard.compactMap(\.1), .notAsked) }
        async let host = hostSight(of: primary, until: deadline)
        let address = try? cluster.node(named: primary)?.replicationAddress()
        let places = heard.map { (Vantage.standby($0.0), $0.1) } + cluster.witnesses.map { (.witness($0.name), nil) }
        let views = await withTaskGroup(of: (Int, View).self) { group in
            for (index, (vantage, sight)) in places.enumerated() {
                group.addTask {
                    if let sight { return (index, sight) }
                    return (index, await view(vantage, address, until: deadline))
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return ([own] + views, await host)
    }

    /// An SSLRequest, which every postmaster answers with one letter before anybody logs in.
    static let greeting: [UInt8] = [0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F]

    private func view(_ vantage: Vantage, _ address: ServerAddress?, until deadline: Deadline) async -> View {
        guard let address else { return View(vantage, .blind, "where the primary listens is not known") }
        do throws(Failure) {
            let reach = try await sessions.host(of: vantage.name).reach(
                address.host, port: address.port, greeting: Self.greeting, until: deadline.share(of: 2))
            switch reach {
            case .answered: return View(vantage, .answering, "by TCP from its host")
            case .silent: return View(vantage, .hung, "by TCP from its host")
            case .failed(let words): return View(vantage, .unreachable, words)
            case .forbidden(let words): return View(vantage, .blind, words)
            }
        } catch {
            guard error.code == .timeout else { return View(vantage, .blind, error.message) }
            // It gets neither a yes nor a no there: what a host that is gone looks like. Unless it hangs itself.
            let isThere = (try? await sessions.host(of: vantage.name).open(until: deadline)) != nil
            return View(vantage, isThere ? .unreachable : .blind, "no answer in time")
        }
    }

    /// What the primary's host says of its server.
    private func hostSight(of primary: String, until deadline: Deadline) async -> HostSight {
        guard let node = cluster.node(named: primary), node.ssh != nil else { return .notAsked }
        do throws(Failure) {
            let shell = try sessions.shell(of: primary)
            var facts = try await shell.lastFacts(until: deadline)
            // What a container's runtime is about to start again has no process either.
            if facts.container != nil { facts = try await shell.facts(until: deadline) }
            if let container = facts.container, !container.isDown { return .running }
            let command = try ServiceCommands(node, facts).awaitStopped(seconds: 0)
            let result = try await shell.run(command, in: .shared, until: deadline)
            switch PostmasterReport(result) {
            case .gone: return .stopped
            case .ready, .running: return .running
            case .unknown: return .answers
            }
        } catch {
            return error.code == .timeout || error.code == .connection ? .silent : .answers
        }
    }
}

extension ObservedNode {
    /// What its walreceiver says of the primary; nil when it receives from elsewhere, or has had no message since the
    /// observer last heard the primary, or none since the look before.
    ///
    /// One that came a moment after the primary was last heard proves that moment, and nothing of those that follow.
    /// Spans are each measured on one clock: the message's age on the standby's, the silence on the observer's.
    fileprivate func hears(
        _ primary: String, of cluster: ClusterConfiguration, in snapshot: ClusterSnapshot, _ silentFor: Double,
        _ before: Moment?
    ) -> View? {
        guard let own = self.snapshot, own.isStreaming, let message = own.receiver?.lastMessageReceiptTime,
            cluster.namedUpstream(of: name, in: snapshot) == primary, own.now - message < silentFor,
            before.map({ message > $0 }) ?? true
        else { return nil }
        return View(.standby(name), .sending, "the last message is \(Quantity.seconds(max(0, own.now - message))) old")
    }
}
