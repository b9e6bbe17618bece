internal import CLibssh2
public import Essentials

/// What became of a TCP connection that an SSH server was asked to make.
public enum Reach: Sendable, Equatable {
    /// The other side took it, and answered with these bytes.
    case answered([UInt8])
    /// The other side took it and said nothing in time, or closed it, or was not listened to.
    case silent
    /// The server could not connect: nobody listens, or there is no way there; in libssh2's words.
    case failed(String)
    /// The server doesn't connect for others (`AllowTcpForwarding`, `PermitOpen`), or could not just then.
    case forbidden(String)
}

extension Session {
    /// Has the server connect to a port of another host, sends a greeting and waits for the first answer to it.
    ///
    /// With an empty greeting the other side speaks first; with nil the connection is all that is wanted. No program is run on the server: it forwards a channel (`direct-tcpip`), so that what is seen is seen from there.
    /// When the server itself doesn't answer in time the session is useless afterwards; while it is still trying to
    /// connect, that looks the same.
    /// - Throws: `timeout` when there was no answer of the server in time, `connection`, `cancelled`.
    public mutating func reach(
        _ host: String, port: Int, greeting: [UInt8]?, until deadline: Deadline
    ) async throws(Failure) -> Reach {
        let purpose = "having it connect to host \"\(host)\", port \(port)"
        isAbandoned = true
        let channel: OpaquePointer?
        do {
            // What is being opened ahead would be taken for this one.
            link.ready = try await link.openSession(until: deadline)
            channel = try await link.open(until: deadline) { session in
                libssh2_channel_direct_tcpip_ex(session, host, Int32(port), "127.0.0.1", 0)
            }
        } catch {
            link.kill()
            throw failure(error, purpose)
        }
        guard let channel else {
            if link.isBroken { throw lost(purpose) }
            isAbandoned = false
            let words = link.lastError().words
            return words.contains("connect failed") ? .failed(words) : .forbidden(words)
        }
        guard let greeting else {
            isAbandoned = false
            close(channel)
            return .silent
        }
        do {
            let answer = try await exchange(greeting, over: channel, until: deadline)
            isAbandoned = false
            close(channel)
            return answer
        } catch {
            link.kill()
            throw failure(error, purpose)
        }
    }

    private mutating func exchange(
        _ greeting: [UInt8], over channel: OpaquePointer, until deadline: Deadline
    ) async throws(LinkTrouble) -> Reach {
        do {
            if !greeting.isEmpty {
                _ = try await link.drive(until: deadline) { _ in
                    greeting.withUnsafeBytes { bytes in
                        libssh2_channel_write_ex(
                            channel, 0, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
                    }
                }
            }
            var buffer = [UInt8](repeating: 0, count: 1024)
            let count = try await link.drive(until: deadline) { _ in
                let count = buffer.withUnsafeMutableBytes { bytes in
                    libssh2_channel_read_ex(
                        channel, 0, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
                }
                // Nothing to read and no end yet: libssh2 says so with a count of zero too.
                return count == 0 && libssh2_channel_eof(channel) == 0 ? Int(LIBSSH2_ERROR_EAGAIN) : count
            }
            return count > 0 ? .answered(Array(buffer.prefix(count))) : .silent
        } catch {
            // The server is there, and so is its word that the connection stands.
            guard case .timedOut = error, !link.isBroken else { throw error }
            return .silent
        }
    }
}
