internal import CLibssh2
internal import Essentials

/// The SSH handshake on a fresh link: version, algorithms, keys, and the server's host key.
struct Handshake {
    /// Whom the link leads to, for the messages.
    var host: String
    /// The server's port.
    var port: Int
    /// The types of host key to ask for, the best one first; empty: any.
    var types: [String]

    /// Shakes hands and returns the host key, which nobody has checked yet.
    /// - Throws: `ssh` when the two have no algorithm in common or the server speaks something else, `hostKey` when it
    ///   has no host key of the wanted types, `connection`, `timeout`, `cancelled`.
    func shake(_ link: borrowing Link, until deadline: Deadline) async throws(Failure) -> HostKey {
        if !types.isEmpty {
            let preference = types.joined(separator: ",")
            let result = link.call { libssh2_session_method_pref($0, LIBSSH2_METHOD_HOSTKEY, preference) }
            // The library leaves its own order in force when it knows none of them.
            guard result == 0 else { throw unsupportedTypes() }
        }
        let socket = link.socket
        let result: Int
        do {
            result = try await link.drive(until: deadline) { Int(libssh2_session_handshake($0, socket)) }
        } catch {
            throw failure(error, link)
        }
        guard result == 0 else { throw failure(link.lastError(), link) }
        guard let key = Self.key(link) else {
            throw Failure(.ssh, "host \"\(host)\" shows a host key that cannot be read")
        }
        return key
    }

    private static func key(_ link: borrowing Link) -> HostKey? {
        link.call { session in
            var length = 0
            var type: Int32 = 0
            guard let bytes = libssh2_session_hostkey(session, &length, &type) else { return nil }
            return HostKey(blob: Array(UnsafeRawBufferPointer(start: bytes, count: length)))
        }
    }

    private func failure(_ trouble: LinkTrouble, _ link: borrowing Link) -> Failure {
        switch trouble {
        case .cancelled: return Failure(.cancelled, "cancelled while connecting to host \"\(host)\"")
        case .timedOut, .silent:
            if !ServerOffer.speaksSSH(link.opening) { return otherProtocol(link.opening) }
            let last = link.opening.isEmpty ? "It took the connection and said nothing." : "It answered, then no more."
            return Failure(.timeout, "no answer to the SSH handshake from host \"\(host)\" in time", detail: last)
        }
    }

    private func failure(_ error: Libssh2.Error, _ link: borrowing Link) -> Failure {
        let opening = link.opening
        if !ServerOffer.speaksSSH(opening) { return otherProtocol(opening) }
        if let offer = ServerOffer(opening: opening), let failure = nothingInCommon(offer, link) { return failure }
        if opening.isEmpty || link.isBroken {
            let start = opening.isEmpty ? "before its first word" : "in the handshake"
            return Failure(
                .connection, "the SSH server of host \"\(host)\" closed the connection \(start)",
                detail: link.breakage ?? error.text,
                hint: "Look into the server's log. A limit (MaxStartups) or a filter of hosts does this.")
        }
        return Failure(.ssh, "the SSH handshake with host \"\(host)\" failed", detail: error.text)
    }

    private func otherProtocol(_ opening: [UInt8]) -> Failure {
        let start = String(decoding: opening.prefix(80), as: UTF8.self).prefix { !$0.isNewline }
        return Failure(
            .ssh, "no SSH server answers on host \"\(host)\", port \(port)", detail: "What answers begins: \(start)",
            hint: "Check the port.")
    }
}

extension Handshake {
    /// The failure when a list of the server's has nothing in common with libssh2's; nil when all have.
    private func nothingInCommon(_ offer: ServerOffer, _ link: borrowing Link) -> Failure? {
        let wanted = types.isEmpty ? Self.supported(LIBSSH2_METHOD_HOSTKEY, link) : types
        if Set(wanted).isDisjoint(with: offer.hostKeys) { return noHostKey(offer) }
        let lists: [(name: String, option: String, method: Int32, offered: [String])] = [
            ("key exchange", "KexAlgorithms +curve25519-sha256", LIBSSH2_METHOD_KEX, offer.keyExchanges),
            ("cipher", "Ciphers +aes256-ctr", LIBSSH2_METHOD_CRYPT_SC, offer.ciphers),
            ("message authentication code", "MACs +hmac-sha2-256", LIBSSH2_METHOD_MAC_SC, offer.authenticationCodes),
        ]
        for list in lists {
            let known = Self.supported(list.method, link)
            guard Set(known).isDisjoint(with: list.offered) else { continue }
            return Failure(
                .ssh, "host \"\(host)\" offers no \(list.name) that libssh2 \(Self.version) knows",
                detail: "It offers \(list.offered.joined(separator: ", ")).",
                hint: """
                    Put "\(list.option)" into the server's sshd_config and reload sshd, or run pgdr where libssh2 is \
                    1.11 or later.
                    """)
        }
        return nil
    }

    private func noHostKey(_ offer: ServerOffer) -> Failure {
        let checkable = offer.hostKeys.filter(HostKey.supportedTypes.contains)
        if checkable.isEmpty {
            return Failure(
                .ssh, "host \"\(host)\" has no host key that libssh2 \(Self.version) can check",
                detail: "It offers \(offer.hostKeys.joined(separator: ", ")).",
                hint: """
                    Make an ed25519 host key there (ssh-keygen -A), name it in sshd_config (HostKey \
                    /etc/ssh/ssh_host_ed25519_key) and reload sshd, or run pgdr where libssh2 is 1.11 or later.
                    """)
        }
        return Failure(
            .hostKey, "host \"\(host)\" shows no host key of a type it is known by",
            detail: """
                It is known by \(types.joined(separator: ", ")); libssh2 \(Self.version) could check \
                \(checkable.joined(separator: ", ")).
                """,
            hint: "If the server was given another key, compare its fingerprint there, then: pgdr ssh trust NODE")
    }

    private func unsupportedTypes() -> Failure {
        Failure(
            .hostKey, "host \"\(host)\" is known only by host keys that libssh2 \(Self.version) cannot check",
            detail: "They are of type \(types.joined(separator: ", ")).",
            hint: "Let pgdr trust an ed25519 or ECDSA key of the server as well: pgdr ssh trust NODE")
    }

    private static func supported(_ method: Int32, _ link: borrowing Link) -> [String] {
        link.call { session in
            var list: UnsafeMutablePointer<UnsafePointer<CChar>?>?
            let count = libssh2_session_supported_algs(session, method, &list)
            guard count > 0, let list else { return [] }
            defer { libssh2_free(session, list) }
            return (0..<Int(count)).compactMap { list[$0].map { String(cString: $0) } }
        }
    }

    /// The library's version, such as 1.10.0.
    static let version = libssh2_version(0).map { String(cString: $0) } ?? ""
}
