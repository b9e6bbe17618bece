package import Essentials
package import Replication

/// The state of a data directory as `pg_controldata` reads it from `global/pg_control`; of versions 14 to 18.
package struct ControlData: Sendable, Equatable {
    /// The version of the control file's format, such as 1300; one for each major version or several.
    package var formatVersion: Int
    /// The cluster's identifier.
    package var systemIdentifier: SystemIdentifier
    /// Whether, and how, a server has it in use.
    package var state: State
    /// Where the latest checkpoint's record stands.
    package var checkpoint: LSN
    /// Where recovery from that checkpoint would begin.
    package var redo: LSN
    /// The latest checkpoint's timeline.
    package var timeline: Timeline
    /// The timeline before it, the same one where nothing was promoted.
    package var previousTimeline: Timeline
    /// What a standby must replay before it is consistent; nil for a server that was shut down as a primary.
    package var minimumRecoveryEnd: LSN?
    /// The timeline of that position; nil as well.
    package var minimumRecoveryEndTimeline: Timeline?
    /// Where an unfinished backup, of which this is the copy, began; nil: it is none.
    package var backupStart: LSN?
    /// Where it ended; nil when it isn't known or this is no such copy.
    package var backupEnd: LSN?
    /// The size of a WAL segment file, in bytes.
    package var segmentSize: UInt64
    /// Whether the WAL holds hint bits, which `pg_rewind` needs unless there are checksums.
    package var logsHints: Bool
    /// Whether the data pages have checksums.
    package var hasChecksums: Bool

    /// What the control file says of the server.
    package enum State: String, Sendable, CaseIterable {
        /// It was made and never started.
        case startingUp = "starting up"
        /// A primary that was shut down.
        case shutDown = "shut down"
        /// A standby that was shut down.
        case shutDownInRecovery = "shut down in recovery"
        /// It is on its way down, or died on it.
        case shuttingDown = "shutting down"
        /// It recovers from a crash, or died while it did.
        case inCrashRecovery = "in crash recovery"
        /// A standby that runs, or died.
        case inArchiveRecovery = "in archive recovery"
        /// A primary that runs, or died.
        case inProduction = "in production"

        /// Whether the server ended in order, so that its last record is its shutdown checkpoint.
        package var isClean: Bool { self == .shutDown || self == .shutDownInRecovery }
    }

    /// Whether `pg_rewind` can work on it.
    package var canBeRewound: Bool { logsHints || hasChecksums }
}

extension ControlData {
    /// Parses the output of `pg_controldata` in the language `C`; `errors` is what it wrote to its standard error.
    /// - Throws: `unexpectedAnswer` when a line is missing or has an unknown value, which the detail names, or when the
    ///   program says that the file is damaged.
    package init(parsing output: String, errors: String = "") throws(Failure) {
        // Only a warning for the program, which goes on and prints whatever is there.
        guard !output.contains("CRC"), !errors.contains("CRC") else {
            throw Failure(
                .unexpectedAnswer, "the control file is damaged", detail: "Its checksum (CRC) is wrong.",
                hint: "Nothing that it says can be relied upon; the node has to be rebuilt.")
        }
        let lines = ControlDataLines(output)
        formatVersion = try lines.value("pg_control version number") { Int($0) }
        systemIdentifier = try lines.value("Database system identifier") { SystemIdentifier(rawValue: $0) }
        state = try lines.value("Database cluster state") { State(rawValue: $0) }
        checkpoint = try lines.value("Latest checkpoint location") { try? LSN(parsing: $0) }
        redo = try lines.value("Latest checkpoint's REDO location") { try? LSN(parsing: $0) }
        timeline = try lines.value("Latest checkpoint's TimeLineID", Self.timeline)
        previousTimeline = try lines.value("Latest checkpoint's PrevTimeLineID", Self.timeline)
        minimumRecoveryEnd = try lines.value("Minimum recovery ending location") { Self.position($0) }
        minimumRecoveryEndTimeline = try lines.value("Min recovery ending loc's timeline") { text in
            text == "0" ? .some(nil) : Self.timeline(text).map { .some($0) }
        }
        backupStart = try lines.value("Backup start location") { Self.position($0) }
        backupEnd = try lines.value("Backup end location") { Self.position($0) }
        segmentSize = try lines.value("Bytes per WAL segment") { UInt64($0) }
        logsHints = try lines.value("wal_log_hints setting") { ["on": true, "off": false][$0] }
        hasChecksums = try lines.value("Data page checksum version") { UInt32($0).map { $0 != 0 } }
    }

    private static func timeline(_ text: String) -> Timeline? { UInt32(text).map(Timeline.init(rawValue:)) }

    /// A position, `.some(nil)` for the one that means there is none.
    private static func position(_ text: String) -> LSN?? {
        guard let lsn = try? LSN(parsing: text) else { return .none }
        return .some(lsn == .invalid ? nil : lsn)
    }
}

/// The lines `name: value` of `pg_controldata`.
private struct ControlDataLines {
    private var values: [String: String] = [:]

    init(_ output: String) {
        for line in output.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[String(line[..<colon])] = line[colon...].dropFirst().trimmingSpaces
        }
    }

    func value<Value>(_ name: String, _ parse: (String) -> Value?) throws(Failure) -> Value {
        guard let text = values[name], let value = parse(text) else {
            throw Failure(
                .unexpectedAnswer, "could not read the control file",
                detail: values[name].map { "\(name): \($0)" } ?? "There is no line \"\(name)\".",
                hint: "pg_controldata must be of the version that the data directory is of.")
        }
        return value
    }
}
