import Replication

extension FindingTests {
    private static func slot(_ name: String, _ apply: @escaping @Sendable (inout SlotRow) -> Void) -> Change {
        Change(name) { $0.changeSlot("dr", apply) }
    }

    private static func unused(_ name: String, _ apply: @escaping @Sendable (inout SlotRow) -> Void) -> Change {
        slot(name) { slot in
            (slot.active, slot.activePID) = (false, nil)
            apply(&slot)
        }
    }

    private static func logical(_ name: String, _ apply: @escaping @Sendable (inout SlotRow) -> Void) -> Change {
        Change(name) {
            $0.change("primary") { own in
                var slot = SlotRow(slotName: "orders", slotType: "logical", active: true)
                apply(&slot)
                own.slots.append(slot)
            }
        }
    }

    static let slots: [FindingRow] = [
        FindingRow(
            "slot_inactive", .warning, "primary", .slotInactive(slot: "dr", retained: 5000),
            unused("unused") { $0.retainedBytes = 5000 },
            butNot: unused("never reserved anything") { $0.restartLSN = nil }),
        FindingRow(
            "slot_inactive", .warning, "primary", .slotInactive(slot: "dr", retained: 0),
            unused("a copy left over from before its promotion") { $0.synced = true },
            butNot: unused("temporary") { $0.temporary = true }),
        FindingRow(
            "slot_inactive", .warning, "dr", .slotInactive(slot: "copy", retained: nil),
            Change("on a standby") { copy(&$0, synced: false) },
            butNot: Change("a copy kept for a failover") { copy(&$0, synced: true) }),
        FindingRow(
            "slot_unreserved", .critical, "primary", .slotUnreserved(slot: "dr", safeWALSize: -4096),
            slot("unreserved") { ($0.walStatus, $0.safeWALSize) = ("unreserved", -4096) },
            butNot: slot("extended") { $0.walStatus = "extended" }),
        FindingRow(
            "slot_lost", .critical, "primary", .slotLost(slot: "dr"),
            unused("field case 113: lost") { ($0.walStatus, $0.restartLSN, $0.retainedBytes) = ("lost", nil, nil) },
            butNot: slot("unreserved") { $0.walStatus = "unreserved" }),
        FindingRow(
            "retained_wal", .critical, "primary", .retainedWAL(slot: "dr", bytes: 40 << 30, limit: 32 << 30),
            unused("field case 114: 40 GB") { $0.retainedBytes = 40 << 30 },
            butNot: unused("4 GB, the limit itself") { $0.retainedBytes = 4 << 30 }),
        FindingRow(
            "retained_wal", .warning, "primary", .retainedWAL(slot: "dr", bytes: 5 << 30, limit: 4 << 30),
            slot("5 GB, in use") { $0.retainedBytes = 5 << 30 },
            butNot: slot("less than nothing") { $0.retainedBytes = -9 }),
        FindingRow(
            "slot_holds_vacuum", .warning, "primary", .slotHoldsVacuum(slot: "dr", xminAge: 50_000_001),
            unused("field case 116") { $0.xminAge = 50_000_001 }, butNot: slot("in use") { $0.xminAge = 50_000_001 }),
        FindingRow(
            "slot_holds_vacuum", .warning, "primary", .slotHoldsVacuum(slot: "dr", xminAge: 60_000_000),
            unused("of the catalogs") { ($0.slotType, $0.catalogXminAge) = ("logical", 60_000_000) },
            butNot: unused("young") { ($0.xminAge, $0.catalogXminAge) = (1000, 1000) }),
        FindingRow(
            "logical_slot_lost_on_failover", .warning, "primary", .logicalSlotLostOnFailover(slot: "orders"),
            logical("before version 17") { $0.failover = nil }, butNot: logical("synchronised") { $0.failover = true }),
        FindingRow(
            "logical_slot_lost_on_failover", .warning, "primary", .logicalSlotLostOnFailover(slot: "orders"),
            logical("not synchronised") { $0.failover = false }, butNot: logical("temporary") { $0.temporary = true }),
    ]

