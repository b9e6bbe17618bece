internal import Essentials
internal import Glibc
internal import Synchronization

/// A port kept from others on several addresses, by sockets bound to it, until the server of each address is about
/// to take it.
///
/// Two labs made at the same time thus never choose the same port. What remains is the moment between releasing
/// and the server's own bind, in which another lab would have to draw just this number of 10,000.
final class PortReservation: Sendable {
    /// The reserved port.
    let port: Int
    private let sockets: Mutex<[String: Int32]>

    /// Reserves `port` on all addresses; nil for one that is free on all of them, chosen at random below the range
    /// the kernel itself gives out.
    /// - Throws: `refused` when it is taken on one of them.
    init(_ port: Int?, on addresses: [String]) throws(Failure) {
        var last = ""
        for _ in 0..<(port == nil ? 50 : 1) {
            let candidate = port ?? Int.random(in: 20_000..<30_000)
            guard (1..<65536).contains(candidate) else {
                throw Failure(.refused, "\(candidate) is not a port", hint: "Give one from 1024 to 65535, or none.")
            }
            switch Self.bind(candidate, addresses, reuse: port != nil) {
            case .success(let bound):
                self.port = candidate
                self.sockets = Mutex(bound)
                return
            case .failure(let refusal): last = refusal.text
            }
        }
        let message = port.map { "port \($0) cannot be used for the lab" }
        throw Failure(
            .refused, message ?? "could not find a port that is free on all addresses", detail: last,
            hint: "Give another port, or none to have a free one chosen. Are other labs still up?")
    }

    deinit {
        for socket in sockets.withLock({ $0 }).values { close(socket) }
    }

    /// Leaves the port of one address to its server.
    func release(_ address: String) {
        if let socket = sockets.withLock({ $0.removeValue(forKey: address) }) { close(socket) }
    }

    private struct Refusal: Error { var text: String }

    /// `reuse` sees past what a closed connection leaves behind for a minute, but also past another reservation.
    private static func bind(_ port: Int, _ addresses: [String], reuse: Bool) -> Result<[String: Int32], Refusal> {
        var bound: [String: Int32] = [:]
        for text in addresses {
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            inet_pton(AF_INET, text, &address.sin_addr)
            var yes: Int32 = reuse ? 1 : 0
            setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            bound[text] = socket
            if result != 0 {
                let reason = String(cString: strerror(errno))
                for socket in bound.values { close(socket) }
                return .failure(Refusal(text: "\(text):\(port): \(reason)"))
            }
        }
        return .success(bound)
    }
}
