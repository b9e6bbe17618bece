import Configuration
import Essentials
import Failover
import Replication

/// An observer in a simulated world.
///
/// It decides by the very code that the real one decides by, and acts in the order in which the runbook "failover" acts,
/// one step at a time. Between two steps anything may happen, also nothing for long.
struct SimulatedObserver {
    /// A rule that can be left out, to see that it is missed.
    enum Mutant: CaseIterable {
        /// A decision needs no majority.
        case noQuorum
        /// A decision is not written down.
        case noRecords
        /// The old primary is not fenced.
        case noFence
        /// A fence is taken back when a run fails.
        case fenceTakenBack
    }

    enum Stage {
        case idle
        case locking(Int)
        case deciding
        case recording(Int)
        case fencing
        case comparing
        case promoting
        case repointing
    }

    let place: Int
    let mutant: Mutant?
    var stage = Stage.idle
    private var confirmation = Confirmation()
    private var primary: Int?
    private var last: LastKnown?
    private var heardAt: Int?
    private var lookedAt: Int?
    private var held: Set<Int> = []
    private var evidence: Evidence?
    private var nominee = 0
    private var source: Int?
    /// The standbys on whose answers the proof rests that no commit is lost; the promotion needs them again.
    private var witnesses: Set<Int> = []
    private var replaced: UInt32 = 1
    private var agreeing = 0
    private var hasFenced = false
    private(set) var failovers = 0

    static let policy: FailoverPolicy = {
        var policy = FailoverPolicy()
        policy.mode = .automatic
        policy.confirmFor = .seconds(2)
        policy.cooldown = .zero
        policy.atMost = .init(failovers: 100, within: .seconds(60))
        policy.maxLag = .init(bytes: 1000, seconds: nil)
        return policy
    }()

    init(place: Int, mutant: Mutant?) {
        self.place = place
        self.mutant = mutant
    }

    /// Loses all it knows and holds, as a process that is killed.
    mutating func crash(_ world: inout World) {
        for voter in world.locks.indices where world.locks[voter] == place { world.locks[voter] = nil }
        self = SimulatedObserver(place: place, mutant: mutant)
    }

    /// Goes one step on.
    mutating func step(_ world: inout World) {
        switch stage {
        case .idle: look(world)
        case .locking(let voter): lock(voter, &world)
        case .deciding: decide(&world)
        case .recording(let voter): record(voter, &world)
        case .fencing: fence(&world)
        case .comparing: compare(&world)
        case .promoting: promote(&world)
        case .repointing: repoint(&world)
        }
    }

    private mutating func end(_ world: inout World) {
        for voter in held where world.locks[voter] == place { world.locks[voter] = nil }
        held = []
        stage = .idle
        evidence = nil
        hasFenced = false
    }

    /// Ends a run that failed before its promotion.
    private mutating func fail(_ world: inout World) {
        if mutant == .fenceTakenBack, hasFenced, let primary, world.reaches(place, primary),
            !world.nodes.contains(where: \.takesWrites)
        {
            world.nodes[primary].isFenced = false
            world.nodes[primary].isPrimary = true
            world.start(primary)
        }
        end(&world)
    }

    // MARK: Looking

    private func answers(_ node: Int, _ world: World) -> Bool {
        world.reaches(place, node) && world.nodes[node].isUp
    }

    private mutating func look(_ world: World) {
        // Once a tick is often enough.
        guard lookedAt != world.time else { return }
        lookedAt = world.time
        let writable = (0..<World.nodeCount).filter { answers($0, world) && world.nodes[$0].isPrimary }
        if writable.count == 1 {
            let found = writable[0]
            primary = found
            heardAt = world.time
            last = LastKnown(
                lsn: Self.lsn(world.nodes[found].commits.count),
                timeline: Timeline(rawValue: world.nodes[found].timeline),
                at: Moment(rawValue: Double(world.time)),
                synchronousStandbyNames: world.isSynchronous
                    ? "ANY 1 (\((0..<World.nodeCount).filter { $0 != found }.map { World.names[$0] }.joined(separator: ", ")))"
                    : "", systemIdentifier: Scene.system)
        }
        guard writable.isEmpty else { return confirmation.note(.alive, at: Double(world.time)) }
        guard let primary else { return }
        let seen = seen(primary, world)
        confirmation.note(seen.diagnose().condition, at: seen.ticks)
        let situation = Situation(seen, confirmation, Self.policy, .init(isAutomatic: true))
        guard situation.outlook == nil else { return }
        evidence = seen
        stage = .locking(0)
    }

