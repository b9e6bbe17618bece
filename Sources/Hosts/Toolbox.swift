package import Configuration
package import Essentials

/// Where PostgreSQL's programs run that work on a data directory or beside it: on the host, or in a container.
package struct Toolbox: Sendable, Equatable {
    private enum Place: Sendable, Equatable {
        case host(directory: String)
        /// A container of the server's image, made for one program.
        case container(runtime: String, name: String, directory: String?, facts: ContainerFacts, owner: UInt32)
    }

    private let place: Place

    /// The programs for a node.
    ///
    /// For a server in a container those on the host are taken if they are of its major version; other programs would
    /// not understand its files.
    /// - Throws: `refused` when there are none.
    package init(_ node: NodeConfiguration, _ facts: HostFacts) throws(Failure) {
        guard case .container(let runtime, let name, let directory) = node.service else {
            guard let programs = facts.programs else {
                throw Failure(
                    .refused, "found none of PostgreSQL's programs on the host of node \"\(node.name)\"",
                    hint: "Install the server's package there, or name their directory: service: {pg_ctl: /path/bin}.",
                    node: node.name)
            }
            try Self.check(programs, facts.dataDirectory, node)
            place = .host(directory: programs.directory)
            return
        }
        let major = facts.dataDirectory?.majorVersion
        if let directory, let programs = facts.programs, programs.directory == directory,
            major == nil || programs.majorVersion == major
        {
            place = .host(directory: directory)
            return
        }
        guard let container = facts.container, container.account != nil, let owner = facts.dataDirectory?.ownerID else {
            throw Failure(
                .refused, "could not look at the container \"\(name)\" of node \"\(node.name)\"",
                detail: facts.container?.refusal ?? facts.dataDirectory?.refusal, node: node.name)
        }
        guard !container.image.isEmpty else {
            throw Failure(
                .refused, "the container \"\(name)\" of node \"\(node.name)\" has no image to run programs from",
                detail: "Programs of version \(major ?? "?") are not on the host either.",
                hint: "Install them there and name their directory: service: {container: {..., bin: /path/bin}}.",
                node: node.name)
        }
        place = .container(
            runtime: runtime.rawValue, name: name, directory: directory, facts: container, owner: owner)
    }

    /// Whether they are the host's own.
    var isOnHost: Bool { if case .host = place { true } else { false } }

    /// Programs of another major version refuse the data directory, or worse.
    private static func check(
        _ programs: ProgramFacts, _ directory: DataDirectoryFacts?, _ node: NodeConfiguration
    ) throws(Failure) {
        guard let major = directory?.majorVersion, let own = programs.majorVersion, own != major else { return }
        throw Failure(
            .refused, "the programs on the host of node \"\(node.name)\" are of version \(own), its data of \(major)",
            detail: "They lie in \"\(programs.directory)\".",
            hint: "Name the directory of those of version \(major): service: {pg_ctl: /path/bin}.", node: node.name)
    }

    /// The command that runs one of PostgreSQL's programs as the server's account, in the language `C`.
    ///
    /// Arguments that are paths on the host are `.path`, so that a container gets its own name for them.
    package func command(_ program: String, _ arguments: [Argument]) throws(Failure) -> HostCommand {
        switch place {
        case .host(let directory):
            return HostCommand(["env", "LC_ALL=C", "\(directory)/\(program)"] + arguments.map(\.onHost))
        case .container(let runtime, let name, let directory, let facts, let owner):
            var words: [String] = []
            for argument in arguments { words.append(try argument.inside(facts, name)) }
            // The network too is the host's, so that it reaches the other servers as the host does.
            return HostCommand(
                [
                    runtime, "run", "--rm", "--network", "host", "--volumes-from", name, "--user", String(owner),
                    "--env", "LC_ALL=C", "--entrypoint", directory.map { "\($0)/\(program)" } ?? program, facts.image,
                ] + words, as: facts.account ?? .root)
        }
    }

    /// A word for a program.
    package enum Argument: Sendable, Equatable, ExpressibleByStringLiteral {
        /// As it is.
        case word(String)
        /// A path on the host.
        case path(String)

        /// A word as it is.
        package init(stringLiteral value: String) { self = .word(value) }

        fileprivate var onHost: String {
            switch self {
            case .word(let text), .path(let text): text
            }
        }

        fileprivate func inside(_ facts: ContainerFacts, _ name: String) throws(Failure) -> String {
            switch self {
            case .word(let text): return text
            case .path(let path):
                guard let inside = facts.inside(path) else {
                    throw Failure(
                        .refused, "the container \"\(name)\" does not see \"\(path)\" of its host",
                        hint: "Mount that directory, or name PostgreSQL's programs on the host: service: {container:"
                            + " {..., bin: /path/bin}}.")
                }
                return inside
            }
        }
    }

    /// The command that reads the control file of a data directory, for `ControlData.init(parsing:)`.
    package func controlData(of directory: String) throws(Failure) -> HostCommand {
        try command("pg_controldata", ["-D", .path(directory)])
    }
}
