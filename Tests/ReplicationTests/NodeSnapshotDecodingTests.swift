import FoundationEssentials
import Replication
import Testing

@Suite struct NodeSnapshotDecodingTests {
    static func decode(_ json: String) throws -> NodeSnapshot {
        try JSONDecoder().decode(NodeSnapshot.self, from: Data(json.utf8))
    }

    /// A standby with a standby of its own; every value differs from every other.
    static let standby = """
        {"now": 1790000000.25, "server_version_num": 170004, "server_version": "17.4 (Debian 17.4-1)",
        "system_identifier": "7412345678901234567", "postmaster_start": 1789990000.5, "in_recovery": true,
        "monitor": true, "can_read_history": false,
        "standbys": [{"pid": 4711, "application_name": "replica", "client_addr": "10.0.0.3", "client_port": 50000,
        "state": "streaming", "sent_lsn": "0/104", "write_lsn": "0/103", "flush_lsn": "0/102", "replay_lsn": "0/101",
        "write_lag": 0.001, "flush_lag": 0.002, "replay_lag": 0.003, "sync_state": "quorum", "sync_priority": 1,
        "reply_time": 1789999999.5, "backend_start": 1789999000.125}],
        "slots": [{"slot_name": "s", "slot_type": "logical", "plugin": "pgoutput", "database": "app", "active": false,
        "active_pid": null, "temporary": false, "restart_lsn": "0/105", "wal_status": "extended",
        "safe_wal_size": 106, "failover": true, "synced": false, "retained_bytes": 107, "xmin_age": 108,
        "catalog_xmin_age": 109, "two_phase": false, "inactive_since": "2026-01-01T00:00:00+00:00"}],
        "timeline": null, "current_lsn": null, "flush_lsn": null, "replay_lsn": "0/106", "receive_lsn": "0/107",
        "replay_timestamp": 1789999998.75, "replay_pause_state": "pause requested",
        "receiver": {"status": "streaming", "receive_start_lsn": "0/1", "written_lsn": "0/108", "flushed_lsn": "0/109",
        "received_tli": 10, "latest_end_lsn": "0/10A", "latest_end_time": 1789999997.5,
        "last_msg_receipt_time": 1789999996.5, "slot_name": "dr", "sender_host": "10.0.0.1", "sender_port": 5433},
        "control": {"checkpoint_timeline": 9, "checkpoint_lsn": "0/10B", "redo_lsn": "0/10C",
        "checkpoint_time": 1789999995.5, "min_recovery_end_lsn": "0/10D", "min_recovery_end_timeline": 8},
        "settings": {"port": "5432", "wal_level": null}, "recovery_target_timeline": "latest",
        "recovery_target": [{"name": "recovery_target_lsn", "setting": "0/10E", "file": null}],
        "primary_conninfo": {"configured": true, "host": "pg1", "port": 5431, "application_name": "dr"},
        "archiver": {"archived_count": 1, "failed_count": 2, "last_archived_wal": "a", "last_archived_time": 3.5,
        "last_failed_wal": "b", "last_failed_time": 4.5, "stats_reset": 5.5},
        "connections": {"used": 6, "waiting_for_sync": 7}, "recovery_conflicts": 8, "startup_wait": "BufferPin"}
        """

    static func lsn(_ value: UInt64) -> LSN { LSN(rawValue: value) }

    @Test("Field case 37: each column ends up in its own property")
    func columns() throws {
        let own = try Self.decode(Self.standby)
        #expect(own.now == Moment(rawValue: 1_790_000_000.25))
        #expect(own.serverVersionNum == 170_004)
        #expect(own.majorVersion == 17)
        #expect(own.serverVersion == "17.4 (Debian 17.4-1)")
        #expect(own.systemIdentifier == Cluster.system)
        #expect(own.postmasterStart == Moment(rawValue: 1_789_990_000.5))
        #expect(own.inRecovery && own.monitor && !own.canReadHistory)
        #expect(own.timeline == nil && own.currentLSN == nil && own.flushLSN == nil)
        #expect(own.replayLSN == Self.lsn(0x106))
        #expect(own.receiveLSN == Self.lsn(0x107))
        #expect(own.position == Self.lsn(0x107))
        #expect(own.currentTimeline == Timeline(rawValue: 10))
        #expect(own.replayTimestamp == Moment(rawValue: 1_789_999_998.75))
        #expect(own.replayPauseState == "pause requested")
        #expect(own.recoveryTarget == [.init(name: "recovery_target_lsn", setting: "0/10E", file: nil)])
        #expect(own.primaryConninfo == .init(configured: true, host: "pg1", port: 5431, applicationName: "dr"))
        #expect(own.connections == .init(used: 6, waitingForSync: 7))
        #expect(own.startupWait == "BufferPin")
        #expect(own.integerSetting("port") == 5432)
        #expect(own.setting("wal_level") == nil)
    }

