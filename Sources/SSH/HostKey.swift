internal import CLibcrypto
internal import CLibssh2

/// A server's public key.
package struct HostKey: Sendable, Hashable {
    /// Its type as in known_hosts files, such as `ssh-ed25519`.
    package let type: String
    /// The key as it travels: the type and its numbers.
    package let blob: [UInt8]

    /// A key from its binary form; nil when that doesn't begin with a type.
    package init?(blob: [UInt8]) {
        var reader = WireReader(blob)
        guard let type = reader.text(), !type.isEmpty else { return nil }
        self.type = type
        self.blob = blob
    }

    /// Its fingerprint as OpenSSH prints it: `SHA256:` and base64 without padding.
    package var fingerprint: String {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256(blob, blob.count, &digest)
        let text = Base64.encode(digest)
        return "SHA256:" + text.prefix { $0 != "=" }
    }

    /// The type and the key as a line of a known_hosts file has them.
    package var text: String { "\(type) \(Base64.encode(blob))" }

    /// The types that libssh2 can check here, the best one first; RSA with SHA-1 only, which current servers don't do.
    static let supportedTypes = [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
    ]
}