    private static func lsn(_ count: Int) -> LSN { LSN(rawValue: 0x100_0000 + UInt64(count)) }

    private func seen(_ primary: Int, _ world: World) -> Evidence {
        var views = [View(.observer, sight(of: primary, from: place, world))]
        var standbys: [StandbyEvidence] = []
        for node in 0..<World.nodeCount where node != primary {
            var standby = StandbyEvidence(
                name: World.names[node], kind: .replica, silence: answers(node, world) ? nil : "refused")
            if answers(node, world) {
                let own = world.nodes[node]
                standby.inRecovery = !own.isPrimary
                standby.systemIdentifier = Scene.system
                standby.timeline = Timeline(rawValue: own.timeline)
                standby.endOfWAL = Self.lsn(own.commits.count)
                standby.isReceiving = world.streams(node)
                if let other = (0..<World.nodeCount).first(where: { other in
                    other != node && other != primary && answers(other, world)
                }), !isOneLine(own.commits, world.nodes[other].commits), own.timeline <= world.nodes[other].timeline {
                    standby.obstacles = [.diverged("it has commits that \(World.names[other]) has not")]
                }
            }
            standbys.append(standby)
            let isSending = answers(node, world) && world.nodes[node].upstream == primary && world.streams(node)
            let sight: Sight =
                isSending ? .sending : world.reaches(place, node) ? self.sight(of: primary, from: node, world) : .blind
            views.append(View(.standby(World.names[node]), sight == .writable ? .answering : sight))
        }
        let witness = world.reaches(place, 3) ? sight(of: primary, from: 3, world) : .blind
        views.append(View(.witness("w"), witness == .writable ? .answering : witness))
        let host: HostSight =
            !world.reaches(place, primary) ? .silent : world.nodes[primary].isUp ? .running : .stopped
        var evidence = Evidence(
            cluster: "main", at: Moment(rawValue: Double(world.time)), ticks: Double(world.time),
            primary: World.names[primary], silentFor: heardAt.map { Double(world.time - $0) }, views: views, host: host,
            standbys: standbys, last: last
        )
        evidence.identification = last?.timeline == evidence.timeline ? [.seen] : []
        return evidence
    }

    private func isOneLine(_ left: [Int], _ right: [Int]) -> Bool {
        let count = min(left.count, right.count)
        return left.prefix(count).elementsEqual(right.prefix(count))
    }

    private func sight(of node: Int, from other: Int, _ world: World) -> Sight {
        guard world.reaches(other, node) else { return .unreachable }
        guard world.nodes[node].isUp else { return .refused }
        return world.nodes[node].isPrimary ? .writable : .inRecovery
    }

    // MARK: Acting

    /// The voters on replacing the primary, in the configuration's order.
    private var voters: [Int] { (0..<World.voterPlaces).filter { $0 != primary } }

    private func isThere(_ voter: Int, _ world: World) -> Bool {
        voter < World.nodeCount ? answers(voter, world) : world.reaches(place, voter)
    }

    private mutating func lock(_ index: Int, _ world: inout World) {
        let voter = voters[index]
        if isThere(voter, world) {
            guard world.locks[voter] == nil || world.locks[voter] == place else { return end(&world) }
            world.locks[voter] = place
            held.insert(voter)
        }
        stage = index + 1 < voters.count ? .locking(index + 1) : .deciding
    }

