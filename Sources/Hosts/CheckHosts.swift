package import Configuration
import Essentials
package import SSH

/// Looks at the hosts of nodes, all at once, each for as long as the timeout; changes nothing.
/// - Parameter secrets: where passphrases of keys come from that have no `askpass`.
/// - Returns: one check a node, in the order of the nodes.
package func checkHosts(
    _ nodes: [NodeConfiguration], timeout: Duration, secrets: Secrets = .none
) async -> [HostCheck] {
    let deadline = Deadline.after(timeout)
    return await withTaskGroup(of: (Int, HostCheck).self) { group in
        for (index, node) in nodes.enumerated() {
            group.addTask { (index, await check(node, secrets, until: deadline)) }
        }
        var checks = [HostCheck?](repeating: nil, count: nodes.count)
        for await (index, check) in group { checks[index] = check }
        return checks.compactMap(\.self)
    }
}

private func check(_ node: NodeConfiguration, _ secrets: Secrets, until deadline: Deadline) async -> HostCheck {
    do throws(Failure) {
        return try await NodeShell(node, secrets: secrets).check(until: deadline).check
    } catch {
        return HostCheck(node, unreached: error)
    }
}

extension NodeShell {
    /// Looks at the host and judges it.
    func check(until deadline: Deadline) async throws(Failure) -> (facts: HostFacts, check: HostCheck) {
        let facts = try await facts(until: deadline)
        let mayRunService = try await mayRunService(facts, until: deadline)
        return (facts, HostCheck(node, facts, mayRunService: mayRunService))
    }

    /// Asks sudo whether it would run the service's very command: a sudoers line may allow that one only.
    private func mayRunService(_ facts: HostFacts, until deadline: Deadline) async throws(Failure) -> Bool? {
        let become = node.ssh?.become ?? []
        guard facts.root != .allowed, let sudo = become.first, sudo == "sudo" || sudo.hasSuffix("/sudo"),
            let command = HostCheck.rootCommand(node, facts)
        else { return nil }
        let question = HostCommand(become + ["-l", "--"] + command.words, as: .login)
        return try await run(question, until: deadline).succeeded
    }
}
