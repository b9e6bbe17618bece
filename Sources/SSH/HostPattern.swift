internal import CLibcrypto

/// The host field of a known_hosts line: a list of patterns, or one hashed name.
enum HostPattern: Sendable, Equatable {
    /// Patterns with `*` and `?`; one that begins with `!` excludes what it matches.
    case list([String])
    /// A name that is known by its HMAC-SHA1 only.
    case hashed(salt: [UInt8], hash: [UInt8])

    /// nil when a hashed name can't be read.
    init?(_ text: Substring) {
        guard text.hasPrefix("|") else {
            self = .list(text.lowercased().split(separator: ",").map(String.init))
            return
        }
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[1] == "1", let salt = Base64.decode(parts[2]), let hash = Base64.decode(parts[3])
        else { return nil }
        self = .hashed(salt: salt, hash: hash)
    }

    /// Whether it means the host of that name, which is in lower case and has brackets and a port where needed.
    func matches(_ name: String) -> Bool {
        switch self {
        case .hashed(let salt, let hash): return Self.hmac(name, salt) == hash
        case .list(let patterns):
            var isMatched = false
            for pattern in patterns {
                let isNegated = pattern.hasPrefix("!")
                guard Self.matches(Array(name.utf8)[...], Array(pattern.utf8).dropFirst(isNegated ? 1 : 0)) else {
                    continue
                }
                if isNegated { return false }
                isMatched = true
            }
            return isMatched
        }
    }

    private static func matches(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        let rest = pattern.dropFirst()
        switch first {
        case UInt8(ascii: "*"):
            // Several in a row are one, which keeps the search short.
            let next = rest.drop { $0 == UInt8(ascii: "*") }
            return next.isEmpty || name.indices.contains { matches(name[$0...], next) }
        case UInt8(ascii: "?"): return !name.isEmpty && matches(name.dropFirst(), rest)
        default: return name.first == first && matches(name.dropFirst(), rest)
        }
    }

    private static func hmac(_ name: String, _ salt: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        var length: UInt32 = 0
        let bytes = Array(name.utf8)
        HMAC(EVP_sha1(), salt, Int32(salt.count), bytes, bytes.count, &digest, &length)
        return digest
    }
}
