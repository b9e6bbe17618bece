internal import Essentials

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
        let lookup: NameLookup
        do { lookup = try await NameLookup.of(host, until: deadline) } catch { throw .failure(error) }
        let failure = "could not find an address of host name \"\(host)\": "
        switch lookup {
        case .found(let addresses): return .success(addresses)
        case .unknown(let words): return .failure(Silence(.nameNotFound, failure + words))
        case .failed(let words): return .failure(Silence(.other, failure + words))
        case .timedOut: return .failure(Silence(.connectTimeout, "no answer about host name \"\(host)\" in time"))
        case .cancelled: throw .silence(Silence(.cancelled, "cancelled"))
        }
    }
}
