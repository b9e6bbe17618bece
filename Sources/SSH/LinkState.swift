internal import CLibssh2
internal import Essentials

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// What libssh2's send and receive callbacks work on; it stays at one address as long as the session lives.
///
/// A send always takes everything: what the socket doesn't take waits in `outgoing`. libssh2 therefore never stands
/// in the middle of a packet, where it would refuse any other call until that packet is out, and the only thing it
/// ever waits for is input.
struct LinkState {
    /// The connected socket, which doesn't block; that of the outermost link when this one goes through another.
    let socket: Int32
    /// The channel through another link that carries this one; nil: the socket itself does.
    let carrier: Carrier?
    /// What is still to be sent.
    var outgoing = ByteQueue()
    /// What came through a channel and libssh2 has not taken yet; always empty for a socket.
    var incoming = ByteQueue()
    /// Set when nothing more may be sent or received, so that freeing the session can't wait.
    var isDead = false
    /// The end of the stream, or an error of the socket, as the system numbers them.
    var error: Int32?
    /// When something last arrived.
    var lastArrival = ContinuousClock.now
    /// Channels that we have closed and the server has not yet.
    var closing: [OpaquePointer] = []
    /// A channel that was opened ahead.
    var ready: OpaquePointer?
    /// Channels on which a shell waits for a further command, by the words that made it another account's.
    var shells: [[String]: OpaquePointer] = [:]
    /// The first bytes from the server, in clear; nil once they are no longer wanted.
    var opening: [UInt8]? = []

    init(socket: Int32, carrier: Carrier?) {
        self.socket = socket
        self.carrier = carrier
    }

    /// A channel and the link it belongs to, which nobody else uses.
    struct Carrier {
        let link: UnsafeMutablePointer<Link>
        let channel: OpaquePointer
    }

    /// libssh2's receive: the number of bytes, 0 at the end of the stream, or a negated error number.
    mutating func receive(_ buffer: UnsafeMutableRawPointer, _ length: Int) -> Int {
        guard !isDead else { return -Int(ECONNRESET) }
        var count = carrier == nil ? Self.receive(from: socket, buffer, length) : takeIncoming(buffer, length)
        // Nothing more is to be waited for on a link that can't be written to any longer.
        if count == -Int(EAGAIN), let error { count = -Int(error) }
        if count > 0 {
            lastArrival = .now
            record(UnsafeRawBufferPointer(start: buffer, count: count))
        } else if count != -Int(EAGAIN) {
            error = error ?? Int32(-count)
        }
        return count
    }

    private static func receive(from socket: Int32, _ buffer: UnsafeMutableRawPointer, _ length: Int) -> Int {
        let count = recv(socket, buffer, length, 0)
        #if canImport(Glibc)
            // The kernel falls back to delayed acknowledgements by itself, and a server without TCP_NODELAY then sends
            // nothing for 40 ms; so it is told anew each time.
            var isOn: Int32 = 1
            setsockopt(socket, Int32(IPPROTO_TCP), TCP_QUICKACK, &isOn, socklen_t(MemoryLayout<Int32>.size))
        #endif
        guard count < 0 else { return count }
        return errno == EWOULDBLOCK || errno == EINTR ? -Int(EAGAIN) : -Int(errno)
    }

    private mutating func takeIncoming(_ buffer: UnsafeMutableRawPointer, _ length: Int) -> Int {
        guard !incoming.isEmpty else { return error.map { -Int($0) } ?? -Int(EAGAIN) }
        let count = min(length, incoming.count)
        let target = UnsafeMutableRawBufferPointer(start: buffer, count: count)
        incoming.withBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        incoming.removeFirst(count)
        return count
    }

    private mutating func record(_ bytes: UnsafeRawBufferPointer) {
        guard let count = opening?.count, count < 16384 else { return }
        opening?.append(contentsOf: bytes)
    }

    /// libssh2's send: takes all of it, or nothing once the link is broken.
    mutating func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard !isDead else { return -Int(EPIPE) }
        if let error { return -Int(error == 0 ? EPIPE : error) }
        let wasEmpty = outgoing.isEmpty
        outgoing.append(bytes)
        // What waits already waits for the socket.
        if wasEmpty { flushToSocket() }
        return bytes.count
    }

    /// Hands the socket what it takes.
    mutating func flushToSocket() {
        guard carrier == nil, !isDead else { return }
        while !outgoing.isEmpty {
            let count = outgoing.withBytes { Self.send(socket, $0) }
            guard count >= 0 else {
                if errno != EWOULDBLOCK, errno != EINTR { error = error ?? errno }
                return
            }
            outgoing.removeFirst(count)
        }
    }

    private static func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            // A server that went away must not end this process with SIGPIPE.
            Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        #else
            Darwin.send(socket, bytes.baseAddress, bytes.count, 0)
        #endif
    }
}

extension LinkState {
    typealias Receive =
        @convention(c) (
            Int32, UnsafeMutableRawPointer?, Int, Int32, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        ) -> Int
    typealias Send =
        @convention(c) (
            Int32, UnsafeRawPointer?, Int, Int32, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        ) -> Int

    static let receive: Receive = { _, buffer, length, _, abstract in
        guard let buffer, let state = abstract?.pointee?.assumingMemoryBound(to: LinkState.self) else {
            return -Int(EINVAL)
        }
        return state.pointee.receive(buffer, length)
    }

    static let send: Send = { _, buffer, length, _, abstract in
        guard let state = abstract?.pointee?.assumingMemoryBound(to: LinkState.self) else { return -Int(EINVAL) }
        return state.pointee.send(UnsafeRawBufferPointer(start: buffer, count: length))
    }
}
