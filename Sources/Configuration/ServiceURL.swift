/// The address of something that speaks HTTP.
package struct ServiceURL: Sendable, Equatable {
    /// All of it, as it is requested.
    package var text: String
    /// Where it leads.
    package var address: ServerAddress

    /// Parses `http://` or `https://`, a host with or without a port, and a path.
    /// - Throws: what keeps it from being one, as a sentence.
    init(parsing text: String, schemes: [String]) throws(SSHAddress.Flaw) {
        guard let scheme = schemes.first(where: { text.hasPrefix("\($0)://") }) else {
            let expected = schemes.map { "\($0)://" }.joined(separator: " or ")
            throw SSHAddress.Flaw(sentence: "It begins with \(expected).")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw SSHAddress.Flaw(sentence: "It holds a character that must be written as %XX.")
        }
        let rest = text.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // What comes before it may be a password.
        guard !authority.contains("@") else { throw SSHAddress.Flaw(sentence: "A user must not stand in it.") }
        let (parsed, hasPort) = try SSHAddress.parse(String(authority))
        self.text = text
        address = ServerAddress(host: parsed.host, port: hasPort ? parsed.port : scheme == "https" ? 443 : 80)
    }

    /// The same with `path`, which begins with a slash, behind its own.
    func appending(_ path: String) -> ServiceURL {
        var url = self
        while url.text.hasSuffix("/") { url.text.removeLast() }
        url.text += path
        return url
    }
}
