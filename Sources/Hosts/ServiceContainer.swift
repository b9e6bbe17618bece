import Configuration
package import Essentials

extension ServiceCommands {
    /// Who may use the container's runtime.
    var containerAccount: HostCommand.Account { facts.container?.account ?? .root }

    /// The signal for the shutdown wanted, after what would start the container again was switched off.
    ///
    /// docker takes a container that was sent a signal by `kill` for stopped by hand and doesn't restart it; podman
    /// does so only after its own `stop`, and can't change the policy of a container before version 5.1.
    func stopContainer(
        _ runtime: ContainerRuntime, _ name: String, _ mode: StopMode
    ) throws(Failure) -> [HostCommand] {
        let container = try knownContainer(name)
        let signal = HostCommand(
            [runtime.rawValue, "kill", "--signal", mode == .fast ? "INT" : "QUIT", name], as: containerAccount)
        guard runtime == .podman, container.restartPolicy != "no" else { return [signal] }
        if mode == .fast, container.stopSignal == "INT" {
            return [HostCommand(["podman", "stop", "--time", "600", name], as: containerAccount)]
        }
        return [try restartPolicy("no", of: name, container, runtime), signal]
    }

    /// Ends the server at once where its processes can't be told from outside, in a container; no commands elsewhere.
    package func kill() throws(Failure) -> [HostCommand] {
        guard case .container(let runtime, let name, _) = service else { return [] }
        _ = try knownContainer(name)
        return [HostCommand([runtime.rawValue, "kill", "--signal", "KILL", name], as: containerAccount)]
    }

    /// The container, which must have been found.
    func knownContainer(_ name: String) throws(Failure) -> ContainerFacts {
        if let container = facts.container, container.account != nil { return container }
        throw Failure(
            .refused, "could not look at the container \"\(name)\" of node \"\(node.name)\"",
            detail: facts.container?.refusal, node: node.name)
    }

    /// The command that changes a container's restart policy.
    func restartPolicy(
        _ policy: String, of name: String, _ container: ContainerFacts, _ runtime: ContainerRuntime
    ) throws(Failure) -> HostCommand {
        if runtime == .podman, !container.isVersion(atLeast: 5, 1) {
            throw Failure(
                .refused, "could not change what restarts the container \"\(name)\" of node \"\(node.name)\"",
                detail: "Its restart policy is \(container.restartPolicy), its stop signal SIG\(container.stopSignal);"
                    + " podman \(container.runtimeVersion ?? "of an unknown version") cannot change a policy.",
                hint: "Make it anew with --restart=no, or with --stop-signal=SIGINT for a fast shutdown.",
                node: node.name)
        }
        return HostCommand([runtime.rawValue, "update", "--restart=\(policy)", name], as: containerAccount)
    }
}

extension ContainerFacts {
    /// Whether the runtime is of that version or later; not when it isn't known.
    fileprivate func isVersion(atLeast major: Int, _ minor: Int) -> Bool {
        let numbers = (runtimeVersion ?? "").split(separator: ".").prefix(2).map { Int($0) ?? 0 }
        guard numbers.count == 2 else { return false }
        return (numbers[0], numbers[1]) >= (major, minor)
    }
}
