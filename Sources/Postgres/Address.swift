internal import Essentials

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// One place where a server may listen: what libpq needs to connect there without a name look-up of its own.
struct Address: Sendable, Equatable {
    /// The host as configured: a name (which certificates and the passfile know), a number, or a socket directory.
    var host: String?
    /// The numeric address behind the name; nil for a socket directory.
    var hostaddr: String?
    /// The port as configured; nil for libpq's default.
    var port: String?

    /// All addresses of a connection, in the order in which they are to be tried.
    ///
    /// libpq resolves names while it connects, and blocks; so it is only ever given numbers.
    /// - Throws: `nameNotFound` when no host has an address, `connectTimeout` or `cancelled` when the look-ups
    ///   didn't end in time.
    static func all(of settings: [ConnectionString.Setting], until deadline: Deadline) async throws(PostgresError)
        -> [Address]
    {
        func list(_ keyword: String) -> [String] {
            guard let value = settings.first(where: { $0.keyword == keyword })?.value, !value.isEmpty else { return [] }
            return value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let (hosts, numbers, ports) = (list("host"), list("hostaddr"), list("port"))
        var addresses: [Address] = []
        var silence: Silence?
        for index in 0..<max(hosts.count, numbers.count, 1) {
            let host = index < hosts.count && !hosts[index].isEmpty ? hosts[index] : nil
            let number = index < numbers.count && !numbers[index].isEmpty ? numbers[index] : nil
            let port = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : nil
            let setPort = port.flatMap { $0.isEmpty ? nil : $0 }
            guard number == nil, let host, !isSocketDirectory(host) else {
                addresses.append(Address(host: host, hostaddr: number, port: setPort))
                continue
            }
            let hostsLeft = max(hosts.count, numbers.count, 1) - index
            switch try await resolve(host, until: deadline.share(of: hostsLeft)) {
            case .success(let found):
                addresses += found.map { Address(host: host, hostaddr: $0, port: setPort) }
            case .failure(let reason): silence = silence ?? reason
            }
        }
        if addresses.isEmpty, let silence { throw .silence(silence) }
        return addresses
    }

    private static func isSocketDirectory(_ host: String) -> Bool { host.hasPrefix("/") || host.hasPrefix("@") }

    private static func resolve(
        _ host: String, until deadline: Deadline
    ) async throws(PostgresError) -> Result<[String], Silence> {
        if case .success(let numeric) = lookUp(host, flags: AI_NUMERICHOST) { return .success(numeric) }
        let outcome: BlockingOutcome<Result<[String], Silence>>
        do {
            outcome = try await callBlocking(until: deadline) { lookUp(host, flags: AI_ADDRCONFIG) }
        } catch {
            throw .failure(error)
        }
        switch outcome {
        case .returned(let result): return result
        case .timedOut: return .failure(Silence(.connectTimeout, "no answer about host name \"\(host)\" in time"))
        case .cancelled: throw .silence(Silence(.cancelled, "cancelled"))
        }
    }

    /// glibc's EAI_NODATA: the name exists and has no address; its macro is hidden from Swift.
    private static let noAddress: Int32 = -5

    /// getaddrinfo(3): the numeric addresses of a name, in the system's order of preference.
    private static func lookUp(_ host: String, flags: Int32) -> Result<[String], Silence> {
        var hints = addrinfo()
        hints.ai_flags = flags
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let error = getaddrinfo(host, nil, &hints, &list)
        guard error == 0 else {
            let words = String(cString: gai_strerror(error))
            // Other errors are those of the resolver, or our own shortage.
            let isUnknown = error == EAI_NONAME || error == noAddress
            let detail = "could not find an address of host name \"\(host)\": \(words)"
            return .failure(Silence(isUnknown ? .nameNotFound : .other, detail))
        }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var next = list
        while let entry = next {
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let length = socklen_t(name.count)
            if getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &name, length, nil, 0, NI_NUMERICHOST) == 0
            {
                addresses.append(String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
            }
            next = entry.pointee.ai_next
        }
        return .success(addresses)
    }
}
