import Failover
import Testing

/// Random schedules of faults and of two observers' steps, against the code that decides.
@Suite struct SimulationTests {
    /// How a schedule ended.
    struct Outcome {
        var violation: String?
        var failovers: Int
        var trace: [String]
    }

    private static let steps = 50

    /// Runs one schedule; the same seed gives the same one.
    static func run(seed: UInt64, mutant: SimulatedObserver.Mutant? = nil, isTraced: Bool = false) -> Outcome {
        var random = Seeded(seed: seed)
        var world = World(isSynchronous: Bool.random(using: &random))
        var observers = World.observers.map { SimulatedObserver(place: $0, mutant: mutant) }
        var trace: [String] = []
        for _ in 0..<steps {
            let event = happen(&world, &observers, &random)
            if isTraced { trace.append(event) }
            if world.violation != nil { break }
        }
        return Outcome(
            violation: world.violation, failovers: observers.reduce(0) { $0 + $1.failovers }, trace: trace)
    }

    /// One event.
    private static func happen(
        _ world: inout World, _ observers: inout [SimulatedObserver], _ random: inout Seeded
    ) -> String {
        let node = Int.random(in: 0..<World.nodeCount, using: &random)
        let index = Int.random(in: 0..<observers.count, using: &random)
        switch Int.random(in: 0..<32, using: &random) {
        case 0..<16:
            for _ in 0..<Int.random(in: 1...5, using: &random) { observers[index].step(&world) }
            return "observer \(index): \(observers[index].stage)"
        case 16..<20:
            world.time += 1
            return "time \(world.time)"
        case 20..<23:
            for place in 0..<World.nodeCount { world.write(to: place) }
            return "write"
        case 23:
            // The one that matters most.
            let place = world.nodes.firstIndex(where: \.takesWrites) ?? node
            world.killPostmaster(place)
            return "kill \(place)"
        case 24:
            world.killPostmaster(node)
            return "kill \(node)"
        case 25, 26:
            world.start(node)
            return "start \(node)"
        case 27:
            let place = Int.random(in: 0..<World.voterPlaces, using: &random)
            world.setHost(place, isUp: Int.random(in: 0..<3, using: &random) > 0)
            return "host \(place) \(world.hostIsUp(place) ? "up" : "gone")"
        case 28:
            for place in World.observers where Bool.random(using: &random) {
                world.setCut(place, Int.random(in: 1..<World.voterPlaces, using: &random), true)
                world.setCut(place, Int.random(in: 1..<World.voterPlaces, using: &random), true)
            }
            return "blind spots"
        case 29:
            let left = Int.random(in: 0..<6, using: &random)
            let right = Int.random(in: 0..<6, using: &random)
            world.setCut(left, right, Bool.random(using: &random))
            return "cut \(left) \(right)"
        case 30:
            world.heal()
            return "healed"
        default:
            observers[index].crash(&world)
            return "observer \(index) crashes"
        }
    }

    /// Schedules in a row from a seed, on as many cores as there are.
    private static func runAll(_ count: Int, from base: UInt64) async -> (failovers: Int, violation: (UInt64, String)?)
    {
        let parts = 8
        return await withTaskGroup(of: (Int, (UInt64, String)?).self) { group in
            for part in 0..<parts {
                group.addTask {
                    var failovers = 0
                    for index in stride(from: part, to: count, by: parts) {
                        let seed = base &+ UInt64(index)
                        let outcome = run(seed: seed)
                        failovers += outcome.failovers
                        // Others wait for the same few threads, some of them with a watch in their hand.
                        await Task.yield()
                        if let violation = outcome.violation { return (failovers, (seed, violation)) }
                    }
                    return (failovers, nil)
                }
            }
            return await group.reduce((0, nil)) { ($0.0 + $1.0, $0.1 ?? $1.1) }
        }
    }

    @Test(.timeLimit(.minutes(5))) func noScheduleMakesTwoPrimariesOrLosesAConfirmedCommit() async {
        let base = UInt64.random(in: 0...UInt64(UInt32.max)) << 20
        let (failovers, violation) = await Self.runAll(100_000, from: base)
        if let (seed, text) = violation {
            let trace = Self.run(seed: seed, isTraced: true).trace.joined(separator: "\n")
            Issue.record("seed \(seed): \(text)\n\(trace)")
        }
        // Schedules in which nothing happens would prove nothing.
        #expect(failovers > 2000)
    }

    /// Each rule that is left out is missed: the simulation can fail.
    @Test(.timeLimit(.minutes(5)), arguments: SimulatedObserver.Mutant.allCases)
    func aRuleLeftOutIsMissed(_ mutant: SimulatedObserver.Mutant) async {
        for seed in UInt64(100_000)..<300_000 {
            if Self.run(seed: seed, mutant: mutant).violation != nil { return }
            await Task.yield()
        }
        Issue.record("no schedule misses the rule")
    }
}
