package import Essentials
internal import Synchronization
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The append-only log of all that pgdr does, in a directory of its own.
///
/// Each event is one line of JSON that holds the SHA-256 of the line before it. Any number of processes may append
/// at once; the chain stays one line after the other. What is known of the log's format stands in `AuditEvent`.
package final class AuditLog: Sendable {
    /// The directory, as an absolute path.
    package let directory: String
    /// Who acts in this log's entries.
    package let actor: Actor
    /// The machine, as its events name it.
    package let host: String
    private let writer: Mutex<LogWriter>

    private init(directory: String, actor: Actor, host: String, writer: consuming sending LogWriter) {
        self.directory = directory
        self.actor = actor
        self.host = host
        self.writer = Mutex(writer)
    }

    /// The size at which a file is full and the next one begun, in bytes.
    package static let defaultRotationSize = 64 << 20

    /// Opens the log in `directory`, which is made, for its owner only, when it is missing.
    ///
    /// A line that was not written to its end, as a power cut leaves it, is cut off, and an event `audit.recovered`
    /// is appended that tells its length and hash.
    /// - Parameters:
    ///   - rotationSize: the bytes at which a file is full; one append is never parted.
    ///   - patience: how long an append waits for other processes.
    /// - Throws: `audit` when the directory can't be written to, or its end is not that of an unbroken chain.
    package static func open(
        _ directory: String, actor: Actor, rotationSize: Int = defaultRotationSize,
        patience: Duration = .seconds(10)
    ) throws(Failure) -> AuditLog {
        let place = LogDirectory(path: absolutePath(directory))
        try place.make()
        let host = Actor.hostName()
        var writer = try LogWriter(
            place, EventLine(actor: actor.description, host: host), rotationSize: rotationSize, patience: patience)
        _ = try writer.append([])
        return AuditLog(directory: place.path, actor: actor, host: host, writer: writer)
    }

    /// Whether there is a log in `directory`; one that may not be looked at counts.
    package static func exists(_ directory: String) -> Bool { access(directory, F_OK) == 0 || errno != ENOENT }

    /// Appends the entries in one write and returns the new head once they are on the disk.
    ///
    /// Whoever announces an act calls this first; when it throws, the act must not start. Blocks for as long as the
    /// disk takes, and for up to `patience` while another process writes.
    /// - Throws: `audit`; nothing was appended.
    @discardableResult
    package func append(_ entries: [AuditEntry]) throws(Failure) -> AuditHead {
        try writer.withLock { writer throws(Failure) in try writer.append(entries) }
    }

    /// Appends one entry; see `append(_:)` for several.
    @discardableResult
    package func append(_ entry: AuditEntry) throws(Failure) -> AuditHead { try append([entry]) }

    /// The last line, whoever wrote it: what is kept elsewhere as an anchor.
    package var head: AuditHead {
        get throws(Failure) { try writer.withLock { writer throws(Failure) in try writer.head() } }
    }

    /// The name under which this log's anchors are kept; see `observer(of:)`.
    package var observer: String { Self.observer(of: directory) }

    /// The name under which the anchors of the log in a directory are kept, so that several logs can share one place:
    /// this host's name, and the directory without symbolic links.
    package static func observer(of directory: String) -> String {
        let path = absolutePath(directory)
        return "\(Actor.hostName()):\(resolvedPath(path) ?? path)"
    }

    private static func absolutePath(_ path: String) -> String {
        let given = FilePath(path)
        guard given.isRelative, let current = currentDirectory() else { return given.lexicallyNormalized().string }
        return FilePath(current).pushing(given).lexicallyNormalized().string
    }
}
