package import Essentials

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Connecting a socket to a server, without blocking.
package enum Dialling {
    /// A socket connected to the first address of `host` that answers; each may take its share of the time.
    /// - Throws: `connection` when there is no such name or nobody answers, `timeout`, `cancelled`, `system`.
    package static func connect(
        _ host: String, _ port: Int, until deadline: Deadline
    ) async throws(Failure) -> Descriptor {
        let addresses = try await look(up: host, until: deadline)
        var failure: Failure?
        for (index, address) in addresses.enumerated() {
            do {
                let share = deadline.share(of: addresses.count - index)
                return try await connect(address: address, port, of: host, until: share)
            } catch {
                guard error.code == .connection || error.code == .timeout else { throw error }
                // A refusal says more than silence.
                if failure?.code != .connection { failure = error }
            }
        }
        throw failure ?? Failure(.connection, "host \"\(host)\" has no address")
    }

    private static func look(up host: String, until deadline: Deadline) async throws(Failure) -> [String] {
        let message = "could not find an address of host \"\(host)\""
        switch try await NameLookup.of(host, until: deadline) {
        case .found(let addresses): return addresses
        case .unknown(let words), .failed(let words): throw Failure(.connection, message, detail: words)
        case .timedOut:
            throw Failure(.timeout, message, detail: "The name servers did not answer in time.")
        case .cancelled: throw cancelled(host, port: nil)
        }
    }

    private static func cancelled(_ host: String, port: Int?) -> Failure {
        Failure(.cancelled, "cancelled while connecting to host \"\(host)\"")
    }

    private static func connect(
        address: String, _ port: Int, of host: String, until deadline: Deadline
    ) async throws(Failure) -> Descriptor {
        var progress: Int32 = 0
        let socket = try start(address, port, &progress)
        let message = "could not connect to host \"\(host)\", port \(port)"
        func refused(_ error: Int32) -> Failure {
            Failure(.connection, message, detail: "\(address): \(String(cString: strerror(error)))")
        }
        if progress != 0, progress != EINPROGRESS { throw refused(progress) }
        switch await ReadinessLoop.shared.wait(for: .writable, on: socket.number, until: deadline) {
        case .ready: break
        case .timedOut: throw Failure(.timeout, message, detail: "\(address) did not answer in time.")
        case .cancelled: throw cancelled(host, port: port)
        }
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &error, &length)
        if error != 0 { throw refused(error) }
        return socket
    }

    /// A new socket; `progress` is the error number of its connect.
    private static func start(
        _ address: String, _ port: Int, _ progress: inout Int32
    ) throws(Failure) -> Descriptor {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, "\(port)", &hints, &list) == 0, let entry = list?.pointee else {
            throw Failure(.connection, "could not take \"\(address)\" for an address")
        }
        defer { freeaddrinfo(list) }
        let number = socket(entry.ai_family, entry.ai_socktype, 0)
        guard number >= 0 else {
            throw Failure(
                .system, "could not open a socket", detail: String(cString: strerror(errno)),
                hint: "Raise the limit of open files (ulimit -n).")
        }
        let descriptor = Descriptor(owning: number)
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        setOptions(number)
        progress = connect(number, entry.ai_addr, entry.ai_addrlen) == 0 ? 0 : errno
        return descriptor
    }

    private static func connect(_ socket: Int32, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t) -> Int32 {
        #if canImport(Glibc)
            Glibc.connect(socket, address, length)
        #else
            Darwin.connect(socket, address, length)
        #endif
    }

    private static func setOptions(_ socket: Int32) {
        func set(_ level: Int32, _ option: Int32, _ value: Int32) {
            var value = value
            setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
        // Requests are small and come in pairs: the second would wait for the acknowledgement of the first.
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        // A link that died without a word while a command runs for hours is noticed, and firewalls keep it open.
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        #if canImport(Glibc)
            set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 15)
            set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
            set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 6)
            set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 45000)
        #else
            set(SOL_SOCKET, SO_NOSIGPIPE, 1)
        #endif
    }
}
