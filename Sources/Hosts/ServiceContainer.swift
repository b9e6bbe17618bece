import Configuration
package import Essentials

extension ServiceCommands {
    /// Who may use the container's runtime.
    var containerAccount: HostCommand.Account { facts.container?.account ?? .root }

    /// The signal for the shutdown wanted, after what would start the container again was switched off.
    ///
    /// docker takes a container that was sent a signal by `kill` for stopped by hand and doesn't restart it; podman
    /// does so only after its own `stop` and after SIGKILL, and can't change the policy of a container before version
    /// 5.1. Ended by SIGKILL its data is as after an immediate shutdown.
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
        if mode == .immediate, !container.canChangePolicy(runtime) { return try kill() }
        return [try restartPolicy("no", of: name, container, runtime), signal]
    }

    /// Why a container that is stopped by hand could still be started by a boot: its restart policy can't be changed.
    ///
    /// Nil where that isn't so, and where not even a stop by hand would keep it from coming back at once.
    package func startsOnlyAtBoot() -> String? {
        guard case .container(let runtime, let name, _) = service, let container = facts.container,
            container.restartPolicy != "no", !container.canChangePolicy(runtime), (try? stop()) != nil
        else { return nil }
        return "the restart policy of container \"\(name)\" stays \(container.restartPolicy):"
            + " stopped by hand it isn't started again before a boot"
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
        guard container.canChangePolicy(runtime) else {
            throw Failure(
                .refused, "cannot change what restarts the container \"\(name)\" of node \"\(node.name)\"",
                detail: "Its restart policy is \(container.restartPolicy), its stop signal SIG\(container.stopSignal);"
                    + " podman \(container.runtimeVersion ?? "of an unknown version") cannot change a policy.",
                hint: "Make it anew with --restart=no"
                    + (container.stopSignal == "INT" ? "." : ", or with --stop-signal=SIGINT for a fast shutdown."),
                node: node.name)
        }
        return HostCommand([runtime.rawValue, "update", "--restart=\(policy)", name], as: containerAccount)
    }
}

extension ContainerFacts {
    /// Whether the runtime can give a container another restart policy than it was made with.
    func canChangePolicy(_ runtime: ContainerRuntime) -> Bool { runtime != .podman || isVersion(atLeast: 5, 1) }

    /// Whether the runtime is of that version or later; not when it isn't known.
    private func isVersion(atLeast major: Int, _ minor: Int) -> Bool {
        let numbers = (runtimeVersion ?? "").split(separator: ".").prefix(2).map { Int($0) ?? 0 }
        guard numbers.count == 2 else { return false }
        return (numbers[0], numbers[1]) >= (major, minor)
    }
}
