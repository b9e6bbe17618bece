internal import Configuration
internal import Essentials
internal import Replication

extension ActRunner {
    /// Lets time pass as long as the probe holds, until a person wants to stop at the latest.
    func stay(_ duration: Duration, whilst probe: Probe) async throws(Failure) {
        let end = Deadline.after(duration)
        try await whilst(probe) { () throws(Failure) in
            while !end.hasPassed, !attendant.wantsStop() {
                let pause = Deadline.after(.milliseconds(200))
                guard await ReadinessLoop.shared.sleep(until: min(end, pause)) != .cancelled else {
                    throw .cancelledStep
                }
            }
        }
    }

    /// Performs acts as long as the probe holds.
    /// - Returns: what they say.
    func perform(_ acts: [Act], whilst probe: Probe, until deadline: Deadline) async throws(Failure) -> String? {
        try await whilst(probe) { () throws(Failure) in
            var said: [String] = []
            for act in acts {
                if let text = try await perform(act, until: deadline) { said.append(text) }
            }
            return said.isEmpty ? nil : said.joined(separator: "\n")
        }
    }

    /// How often it is looked whether a probe holds, and how often it may not, before what goes on meanwhile is ended.
    private static let looks = (pause: Duration.seconds(1), limit: 5)

    /// Does something, and ends it when the probe has not held for several looks.
    /// - Throws: `refused` in that case.
    private func whilst<Value: Sendable>(
        _ probe: Probe, _ body: @escaping @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let first = await withTaskGroup(of: Result<Value, Failure>.self) { group in
            group.addTask { await outcome(body) }
            group.addTask { .failure(await failure(of: probe)) }
            let first = await group.next()
            group.cancelAll()
            return first
        }
        guard let first else { throw .cancelledStep }
        return try first.get()
    }

    /// Waits until a probe fails to hold.
    private func failure(of probe: Probe) async -> Failure {
        var failed = 0
        while true {
            let result = await sessions.ask(probe, until: .after(sessions.cluster.timeout))
            failed = result.holds == true ? 0 : failed + 1
            if failed == Self.looks.limit {
                return Failure(.refused, "production does not go on", detail: result.evidence)
            }
            guard await ReadinessLoop.shared.sleep(until: .after(Self.looks.pause)) != .cancelled else {
                return .cancelledStep
            }
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
