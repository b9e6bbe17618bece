internal import CLibssh2
internal import Essentials

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Offering a public key to the server, and signing with what isn't libssh2 once the server would take it.
struct PublicKeyOffer {
    /// What came of an offer.
    enum Answer {
        /// The user is logged in.
        case accepted
        /// The server doesn't take the key, or the signature.
        case refused(Libssh2.Error)
        /// The server would take the key, but there is no signature.
        case unsigned
    }

    var user: String
    /// The key as it travels, its type replaced by the signature's algorithm where they differ.
    var blob: [UInt8]

    /// Offers the key of that type; RSA keys for signatures with SHA-512.
    init(_ key: HostKey, user: String) {
        self.user = user
        guard key.type == "ssh-rsa" else {
            blob = key.blob
            return
        }
        // libssh2 takes the signature's name from the key. RFC 8332 keeps them apart, but OpenSSH reads this too.
        var reader = WireReader(key.blob)
        var writer = WireWriter()
        _ = reader.string()
        writer.string(RSAKey.algorithm.utf8)
        blob = writer.bytes + reader.remaining
    }

    /// Makes the offer; `sign` is called at most once, with what is to be signed.
    func make(
        on link: borrowing Link, until deadline: Deadline, sign: ([UInt8]) async -> [UInt8]?
    ) async throws(LinkTrouble) -> Answer {
        let exchange = UnsafeMutablePointer<SignatureExchange>.allocate(capacity: 1)
        exchange.initialize(to: SignatureExchange())
        defer {
            exchange.deinitialize(count: 1)
            exchange.deallocate()
        }
        while true {
            let result = link.call { session in
                var abstract: UnsafeMutableRawPointer? = UnsafeMutableRawPointer(exchange)
                return libssh2_userauth_publickey(
                    session, user, blob, blob.count, SignatureExchange.callback, &abstract)
            }
            if result == 0 { return .accepted }
            guard result == LIBSSH2_ERROR_EAGAIN else {
                if case .none? = exchange.pointee.signature { return .unsigned }
                return .refused(link.lastError())
            }
            if let request = exchange.pointee.request, exchange.pointee.signature == nil {
                exchange.pointee.signature = .some(await sign(request))
            } else {
                try await link.wait(until: deadline)
            }
        }
    }
}

/// What libssh2's callback hands out to be signed, and gets back when libssh2 is called again.
struct SignatureExchange {
    var request: [UInt8]?
    /// Nil outside: not asked yet; nil inside: there is no signature.
    var signature: [UInt8]??

    typealias Callback =
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, UnsafeMutablePointer<Int>?,
            UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        ) -> Int32

    static let callback: Callback = { _, signature, length, data, count, abstract in
        guard let exchange = abstract?.pointee?.assumingMemoryBound(to: SignatureExchange.self) else { return -1 }
        guard let answer = exchange.pointee.signature else {
            exchange.pointee.request = Array(UnsafeBufferPointer(start: data, count: count))
            return LIBSSH2_ERROR_EAGAIN
        }
        // libssh2 frees it.
        guard let answer, let memory = malloc(answer.count) else { return -1 }
        memory.copyMemory(from: answer, byteCount: answer.count)
        signature?.pointee = memory.assumingMemoryBound(to: UInt8.self)
        length?.pointee = answer.count
        return 0
    }
}
