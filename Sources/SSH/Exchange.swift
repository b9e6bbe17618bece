internal import CLibssh2

/// What goes to a command and comes from it, in memory bounds that don't depend on how much it writes.
struct Exchange {
    /// One output stream.
    struct Stream {
        var frame: OutputFrame
        var kept: [UInt8] = []
        var dropped = 0

        /// Takes what arrived and calls `tell` with what the command wrote of it.
        mutating func take(_ arrived: ArraySlice<UInt8>, limit: Int, tell: (ArraySlice<UInt8>) -> Void) {
            var parts: [ArraySlice<UInt8>] = []
            frame.consume(arrived) { parts.append($0) }
            for part in parts {
                let room = part.prefix(max(0, limit - kept.count))
                kept += room
                dropped += part.count - room.count
                tell(part)
            }
        }
    }

    /// What one round of reading and writing came to.
    enum Progress {
        /// Something moved.
        case some
        /// Nothing is to be done before the link is ready again.
        case none
        /// The channel has ended.
        case ended
    }

    var output: Stream
    var errors: Stream
    private var input: ArraySlice<UInt8>
    private let limit: Int
    private let onOutput: (@Sendable (OutputStream, ArraySlice<UInt8>) -> Void)?
    private var buffer = [UInt8](repeating: 0, count: 65536)

    init(
        token: String, input: [UInt8], limit: Int, onOutput: (@Sendable (OutputStream, ArraySlice<UInt8>) -> Void)?
    ) {
        output = Stream(frame: OutputFrame(token: token))
        errors = Stream(frame: OutputFrame(token: token))
        self.input = input[...]
        self.limit = limit
        self.onOutput = onOutput
    }

    /// Whether the command's end has been reported on both streams, or that it was not started.
    var isComplete: Bool {
        output.frame.leadsNoGroup || (end != nil && errors.frame.ending != nil)
    }

    /// Whether the command has started, as far as has been reported.
    var hasStarted: Bool { output.frame.hasStarted || errors.frame.hasStarted }

    /// Whether anything came before the command's start or after its end.
    var isNoisy: Bool { !output.frame.noise.isEmpty || !errors.frame.noise.isEmpty || isFollowed }
    /// Whether anything came after the command's end.
    var isFollowed: Bool { output.frame.isFollowed || errors.frame.isFollowed }

    /// How the command ended; nil before that is known.
    var end: CommandEnd? { output.frame.ending.flatMap { CommandEnd(record: $0) } }

    /// What came of the command; nil before its end is known.
    var result: CommandResult? {
        end.map { end in
            CommandResult(
                end: end, output: output.kept, errors: errors.kept, dropped: output.dropped + errors.dropped)
        }
    }

    /// What came instead of the command's start, on one line each.
    var noise: String {
        (String(decoding: output.frame.noise, as: UTF8.self) + "\n"
            + String(decoding: errors.frame.noise + errors.kept.suffix(2048), as: UTF8.self))
            .split(whereSeparator: \.isNewline).suffix(10).joined(separator: "\n")
    }

    /// Writes what the channel takes and reads what it has, of both streams in turn: they share one window, and the
    /// one that nobody reads would stop the other.
    mutating func step(_ channel: OpaquePointer, mayWrite: Bool) -> Progress {
        var progress = Progress.none
        if mayWrite, !input.isEmpty {
            let count = input.withUnsafeBytes { bytes in
                libssh2_channel_write_ex(
                    channel, 0, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
            }
            if count > 0 {
                input = input.dropFirst(count)
                progress = .some
            }
        }
        for stream in [0, SSH_EXTENDED_DATA_STDERR] {
            let count = buffer.withUnsafeMutableBytes { bytes in
                libssh2_channel_read_ex(
                    channel, stream, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
            }
            if count > 0 {
                take(buffer[..<count], stream)
                progress = .some
            } else if count < 0, count != Int(LIBSSH2_ERROR_EAGAIN) {
                return .ended
            }
        }
        guard case .none = progress else { return progress }
        // Reading one stream takes all from the socket that has arrived: also what came for the other one meanwhile,
        // and for that the socket won't wake anybody again.
        if libssh2_poll_channel_read(channel, SSH_EXTENDED_DATA_STDERR) > 0 { return .some }
        return libssh2_channel_eof(channel) != 0 ? .ended : .none
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, _ stream: Int32) {
        let onOutput = onOutput
        if stream == 0 {
            output.take(bytes, limit: limit) { onOutput?(.output, $0) }
        } else {
            errors.take(bytes, limit: limit) { onOutput?(.errors, $0) }
        }
    }
}
