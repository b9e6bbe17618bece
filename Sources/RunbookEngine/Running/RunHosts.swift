package import Essentials
package import SSH

extension RunSessions {
    /// Runs a command on a node's host.
    /// - Throws: when the link breaks, the deadline passes or how it ended can't be known; an exit status is a result.
    package func run(
        _ command: RemoteCommand, until deadline: Deadline,
        onOutput: (@Sendable (ArraySlice<UInt8>) -> Void)? = nil
    ) async throws(Failure) -> CommandResult {
        throw Failure(.refused, "not yet", node: command.node)
    }
}
