internal import CLibcrypto
internal import Essentials

/// What can be seen of a private key's file without its passphrase.
struct PrivateKeyFile {
    /// How the file is written.
    enum Form: Sendable {
        /// OpenSSH's own format: the public key is in clear, the rest as it is.
        case openSSH(cipher: String, public: [UInt8], private: [UInt8])
        /// One of the formats that libcrypto reads.
        case pem
    }

    let path: String
    let form: Form
    let isEncrypted: Bool
    /// The key's type as in an OpenSSH public key; nil where it shows only once decrypted.
    let type: String?
    /// The public key; nil where it shows only once decrypted and no `.pub` file lies beside.
    let publicKey: [UInt8]?

    /// What keeps a file from being used, as words.
    struct Flaw: Error {
        var words: String
    }

    /// Looks into a file.
    init(_ path: String) throws(Flaw) {
        let bytes: [UInt8]
        do {
            guard let read = try LocalFile.read(path, "the private key") else { throw Flaw(words: "no such file") }
            bytes = read
        } catch let flaw as Flaw {
            throw flaw
        } catch let failure as Failure {
            throw Flaw(words: failure.detail ?? failure.message)
        } catch {
            throw Flaw(words: "\(error)")
        }
        try self.init(path, text: String(decoding: bytes, as: UTF8.self))
    }

    private init(_ path: String, text: String) throws(Flaw) {
        self.path = path
        let lines = text.split(whereSeparator: \.isNewline)
        guard let title = lines.first(where: { $0.hasPrefix("-----BEGIN ") }), title.contains("PRIVATE KEY") else {
            throw Flaw(words: "holds no private key")
        }
        guard title.contains("OPENSSH") else {
            form = .pem
            isEncrypted = title.contains("ENCRYPTED") || lines.contains { $0.hasPrefix("Proc-Type:") }
            publicKey = Self.publicKey(beside: path)
            type = title.contains("RSA") ? "ssh-rsa" : publicKey.flatMap { HostKey(blob: $0)?.type }
            return
        }
        let body = lines.drop { $0 != title }.dropFirst().prefix { !$0.hasPrefix("-----") }.joined()
        guard let blob = Base64.decode(body), let form = Self.parse(blob), case .openSSH(let cipher, let key, _) = form
        else { throw Flaw(words: "holds a private key that cannot be read") }
        self.form = form
        isEncrypted = cipher != "none"
        publicKey = key
        type = HostKey(blob: key)?.type
    }

    /// OpenSSH's PROTOCOL.key: a magic word, cipher, key derivation, number of keys, public part, private part.
    private static func parse(_ blob: [UInt8]) -> Form? {
        let magic = Array("openssh-key-v1\0".utf8)
        guard blob.starts(with: magic) else { return nil }
        var reader = WireReader(Array(blob.dropFirst(magic.count)))
        guard let cipher = reader.text(), reader.string() != nil, reader.string() != nil, reader.number() == 1,
            let key = reader.string(), let secret = reader.string()
        else { return nil }
        return .openSSH(cipher: cipher, public: key, private: secret)
    }

    private static func publicKey(beside path: String) -> [UInt8]? {
        guard let bytes = try? LocalFile.read("\(path).pub", "the public key") else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split { $0.isWhitespace }
        return fields.count > 1 ? Base64.decode(fields[1]) : nil
    }
}

extension PrivateKeyFile {
    /// The RSA key in the file; nil when it holds another type, or an RSA key that the passphrase doesn't open.
    func rsaKey(passphrase: String?) -> RSAKey? {
        switch form {
        case .openSSH(_, _, let secret): isEncrypted ? nil : RSAKey.read(openSSH: secret)
        case .pem: RSAKey.read(pemFile: path, passphrase: passphrase)
        }
    }

    /// Whether it is an RSA key that neither libssh2 nor libcrypto can decrypt.
    var isEncryptedOpenSSHRSA: Bool {
        if case .openSSH = form { isEncrypted && type == "ssh-rsa" } else { false }
    }
}
