#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// What came of looking up a host name.
package enum NameLookup: Sendable, Equatable {
    /// Its numeric addresses, in the system's order of preference; never empty.
    case found([String])
    /// There is no such name, or it has no address; the resolver's words.
    case unknown(String)
    /// The resolver could not tell; its words.
    case failed(String)
    /// No answer before the deadline.
    case timedOut
    /// The surrounding task was cancelled.
    case cancelled

    /// Looks up a name, or takes an address as it is, without blocking the caller's thread.
    /// - Throws: `system` when no thread could be started for it.
    package static func of(_ host: String, until deadline: Deadline) async throws(Failure) -> NameLookup {
        let numeric = lookUp(host, flags: AI_NUMERICHOST)
        if case .found = numeric { return numeric }
        switch try await callBlocking(until: deadline, { lookUp(host, flags: AI_ADDRCONFIG) }) {
        case .returned(let lookup): return lookup
        case .timedOut: return .timedOut
        case .cancelled: return .cancelled
        }
    }

    /// glibc's EAI_NODATA: the name exists and has no address; its macro is hidden from Swift.
    private static let noAddress: Int32 = -5

    private static func lookUp(_ host: String, flags: Int32) -> NameLookup {
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
            return error == EAI_NONAME || error == noAddress ? .unknown(words) : .failed(words)
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
        return addresses.isEmpty ? .unknown("the name has no address") : .found(addresses)
    }
}
