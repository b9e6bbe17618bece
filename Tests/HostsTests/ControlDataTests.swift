import Essentials
import Hosts
import Replication
import Testing

struct ControlDataTests {
    private static let output = """
        pg_control version number:            1300
        Catalog version number:               202209061
        Database system identifier:           7642011472967116994
        Database cluster state:               shut down
        pg_control last modified:             Wed May 20 16:27:30 2026
        Latest checkpoint location:           16/B374D848
        Latest checkpoint's REDO location:    16/B374D810
        Latest checkpoint's REDO WAL file:    0000000300000016000000B3
        Latest checkpoint's TimeLineID:       3
        Latest checkpoint's PrevTimeLineID:   2
        Latest checkpoint's full_page_writes: on
        Latest checkpoint's oldestCommitTsXid:0
        Time of latest checkpoint:            Wed May 20 16:27:30 2026
        Minimum recovery ending location:     0/0
        Min recovery ending loc's timeline:   0
        Backup start location:                0/0
        Backup end location:                  0/0
        End-of-backup record required:        no
        wal_log_hints setting:                off
        Bytes per WAL segment:                16777216
        Data page checksum version:           0
        Default char data signedness:         signed

        """

    private func read(_ changes: (String, String)...) throws -> ControlData {
        try ControlData(parsing: changes.reduce(Self.output) { $0.replacing($1.0, with: $1.1) })
    }

    @Test func readsAPrimaryThatWasShutDown() throws {
        let data = try read()
        #expect(data.formatVersion == 1300)
        #expect(data.systemIdentifier.rawValue == "7642011472967116994")
        #expect(data.state == .shutDown && data.state.isClean)
        #expect(data.checkpoint.description == "16/B374D848" && data.redo.description == "16/B374D810")
        #expect(data.timeline.rawValue == 3 && data.previousTimeline.rawValue == 2)
        #expect(data.minimumRecoveryEnd == nil && data.minimumRecoveryEndTimeline == nil)
        #expect(data.backupStart == nil && data.backupEnd == nil)
        #expect(data.segmentSize == 16 << 20)
        #expect(!data.logsHints && !data.hasChecksums && !data.canBeRewound)
    }

    @Test func readsAStandbysCopy() throws {
        let data = try read(
            ("shut down", "in archive recovery"), ("ending location:     0/0", "ending location:     16/C0000000"),
            ("timeline:   0", "timeline:   3"), ("start location:                0/0", "start location: 16/B0000028"),
            ("wal_log_hints setting:                off", "wal_log_hints setting: on"))
        #expect(data.state == .inArchiveRecovery && !data.state.isClean)
        #expect(data.minimumRecoveryEnd?.description == "16/C0000000")
        #expect(data.minimumRecoveryEndTimeline?.rawValue == 3)
        #expect(data.backupStart?.description == "16/B0000028" && data.backupEnd == nil)
        #expect(data.logsHints && data.canBeRewound)
        #expect(try read(("checksum version:           0", "checksum version: 1")).canBeRewound)
    }

    @Test(arguments: ControlData.State.allCases)
    func readsEveryState(state: ControlData.State) throws {
        #expect(try read(("state:               shut down", "state: \(state.rawValue)")).state == state)
    }

    @Test(arguments: [
        ("shut down", "unrecognized status code", "Database cluster state: unrecognized status code"),
        ("Latest checkpoint location:", "Letzter Checkpoint:", "There is no line \"Latest checkpoint location\"."),
        ("16/B374D848", "16-B374D848", "Latest checkpoint location: 16-B374D848"),
        ("hints setting:                off", "hints setting: maybe", "wal_log_hints setting: maybe"),
    ])
    func refusesWhatItDoesNotKnow(old: String, new: String, detail: String) {
        let failure = #expect(throws: Failure.self) { try read((old, new)) }
        #expect(failure?.code == .unexpectedAnswer && failure?.detail == detail)
    }

    /// pg_controldata goes on after this warning and prints what can't be relied upon.
    @Test(arguments: [
        ("WARNING: Calculated CRC checksum does not match value stored in file.\n", ""),
        ("", "pg_controldata: warning: calculated CRC checksum does not match value stored in control file\n"),
    ])
    func refusesADamagedFile(before: String, errors: String) {
        let failure = #expect(throws: Failure.self) { try ControlData(parsing: before + Self.output, errors: errors) }
        #expect(failure?.message == "the control file is damaged")
    }
}
