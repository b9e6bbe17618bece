/// What a node's host is like, as its own programs tell it; the basis of every command that acts there.
package struct HostFacts: Sendable, Equatable, Codable {
    /// The user who logged in.
    package var user: String
    /// That user's number.
    package var userID: UInt32
    /// That user's home directory.
    package var home: String
    /// The host's own name.
    package var hostName: String
    /// The programs with which root becomes another account, absolute paths: `setpriv`, `runuser`.
    package var accountTools: [String]
    /// Whether root's commands can be run.
    package var root: Access
    /// Whether commands can be run as the server's account.
    package var server: Access
    /// The home directory of the server's account where that isn't the user who logged in.
    package var serverHome: String?
    /// The data directory; nil when it isn't known which one it is.
    package var dataDirectory: DataDirectoryFacts?
    /// The server's process; nil when there is none.
    package var postmaster: PostmasterFacts?
    /// PostgreSQL's programs; nil when none were found.
    package var programs: ProgramFacts?
    /// The systemd unit of the node's service; nil when the service is another one or the host has no systemd.
    package var unit: UnitFacts?
    /// Debian's cluster of the node's service; nil when the service is another one or there is no such cluster.
    package var debianCluster: DebianClusterFacts?
    /// The container of the node's service; nil when the service is another one.
    package var container: ContainerFacts?

    /// Whether commands can be run as another account.
    package enum Access: Sendable, Equatable, Codable {
        /// They can.
        case allowed
        /// They can't: what `become` said.
        case refused(String)
        /// They can't: the configuration has no `become`, or it wasn't clear who that account is.
        case unknown
    }
}

extension HostFacts {
    /// Whether nobody but a person changes what commands are made from: a unit and a container have a state of their own,
    /// which they are made from too.
    package var isLasting: Bool { unit == nil && container == nil }
}

/// A data directory as it lies there.
package struct DataDirectoryFacts: Sendable, Equatable, Codable {
    /// As configured.
    package var path: String
    /// Whether that path is itself a symbolic link, rather than only leading through some.
    package var isLink = false
    /// Without symbolic links; nil when nobody could enter it.
    package var realPath: String?
    /// The name of its owner, the server's account, `#` and the number for one without a name; nil: it isn't there.
    package var owner: String?
    /// The number of its owner.
    package var ownerID: UInt32?
    /// The name of its group.
    package var group: String?
    /// The bits of its mode, such as `0o700`.
    package var mode: UInt32?
    /// Why nothing is known of it, in the host's words.
    package var refusal: String?
    /// Whether a file system is mounted right there; nil: not known.
    package var isMountPoint: Bool?
    /// Whether nothing at all is in it.
    package var isEmpty = false
    /// PostgreSQL's major version according to its `PG_VERSION`; nil when that file isn't there, so that it is no data
    /// directory, or one whose file system isn't mounted.
    package var majorVersion: String?
    /// Those of `standby.signal` and `recovery.signal` that are there.
    package var signals: [String] = []
    /// Whether pgdr has fenced it.
    package var isFenced = false
    /// The restart policy that its container had before pgdr fenced it; nil when it isn't fenced, or in no container.
    package var fencedRestartPolicy: String?
    /// Where `pg_wal` lies when it is a symbolic link.
    package var walLink: String?
    /// Whether the server's account may make a directory beside that place, on the same file system.
    package var isWALParentWritable = false
    /// Symbolic links at its top level other than `pg_wal`, which `pg_rewind` refuses to write through.
    package var links: [Link] = []
    /// Files at its top level that the server's account can't write.
    package var readOnlyFiles: [String] = []
    /// Its tablespaces.
    package var tablespaces: [Tablespace] = []
    /// The space that is free in its file system, in bytes.
    package var freeBytes: UInt64?
    /// The space that is free in the file system of the directory above it, in bytes.
    package var parentFreeBytes: UInt64?
    /// Whether the server's account may make a directory beside it.
    package var isParentWritable = false
    /// How the postmaster was last started: the program and its arguments, from `postmaster.opts`; empty: not known.
    package var startWords: [String] = []

    /// A symbolic link.
    package struct Link: Sendable, Equatable, Codable {
        /// Its name.
        package var name: String
        /// Where it leads.
        package var target: String

        /// A link by its parts.
        package init(name: String, target: String) {
            self.name = name
            self.target = target
        }
    }

    /// A tablespace.
    package struct Tablespace: Sendable, Equatable, Codable {
        /// Its object identifier, the name of its link in `pg_tblspc`.
        package var identifier: String
        /// Where it lies.
        package var path: String
        /// The space that is free there, in bytes.
        package var freeBytes: UInt64?

        /// A tablespace by its parts.
        package init(identifier: String, path: String, freeBytes: UInt64?) {
            self.identifier = identifier
            self.path = path
            self.freeBytes = freeBytes
        }
    }
}

