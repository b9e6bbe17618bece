package import Configuration
package import Essentials

/// Where a server of a node is started apart from the node's service: on the host, or, where its own runs in a container,
/// in another one of the same image, with the same volumes and without a network.
package struct ApartPlace: Sendable, Equatable {
    private let container: Container?
    /// The directory of the server's programs there; nil: that of the search path.
    private let directory: String?

    private struct Container: Sendable, Equatable {
        var runtime: String
        /// That of the node's service.
        var service: String
        /// Its own.
        var name: String
        var owner: UInt32
        var facts: ContainerFacts
    }

    /// The place for a node.
    /// - Parameter name: what a container is called there.
    /// - Throws: `refused` where there is none.
    package init(_ node: NodeConfiguration, _ facts: HostFacts, name: String) throws(Failure) {
        guard case .container(let runtime, let service, _) = node.service else {
            // Refuses programs of another version.
            _ = try Toolbox(node, facts)
            container = nil
            directory = facts.programs?.directory
            return
        }
        guard let found = facts.container, found.account != nil, let owner = facts.dataDirectory?.ownerID else {
            throw Failure(
                .refused, "could not look at the container \"\(service)\" of node \"\(node.name)\"",
                detail: facts.container?.refusal ?? facts.dataDirectory?.refusal, node: node.name)
        }
        // Programs of the host would open its data with libraries and collations of their own.
        guard !found.image.isEmpty else {
            throw Failure(
                .refused, "the container \"\(service)\" of node \"\(node.name)\" has no image to make another one from",
                detail: "It was made from a directory.", node: node.name)
        }
        container = Container(
            runtime: runtime.rawValue, service: service, name: name, owner: owner, facts: found)
        let server = facts.dataDirectory?.startWords.first ?? ""
        directory = server.lastIndex(of: "/").map { String(server[..<$0]) }
    }

    /// The words of a program there.
    package func program(_ name: String) -> String { directory.map { "\($0)/\(name)" } ?? name }

    /// A path of the host as it is there.
    /// - Throws: `refused` where the container doesn't see it.
    package func path(_ path: String) throws(Failure) -> String {
        guard let container else { return path }
        if let inside = container.facts.inside(path) { return inside }
        throw Failure(.refused, "the container \"\(container.service)\" does not see \"\(path)\" of its host")
    }

    /// Runs words there, as the server's account.
    package func command(_ words: [String], input: String = "") -> HostCommand {
        guard let container else { return HostCommand(words, input: input) }
        return HostCommand(
            [container.runtime, "exec", "--interactive", "--user", String(container.owner), container.name] + words,
            as: container.facts.account ?? .root, input: input)
    }

    /// Makes or starts the container, unless it runs; nil where there is none.
    package var beginning: HostCommand? {
        container.map { container in
            let process = "chmod 1777 /tmp; trap exit TERM; while :; do sleep 3600 & wait $!; done"
            return HostCommand(
                HostScript.words(
                    HostScript.beginContainer, "pgdr-begin-container",
                    [
                        container.runtime, container.name, "--network", "none", "--volumes-from", container.service,
                        "--user", "0", "--shm-size", "1g", "--entrypoint", "sh", container.facts.image, "-c", process,
                    ]), as: container.facts.account ?? .root)
        }
    }

    /// Removes the container with all that runs in it; nil where there is none.
    package var end: HostCommand? {
        container.map { container in
            HostCommand(
                HostScript.words(
                    HostScript.endContainer, "pgdr-end-container", [container.runtime, container.name]),
                as: container.facts.account ?? .root)
        }
    }

    /// The words that start a server there and wait until it takes connections.
    /// - Parameters:
    ///   - data: its data directory there.
    ///   - settings: what outranks its configuration files and `postgresql.auto.conf`.
    ///   - log: the file there that gets what it says.
    package func start(on data: String, settings: [(name: String, value: String)], log: String) -> [String] {
        // pg_ctl gives this one word to a shell.
        let options = settings.map { "-c \(ShellQuoting.quoted("\($0.name)=\($0.value)"))" }.joined(separator: " ")
        return ["env", "LC_ALL=C", program("pg_ctl"), "start", "-D", data]
            + ["-s", "-w", "-t", "86400", "-l", log, "-o", options]
    }

    /// The words that stop it in order.
    package func stop(on data: String) -> [String] {
        ["env", "LC_ALL=C", program("pg_ctl"), "stop", "-D", data, "-s", "-w", "-t", "86400", "-m", "fast"]
    }
}
