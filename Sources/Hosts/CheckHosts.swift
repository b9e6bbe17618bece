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
        let shell = try NodeShell(node, secrets: secrets)
        let facts = try await shell.facts(until: deadline)
        let mayRunService = try await mayRunService(node, facts, shell, until: deadline)
        return HostCheck(node, facts, mayRunService: mayRunService)
    } catch {
        return HostCheck(node, unreached: error)
    }
}

/// Asks sudo whether it would run the service's very command: a sudoers line may allow that one only.
private func mayRunService(
    _ node: NodeConfiguration, _ facts: HostFacts, _ shell: NodeShell, until deadline: Deadline
) async throws(Failure) -> Bool? {
    let become = node.ssh?.become ?? []
    guard facts.root != .allowed, let sudo = become.first, sudo == "sudo" || sudo.hasSuffix("/sudo"),
        let command = HostCheck.rootCommand(node, facts)
    else { return nil }
    let question = HostCommand(become + ["-l", "--"] + command.words, as: .login)
    return try await shell.run(question, until: deadline).succeeded
}
