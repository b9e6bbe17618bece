package import Essentials

/// What known_hosts files say about host keys, in OpenSSH's format.
package struct KnownHosts: Sendable {
    /// One line that names a key.
    struct Entry: Sendable, Equatable {
        /// What the line says of the key.
        enum Meaning: Sendable { case trusted, revoked }

        var meaning: Meaning
        var hosts: HostPattern
        var key: HostKey
        /// The file and the line's number.
        var place: String
    }

    private(set) var entries: [Entry] = []

    /// Those of some files; one that doesn't exist is empty.
    /// - Throws: `configuration` when a file can't be read.
    package init(files: [String]) throws(Failure) {
        for file in files {
            guard let bytes = try LocalFile.read(file, "the known hosts file") else { continue }
            add(String(decoding: bytes, as: UTF8.self), file: file)
        }
    }

    /// Those of a text; lines that can't be read count for nothing, as for OpenSSH.
    init(_ text: String, file: String = "known_hosts") { add(text, file: file) }

    private mutating func add(_ text: String, file: String) {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            if let entry = Self.entry(line, place: "\(file):\(index + 1)") { entries.append(entry) }
        }
    }

    private static func entry(_ line: Substring, place: String) -> Entry? {
        var fields = line.split { $0 == " " || $0 == "\t" }[...]
        guard let first = fields.first, !first.hasPrefix("#") else { return nil }
        var meaning = Entry.Meaning.trusted
        if first.hasPrefix("@") {
            // An authority signs certificates, which libssh2 doesn't know for hosts: such a line trusts no key of its
            // own, and any other marker is one from the future.
            guard first == "@revoked" else { return nil }
            meaning = .revoked
            fields = fields.dropFirst()
        }
        guard fields.count >= 3 else { return nil }
        let parts = Array(fields.prefix(3))
        guard let hosts = HostPattern(parts[0]), let blob = Base64.decode(parts[2]), let key = HostKey(blob: blob),
            key.type == String(parts[1])
        else { return nil }
        return Entry(meaning: meaning, hosts: hosts, key: key, place: place)
    }
}

extension KnownHosts {
    /// What is known of a key that a server shows.
    package enum Verdict: Sendable, Equatable {
        /// It is this host's key.
        case trusted
        /// This host has another key of the same type; its fingerprint and where it stands.
        case changed(fingerprint: String, place: String)
        /// This host is known by keys of other types only.
        case otherType(known: [String])
        /// Nothing is known of this host.
        case unknown
        /// The key must not be trusted any more; where that is written.
        case revoked(place: String)
    }

    /// What is known of the key that `host` shows on `port`.
    package func verdict(on key: HostKey, of host: String, port: Int) -> Verdict {
        for name in Self.names(of: host, port) {
            for entry in entries where entry.meaning == .revoked && entry.key == key && entry.hosts.matches(name) {
                return .revoked(place: entry.place)
            }
        }
        let known = trusted(host, port)
        if known.contains(where: { $0.key == key }) { return .trusted }
        // OpenSSH too believes the entry without a port only where it agrees.
        let own = trusted(Self.names(of: host, port)[0])
        if let entry = own.first(where: { $0.key.type == key.type }) {
            return .changed(fingerprint: entry.key.fingerprint, place: entry.place)
        }
        return own.isEmpty ? .unknown : .otherType(known: own.map(\.key.type))
    }

    /// The types of key by which a host is known, in the order in which they are to be asked for; empty: none.
    func types(of host: String, port: Int) -> [String] {
        let known = Set(trusted(host, port).map(\.key.type))
        return HostKey.supportedTypes.filter(known.contains) + known.subtracting(HostKey.supportedTypes).sorted()
    }

    private func trusted(_ host: String, _ port: Int) -> [Entry] {
        let names = Self.names(of: host, port)
        let own = trusted(names[0])
        return own.isEmpty ? names.dropFirst().flatMap { trusted($0) } : own
    }

    private func trusted(_ name: String) -> [Entry] {
        entries.filter { $0.meaning == .trusted && $0.hosts.matches(name) }
    }

    /// A host's name in the files, then the name without a port under which it may also stand.
    static func names(of host: String, _ port: Int) -> [String] {
        let name = host.lowercased()
        return port == 22 ? [name] : ["[\(name)]:\(port)", name]
    }
}

extension KnownHosts {
    /// Adds a host's key to a file, which is made, with its directory, where it doesn't exist; all or nothing.
    /// - Throws: `configuration` when the file can't be written.
    package static func add(_ key: HostKey, of host: String, port: Int, to file: String) throws(Failure) {
        var text = try LocalFile.read(file, "the known hosts file") ?? []
        if let last = text.last, last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
        text += "\(names(of: host, port)[0]) \(key.text)\n".utf8
        try LocalFile.replace(file, with: text, "the known hosts file")
    }
}
