internal import CLibssh2
internal import Essentials

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Why a call on a link was given up.
enum LinkTrouble: Error, Sendable {
    /// The deadline passed.
    case timedOut
    /// The task was cancelled.
    case cancelled
    /// The server has been silent for this long, although it was asked for a sign of life.
    case silent(Duration)
}

/// One libssh2 session over a socket, or over a channel of another session, driven without blocking.
///
/// libssh2 is only ever called between two waits, by the one owner; every wait has a deadline, and dropping the link
/// closes it at once, whatever state it is in.
struct Link: ~Copyable, Sendable {
    /// May move between threads, is never shared: unique by ~Copyable.
    private nonisolated(unsafe) let session: OpaquePointer
    /// Owned by this link alone; libssh2's callbacks know the address.
    private nonisolated(unsafe) let state: UnsafeMutablePointer<LinkState>

    /// A session over a connected socket that has not spoken yet.
    /// - Throws: `system` when there is no memory.
    init(over socket: consuming Descriptor) throws(Failure) {
        try self.init(LinkState(socket: socket.release(), carrier: nil))
    }

    /// A session over a channel of another link, which belongs to this one from now on.
    /// - Throws: `system` when there is no memory.
    init(over link: consuming Link, channel: OpaquePointer) throws(Failure) {
        let socket = link.socket
        let outer = UnsafeMutablePointer<Link>.allocate(capacity: 1)
        outer.initialize(to: link)
        try self.init(LinkState(socket: socket, carrier: LinkState.Carrier(link: outer, channel: channel)))
    }

    private init(_ initial: LinkState) throws(Failure) {
        let memory = UnsafeMutablePointer<LinkState>.allocate(capacity: 1)
        memory.initialize(to: initial)
        guard Libssh2.isReady, let session = libssh2_session_init_ex(nil, nil, nil, memory) else {
            Self.free(memory)
            throw Failure(.system, "could not make an SSH session", detail: "There is no memory left.")
        }
        self.session = session
        state = memory
        libssh2_session_set_blocking(session, 0)
        libssh2_session_callback_set(
            session, LIBSSH2_CALLBACK_RECV, unsafeBitCast(LinkState.receive, to: UnsafeMutableRawPointer.self))
        libssh2_session_callback_set(
            session, LIBSSH2_CALLBACK_SEND, unsafeBitCast(LinkState.send, to: UnsafeMutableRawPointer.self))
    }

    deinit {
        if state.pointee.error == nil, !state.pointee.isDead {
            // A word of farewell, as far as the socket takes it now.
            libssh2_session_disconnect_ex(session, Libssh2.disconnectByApplication, "", "")
            Self.pump(session, state)
        }
        // From here on both callbacks fail, so that freeing never waits for the other side.
        Self.kill(state)
        libssh2_session_free(session)
        Self.free(state)
    }

    private static func free(_ state: UnsafeMutablePointer<LinkState>) {
        if let outer = state.pointee.carrier?.link {
            outer.deinitialize(count: 1)
            outer.deallocate()
        } else {
            _ = close(state.pointee.socket)
        }
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// The socket's number, of the outermost link.
    var socket: Int32 { state.pointee.socket }
    /// How much waits to be sent; who writes a lot stops above a limit.
    var backlog: Int { state.pointee.outgoing.count }
    /// Whether the stream has ended or failed.
    var isBroken: Bool { state.pointee.isDead || state.pointee.error != nil }
    /// How the stream broke, in the system's words; nil when it ended without an error.
    var breakage: String? {
        state.pointee.error.flatMap { $0 == 0 ? nil : String(cString: strerror($0)) }
    }
    /// The first bytes from the server.
    var opening: [UInt8] { state.pointee.opening ?? [] }

    /// Channels that are closed here and not yet there.
    var closing: [OpaquePointer] {
        get { state.pointee.closing }
        nonmutating set { state.pointee.closing = newValue }
    }

    /// A channel that was opened ahead.
    var ready: OpaquePointer? {
        get { state.pointee.ready }
        nonmutating set { state.pointee.ready = newValue }
    }

    /// Channels on which a shell waits for a further command, by the words that made it another account's.
    var shells: [[String]: OpaquePointer] {
        get { state.pointee.shells }
        nonmutating set { state.pointee.shells = newValue }
    }

    /// Stops collecting the first bytes from the server.
    func forgetOpening() { state.pointee.opening = nil }

    /// Makes the link useless at once: nothing is sent any more, and the server sees it closed.
    func kill() { Self.kill(state) }

    /// Calls libssh2 once, without waiting; what it has to send is handed on.
    func call<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        let result = body(session)
        Self.pump(session, state)
        return result
    }

    /// Calls libssh2 until it no longer says that it would block.
    func drive(
        until deadline: Deadline, _ body: (OpaquePointer) -> Int
    ) async throws(LinkTrouble) -> Int {
        while true {
            let result = call(body)
            guard result == Int(LIBSSH2_ERROR_EAGAIN) else { return result }
            try await wait(until: deadline)
        }
    }

