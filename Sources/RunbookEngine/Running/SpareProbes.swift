internal import Essentials
internal import Replication
internal import SSH

extension RunSessions {
    /// Whether a standby can be done without.
    func askSpare(
        _ node: String, beside primary: String, acceptsUncovered: Bool, until deadline: Deadline
    ) async -> ProbeResult {
        let snapshot = await round(until: deadline)
        return Spare(node, beside: primary, in: cluster, snapshot).result(acceptsUncovered: acceptsUncovered)
    }

    /// Whether the primary can keep its WAL for that long, at the rate at which it writes now, or has written in the mean.
    func askRetention(
        of primary: String, for seconds: Double, disk: RemoteCommand, until deadline: Deadline
    ) async -> ProbeResult {
        let statement = """
            SELECT pg_current_wal_lsn() AS position, extract(epoch FROM clock_timestamp()) AS now, \
            (SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size') AS kept, \
            (SELECT wal_bytes / greatest(extract(epoch FROM clock_timestamp() - stats_reset), 1) FROM pg_stat_wal) AS mean
            """
        do throws(Failure) {
            let first = try await values(statement, on: primary, until: deadline)
            let pause = Deadline.after(.milliseconds(500))
            guard await ReadinessLoop.shared.sleep(until: pause) != .cancelled else { throw Failure.cancelledStep }
            let second = try await values(statement, on: primary, until: deadline)
            let result = try await run(disk, in: .shared, until: deadline)
            guard let from = first["position"].flatMap({ try? LSN(parsing: $0) }),
                let to = second["position"].flatMap({ try? LSN(parsing: $0) }),
                let began = first["now"].flatMap(Double.init), let ended = second["now"].flatMap(Double.init),
                let kept = second["kept"].flatMap({ Int64($0) }), ended > began
            else { return ProbeResult(nil, "\(primary) doesn't say how much WAL it writes and may keep") }
            // The last line's fourth field: what is free, in kB.
            let fields = result.outputText.split(separator: "\n").last?.split(separator: " ") ?? []
            guard result.succeeded, fields.count > 3, let free = UInt64(fields[3]) else {
                return ProbeResult(nil, "\(primary): what is free on its disk could not be told: \(result.summary)")
            }
            let now = Double(to.bytesAhead(of: from)) / (ended - began)
            let mean = second["mean"].flatMap(Double.init) ?? 0
            return WALRetention(
                rate: max(now, mean), seconds: seconds, limit: kept < 0 ? nil : UInt64(kept) << 20, free: free << 10
            ).result
        } catch {
            return ProbeResult(nil, error.textWithNode)
        }
    }
}