    private static func copy(_ cluster: inout Cluster, synced: Bool) {
        cluster.change("dr") { own in
            var slot = SlotRow(slotName: "copy", slotType: "logical", active: false)
            slot.restartLSN = Cluster.position
            slot.synced = synced
            own.slots = [slot]
        }
    }

    private static func archive(
        _ name: String, last: String? = "0000000100000001000000FF", _ archived: Double?, failed: Double? = nil,
        mode: String = "on"
    ) -> Change {
        Change(name) {
            $0.set("archive_mode", mode, on: "primary")
            $0.change("primary") { own in
                own.archiver?.lastArchivedWAL = last
                own.archiver?.lastArchivedTime = archived.map(Cluster.ago)
                own.archiver?.lastFailedTime = failed.map(Cluster.ago)
                own.archiver?.lastFailedWAL = failed.map { _ in "000000010000000200000000" }
                own.archiver?.failedCount = 7
            }
        }
    }

    private static func names(_ setting: String, _ apply: @escaping @Sendable (inout Cluster) -> Void) -> Change {
        Change(setting) {
            $0.set("synchronous_standby_names", setting, on: "primary")
            apply(&$0)
        }
    }

    private static func used(_ connections: Int64, reserved: String? = nil) -> Change {
        Change("\(connections) connections") {
            $0.change("primary") { own in
                own.connections?.used = connections
                own.settings["reserved_connections"] = reserved
            }
        }
    }

    static let servers: [FindingRow] = archiving + commits + fitness

    private static let archiving: [FindingRow] = [
        FindingRow(
            "archiver_failing", .warning, "primary", .archiverFailing(file: "000000010000000200000000", count: 7),
            archive("the last attempt failed", 60, failed: 5), butNot: archive("it works again", 60, failed: 61)),
        FindingRow(
            "archiver_failing", .critical, "primary", .archiverFailing(file: "000000010000000200000000", count: 7),
            archive("for more than an hour", 3601, failed: 5),
            butNot: archive("switched off", 60, failed: 5, mode: "off")),
        FindingRow(
            "archiver_failing", .warning, "primary", .archiverFailing(file: "000000010000000200000000", count: 7),
            archive("it never worked", last: nil, nil, failed: 5), butNot: archive("nothing to do yet", last: nil, nil)),
        // The primary is at the start of segment 512; up to 508 is archived, so 509 to 511 wait.
        FindingRow(
            "archiver_stuck", .warning, "primary",
            .archiverStuck(segments: 3, seconds: (Cluster.asked + 0.005) - Cluster.ago(400)),
            archive("three segments wait", last: "0000000100000001000000FC", 400),
            butNot: archive("idle for hours", 14_400)),
        FindingRow(
            "archiver_stuck", .critical, "primary",
            .archiverStuck(segments: 3, seconds: (Cluster.asked + 0.005) - Cluster.ago(3700)),
            archive("for more than an hour", last: "0000000100000001000000FC", 3700),
            butNot: archive(
                "the label of a base backup came last", last: "0000000100000001000000FC.00000028.backup", 3700)),
        FindingRow(
            "archiver_stuck", .warning, "primary",
            .archiverStuck(segments: 3, seconds: (Cluster.asked + 0.005) - Cluster.ago(400)),
            archive("after a promotion", last: "0000000100000001000000FC.partial", 400),
            butNot: archive("working on it", last: "0000000100000001000000FC", 20)),
    ]

    private static let commits: [FindingRow] = [
        FindingRow(
            "synchronous_commit_waits", .critical, "primary",
            .synchronousCommitWaits(needed: 2, present: 1, waiting: 4),
            names("ANY 2 (dr, replica)") {
                $0.disconnect("replica")
                $0.change("primary") { $0.connections?.waitingForSync = 4 }
            }, butNot: names("ANY 2 (DR, \"replica\")") { _ in }),
        FindingRow(
            "synchronous_commit_waits", .critical, "primary",
            .synchronousCommitWaits(needed: 1, present: 0, waiting: 0),
            names("FIRST 1 (elsewhere)") { _ in }, butNot: names("*") { _ in }),
        FindingRow(
            "synchronous_commit_waits", .critical, "primary",
            .synchronousCommitWaits(needed: 1, present: 0, waiting: 0),
            names("dr") { $0.changeRow(of: "dr") { $0.state = "catchup" } },
            butNot: names("dr, replica") {
                $0.changeRow(of: "dr") { $0.state = "stopping" }
                $0.disconnect("replica")
            }),
        FindingRow(
            "synchronous_commit_waits", .critical, "primary",
            .synchronousCommitWaits(needed: 3, present: 2, waiting: 0), names("ANY 3 (dr, replica)") { _ in },
            butNot: names("1 (dr)") { cluster in
                cluster.change("primary") { own in
                    // Without pg_monitor states are hidden.
                    own.monitor = false
                    for index in own.standbys.indices { own.standbys[index].state = nil }
                }
            }),
    ]

