/// Whether a primary can keep its WAL for a standby that is away.
struct WALRetention: Sendable, Equatable {
    /// How much it writes, in bytes a second.
    var rate: Double
    /// How long the standby is away, in seconds.
    var seconds: Double
    /// `max_slot_wal_keep_size` in bytes; nil: no limit.
    var limit: UInt64?
    /// What is free where its WAL lies, in bytes.
    var free: UInt64

    /// It may write more than it did just now, and keeps a little whatever it writes.
    static let (factor, least) = (2.0, UInt64(64) << 20)

    /// What has to be kept, in bytes.
    var needed: UInt64 {
        let bytes = rate * seconds * Self.factor
        return bytes < 1e18 ? max(UInt64(max(bytes, 0)), Self.least) : .max
    }

    /// As a probe's answer.
    var result: ProbeResult {
        let need =
            "\(Int(seconds)) s away at \(Int(rate) >> 10) kB/s of WAL, twice over, are \(needed >> 20) MB"
        if let limit, limit < needed {
            return ProbeResult(
                false, "\(need), and max_slot_wal_keep_size allows \(limit >> 20) MB: raise it, or plan for less time")
        }
        guard needed <= free else {
            return ProbeResult(
                false, "\(need), and \(free >> 20) MB are free where the primary's WAL lies: plan for less time")
        }
        return ProbeResult(
            true,
            "\(need); max_slot_wal_keep_size \(limit.map { "allows \($0 >> 20) MB" } ?? "is unlimited"), "
                + "\(free >> 20) MB are free")
    }
}
