package import Essentials

extension KnownHosts {
    /// Lets only a key pass that is known to be this host's.
    /// - Throws: `hostKey`.
    package func check(_ key: HostKey, of endpoint: Endpoint) throws(Failure) {
        let host = endpoint.host
        let shown = "It shows \(key.type) \(key.fingerprint)"
        switch verdict(on: key, of: host, port: endpoint.port) {
        case .trusted: return
        case .changed(let fingerprint, let place):
            throw Failure(
                .hostKey, "the host key of host \"\(host)\" has changed",
                detail: "\(shown), but is known by \(fingerprint) (\(place)).",
                hint: """
                    Somebody may be listening in, or the server was set up anew. Compare the fingerprint there \
                    (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub); only then remove the line and run: \
                    pgdr ssh trust NODE
                    """)
        case .otherType(let known):
            throw Failure(
                .hostKey, "host \"\(host)\" shows a host key of a type it is not known by",
                detail: "\(shown), but is known by \(known.joined(separator: ", ")).",
                hint: "Compare the fingerprint on the server, then: pgdr ssh trust NODE")
        case .unknown:
            let files = endpoint.knownHostsFiles.joined(separator: ", ")
            throw Failure(
                .hostKey, "the host key of host \"\(host)\" is not known",
                detail: "\(shown); there is no key of this host in \(files.isEmpty ? "any file" : files).",
                hint: "Compare the fingerprint on the server, then: pgdr ssh trust NODE")
        case .revoked(let place):
            throw Failure(
                .hostKey, "the host key of host \"\(host)\" is revoked",
                detail: "\(shown), which must not be trusted any more (\(place)).",
                hint: "Give the server a new host key.")
        }
    }
}
