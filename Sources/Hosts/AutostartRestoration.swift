import Configuration
package import Essentials

extension ServiceCommands {
    /// Takes back what `disableAutostart` would do on a host that is as these facts say; no commands where it would
    /// do nothing.
    package func restoreAutostart() throws(Failure) -> [HostCommand] {
        switch service {
        case .systemd(let unit):
            let state = facts.unit?.fileState ?? ""
            if state.hasPrefix("masked") { return [] }
            guard facts.unit?.fragmentPath.hasPrefix("/etc/systemd/system/") ?? false else {
                return [HostCommand(["systemctl", "unmask", unit], as: .root)]
            }
            return state == "disabled" ? [] : [HostCommand(["systemctl", "enable", unit], as: .root)]
        case .pgCtlCluster: return try enableAutostart()
        case .container(let runtime, let name, _):
            guard let policy = facts.container?.restartPolicy, policy != "no" else { return [] }
            return [try restartPolicy(policy, of: name, knownContainer(name), runtime)]
        case .pgCtl, .custom: return []
        }
    }
}
