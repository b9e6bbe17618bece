#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ServerEndpoint {
    /// One spelling for a host: names in lower case without the dot at their end, IPv6 addresses in their short form.
    static func canonical(_ host: String) -> String {
        if host.contains(":"), let address = shortIPv6(host) { return address }
        if host.hasPrefix("/") { return host.count > 1 && host.hasSuffix("/") ? String(host.dropLast()) : host }
        let name = host.lowercased()
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }

    private static func shortIPv6(_ host: String) -> String? {
        var address = in6_addr()
        guard inet_pton(AF_INET6, host, &address) == 1 else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard let text = inet_ntop(AF_INET6, &address, &buffer, socklen_t(buffer.count)) else { return nil }
        return String(cString: text)
    }
}
