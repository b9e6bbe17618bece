internal import Configuration
internal import Essentials

/// Who is a primary, as the nodes themselves say.
package struct RoleSurvey: Sendable, Equatable {
    /// The nodes that are one, in the configuration's order.
    package var primaries: [String]
    /// The nodes that gave no answer.
    package var silent: [String]

    /// A survey by its parts.
    package init(primaries: [String], silent: [String]) {
        self.primaries = primaries
        self.silent = silent
    }

    /// As a sentence says it.
    package var text: String {
        let said =
            switch primaries.count {
            case 0: "no node that answers is a primary, nobody can write"
            case 1: "\(primaries[0]) is the primary"
            default: "\(primaries.joined(separator: " and ")) are primaries, both may take writes"
            }
        return silent.isEmpty ? said : "\(said); \(silent.joined(separator: ", ")) did not answer"
    }
}

extension RunSessions {
    /// Asks all nodes at once, over the run's own sessions, since it is asked while clients wait.
    func roleSurvey(until deadline: Deadline) async -> RoleSurvey {
        await withTaskGroup(of: (Int, Bool?).self) { group in
            for (index, node) in cluster.nodes.enumerated() {
                group.addTask {
                    let answer = try? await self.values(
                        "SELECT pg_is_in_recovery() AS standby", on: node.name, until: deadline)["standby"]
                    return (index, answer.map { $0 == "f" })
                }
            }
            var roles: [Bool?] = cluster.nodes.map { _ in nil }
            for await (index, role) in group { roles[index] = role }
            let names = cluster.nodes.map(\.name)
            return RoleSurvey(
                primaries: zip(names, roles).filter { $0.1 == true }.map(\.0),
                silent: zip(names, roles).filter { $0.1 == nil }.map(\.0))
        }
    }
}
