internal import CLibssh2
internal import Essentials

extension Link {
    /// How many closed channels may wait for the server's side; sshd allows ten sessions at a time by default.
    private static let closingLimit = 3

    /// Calls a function of libssh2's that returns a pointer until it no longer says that it would block; nil: an error.
    func open(
        until deadline: Deadline, _ body: (OpaquePointer) -> OpaquePointer?
    ) async throws(LinkTrouble) -> OpaquePointer? {
        while true {
            var wouldBlock = false
            let pointer = call { session in
                let pointer = body(session)
                wouldBlock = pointer == nil && libssh2_session_last_errno(session) == LIBSSH2_ERROR_EAGAIN
                return pointer
            }
            if pointer != nil || !wouldBlock { return pointer }
            try await wait(until: deadline)
        }
    }

    /// Asks for the next channel ahead, so that the next command needn't wait for it.
    ///
    /// libssh2 keeps a request that was not answered yet, and the next call that opens a channel goes on with it.
    func startOpening() {
        guard ready == nil else { return }
        ready = call { Libssh2.openSession($0) }
    }

    /// Reads what has arrived between two commands.
    func takeArrivals() {
        if let ready {
            call { _ in _ = Self.discardOutput(of: ready) }
        } else {
            startOpening()
        }
    }

    /// A new channel for a command or a subsystem; nil when the server refuses one.
    func openSession(until deadline: Deadline) async throws(LinkTrouble) -> OpaquePointer? {
        while true {
            let opened = ready
            ready = nil
            guard let channel = try await (opened == nil ? open(until: deadline) { Libssh2.openSession($0) } : opened)
            else { return nil }
            // One that was opened ahead may have been closed since.
            let isOpen = call { _ in
                Self.discardOutput(of: channel)
                return libssh2_channel_eof(channel) == 0
            }
            if isOpen { return channel }
            startClosing(channel)
        }
    }

    /// Tells the server that a channel is closed; it is freed once the server has said the same.
    ///
    /// The server says so when the shell is gone, which nobody needs to wait for.
    func startClosing(_ channel: OpaquePointer) {
        _ = call { _ in libssh2_channel_close(channel) }
        closing.append(channel)
    }

    /// Closes the channels of shells that wait for a further command.
    func closeShells() {
        for channel in shells.values { startClosing(channel) }
        shells = [:]
    }

    /// Whether a channel is still open and nothing came through it that was not read.
    func isQuiet(_ channel: OpaquePointer) -> Bool {
        call { _ in !Self.discardOutput(of: channel) && libssh2_channel_eof(channel) == 0 }
    }

    /// Frees the channels that the server has closed, and waits for it where too many are open.
    func finishClosing(until deadline: Deadline) async throws(LinkTrouble) {
        while true {
            call { _ in closing.removeAll { Self.isClosed($0) } }
            guard closing.count > Self.closingLimit, !isBroken else { return }
            try await wait(until: deadline)
        }
    }

    /// Frees a channel if the server has closed it.
    private static func isClosed(_ channel: OpaquePointer) -> Bool {
        // libssh2 itself stops waiting for the server's word at the first packet that is another one.
        guard libssh2_channel_close(channel) == 0 else { return false }
        discardOutput(of: channel)
        return libssh2_channel_wait_closed(channel) == 0 && libssh2_channel_free(channel) == 0
    }

    /// Output that came after the command's end, from what it left behind; the end of the channel stands behind it.
    /// - Returns: whether there was any.
    @discardableResult
    private static func discardOutput(of channel: OpaquePointer) -> Bool {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32768) { buffer in
            var found = false
            for stream in [0, SSH_EXTENDED_DATA_STDERR] {
                while libssh2_channel_read_ex(channel, stream, buffer.baseAddress, buffer.count) > 0 { found = true }
            }
            return found
        }
    }
}
