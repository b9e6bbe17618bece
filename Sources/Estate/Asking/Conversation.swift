import Configuration
import Essentials
import SSH

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A connection over which short texts go to and fro, without blocking.
struct Conversation: ~Copyable {
    private let socket: Descriptor
    private let address: ServerAddress
    /// What has arrived and was not taken yet.
    private(set) var received: [UInt8] = []

    /// More than this is no answer to what we ask.
    private static let limit = 1 << 20

    /// Connects.
    /// - Throws: `connection`, `timeout`, `cancelled`, `system`.
    init(with address: ServerAddress, until deadline: Deadline) async throws(Failure) {
        socket = try await Dialling.connect(address.host, address.port, until: deadline)
        self.address = address
    }

    /// Sends all of it.
    mutating func say(_ bytes: [UInt8], until deadline: Deadline) async throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket.number, $0.baseAddress, $0.count, Self.quietly) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno == EAGAIN {
                try await wait(for: .writable, until: deadline)
            } else if errno != EINTR {
                throw ended(errno)
            }
        }
    }

    /// Takes the next line, without its end.
    mutating func line(until deadline: Deadline) async throws(Failure) -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = received[..<end]
                received.removeFirst(end + 1)
                let isDOS = line.last == UInt8(ascii: "\r")
                return String(decoding: isDOS ? line.dropLast() : line, as: UTF8.self)
            }
            try await receive(until: deadline)
        }
    }

    /// Takes what was received up to there.
    mutating func drop(_ count: Int) { received.removeFirst(count) }

    /// Waits for more.
    mutating func receive(until deadline: Deadline) async throws(Failure) {
        // One that never stops sending is never waited for.
        guard !deadline.hasPassed else { throw Failure(.timeout, "answers without end") }
        guard received.count < Self.limit else {
            throw Failure(.unexpectedAnswer, "\(address.text) answers without end")
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = buffer.withUnsafeMutableBytes { recv(socket.number, $0.baseAddress, $0.count, 0) }
            if count > 0 {
                received += buffer[..<count]
                return
            }
            if count == 0 { throw ended(0) }
            if errno == EAGAIN {
                try await wait(for: .readable, until: deadline)
            } else if errno != EINTR {
                throw ended(errno)
            }
        }
    }

    private func wait(for interest: ReadinessLoop.Interest, until deadline: Deadline) async throws(Failure) {
        switch await ReadinessLoop.shared.wait(for: interest, on: socket.number, until: deadline) {
        case .ready: return
        case .timedOut: throw Failure(.timeout, "takes the connection, but does not answer in time")
        case .cancelled: throw Failure(.cancelled, "cancelled")
        }
    }

    private func ended(_ code: Int32) -> Failure {
        Failure(
            .connection, "the connection was closed instead of an answer",
            detail: code == 0 ? nil : String(cString: strerror(code)))
    }

    /// A server that went away must not end this process with SIGPIPE.
    private static var quietly: Int32 {
        #if canImport(Glibc)
            Int32(MSG_NOSIGNAL)
        #else
            0
        #endif
    }
}
