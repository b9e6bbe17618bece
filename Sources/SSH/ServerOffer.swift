/// What a server offers at the start of the handshake, in clear: its name and its lists of algorithms.
struct ServerOffer: Sendable, Equatable {
    /// The server's first line, such as `SSH-2.0-OpenSSH_9.2`.
    var banner: String
    /// How keys are exchanged.
    var keyExchanges: [String]
    /// The algorithms of its host keys.
    var hostKeys: [String]
    /// Ciphers for what it sends.
    var ciphers: [String]
    /// Message authentication codes for what it sends.
    var authenticationCodes: [String]

    /// Reads the first bytes of a connection (RFC 4253, 4.2 and 7.1); nil when they are too few or something else.
    init?(opening: [UInt8]) {
        var rest = opening[...]
        var banner: String?
        // Other lines may come before the one that counts.
        while banner == nil {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            if line.hasPrefix("SSH-") { banner = String(line.prefix { !$0.isNewline }) }
        }
        var packet = WireReader(Array(rest))
        guard let banner, packet.number() != nil, packet.byte() != nil, packet.byte() == 20,
            packet.bytes(16) != nil
        else { return nil }
        var lists: [[String]] = []
        for _ in 0..<6 {
            guard let list = packet.text() else { return nil }
            lists.append(list.split(separator: ",").map(String.init))
        }
        self.banner = banner
        keyExchanges = lists[0]
        hostKeys = lists[1]
        ciphers = lists[3]
        authenticationCodes = lists[5]
    }

    /// Whether the first bytes of a connection can belong to an SSH server.
    static func speaksSSH(_ opening: [UInt8]) -> Bool {
        let text = String(decoding: opening, as: UTF8.self)
        return opening.isEmpty || text.split(whereSeparator: \.isNewline).contains { $0.hasPrefix("SSH-") }
    }
}
