internal import Configuration
internal import Essentials
internal import Replication

extension ActRunner {
    /// How often it is looked whether what a stay depends on still holds, and after how many looks it is given up.
    private static let looks = (pause: Duration.seconds(1), limit: 5)

    /// Lets time pass, until a person wants to stop at the latest.
    /// - Throws: `refused` once the probe has not held for several looks.
    func stay(_ duration: Duration, whilst probe: Probe) async throws(Failure) {
        let end = Deadline.after(duration)
        var failed = 0
        while !end.hasPassed, !attendant.wantsStop() {
            let result = await sessions.ask(probe, until: .after(sessions.cluster.timeout))
            failed = result.holds == true ? 0 : failed + 1
            guard failed < Self.looks.limit else {
                throw Failure(.refused, "production does not go on", detail: result.evidence)
            }
            let pause = Deadline.after(Self.looks.pause)
            guard await ReadinessLoop.shared.sleep(until: min(end, pause)) != .cancelled else { throw .cancelledStep }
        }
    }

    /// Waits until a standby has replayed all that its primary has written by now.
    /// - Returns: how far that is.
    func awaitReplay(on node: String, of primary: String, until deadline: Deadline) async throws(Failure) -> String {
        let written = try await sessions.values(
            "SELECT pg_current_wal_lsn() AS position", on: primary, until: deadline)["position"]
        guard let position = written.flatMap({ try? LSN(parsing: $0) }) else {
            throw Failure(.unexpectedAnswer, "the server gives no position", node: primary)
        }
        let isThere = Statement(
            "SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS replayed", on: node, ["\(position)"], expected: "t")
        try await wait(for: .statement(isThere), until: deadline)
        let text = "\(node) has replayed up to \(position), which \(primary) had written"
        attendant.told(.note(step: step, text: text))
        return text
    }
}
