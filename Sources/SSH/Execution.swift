internal import CLibssh2
public import Essentials

/// The streams a command writes to.
public enum OutputStream: Sendable {
    /// Its standard output.
    case output
    /// Its standard error.
    case errors
}

extension Session {
    /// Runs a command to its end.
    ///
    /// A status other than 0 is a result. Output above the command's limit is read and dropped; `onOutput` gets all of
    /// it, as it comes. What the command leaves running in the background lives on, and is not waited for.
    /// - Throws: `refused` when the words can't be passed on, `ssh` when the server didn't start the command or its end
    ///   never came, `connection` when the link broke, `timeout`, `cancelled`. After the last four the command has been
    ///   told to end together with its process group, and the session is useless.
    public mutating func run(
        _ command: Command, until deadline: Deadline,
        onOutput: (@Sendable (OutputStream, ArraySlice<UInt8>) -> Void)? = nil
    ) async throws(Failure) -> CommandResult {
        if let result = try await runOnward(command, until: deadline, onOutput) { return result }
        if let prefix = groupLeaders[command.become] {
            return try await attempt(command, after: prefix, checksGroup: false, until: deadline, onOutput).result()
        }
        var prefix = command.become
        var outcome = try await attempt(command, after: prefix, checksGroup: true, until: deadline, onOutput)
        if case .leadsNoGroup = outcome {
            // Whoever started the shell gave it no process group of its own; nothing has been run yet.
            prefix.append("setsid")
            outcome = try await attempt(command, after: prefix, checksGroup: true, until: deadline, onOutput)
        }
        let result = try outcome.result()
        groupLeaders[command.become] = prefix
        return result
    }

    private enum Outcome {
        case ended(CommandResult)
        case leadsNoGroup

        func result() throws(Failure) -> CommandResult {
            guard case .ended(let result) = self else {
                throw Failure(.ssh, "the command could not be given a process group of its own")
            }
            return result
        }
    }

    private mutating func attempt(
        _ command: Command, after prefix: [String], checksGroup: Bool, until deadline: Deadline,
        _ onOutput: (@Sendable (OutputStream, ArraySlice<UInt8>) -> Void)?
    ) async throws(Failure) -> Outcome {
        let input = command.input.isEmpty ? [] : Array(Base64.encode(command.input).utf8)
        let token = RemoteScript.newToken()
        // A command too long for the shell that waits doesn't replace it.
        let keepsShell = command.sharesShell && link.shells[command.become] == nil
        let line = try RemoteScript.line(
            command.words,
            RemoteScript.Setting(
                token: token, inputLength: input.count, checksGroup: checksGroup, takesMore: keepsShell,
                prefix: prefix))
        let name = command.name
        let channel = try await startedChannel(line, name, until: deadline)
        var exchange = Exchange(token: token, input: input, limit: command.outputLimit, onOutput: onOutput)
        isAbandoned = true
        do throws(Failure) {
            guard try await carry(&exchange, name, over: channel, until: deadline) else {
                throw unknownEnd(exchange, name)
            }
        } catch {
            // The server sees the link closed, and with it the input that the remote script watches.
            link.kill()
            throw error
        }
        isAbandoned = false
        let result = exchange.result
        // Before the start a login script may have said something, which is over.
        if keepsShell, result != nil, !exchange.isFollowed {
            link.shells[command.become] = channel
        } else {
            close(channel)
        }
        link.startOpening()
        return result.map { .ended($0) } ?? .leadsNoGroup
    }

    /// A channel on which the server has started a command line.
    private mutating func startedChannel(
        _ line: String, _ name: String, until deadline: Deadline
    ) async throws(Failure) -> OpaquePointer {
        // The channel opened ahead may have been closed for its idleness; a second one is fresh.
        for _ in 0..<2 {
            let channel = try await openChannel("command \"\(name)\"", until: deadline)
            isAbandoned = true
            do {
                if try await isStarted(line, name, on: channel, until: deadline) { return channel }
            } catch {
                link.kill()
                throw error
            }
            isAbandoned = false
            close(channel)
        }
        throw Failure(
            .ssh, "host \"\(endpoint.host)\" did not start command \"\(name)\"", detail: "The server refused it.",
            hint: "It may allow no commands for user \"\(endpoint.user)\".")
    }

    /// Asks the server to start a command line; false when it says no.
    private func isStarted(
        _ line: String, _ name: String, on channel: OpaquePointer, until deadline: Deadline
    ) async throws(Failure) -> Bool {
        let result: Int
        do {
            result = try await link.drive(until: deadline) { _ in Int(Libssh2.exec(channel, line)) }
        } catch {
            throw failure(error, "starting command \"\(name)\"")
        }
        if result == 0 { return true }
        if link.isBroken { throw lost("starting command \"\(name)\"") }
        if result == Int(LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED) { return false }
        throw Failure(
            .ssh, "host \"\(endpoint.host)\" did not start command \"\(name)\"", detail: link.lastError().text)
    }

    /// Sends the input and reads both outputs in turn, until the script reports the end on both; false when the channel
    /// ended before.
    func carry(
        _ exchange: inout Exchange, _ name: String, over channel: OpaquePointer, until deadline: Deadline
    ) async throws(Failure) -> Bool {
        while true {
            let mayWrite = link.backlog < Link.backlogLimit
            let progress = link.call { _ in exchange.step(channel, mayWrite: mayWrite) }
            if exchange.isComplete { return true }
            if progress == .ended { return false }
            do throws(LinkTrouble) {
                // A command that keeps writing must not outrun the deadline.
                if progress == .some { try checkTime(deadline) } else { try await link.waitAlive(until: deadline) }
            } catch {
                var failure = failure(error, "command \"\(name)\" was running")
                failure.hint = "The command and its process group were told to end; whether they did is unknown."
                throw failure
            }
        }
    }

    private func checkTime(_ deadline: Deadline) throws(LinkTrouble) {
        if Task.isCancelled { throw .cancelled }
        if deadline.hasPassed { throw .timedOut }
    }

    /// The failure when the channel ended before the command's end was reported.
    func unknownEnd(_ exchange: Exchange, _ name: String) -> Failure {
        if link.isBroken {
            var failure = lost("command \"\(name)\" was running")
            failure.hint = "Its exit status is unknown. Look at what it was to do before running it again."
            return failure
        }
        let host = endpoint.host
        if !exchange.hasStarted {
            let said = exchange.noise
            return Failure(
                .ssh, "host \"\(host)\" did not start command \"\(name)\"",
                detail: said.isEmpty ? "The login shell ended without a word." : said,
                hint: "The login shell of user \"\(endpoint.user)\" there must be a POSIX shell that runs commands.")
        }
        return Failure(
            .ssh, "the exit status of command \"\(name)\" on host \"\(host)\" is unknown",
            detail: "The server closed the channel before the command's end was reported.",
            hint: """
                It may have been killed together with its shell, or the server limits idle channels (ChannelTimeout). \
                Look at what it was to do before running it again.
                """)
    }
}
