import Configuration
package import Essentials

extension ServiceCommands {
    /// Keeps the server from being started: not by a boot, not by a supervisor and, where the service can refuse it,
    /// not by hand; no commands where that is so already.
    ///
    /// - systemd: masks the unit; one whose file lies in `/etc` can't be masked and is disabled, which leaves starts by
    ///   hand.
    /// - pg_ctlcluster: `disabled` in `start.conf`, what stood there is kept; its unit heeds that too.
    /// - container: its restart policy.
    /// - pg_ctl and custom: nothing known starts it.
    package func disableAutostart() throws(Failure) -> [HostCommand] {
        switch configured {
        case .systemd(let unit):
            let state = facts.unit?.fileState ?? ""
            if state.hasPrefix("masked") { return [] }
            guard facts.unit?.fragmentPath.hasPrefix("/etc/systemd/system/") ?? false else {
                return [HostCommand(["systemctl", "mask", unit], as: .root)]
            }
            return state == "disabled" ? [] : [HostCommand(["systemctl", "disable", unit], as: .root)]
        case .pgCtlCluster:
            if facts.debianCluster?.start == "disabled" { return [] }
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
        switch configured {
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
            let former = before?.container?.restartPolicy ?? facts.dataDirectory?.fencedRestartPolicy
            guard let policy = former, policy != container.restartPolicy else { return [] }
            return [try restartPolicy(policy, of: name, container, runtime)]
        case .pgCtl, .custom: return []
        }
    }

    private func clusterScript(_ script: String, _ name: String) -> HostCommand? {
        guard case .pgCtlCluster(let version, let cluster) = configured else { return nil }
        let directory = facts.debianCluster?.directory ?? "/etc/postgresql/\(version)/\(cluster)"
        return HostCommand(HostScript.words(script, name, [directory]))
    }
}
