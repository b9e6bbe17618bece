import Essentials
import FoundationEssentials
import Glibc
import Lab
import Testing

extension RealServers {
    /// What becomes of clients when a primary is lost: nodes on hosts of their own, and pgdr on others.
    @Suite(.serialized, .enabled(if: geteuid() == 0, "only root can make a network for a lab"), .timeLimit(.minutes(3)))
    enum Outages {}
}

/// A lab in a network of its own, in which something breaks while clients write and pgdr looks on.
struct Outage: Sendable {
    let lab: Lab
    let network: LabNetwork

    /// Makes the lab, runs `body` with it and takes it down.
    /// - Parameter smallDisks: as `LabOptions.smallDisks`.
    static func with(smallDisks: [String: Int] = [:], _ body: (Outage) async throws -> Void) async throws {
        var options = LabOptions(directory: Lab.temporaryDirectory())
        options.network = .init()
        options.smallDisks = smallDisks
        try await Lab.with(options) { lab in
            try await lab.primary.psql(Clients.table)
            try await body(Outage(lab: lab, network: #require(lab.network)))
        }
    }

    /// A node by its name.
    func node(_ name: String) throws -> LabNode { try lab.node(name) }

    /// Which nodes take writes from clients: each is asked to commit.
    func writable() async -> [String] { await Clients(lab).writable() }

    /// Proves that a node is the only one that takes writes, and that the others stream from it.
    func expectPrimary(
        _ name: String, standbys: [String], sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        let streaming =
            "SELECT COALESCE(string_agg(application_name, ',' ORDER BY application_name), '') FROM pg_stat_replication"
        let wanted = standbys.sorted().joined(separator: ",")
        let primary = try node(name)
        await awaitThat("\(wanted) stream from \(name)", sourceLocation: sourceLocation) {
            try await primary.psql("\(streaming) WHERE state = 'streaming'") == wanted
        }
        let writable = await writable()
        #expect(writable == [name], sourceLocation: sourceLocation)
    }

    /// Waits until something is so; an issue when it doesn't come about.
    func awaitThat(
        _ what: String, within limit: Duration = .seconds(20),
        sourceLocation: Testing.SourceLocation = #_sourceLocation, _ isSo: () async throws -> Bool
    ) async {
        let deadline = Deadline.after(limit)
        while (try? await isSo()) != true {
            guard !deadline.hasPassed else {
                Issue.record("it did not come about: \(what)", sourceLocation: sourceLocation)
                return
            }
            await pause(.milliseconds(20))
        }
    }

    /// The nodes whose servers say that they are primaries, asked on their own hosts.
    func primaries() async throws -> [String] {
        var names: [String] = []
        for node in lab.nodes where try await isPrimary(node.name) == true { names.append(node.name) }
        return names
    }

    /// The host's own view of whether its server takes writes; nil when none runs.
    func isPrimary(_ name: String) async throws -> Bool? {
        guard let answer = try? await node(name).psql("SELECT pg_is_in_recovery()") else { return nil }
        return answer == "f"
    }
}

/// Lets some time pass.
func pause(_ duration: Duration) async { _ = await ReadinessLoop.shared.sleep(until: .after(duration)) }
