package import Essentials
package import Hosts
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

    /// What a node's host says of itself.
    package func facts(of name: String, until deadline: Deadline) async throws(Failure) -> HostFacts {
        throw Failure(.refused, "not yet", node: name)
    }

    /// Writes a file on a node's host.
    package func upload(
        _ content: String, to path: String, mode: UInt32, on name: String, until deadline: Deadline
    ) async throws(Failure) {
        throw Failure(.refused, "not yet", node: name)
    }
}
