internal import CLibssh2
public import Essentials

/// A session with one SSH server, over libssh2 without blocking, from the first packet to the last file.
///
/// Only its owner can use it, one command after the other: it can't be copied, and running is `mutating`. Every wait
/// has a deadline and ends when the task is cancelled; the session is then useless and is dropped, which ends the
/// remote command's process group. Dropping it closes it.
///
/// ```swift
/// var session = try await Session.open(endpoint, secrets, until: deadline)
/// let result = try await session.run(Command(["pg_ctl", "promote", "-D", directory]), until: deadline)
/// ```
public struct Session: ~Copyable, Sendable {
    let link: Link
    let endpoint: Endpoint
    /// Set once a wait was given up or a channel is left in an unknown state.
    var isAbandoned = false
    /// What goes before the remote script for each way to become another account, once it is known to lead a process
    /// group.
    var groupLeaders: [[String]: [String]] = [:]
    /// Whether the server has SFTP; nil until it was asked.
    var hasSFTP: Bool?

    private init(_ link: consuming Link, _ endpoint: Endpoint) {
        self.link = link
        self.endpoint = endpoint
    }

    /// Connects, through the jump hosts if there are any, checks each host key and logs in.
    /// - Throws: `connection` or `timeout` when there is no way there, `ssh` when the server's algorithms are not ours,
    ///   `hostKey` when its key is not the known one, `authentication` when it lets the user not in, `cancelled`.
    public static func open(
        _ endpoint: Endpoint, _ secrets: Secrets = .none, until deadline: Deadline
    ) async throws(Failure) -> Session {
        let session = try await logIn(endpoint, secrets, until: deadline)
        session.link.startOpening()
        return session
    }

    private static func logIn(
        _ endpoint: Endpoint, _ secrets: Secrets, until deadline: Deadline
    ) async throws(Failure) -> Session {
        var link = try await entry(to: endpoint, secrets, until: deadline)
        let known = try KnownHosts(files: endpoint.knownHostsFiles)
        link = try await shakeHands(link, endpoint, known, until: deadline)
        try await Login(endpoint: endpoint, secrets: secrets).logIn(over: link, until: deadline)
        return Session(link, endpoint)
    }

    /// A fresh link to a server, through all of its jump hosts, on which nothing was said yet.
    static func entry(
        to endpoint: Endpoint, _ secrets: Secrets, until deadline: Deadline
    ) async throws(Failure) -> Link {
        guard var last = endpoint.jumps.last else {
            return try Link(over: await Dialling.connect(endpoint.host, endpoint.port, until: deadline))
        }
        last.jumps = Array(endpoint.jumps.dropLast())
        let outer = try await logIn(last, secrets, until: deadline)
        return try await outer.through(to: endpoint, until: deadline)
    }

    private static func shakeHands(
        _ link: consuming Link, _ endpoint: Endpoint, _ known: KnownHosts, until deadline: Deadline
    ) async throws(Failure) -> Link {
        let types = known.types(of: endpoint.host, port: endpoint.port)
        let handshake = Handshake(host: endpoint.host, port: endpoint.port, types: types)
        let key = try await handshake.shake(link, until: deadline)
        try known.check(key, of: endpoint)
        link.forgetOpening()
        return link
    }

    /// The link through a channel of this session to another server.
    private consuming func through(to endpoint: Endpoint, until deadline: Deadline) async throws(Failure) -> Link {
        let (host, port) = (endpoint.host, Int32(endpoint.port))
        let channel: OpaquePointer?
        do {
            channel = try await link.open(until: deadline) { session in
                libssh2_channel_direct_tcpip_ex(session, host, port, "127.0.0.1", 22)
            }
        } catch {
            throw failure(error, "reaching host \"\(host)\" through host \"\(self.endpoint.host)\"")
        }
        guard let channel else {
            throw Failure(
                .connection, "host \"\(self.endpoint.host)\" does not reach host \"\(host)\", port \(port)",
                detail: link.lastError().text,
                hint: "The jump host must allow it (AllowTcpForwarding) and be able to connect there.")
        }
        return try Link(over: link, channel: channel)
    }

