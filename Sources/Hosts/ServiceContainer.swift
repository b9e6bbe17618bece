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

    /// Keeps the server from being started by anything but pgdr's `enableAutostart` and what follows it: not by a
    /// boot, not by a supervisor and, where the service can refuse it, not by hand. Nothing where that is so already.
    ///
    /// - systemd: masks the unit; one whose file lies in `/etc` can't be masked and is disabled, which leaves starts by
    ///   hand.
    /// - pg_ctlcluster: `disabled` in `start.conf`, what stood there is kept.
    /// - container: its restart policy.
    /// - pg_ctl and custom: nothing known starts it.
    package func disableAutostart() throws(Failure) -> [HostCommand] {
        switch service {
        case .systemd(let unit):
            let state = facts.unit?.fileState ?? ""
            if state.hasPrefix("masked") { return [] }
            guard facts.unit?.fragmentPath.hasPrefix("/etc/systemd/system/") ?? false else {
                return [HostCommand(["systemctl", "mask", unit], as: .root)]
            }
            return state == "disabled" ? [] : [HostCommand(["systemctl", "disable", unit], as: .root)]
        case .pgCtlCluster:
            return [clusterScript(HostScript.forbidStart, "pgdr-forbid-start")].compactMap(\.self)
        case .container(let runtime, let name, _):
            let container = try knownContainer(name)
            return container.restartPolicy == "no" ? [] : [try restartPolicy("no", of: name, container, runtime)]
        case .pgCtl, .custom: return []
        }
    }

    /// Takes `disableAutostart` back.
    /// - Parameter before: the facts from before it, so that what was off then stays off; nil: they aren't known.
    package func enableAutostart(asIn before: HostFacts? = nil) throws(Failure) -> [HostCommand] {
        switch service {
        case .systemd(let unit):
            let state = facts.unit?.fileState ?? ""
            if state.hasPrefix("masked") {
                return before?.unit?.fileState.hasPrefix("masked") ?? false
                    ? [] : [HostCommand(["systemctl", "unmask", unit], as: .root)]
            }
            guard state == "disabled", before.map({ $0.unit?.fileState != "disabled" }) ?? true else { return [] }
            return [HostCommand(["systemctl", "enable", unit], as: .root)]
        case .pgCtlCluster:
            return [clusterScript(HostScript.allowStart, "pgdr-allow-start")].compactMap(\.self)
        case .container(let runtime, let name, _):
            let container = try knownContainer(name)
            guard let policy = before?.container?.restartPolicy, policy != container.restartPolicy else { return [] }
            return [try restartPolicy(policy, of: name, container, runtime)]
        case .pgCtl, .custom: return []
        }
    }

    private func clusterScript(_ script: String, _ name: String) -> HostCommand? {
        guard case .pgCtlCluster(let version, let cluster) = service else { return nil }
        let directory = facts.debianCluster?.directory ?? "/etc/postgresql/\(version)/\(cluster)"
        return HostCommand(HostScript.words(script, name, [directory]))
    }

    private func knownContainer(_ name: String) throws(Failure) -> ContainerFacts {
        if let container = facts.container, container.account != nil { return container }
        throw Failure(
            .refused, "could not look at the container \"\(name)\" of node \"\(node.name)\"",
            detail: facts.container?.refusal, node: node.name)
    }

    private func restartPolicy(
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
