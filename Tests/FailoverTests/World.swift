import Failover
import Replication

/// A shop as numbers: three nodes, a witness, two observers, what runs, what is cut off, and what was written.
///
/// Places 0 to 2 are nodes, 3 is the witness, 4 and 5 the observers. Time passes in ticks.
struct World {
    struct Node {
        /// Whether its host runs.
        var hostIsUp = true
        /// Whether its postmaster runs.
        var isUp = true
        /// Whether it would run as a primary.
        var isPrimary = false
        /// Whether it carries the mark with which it can only start as a standby.
        var isFenced = false
        var timeline: UInt32 = 1
        /// The commits in its WAL, in their order.
        var commits: [Int] = []
        /// The node it receives from.
        var upstream: Int?

        var takesWrites: Bool { hostIsUp && isUp && isPrimary }
    }

    /// What a voter keeps of decisions: timeline to nominee and the observer's run.
    typealias Records = [UInt32: (nominee: Int, run: Int)]

    static let names = ["p", "d", "r", "w"]
    static let nodeCount = 3
    static let voterPlaces = 4
    static let observers = [4, 5]

    var nodes = [Node(isPrimary: true), Node(upstream: 0), Node(upstream: 0)]
    var witnessIsUp = true
    /// Which pairs of places can't reach each other.
    private var cuts: Set<Int> = []
    var records = [Records](repeating: [:], count: voterPlaces)
    /// Which observer has the lock of each voter.
    var locks = [Int?](repeating: nil, count: voterPlaces)
    var time = 0
    /// Commits that a client was told of.
    var acknowledged: [Int] = []
    private var nextCommit = 0
    /// Whether a commit waits for one of the standbys (`ANY 1`).
    let isSynchronous: Bool
    /// Who was promoted out of each timeline.
    var promoted: [UInt32: Int] = [:]
    /// What must never be and was.
    var violation: String?

    init(isSynchronous: Bool) { self.isSynchronous = isSynchronous }

    // MARK: Who reaches whom

    private func pair(_ left: Int, _ right: Int) -> Int { min(left, right) * 8 + max(left, right) }

    func hostIsUp(_ place: Int) -> Bool {
        place < Self.nodeCount ? nodes[place].hostIsUp : place == 3 ? witnessIsUp : true
    }

    func reaches(_ from: Int, _ to: Int) -> Bool {
        from == to || (hostIsUp(from) && hostIsUp(to) && !cuts.contains(pair(from, to)))
    }

    mutating func setCut(_ left: Int, _ right: Int, _ isCut: Bool) {
        if isCut { cuts.insert(pair(left, right)) } else { cuts.remove(pair(left, right)) }
    }

    mutating func heal() { cuts = [] }

    // MARK: What happens by itself

    /// A client writes to a node that takes writes; what it was told of must not be lost.
    mutating func write(to place: Int) {
        guard nodes[place].takesWrites else { return }
        nextCommit += 1
        nodes[place].commits.append(nextCommit)
        let receivers = (0..<Self.nodeCount).filter { nodes[$0].upstream == place && streams($0) }
        // A commit reaches each standby or not, as the network has it: the first cut decides.
        for receiver in receivers { receive(receiver) }
        if isSynchronous, receivers.isEmpty { return }
        acknowledged.append(nextCommit)
    }

    /// Whether a standby gets WAL.
    func streams(_ place: Int) -> Bool {
        guard let upstream = nodes[place].upstream, nodes[place].hostIsUp, nodes[place].isUp, !nodes[place].isPrimary
        else { return false }
        return nodes[upstream].hostIsUp && nodes[upstream].isUp && reaches(place, upstream)
            && nodes[upstream].timeline >= nodes[place].timeline
            && isPrefix(nodes[place].commits, nodes[upstream].commits)
    }

    private func isPrefix(_ left: [Int], _ right: [Int]) -> Bool {
        left.count <= right.count && right.prefix(left.count).elementsEqual(left)
    }

    mutating func receive(_ place: Int) {
        guard streams(place), let upstream = nodes[place].upstream else { return }
        nodes[place].commits = nodes[upstream].commits
        nodes[place].timeline = nodes[upstream].timeline
    }

    mutating func killPostmaster(_ place: Int) {
        nodes[place].isUp = false
        locks[place] = nil
    }

    mutating func start(_ place: Int) {
        guard nodes[place].hostIsUp, !nodes[place].isUp else { return }
        if nodes[place].isFenced { nodes[place].isPrimary = false }
        nodes[place].isUp = true
        check()
    }

    mutating func setHost(_ place: Int, isUp: Bool) {
        locks[place] = nil
        guard place < Self.nodeCount else {
            witnessIsUp = isUp
            return
        }
        nodes[place].hostIsUp = isUp
        if !isUp { nodes[place].isUp = false }
    }

    // MARK: What observers do

    mutating func promote(_ place: Int) {
        guard nodes[place].hostIsUp, nodes[place].isUp, !nodes[place].isPrimary else { return }
        let replaced = nodes[place].timeline
        if let other = promoted[replaced] {
            violation = "\(Self.names[other]) and \(Self.names[place]) were promoted out of timeline \(replaced)"
        }
        promoted[replaced] = place
        nodes[place].isPrimary = true
        nodes[place].upstream = nil
        nodes[place].timeline = replaced + 1
        if isSynchronous, !Set(acknowledged).isSubset(of: nodes[place].commits) {
            violation = "an acknowledged commit is lost"
        }
        // What was acknowledged without waiting and is gone is gone.
        if !isSynchronous { acknowledged = acknowledged.filter { nodes[place].commits.contains($0) } }
        check()
    }

    private mutating func check() {
        let writable = nodes.indices.filter { nodes[$0].takesWrites }
        guard writable.count > 1 else { return }
        violation = violation ?? "several nodes take writes: \(writable.map { Self.names[$0] }.joined(separator: ", "))"
    }
}
