import Configuration
package import Essentials
package import SSH

extension ServiceCommands {
    /// Waits on the host until no server runs on the data directory, and proves it.
    ///
    /// One command that returns within milliseconds of the end, with an answer for `PostmasterReport`. Changes nothing.
    /// - Parameter seconds: how long it waits at most; 0: it only looks.
    package func awaitStopped(seconds: Int) throws(Failure) -> HostCommand {
        if case .container(let runtime, let name, _) = service {
            let container = facts.container
            return HostCommand(
                HostScript.words(
                    HostScript.awaitContainerStopped, "pgdr-await-stopped",
                    [
                        runtime.rawValue, name, String(container?.processID ?? 0),
                        container?.processStart.map { String($0) } ?? "", String(seconds),
                    ]), as: containerAccount)
        }
        return HostCommand(
            HostScript.words(HostScript.awaitStopped, "pgdr-await-stopped", [try dataDirectory(), String(seconds)]))
    }

    /// Tells the server to stop and waits for the proof, all in one command, where the service lets the server's own
    /// account do it; nil elsewhere: then `stop` and `awaitStopped` are two.
    ///
    /// It saves what a second command costs while nobody can write.
    package func stopAndAwait(_ mode: StopMode = .fast, seconds: Int) throws(Failure) -> HostCommand? {
        let commands = try stop(mode)
        guard commands.count == 1, let command = commands.first, command.account == .server else { return nil }
        var proof = try awaitStopped(seconds: seconds)
        proof.words += command.words
        return proof
    }

    /// Waits on the host until the server takes connections, likewise.
    /// - Parameters:
    ///   - seconds: how long it waits at most; recovery after a crash may take long.
    ///   - grace: how long there may be no server at all before it is given up.
    package func awaitRunning(seconds: Int, grace: Int = 3) throws(Failure) -> HostCommand {
        let arguments = [String(seconds), String(grace)]
        if case .container(let runtime, let name, _) = service {
            let data = try dataDirectory()
            // The process numbers in its pid file are those inside.
            guard let inside = facts.container?.inside(data), let owner = facts.dataDirectory?.ownerID else {
                throw Failure(
                    .refused, "the container \"\(name)\" does not see the data directory of node \"\(node.name)\"",
                    detail: "No mount of it covers \"\(data)\".",
                    hint: "\"data_directory\" is its path on the host.", node: node.name)
            }
            return HostCommand(
                [runtime.rawValue, "exec", "--user", String(owner), name]
                    + HostScript.words(HostScript.awaitRunning, "pgdr-await-running", [inside] + arguments),
                as: containerAccount)
        }
        return HostCommand(
            HostScript.words(HostScript.awaitRunning, "pgdr-await-running", [try dataDirectory()] + arguments))
    }
}

/// What a waiting command found of a server.
package enum PostmasterReport: Sendable, Equatable {
    /// No server runs on the data directory.
    case gone
    /// One runs and has come as far as it comes: it takes connections, or is a standby with `hot_standby` off.
    case ready(takesConnections: Bool)
    /// One runs; its own word for how far it is, nil when it wasn't asked.
    case running(status: String?)
    /// It can't be told, in the host's words; to be taken for running when that is what would do harm.
    case unknown(String)

    /// Reads the answer of `awaitStopped` or `awaitRunning`.
    package init(_ result: CommandResult) {
        let text = result.outputText.trimmingSpaces
        let words = text.split(whereSeparator: \.isWhitespace)
        switch (result.succeeded, words.first) {
        case (true, "gone"): self = .gone
        case (true, "ready"): self = .ready(takesConnections: true)
        case (true, "standby"): self = .ready(takesConnections: false)
        case (true, "running"): self = .running(status: nil)
        case (true, "starting"), (true, "stopping"): self = .running(status: words.first.map(String.init))
        case (true, "unknown"): self = .unknown(words.dropFirst().joined(separator: " "))
        default:
            let errors = result.errorText.split(whereSeparator: \.isNewline).last.map(String.init)
            self = .unknown(errors ?? "no answer")
        }
    }
}