    private mutating func decide(_ world: inout World) {
        guard let evidence, let timeline = evidence.timeline else { return end(&world) }
        replaced = timeline.rawValue
        var situation = Situation(evidence, confirmation, Self.policy, .init(isAutomatic: true))
        situation.control = ControlState(isKnown: true, at: evidence.at)
        situation.fencing = evidence.host.takesCommands || mutant == .noFence ? .host : .none
        situation.quorum = .init(
            voters: voters.map { World.names[$0] },
            locked: mutant == .noQuorum ? voters.map { World.names[$0] } : held.map { World.names[$0] })
        situation.decisions = voters.compactMap { voter in
            guard mutant != .noRecords, world.reaches(place, voter), let found = world.records[voter][replaced] else {
                return nil
            }
            return Decision(voter: World.names[voter], nominee: World.names[found.nominee], run: "\(found.run)")
        }
        guard case .failOver(let promotion) = situation.decide(),
            let chosen = World.names.firstIndex(of: promotion.election.nominee)
        else { return end(&world) }
        nominee = chosen
        witnesses = []
        if case .noCommit = promotion.loss {
            witnesses = Set(
                evidence.standbys.filter { $0.silence == nil }.compactMap { World.names.firstIndex(of: $0.name) })
        }
        source = promotion.election.source.flatMap { World.names.firstIndex(of: $0) }
        agreeing = 0
        stage = mutant == .noRecords ? .fencing : .recording(0)
    }

    private mutating func record(_ index: Int, _ world: inout World) {
        let voter = voters[index]
        if world.reaches(place, voter) {
            if world.records[voter][replaced] == nil { world.records[voter][replaced] = (nominee, place) }
            guard world.records[voter][replaced]?.nominee == nominee else { return fail(&world) }
            agreeing += 1
        }
        guard index + 1 == voters.count else { return stage = .recording(index + 1) }
        guard agreeing > voters.count / 2 || mutant == .noQuorum else { return fail(&world) }
        stage = .fencing
    }

    private mutating func fence(_ world: inout World) {
        guard mutant != .noFence else { return stage = .comparing }
        guard let primary, world.reaches(place, primary) else { return fail(&world) }
        // One that is back is not lost.
        guard !world.nodes[primary].takesWrites else { return fail(&world) }
        world.killPostmaster(primary)
        world.nodes[primary].isFenced = true
        hasFenced = true
        stage = .comparing
    }

    private mutating func compare(_ world: inout World) {
        guard answers(nominee, world), !world.nodes[nominee].isPrimary else { return fail(&world) }
        if let source {
            guard answers(source, world), !world.nodes[source].isPrimary, world.reaches(nominee, source) else {
                return fail(&world)
            }
            world.nodes[nominee].upstream = source
            world.receive(nominee)
        }
        stage = .promoting
    }

    private mutating func promote(_ world: inout World) {
        guard answers(nominee, world) else { return fail(&world) }
        guard world.nodes[nominee].timeline == replaced, !world.nodes[nominee].isPrimary else { return end(&world) }
        // What the step relies on is asked again.
        guard witnesses.allSatisfy({ answers($0, world) }) else { return fail(&world) }
        let others = (0..<World.nodeCount).filter { $0 != nominee && answers($0, world) }
        guard !others.contains(where: { world.nodes[$0].isPrimary }),
            !others.contains(where: {
                world.nodes[$0].timeline == replaced
                    && world.nodes[$0].commits.count > world.nodes[nominee].commits.count
            }),
            mutant == .noRecords
                || !voters.contains(where: { voter in
                    world.reaches(place, voter) && world.records[voter][replaced].map { $0.nominee != nominee } ?? false
                })
        else { return fail(&world) }
        world.promote(nominee)
        failovers += 1
        stage = .repointing
    }

    private mutating func repoint(_ world: inout World) {
        for node in 0..<World.nodeCount where node != nominee && node != primary && answers(node, world) {
            if !world.nodes[node].isPrimary { world.nodes[node].upstream = nominee }
        }
        primary = nominee
        confirmation = Confirmation()
        end(&world)
    }
}
