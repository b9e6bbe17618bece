internal import Essentials

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The user's ssh-agent, asked without blocking (libssh2's own client waits for ever for an agent that hangs, and
/// can't ask for RSA signatures with SHA-2).
struct Agent: ~Copyable, Sendable {
    /// A key that the agent holds.
    struct Identity: Sendable {
        var key: HostKey
        var comment: String
    }

    private let socket: Descriptor

    /// SSH_AGENTC_… and SSH_AGENT_… of the agent protocol (draft-miller-ssh-agent).
    private enum Message {
        static let requestIdentities: UInt8 = 11
        static let identities: UInt8 = 12
        static let sign: UInt8 = 13
        static let signature: UInt8 = 14
        static let rsaSHA512: UInt32 = 4
    }

    private init(_ socket: consuming Descriptor) { self.socket = socket }

    /// The agent that the environment names; nil when it names none, or that one doesn't answer.
    static func ofUser() -> Agent? {
        guard let path = getenv("SSH_AUTH_SOCK").map({ String(cString: $0) }), !path.isEmpty else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { target in
            guard bytes.count < target.count else { return false }
            target.copyBytes(from: bytes)
            return true
        }
        #if canImport(Glibc)
            let number = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let number = Darwin.socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        guard number >= 0 else { return nil }
        let socket = Descriptor(owning: number)
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        // A Unix socket is connected at once, or the agent's queue is full.
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return fits && result == 0 ? Agent(socket) : nil
    }

    /// The keys it holds; empty when it doesn't answer.
    func identities(until deadline: Deadline) async -> [Identity] {
        var request = WireWriter()
        request.byte(Message.requestIdentities)
        guard var answer = await ask(request.bytes, until: deadline), answer.byte() == Message.identities,
            let count = answer.number()
        else { return [] }
        var identities: [Identity] = []
        for _ in 0..<min(count, 1000) {
            guard let blob = answer.string(), let comment = answer.text() else { return identities }
            if let key = HostKey(blob: blob) { identities.append(Identity(key: key, comment: comment)) }
        }
        return identities
    }

    /// Its signature of some bytes, without the algorithm's name; nil when it doesn't sign (locked, or a person who
    /// must confirm said no).
    func signature(of bytes: [UInt8], by key: HostKey, until deadline: Deadline) async -> [UInt8]? {
        var request = WireWriter()
        request.byte(Message.sign)
        request.string(key.blob)
        request.string(bytes)
        request.number(key.type == "ssh-rsa" ? Message.rsaSHA512 : 0)
        guard var answer = await ask(request.bytes, until: deadline), answer.byte() == Message.signature,
            let blob = answer.string()
        else { return nil }
        var signature = WireReader(blob)
        guard let algorithm = signature.text(), let value = signature.string() else { return nil }
        // An old agent signs RSA with SHA-1 whatever it is asked.
        return key.type == "ssh-rsa" && algorithm != RSAKey.algorithm ? nil : value
    }

    private func ask(_ request: [UInt8], until deadline: Deadline) async -> WireReader? {
        var message = WireWriter()
        message.string(request)
        var rest = message.bytes[...]
        while !rest.isEmpty {
            guard await ReadinessLoop.shared.wait(for: .writable, on: socket.number, until: deadline) == .ready else {
                return nil
            }
            let count = rest.withUnsafeBytes { Self.send(socket.number, $0) }
            guard count > 0 else { return nil }
            rest = rest.dropFirst(count)
        }
        guard let head = await receive(4, until: deadline) else { return nil }
        var reader = WireReader(head)
        guard let length = reader.number(), length <= 1 << 20, let body = await receive(Int(length), until: deadline)
        else { return nil }
        return WireReader(body)
    }

    private static func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        #else
            Darwin.send(socket, bytes.baseAddress, bytes.count, 0)
        #endif
    }

    private func receive(_ count: Int, until deadline: Deadline) async -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard await ReadinessLoop.shared.wait(for: .readable, on: socket.number, until: deadline) == .ready else {
                return nil
            }
            var buffer = [UInt8](repeating: 0, count: count - bytes.count)
            let received = recv(socket.number, &buffer, buffer.count, 0)
            guard received > 0 else { return nil }
            bytes += buffer.prefix(received)
        }
        return bytes
    }
}
