package import Essentials

extension HostKey {
    /// The host keys that a server shows and libssh2 can check, the best one first; nobody logs in there, and nothing
    /// is known of whether they are the right ones.
    ///
    /// One connection for each key; jump hosts are logged in to, and their own keys must be known.
    /// - Throws: as `Session.open`.
    package static func fetch(
        _ endpoint: Endpoint, _ secrets: Secrets = .none, until deadline: Deadline
    ) async throws(Failure) -> [HostKey] {
        var offered: [String] = []
        var keys = [try await fetch(endpoint, [], secrets, until: deadline, &offered)]
        let types = supportedTypes.filter { type in offered.contains(type) && keys.allSatisfy { $0.type != type } }
        for type in types {
            var ignored: [String] = []
            keys.append(try await fetch(endpoint, [type], secrets, until: deadline, &ignored))
        }
        return supportedTypes.compactMap { type in keys.first { $0.type == type } }
    }

    private static func fetch(
        _ endpoint: Endpoint, _ types: [String], _ secrets: Secrets, until deadline: Deadline,
        _ offered: inout [String]
    ) async throws(Failure) -> HostKey {
        let link = try await Session.entry(to: endpoint, secrets, until: deadline)
        let handshake = Handshake(host: endpoint.host, port: endpoint.port, types: types)
        let key = try await handshake.shake(link, until: deadline)
        offered = ServerOffer(opening: link.opening)?.hostKeys ?? []
        return key
    }
}
