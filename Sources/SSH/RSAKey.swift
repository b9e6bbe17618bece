internal import CLibcrypto

/// An RSA private key that signs with SHA-512, which libssh2 before 1.11 doesn't do and servers now ask for.
struct RSAKey: ~Copyable, Sendable {
    /// May move between threads, is never shared: unique by ~Copyable.
    private nonisolated(unsafe) let pointer: OpaquePointer

    private init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    /// The name of the signature, which also goes in the place of the key's type.
    static let algorithm = "rsa-sha2-512"

    /// The key in a PEM file; nil when that holds none, or the passphrase doesn't open it.
    static func read(pemFile path: String, passphrase: String?) -> RSAKey? {
        guard let file = BIO_new_file(path, "r") else { return nil }
        defer { BIO_free(file) }
        // Without a passphrase of ours the library would ask on the terminal.
        let bytes = Array((passphrase ?? "").utf8CString)
        let pointer = bytes.withUnsafeBufferPointer { bytes in
            PEM_read_bio_PrivateKey(file, nil, nil, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        }
        guard let pointer else { return nil }
        guard EVP_PKEY_get_base_id(pointer) == EVP_PKEY_RSA else {
            EVP_PKEY_free(pointer)
            return nil
        }
        return RSAKey(owning: pointer)
    }

    /// The key in the private part of an OpenSSH file that isn't encrypted (OpenSSH's PROTOCOL.key).
    static func read(openSSH secret: [UInt8]) -> RSAKey? {
        var reader = WireReader(secret)
        guard let check = reader.number(), reader.number() == check, reader.text() == "ssh-rsa",
            let modulus = reader.string(), let exponent = reader.string(), let secretExponent = reader.string(),
            let pointer = key(modulus, exponent, secretExponent)
        else { return nil }
        return RSAKey(owning: pointer)
    }

    private static func key(_ modulus: [UInt8], _ exponent: [UInt8], _ secretExponent: [UInt8]) -> OpaquePointer? {
        // The builder keeps the names' addresses, so they must live as long as it does.
        let parts: [(name: StaticString, bytes: [UInt8])] = [("n", modulus), ("e", exponent), ("d", secretExponent)]
        let builder = OSSL_PARAM_BLD_new()
        defer { OSSL_PARAM_BLD_free(builder) }
        var numbers: [OpaquePointer?] = []
        defer { for number in numbers { BN_clear_free(number) } }
        for (name, bytes) in parts {
            let number = BN_bin2bn(bytes, Int32(bytes.count), nil)
            numbers.append(number)
            let name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
            guard OSSL_PARAM_BLD_push_BN(builder, name, number) == 1 else { return nil }
        }
        guard let parameters = OSSL_PARAM_BLD_to_param(builder) else { return nil }
        defer { OSSL_PARAM_free(parameters) }
        let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_fromdata_init(context) == 1,
            EVP_PKEY_fromdata(context, &key, keyPair, parameters) == 1
        else { return nil }
        return key
    }

    /// EVP_PKEY_KEYPAIR, a macro that doesn't reach Swift: parameters, public and private part.
    private static let keyPair = OSSL_KEYMGMT_SELECT_ALL_PARAMETERS | OSSL_KEYMGMT_SELECT_KEYPAIR

    /// The public key as it travels (RFC 4253, 6.6); nil when the key has none.
    var publicKey: [UInt8]? {
        guard let exponent = number(OSSL_PKEY_PARAM_RSA_E), let modulus = number(OSSL_PKEY_PARAM_RSA_N) else {
            return nil
        }
        var writer = WireWriter()
        writer.string("ssh-rsa".utf8)
        writer.string(exponent)
        writer.string(modulus)
        return writer.bytes
    }

    /// A number as SSH writes it: with a leading zero where it would look negative.
    private func number(_ name: String) -> [UInt8]? {
        var value: OpaquePointer?
        guard EVP_PKEY_get_bn_param(pointer, name, &value) == 1 else { return nil }
        defer { BN_free(value) }
        var bytes = [UInt8](repeating: 0, count: (Int(BN_num_bits(value)) + 7) / 8)
        BN_bn2bin(value, &bytes)
        return (bytes.first ?? 0) >= 0x80 ? [0] + bytes : bytes
    }

    /// The signature of some bytes (RSASSA-PKCS1-v1_5 with SHA-512, RFC 8332); nil when it can't be made.
    func signature(of bytes: [UInt8]) -> [UInt8]? {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var length = 0
        guard EVP_DigestSignInit(context, nil, EVP_sha512(), nil, pointer) == 1,
            EVP_DigestSign(context, nil, &length, bytes, bytes.count) == 1
        else { return nil }
        var signature = [UInt8](repeating: 0, count: length)
        guard EVP_DigestSign(context, &signature, &length, bytes, bytes.count) == 1 else { return nil }
        return Array(signature.prefix(length))
    }
}