    /// Whether the session can still be used, as far as is known here: a server that went away in silence looks alive.
    public var isUsable: Bool {
        guard !isAbandoned, !link.isBroken else { return false }
        // Takes what has arrived, which may be the end.
        link.takeArrivals()
        return !link.isBroken
    }

    /// Proves that the server still answers, and keeps the way there open; starts nothing there.
    /// - Throws: `connection`, `timeout`, `cancelled`; the session is then useless.
    public mutating func keepAlive(until deadline: Deadline) async throws(Failure) {
        let channel = try await openChannel("a sign of life", until: deadline)
        isAbandoned = true
        do {
            // Whether the server takes it doesn't matter: it answers.
            _ = try await link.drive(until: deadline) { _ in
                Int(libssh2_channel_setenv_ex(channel, "PGDR", 4, "", 0))
            }
        } catch {
            link.kill()
            throw failure(error, "asking for a sign of life")
        }
        if link.isBroken { throw lost("asking for a sign of life") }
        isAbandoned = false
        close(channel)
    }
}

extension Session {
    /// The failure when a wait was given up; `purpose` says in the message what for.
    func failure(_ trouble: LinkTrouble, _ purpose: String) -> Failure {
        let host = endpoint.host
        switch trouble {
        case .timedOut: return Failure(.timeout, "no answer from host \"\(host)\" in time", detail: "While \(purpose).")
        case .cancelled: return Failure(.cancelled, "cancelled while \(purpose)")
        case .silent(let duration):
            return Failure(
                .connection, "host \"\(host)\" no longer answers",
                detail: "It was silent for \(Int(duration.seconds)) seconds while \(purpose).")
        }
    }

    /// The failure when the link broke.
    func lost(_ purpose: String) -> Failure {
        let words = link.breakage ?? "the server closed it"
        return Failure(
            .connection, "lost the SSH connection to host \"\(endpoint.host)\"", detail: "While \(purpose): \(words).")
    }

    /// Opens a channel for one command or subsystem.
    mutating func openChannel(_ purpose: String, until deadline: Deadline) async throws(Failure) -> OpaquePointer {
        guard isUsable else {
            throw Failure(
                .connection, "the SSH session with host \"\(endpoint.host)\" can no longer be used",
                detail: "An earlier command was given up, or the connection broke.")
        }
        // Nothing is half done from the caller's view once this returns.
        isAbandoned = true
        let channel: OpaquePointer?
        do { channel = try await openedChannel(until: deadline) } catch {
            link.kill()
            throw failure(error, "asking for \(purpose)")
        }
        if let channel {
            isAbandoned = false
            return channel
        }
        if link.isBroken { throw lost("asking for \(purpose)") }
        isAbandoned = false
        throw Failure(
            .ssh, "host \"\(endpoint.host)\" opened no channel for \(purpose)", detail: link.lastError().text,
            hint: "The server may limit the sessions of a connection (MaxSessions).")
    }

    /// A new channel; nil when the server refuses one.
    private func openedChannel(until deadline: Deadline) async throws(LinkTrouble) -> OpaquePointer? {
        var pauses: [Duration] = [.milliseconds(10), .milliseconds(50), .milliseconds(250)]
        while true {
            try await link.finishClosing(until: deadline)
            if let channel = try await link.openSession(until: deadline) { return channel }
            guard link.lastError().code == LIBSSH2_ERROR_CHANNEL_FAILURE, !pauses.isEmpty else { return nil }
            // It may allow so few that the shells kept for further commands take them all.
            link.closeShells()
            // A server that allows one session clears the last one away after it has said that it is closed.
            let pause = Deadline.after(pauses.removeFirst())
            if await ReadinessLoop.shared.sleep(until: min(pause, deadline)) == .cancelled { throw .cancelled }
        }
    }

    /// Closes a channel without waiting for the server to close it too, which the next one that needs it does.
    func close(_ channel: OpaquePointer) { link.startClosing(channel) }
}
