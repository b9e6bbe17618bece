internal import CLibssh2
internal import Essentials

extension Command {
    /// Whether it may run in a shell that also runs others: its input would be taken for the next command.
    var sharesShell: Bool { shell == .shared && input.isEmpty }

    /// The program, as failures name it.
    var name: String { words.first ?? "" }
}

extension Session {
    /// Runs a command in the shell that an earlier one has left waiting; nil when there is none for it, or when that
    /// shell had ended and nothing was started.
    mutating func runOnward(
        _ command: Command, until deadline: Deadline,
        _ onOutput: (@Sendable (OutputStream, ArraySlice<UInt8>) -> Void)?
    ) async throws(Failure) -> CommandResult? {
        let token = RemoteScript.newToken()
        guard command.sharesShell, isUsable,
            let line = try RemoteScript.furtherLine(command.words, token: token),
            let channel = link.shells.removeValue(forKey: command.become)
        else { return nil }
        // What wrote meanwhile may go on writing.
        guard link.isQuiet(channel) else {
            close(channel)
            return nil
        }
        var exchange = Exchange(
            token: token, input: Array(line.utf8), limit: command.outputLimit, onOutput: onOutput)
        isAbandoned = true
        do throws(Failure) {
            if try await !carry(&exchange, command.name, over: channel, until: deadline) {
                // The start is reported before anything is started.
                guard exchange.hasStarted || link.isBroken else {
                    isAbandoned = false
                    close(channel)
                    return nil
                }
                throw unknownEnd(exchange, command.name)
            }
        } catch {
            link.kill()
            throw error
        }
        isAbandoned = false
        if exchange.isNoisy { close(channel) } else { link.shells[command.become] = channel }
        return exchange.result
    }
}
