// Slots, archive and commits.

extension Diagnosis.Text {
    static func slotInactive(_ node: String, _ slot: String, _ retained: Int64?) -> Self {
        Self(
            "nobody uses replication slot \"\(slot)\" on \"\(node)\"",
            detail: retained.map { "It keeps \(Quantity.bytes(UInt64(max(0, $0)))) of WAL." },
            hint: "Bring its standby back, or drop the slot if it is gone for good.")
    }

    static func slotUnreserved(_ node: String, _ slot: String, _ safe: Int64?) -> Self {
        Self(
            "replication slot \"\(slot)\" on \"\(node)\" may lose WAL at the next checkpoint",
            detail: "wal_status is \"unreserved\"" + (safe.map { ", safe_wal_size \($0) bytes." } ?? "."),
            hint: "Let its standby catch up now, or raise max_slot_wal_keep_size.")
    }

    static func slotLost(_ node: String, _ slot: String) -> Self {
        Self(
            "replication slot \"\(slot)\" on \"\(node)\" has lost WAL that its standby needs",
            detail: "wal_status is \"lost\".",
            hint: "Rebuild the standby, unless the archive still has the WAL; then drop the slot.")
    }

    static func slotMissing(_ node: String, _ slot: String, _ upstream: String) -> Self {
        Self(
            "standby \"\(node)\" wants replication slot \"\(slot)\", which \"\(upstream)\" lacks",
            hint: "Create the slot on \"\(upstream)\" if the WAL the standby needs is still there.")
    }

    static func retainedWAL(_ node: String, _ slot: String, _ bytes: UInt64, _ limit: UInt64) -> Self {
        Self(
            "replication slot \"\(slot)\" on \"\(node)\" keeps \(Quantity.bytes(bytes)) of WAL",
            detail: "The limit is \(Quantity.bytes(limit)).",
            hint: "Let its receiver catch up, or drop the slot before the disk is full.")
    }

    static func slotHoldsVacuum(_ node: String, _ slot: String, _ age: Int64) -> Self {
        Self(
            "inactive replication slot \"\(slot)\" on \"\(node)\" holds vacuum back",
            detail: "Its xmin is \(age) transactions old.",
            hint: "Bring its standby back, or drop the slot.")
    }

    static func logicalSlotLostOnFailover(_ node: String, _ slot: String) -> Self {
        Self(
            "a failover would lose logical replication slot \"\(slot)\"",
            detail: "It is on \"\(node)\" only, and not synchronised to standbys.",
            hint: "From version 17 on create it with failover = true and set sync_replication_slots on the"
                + " standbys; before that, plan to recreate it.")
    }

    static func archiverFailing(_ node: String, _ file: String?, _ count: Int64) -> Self {
        Self(
            "WAL archiving fails on \"\(node)\"",
            detail: "\(count) failures" + (file.map { ", the last one for \($0)." } ?? "."),
            hint: "Read the server's log; pg_wal grows until the archive command works again.")
    }

    static func archiverStuck(_ node: String, _ segments: UInt64, _ seconds: Double) -> Self {
        Self(
            "WAL archiving is behind on \"\(node)\"",
            detail: "\(segments) complete segments wait; the last one was archived"
                + " \(Quantity.seconds(seconds)) ago.",
            hint: "Check whether the archive command hangs.")
    }

    static func synchronousCommitWaits(_ node: String, _ needed: Int, _ present: Int, _ waiting: Int64) -> Self {
        Self(
            waiting > 0
                ? "\(waiting) commits on \"\(node)\" wait for a synchronous standby"
                : "commits on \"\(node)\" will wait for a synchronous standby that isn't there",
            detail: "synchronous_standby_names wants \(needed) to confirm, \(present) of those it names stream.",
            hint: "Bring a standby back, or take it out of synchronous_standby_names and reload.")
    }
}