/// A server's first process.
package struct PostmasterFacts: Sendable, Equatable, Codable {
    /// Its number on the host.
    package var processID: Int32
    /// Its state.
    package var state: State
    /// When it started, in seconds since 1970; nil when its pid file doesn't tell.
    package var startedAt: Int64?
    /// The port it listens at; nil when its pid file doesn't tell.
    package var port: Int?
    /// What it says of itself in `postmaster.pid`: `starting`, `ready`, `standby` or `stopping`.
    package var status: String?
    /// The program it runs, as the kernel knows it.
    package var executable: String?
    /// Where its standard error goes; nil when that is no file.
    package var standardErrorFile: String?
    /// Its control group, one line a hierarchy, from `/proc`.
    package var controlGroup: String?
    /// The name of its parent process; nil for a process without one.
    package var parent: String?

    /// The state of a process.
    package enum State: String, Sendable, Codable {
        /// It runs, or waits for something.
        case running
        /// It is stopped by a signal (SIGSTOP, a debugger) and goes on by SIGCONT.
        case frozen
        /// It is dead, and its parent hasn't been told yet.
        case zombie
        /// The pid file names a process that isn't there, or that is somebody else's.
        case gone
    }
}

/// PostgreSQL's programs on a host.
package struct ProgramFacts: Sendable, Equatable, Codable {
    /// The directory they lie in.
    package var directory: String
    /// The version each one that is there says it has, by its name: `postgres`, `pg_ctl`, `pg_rewind`,
    /// `pg_basebackup`, `pg_controldata`, `pg_waldump`.
    package var versions: [String: String]

    /// The programs pgdr needs on a node's host.
    package static let needed = ["postgres", "pg_ctl", "pg_rewind", "pg_basebackup", "pg_controldata", "pg_waldump"]

    /// The major version of the server program, such as `15`; nil when it isn't there.
    package var majorVersion: String? {
        versions["postgres"].map { version in String(version.prefix { $0 != "." && !$0.isLetter }) }
    }

    /// The path of one of them; nil when it isn't there.
    package func path(of program: String) -> String? { versions[program] == nil ? nil : "\(directory)/\(program)" }
}

/// What systemd says of a unit.
package struct UnitFacts: Sendable, Equatable, Codable {
    /// Its name as configured.
    package var name: String
    /// `loaded`, `not-found`, `masked` and so on.
    package var loadState: String
    /// `active`, `inactive`, `failed` and so on.
    package var activeState: String
    /// `enabled`, `disabled`, `static`, `masked` and so on.
    package var fileState: String
    /// The file it is defined in; empty for one that isn't there.
    package var fragmentPath: String
    /// The number of its main process; 0: it has none.
    package var mainProcessID: Int32
    /// `Restart=`: `no`, `on-failure`, `always` and so on.
    package var restart: String
}

/// Debian's and Ubuntu's view of a cluster.
package struct DebianClusterFacts: Sendable, Equatable, Codable {
    /// Where its configuration lies.
    package var directory: String
    /// The word in its `start.conf`: `auto`, `manual` or `disabled`; nil when there is no such file.
    package var start: String?
}

/// A container as its runtime describes it.
package struct ContainerFacts: Sendable, Equatable, Codable {
    /// Who may use the runtime; nil when nobody could: `refusal` says why.
    package var account: HostCommand.Account?
    /// The runtime's words when it couldn't be used.
    package var refusal: String?
    /// Its identifier.
    package var identifier: String
    /// `running`, `exited`, `created` and so on.
    package var status: String
    /// The number of its first process on the host; 0: it has none.
    package var processID: Int32
    /// When that process started, in clock ticks since the host did, which with its number makes it unmistakable; nil:
    /// not known.
    package var processStart: UInt64?
    /// The signal by which the runtime stops it, without `SIG`.
    package var stopSignal: String
    /// Its restart policy: `no`, `on-failure`, `always`, `unless-stopped`.
    package var restartPolicy: String
    /// Its image; empty for one made from a directory.
    package var image: String
    /// The host's directories in it.
    package var mounts: [Mount]
    /// The systemd unit that runs it; nil: none does.
    package var unit: String?
    /// The runtime's version, such as `4.3.1`; nil: not known.
    package var runtimeVersion: String?

    /// A directory of the host that the container sees.
    package struct Mount: Sendable, Equatable, Codable {
        /// Its path on the host.
        package var source: String
        /// Its path in the container.
        package var destination: String
    }

    /// Whether it is down, and its runtime isn't about to start it again.
    package var isDown: Bool { ["exited", "stopped", "created", "dead"].contains(status) }

    /// The path inside of a file on the host; nil when the container doesn't see it.
    package func inside(_ path: String) -> String? {
        let covering = mounts.filter {
            path == $0.source || path.hasPrefix($0.source.hasSuffix("/") ? $0.source : $0.source + "/")
        }
        guard let mount = covering.max(by: { $0.source.utf8.count < $1.source.utf8.count }) else { return nil }
        let rest = path.dropFirst(mount.source.count)
        return mount.destination + rest
    }
}