    /// The error of libssh2's last call.
    func lastError() -> Libssh2.Error {
        var text: UnsafeMutablePointer<CChar>?
        var length: Int32 = 0
        let code = libssh2_session_last_error(session, &text, &length, 0)
        return Libssh2.Error(code: code, words: text.map { String(cString: $0) } ?? "")
    }

    /// Waits until libssh2 may find something to do: input, or room for what waits to be sent.
    func wait(until deadline: Deadline) async throws(LinkTrouble) {
        guard state.pointee.incoming.isEmpty, !isBroken else {
            // Ready already, but a server that keeps sending must not outrun the deadline.
            if Task.isCancelled { throw .cancelled }
            if deadline.hasPassed { throw .timedOut }
            return
        }
        let interest: ReadinessLoop.Interest = Self.hasBacklog(state) ? .either : .readable
        switch await ReadinessLoop.shared.wait(for: interest, on: socket, until: deadline) {
        case .ready: Self.pump(session, state)
        case .timedOut: throw .timedOut
        case .cancelled: throw .cancelled
        }
    }

    /// Waits likewise; asks a silent server for signs of life, and gives it up when there are none.
    func waitAlive(until deadline: Deadline) async throws(LinkTrouble) {
        while true {
            let silence = state.pointee.lastArrival.duration(to: .now)
            if silence > Silence.limit { throw .silent(silence) }
            let next = Deadline.after(Silence.interval)
            do {
                return try await wait(until: min(deadline, next))
            } catch {
                guard case .timedOut = error, !deadline.hasPassed else { throw error }
                call { session in
                    var seconds: Int32 = 0
                    libssh2_keepalive_config(session, 1, 1)
                    libssh2_keepalive_send(session, &seconds)
                }
            }
        }
    }

    /// When a server counts as gone, in a command that is silent itself.
    private enum Silence {
        static let interval = Duration.seconds(10)
        static let limit = Duration.seconds(45)
    }
}

extension Link {
    /// What a channel may hold back for its session, in bytes, before it stops reading.
    private static let incomingLimit = 1 << 18
    /// What may wait for the socket, in bytes, before more is written.
    static let backlogLimit = 1 << 18

    /// Moves bytes between libssh2 and what carries the link, without waiting.
    ///
    /// Through other links until nothing moves any more: what arrives may be the leave to send more, and what waits
    /// inside no longer shows on the socket.
    private static func pump(_ session: OpaquePointer, _ state: UnsafeMutablePointer<LinkState>) {
        guard let carrier = state.pointee.carrier else { return state.pointee.flushToSocket() }
        var moves = true
        while moves {
            pump(carrier.link.pointee.session, carrier.link.pointee.state)
            let received = receive(state, through: carrier)
            let sent = send(state, through: carrier)
            moves = received || sent
        }
        // The other session's answers to its own server, which moved nothing of ours.
        pump(carrier.link.pointee.session, carrier.link.pointee.state)
    }

    /// Whether anything moved.
    private static func send(_ state: UnsafeMutablePointer<LinkState>, through carrier: LinkState.Carrier) -> Bool {
        var moved = false
        while !state.pointee.outgoing.isEmpty, state.pointee.error == nil,
            carrier.link.pointee.backlog < backlogLimit
        {
            let count = state.pointee.outgoing.withBytes { bytes in
                libssh2_channel_write_ex(
                    carrier.channel, 0, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
            }
            guard count > 0 else {
                if count < 0, count != Int(LIBSSH2_ERROR_EAGAIN) { state.pointee.error = ECONNRESET }
                return moved
            }
            state.pointee.outgoing.removeFirst(count)
            moved = true
        }
        return moved
    }

    /// Whether anything moved.
    private static func receive(_ state: UnsafeMutablePointer<LinkState>, through carrier: LinkState.Carrier) -> Bool {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32768) { buffer in
            var moved = false
            while state.pointee.incoming.count < incomingLimit, state.pointee.error == nil {
                let count = libssh2_channel_read_ex(carrier.channel, 0, buffer.baseAddress, buffer.count)
                if count > 0 {
                    let read = UnsafeRawBufferPointer(buffer)[..<count]
                    state.pointee.incoming.append(UnsafeRawBufferPointer(rebasing: read))
                    moved = true
                } else if count == 0 {
                    guard libssh2_channel_eof(carrier.channel) != 0 else { return moved }
                    state.pointee.error = 0
                } else {
                    if count != Int(LIBSSH2_ERROR_EAGAIN) { state.pointee.error = ECONNRESET }
                    return moved
                }
            }
            return moved
        }
    }

    private static func hasBacklog(_ state: UnsafeMutablePointer<LinkState>) -> Bool {
        // What waits above waits for the other server's window, which comes as input.
        guard let carrier = state.pointee.carrier else { return !state.pointee.outgoing.isEmpty }
        return hasBacklog(carrier.link.pointee.state)
    }

    private static func kill(_ state: UnsafeMutablePointer<LinkState>) {
        state.pointee.isDead = true
        if let carrier = state.pointee.carrier {
            kill(carrier.link.pointee.state)
        } else {
            shutdown(state.pointee.socket, Int32(SHUT_RDWR))
        }
    }
}
