package import Configuration
package import Essentials
package import SSH

/// A host on the way to a node, whose key has to be known before anything is sent there.
package struct HostTrust: Sendable {
    private let address: SSHAddress
    private let endpoint: Endpoint
    private let secrets: Secrets

    /// The hosts that have to be trusted to reach a node: its jump hosts, then its own.
    /// - Throws: `refused` when the node has no SSH address, `configuration` as for `Endpoint.init`.
    package static func hosts(
        onTheWayTo node: NodeConfiguration, secrets: Secrets = .none
    ) throws(Failure) -> [HostTrust] {
        guard let last = node.ssh else { throw .noSSHAddress(node) }
        return try hosts(onTheWayTo: last, secrets: secrets)
    }

    /// The hosts that have to be trusted to reach a server: its jump hosts, then its own.
    /// - Throws: `configuration` as for `Endpoint.init`.
    package static func hosts(onTheWayTo last: SSHAddress, secrets: Secrets = .none) throws(Failure) -> [HostTrust] {
        var hosts: [HostTrust] = []
        for (index, address) in (last.jumps + [last]).enumerated() {
            var address = address
            address.jumps = Array(last.jumps.prefix(index))
            hosts.append(
                HostTrust(
                    address: address, endpoint: try Endpoint(address),
                    secrets: try Secrets(askpassOf: address, otherwise: secrets)))
        }
        return hosts
    }

    /// The host's name and port, as a sentence names them.
    package var text: String {
        endpoint.port == SSHAddress.defaultPort
            ? "host \"\(endpoint.host)\"" : "host \"\(endpoint.host)\", port \(endpoint.port)"
    }

    /// The file to which its key is added.
    package var file: String {
        get throws(Failure) { try Endpoint.ownKnownHostsFile(of: address) }
    }

    /// What a host shows, and what is known of it.
    package enum Standing: Sendable {
        /// One of the keys it shows is known to be its own.
        case trusted(HostKey)
        /// It has to be decided whether this key, the best that it shows, is its own.
        case open(HostKey)
    }

    /// Asks the host for its keys; nobody logs in there.
    /// - Throws: `hostKey` when a key has changed or is revoked: neither is put right by trusting the new one; otherwise
    ///   as `HostKey.fetch`.
    package func standing(until deadline: Deadline) async throws(Failure) -> Standing {
        let keys = try await HostKey.fetch(endpoint, secrets, until: deadline)
        let known = try KnownHosts(files: endpoint.knownHostsFiles)
        for key in keys {
            switch known.verdict(on: key, of: endpoint.host, port: endpoint.port) {
            case .trusted: return .trusted(key)
            case .changed, .revoked: try known.check(key, of: endpoint)
            case .otherType, .unknown: continue
            }
        }
        guard let best = keys.first else {
            throw Failure(.hostKey, "\(text) showed no host key that can be checked")
        }
        return .open(best)
    }

    /// Adds a key to the file.
    package func trust(_ key: HostKey) throws(Failure) {
        try KnownHosts.add(key, of: endpoint.host, port: endpoint.port, to: file)
    }
}

extension Failure {
    /// The refusal of a node to which no commands can go.
    static func noSSHAddress(_ node: NodeConfiguration) -> Failure {
        Failure(
            .refused, "node \"\(node.name)\" has no SSH address", detail: "Without one no command reaches its host.",
            hint: "Give the node \"ssh: user@host\" in the configuration.", node: node.name)
    }
}
