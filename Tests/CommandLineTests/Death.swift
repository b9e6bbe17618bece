import Lab
import Synchronization

/// How a primary dies.
enum Death: String, CaseIterable, Sendable {
    /// All of its processes are killed.
    case killed
    /// It ends at once, and tells its clients.
    case stopped
    /// All of its processes stand still.
    case frozen
    /// Nobody reaches its host any more.
    case cut

    /// One of them, the quicker ones more often.
    static func random(using chance: inout Chance) -> Death {
        switch Int.random(in: 0..<10, using: &chance) {
        case 0..<6: .killed
        case 6..<8: .stopped
        case 8: .frozen
        default: .cut
        }
    }

    /// Has it happen.
    func happen(to name: String, in outage: Outage) async throws {
        let node = try outage.node(name)
        switch self {
        case .killed: try await node.kill()
        case .stopped: try await node.stop(.immediate)
        case .frozen: try node.freeze(.all)
        case .cut: try await outage.network.cut(name)
        }
    }

    /// Makes the host whole that was fenced; its server is down.
    func isOver(for name: String, in outage: Outage) async throws {
        guard self == .cut else { return }
        try await outage.node(name).startSSH()
        try await outage.network.plug(name)
    }
}

/// What happened in several labs.
final class Tally: Sendable {
    private let state = Mutex((deaths: [Death: Int](), commits: 0))

    /// A primary died and was replaced.
    func note(_ death: Death) { state.withLock { $0.deaths[death, default: 0] += 1 } }

    /// So many more commits were acknowledged.
    func note(commits: Int) { state.withLock { $0.commits += commits } }

    /// How many primaries were replaced.
    var failovers: Int { state.withLock { $0.deaths.values.reduce(0, +) } }

    /// How many commits were acknowledged.
    var commits: Int { state.withLock(\.commits) }

    /// The deaths, in words.
    var text: String {
        let deaths = state.withLock(\.deaths)
        let each = Death.allCases.compactMap { death in deaths[death].map { "\(death) \($0)" } }
        return "\(failovers) failovers (\(each.joined(separator: ", ")))"
    }
}