    private static let fitness: [FindingRow] = [
        FindingRow(
            "wal_level_unfit", .critical, "primary", .walLevelUnfit("minimal"),
            setting("wal_level", "minimal", on: "primary"), butNot: setting("wal_level", "logical", on: "primary")),
        FindingRow(
            "too_few_wal_senders", .warning, "primary", .tooFewWALSenders(setting: 2, needed: 3),
            setting("max_wal_senders", "2", on: "primary"), butNot: setting("max_wal_senders", "3", on: "primary")),
        FindingRow(
            "hot_standby_off", .warning, "primary", .hotStandbyOff, setting("hot_standby", "off", on: "primary"),
            butNot: healthy),
        FindingRow(
            "rewind_impossible", .warning, "dr",
            .rewindImpossible(reason: "Neither data checksums nor wal_log_hints are on."),
            setting("wal_log_hints", "off", on: "dr"),
            butNot: Change("checksums instead") {
                $0.set("wal_log_hints", "off", on: "dr")
                $0.set("data_checksums", "on", on: "dr")
            }),
        FindingRow(
            "rewind_impossible", .warning, "dr", .rewindImpossible(reason: "full_page_writes is off."),
            setting("full_page_writes", "off", on: "dr"),
            butNot: Change("a server for backups only") {
                $0.observe("dr") { $0.kind = .backup }
                $0.set("full_page_writes", "off", on: "dr")
            }),
        // 100 connections less 3 for superusers.
        FindingRow(
            "connections_near_limit", .warning, "primary",
            .connectionsNearLimit(used: 78, limit: 97, percent: 78.0 / 97 * 100), used(78), butNot: used(77)),
        FindingRow(
            "connections_near_limit", .critical, "primary",
            .connectionsNearLimit(used: 86, limit: 90, percent: 86.0 / 90 * 100), used(86, reserved: "7"),
            butNot: used(10)),
        FindingRow(
            "not_monitor", .warning, "dr", .notMonitor,
            Change("an ordinary role") { $0.change("dr") { $0.monitor = false } }, butNot: healthy),
        FindingRow(
            "clock_offset", .warning, "dr", offset(-90), Change("90 s slow") { skew(&$0, "dr", -90) },
            butNot: Change("2 s fast, within what was measured") { skew(&$0, "dr", 2.009) }),
        FindingRow(
            "clock_offset", .critical, "dr", offset(90, limit: 60),
            Change("beyond the critical limit") {
                skew(&$0, "dr", 90)
                $0.thresholds.clockOffset.critical = 60
            },
            butNot: Change("all clocks are wrong together") {
                for name in ["primary", "dr", "replica"] { skew(&$0, name, 90) }
            }),
    ]

    private static func skew(_ cluster: inout Cluster, _ node: String, _ seconds: Double) {
        cluster.change(node) { $0.now = Moment(rawValue: middle + seconds) }
    }

    /// In the middle between asking and hearing; a moment near 1.8e9 s has steps of a quarter of a microsecond.
    private static let middle = (Cluster.asked.rawValue + Cluster.answered.rawValue) / 2

    /// The primary's clock is right to half a round trip, as far as the observer knows, and so is the standby's.
    private static func offset(_ seconds: Double, limit: Double = 2) -> Diagnosis {
        let primarys = (Cluster.asked + 0.005).rawValue - middle
        let half = (Cluster.answered.rawValue - Cluster.asked.rawValue) / 2
        return .clockOffset(
            seconds: (middle + seconds - middle) - primarys, uncertainty: half + half, limit: limit)
    }
}