    @Test("Field case 37: each column of the rows, too")
    func rows() throws {
        let own = try Self.decode(Self.standby)
        let row = try #require(own.standbys.first)
        #expect((row.pid, row.applicationName, row.clientAddress) == (4711, "replica", "10.0.0.3"))
        #expect((row.state, row.syncState) == ("streaming", "quorum"))
        #expect((row.sentLSN, row.writeLSN) == (Self.lsn(0x104), Self.lsn(0x103)))
        #expect((row.flushLSN, row.replayLSN) == (Self.lsn(0x102), Self.lsn(0x101)))
        #expect((row.writeLag, row.flushLag, row.replayLag) == (0.001, 0.002, 0.003))
        #expect(row.replyTime == Moment(rawValue: 1_789_999_999.5))
        #expect(row.backendStart == Moment(rawValue: 1_789_999_000.125))
        let slot = try #require(own.slots.first)
        #expect((slot.slotName, slot.slotType) == ("s", "logical"))
        #expect((slot.active, slot.activePID, slot.temporary) == (false, nil, false))
        #expect((slot.restartLSN, slot.walStatus, slot.safeWALSize) == (Self.lsn(0x105), "extended", 106))
        #expect((slot.failover, slot.synced) == (true, false))
        #expect((slot.retainedBytes, slot.xminAge, slot.catalogXminAge) == (107, 108, 109))
        let receiver = try #require(own.receiver)
        #expect((receiver.status, receiver.slotName) == ("streaming", "dr"))
        #expect((receiver.writtenLSN, receiver.flushedLSN) == (Self.lsn(0x108), Self.lsn(0x109)))
        #expect((receiver.receivedTimeline, receiver.latestEndLSN) == (Timeline(rawValue: 10), Self.lsn(0x10A)))
        #expect(receiver.lastMessageReceiptTime == Moment(rawValue: 1_789_999_996.5))
        #expect((receiver.senderHost, receiver.senderPort) == ("10.0.0.1", 5433))
        let control = try #require(own.control)
        #expect(control.checkpointTimeline == Timeline(rawValue: 9))
        #expect(control.minRecoveryEndTimeline == Timeline(rawValue: 8))
        let archiver = try #require(own.archiver)
        #expect((archiver.lastArchivedWAL, archiver.lastArchivedTime) == ("a", Moment(rawValue: 3.5)))
        #expect((archiver.lastFailedWAL, archiver.lastFailedTime) == ("b", Moment(rawValue: 4.5)))
        #expect(archiver.failedCount == 2)
    }

    @Test("Field case 36: version 14, a role that sees little, and no slot")
    func sparse() throws {
        let own = try Self.decode(
            """
            {"now": 1, "server_version_num": 140011, "server_version": "14.11", "system_identifier": null,
            "postmaster_start": null, "in_recovery": false, "monitor": false, "can_read_history": false,
            "standbys": [{"pid": 1, "application_name": null, "client_addr": null, "state": null, "sent_lsn": null,
            "write_lsn": null, "flush_lsn": null, "replay_lsn": null, "write_lag": null, "flush_lag": null,
            "replay_lag": null, "sync_state": null, "reply_time": null, "backend_start": null}],
            "slots": [{"slot_name": "s", "slot_type": "physical", "database": null, "active": false,
            "active_pid": null, "temporary": false, "restart_lsn": null, "wal_status": null, "safe_wal_size": null,
            "retained_bytes": null, "xmin_age": null, "catalog_xmin_age": null}],
            "timeline": 1, "current_lsn": "FFFFFFFF/FFFFFFFF", "flush_lsn": "0/1", "replay_lsn": null,
            "receive_lsn": null, "replay_timestamp": null, "replay_pause_state": null, "receiver": null,
            "control": null, "settings": {}, "recovery_target_timeline": null, "recovery_target": null,
            "primary_conninfo": null, "archiver": null, "connections": null, "recovery_conflicts": null,
            "startup_wait": null}
            """)
        #expect(own.position == LSN(rawValue: .max))
        #expect(own.standbys.first?.replayLSN == nil)
        #expect(own.slots.first?.failover == nil)
        #expect(own.currentTimeline == Timeline(rawValue: 1))
    }

    @Test(
        "Field case 5: a position or an identifier that is none is an error, never zero",
        arguments: [
            ("\"replay_lsn\": \"0/106\"", "\"replay_lsn\": \"\""), ("\"0/104\"", "\"1d4b17068128\""),
            ("\"7412345678901234567\"", "\"-1\""),
        ])
    func refuses(part: String, replacement: String) throws {
        #expect(Self.standby.contains(part))
        let document = Self.standby.split(separator: part, omittingEmptySubsequences: false).joined(
            separator: replacement)
        #expect(throws: (any Error).self) { try Self.decode(document) }
    }
}
