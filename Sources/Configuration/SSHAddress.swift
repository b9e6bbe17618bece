import Essentials

/// Where a node's commands run: a host with an SSH server.
package struct SSHAddress: Sendable, Equatable {
    /// A name or an address; an IPv6 address without brackets.
    package var host: String
    /// The user to log in as; nil: the user who runs pgdr.
    package var user: String?
    /// The server's port.
    package var port: Int
    /// A private key's file, absolute or beginning with `~/`; nil: the agent, then the usual files.
    package var identityFile: String?
    /// A file of host keys, absolute or beginning with `~/`; nil: the user's own.
    package var knownHosts: String?
    /// The hosts on the way there, the first one is connected to directly; they have none of their own.
    package var jumps: [SSHAddress]
    /// The words before a command that another account is to run, such as `sudo -n`; empty: there is no way to
    /// become another account.
    package var become: [String]
    /// A command on this machine that prints the passphrase of the key; empty: none.
    package var askpass: [String]

    /// The port of an SSH server when none is named.
    package static let defaultPort = 22

    /// An address by its parts; nothing is checked here.
    package init(
        host: String, user: String? = nil, port: Int = defaultPort, identityFile: String? = nil,
        knownHosts: String? = nil, jumps: [SSHAddress] = [], become: [String] = [], askpass: [String] = []
    ) {
        self.host = host
        self.user = user
        self.port = port
        self.identityFile = identityFile
        self.knownHosts = knownHosts
        self.jumps = jumps
        self.become = become
        self.askpass = askpass
    }

    /// The address as `[user@]host[:port]`, an IPv6 address in brackets.
    package var text: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return (user.map { "\($0)@" } ?? "") + host + (port == Self.defaultPort ? "" : ":\(port)")
    }
}

extension SSHAddress {
    /// What keeps a text from being an address, as a sentence.
    struct Flaw: Error {
        var sentence: String
    }

    /// Parses `[user@]host[:port]`.
    init(parsing text: String) throws(Flaw) { self = try Self.parse(text).address }

    /// Parses `[user@]host[:port]` and tells whether a port was in it.
    static func parse(_ text: String) throws(Flaw) -> (address: SSHAddress, hasPort: Bool) {
        var rest = text[...]
        var user: String?
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        let host: Substring
        var port: Substring?
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { throw Flaw(sentence: "The bracket is not closed.") }
            host = rest[rest.index(after: rest.startIndex)..<end]
            let tail = rest[rest.index(after: end)...]
            guard tail.isEmpty || tail.first == ":" else {
                throw Flaw(sentence: "Only a port may follow the closing bracket.")
            }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else {
            let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { throw Flaw(sentence: "An IPv6 address must stand in brackets.") }
            host = parts.first ?? ""
            port = parts.count == 2 ? parts[1] : nil
        }
        var address = SSHAddress(host: String(host), user: user)
        if let port { address.port = try Self.port(port) }
        try address.check()
        return (address, port != nil)
    }

    /// Refuses names that no host or user can have; a leading `-` could be taken for an option.
    func check() throws(Flaw) {
        try Self.check(host, "host", without: "@[]/")
        // Directory services have users such as ann@example.org; what follows a colon would be a password.
        if let user { try Self.check(user, "user", without: ":[]/") }
    }

    private static func check(_ value: String, _ part: String, without refused: String) throws(Flaw) {
        guard !value.isEmpty else { throw Flaw(sentence: "The \(part) is empty.") }
        let visible = value.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
        guard visible, value.first != "-", !value.contains(where: { refused.contains($0) }) else {
            throw Flaw(sentence: "The \(part) holds a character that no \(part) can have.")
        }
    }

    /// A port number's text as a number.
    static func port(_ text: some StringProtocol) throws(Flaw) -> Int {
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(text), (1...65535).contains(port) else {
            throw Flaw(sentence: "A port is a number from 1 to 65535.")
        }
        return port
    }
}
