import Configuration
package import Essentials

extension ServiceCommands {
    /// Takes back what `disableAutostart` would do on a host that is as these facts say; no commands where it would
    /// do nothing.
    package func restoreAutostart() throws(Failure) -> [HostCommand] {
        switch configured {
        case .systemd(let unit):
            let state = facts.unit?.fileState ?? ""
            if state.hasPrefix("masked") { return [] }
            guard facts.unit?.fragmentPath.hasPrefix("/etc/systemd/system/") ?? false else {
                return [HostCommand(["systemctl", "unmask", unit], as: .root)]
            }
            return state == "disabled" ? [] : [HostCommand(["systemctl", "enable", unit], as: .root)]
        case .pgCtlCluster: return facts.debianCluster?.start == "disabled" ? [] : try enableAutostart()
        case .container(let runtime, let name, _):
            let container = try knownContainer(name)
            guard container.restartPolicy != "no", container.canChangePolicy(runtime) else { return [] }
            return [try restartPolicy(container.restartPolicy, of: name, container, runtime)]
        case .pgCtl, .custom: return []
        }
    }
}
