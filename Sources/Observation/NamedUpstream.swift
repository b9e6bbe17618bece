package import Configuration
package import Replication

extension ClusterConfiguration {
    /// The node that a standby's `primary_conninfo` names, whether that answers or not; nil when none is, or it isn't
    /// clear which.
    package func namedUpstream(of name: String, in snapshot: ClusterSnapshot) -> String? {
        let conninfo = snapshot.node(name)?.snapshot?.primaryConninfo
        guard let conninfo, let host = conninfo.host else { return nil }
        let named = nodes.filter { node in
            guard node.name != name, let address = try? node.replicationAddress() else { return false }
            let hosts = (snapshot.node(node.name)?.addresses ?? []).union([address.host])
            return hosts.contains(host) && address.port == conninfo.port ?? ServerAddress.defaultPort
        }
        return named.count == 1 ? named.first?.name : nil
    }
}
