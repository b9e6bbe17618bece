package import Audit
internal import Configuration
package import Essentials
internal import Observation
internal import Postgres
internal import Replication
internal import RunbookEngine
internal import SQLFiles

/// What the audit log tells of the control state, before the cluster is told.
package enum ControlEvent: String, Sendable, CaseIterable {
    /// No failover is to happen by itself for a time.
    case paused = "failover.paused"
    /// It may again.
    case unpaused = "failover.unpaused"
    /// The server refused what was announced before.
    case failed = "failover.control_failed"
    /// Whether what was announced before was done can't be told.
    case uncertain = "failover.control_uncertain"
}

/// What became of a change to the control state.
package enum ControlChange: Sendable, Equatable {
    /// It is made: the pause that is in force now, and the one that was until then; nil: none.
    case done(now: ControlReading.Pause?, before: ControlReading.Pause?)
    /// There was no pause to end.
    case nothingToDo
    /// The server refused it, and nothing was changed.
    case failed(Failure)
    /// The connection was lost meanwhile: whether it was made can't be told.
    case uncertain(Failure)
}

extension ControlStore {
    /// The longest pause.
    package static let longestPause: Duration = .seconds(30 * 86_400)

    /// Keeps failover from happening by itself for a time, in place of any other pause there is.
    /// - Parameters:
    ///   - log: where it is written first, as `failover.paused`.
    ///   - actor: who wants it; nil: the log's own actor.
    /// - Returns: what became of it; it ends by the primary's clock.
    /// - Throws: `refused` when no one primary takes writes, or it has no place for it; `audit` when it can't be written
    ///   to the log. Nothing was changed then.
    package func pause(
        for span: Duration, reason: String, actor: String? = nil, log: AuditLog, until deadline: Deadline
    ) async throws(Failure) -> ControlChange {
        let primary = try await writablePrimary(until: deadline)
        let until = primary.document.at + min(span, Self.longestPause).seconds
        let time = AuditTime(microseconds: Int64((until.rawValue * 1e6).rounded())).text
        let pause = ControlReading.Pause(until: until, reason: reason, actor: actor ?? log.actor.description)
        return try await write(
            SQLFile.controlPause, [time, reason, pause.actor], leaving: pause, on: primary, log: log,
            as: .paused, details: ["reason": .text(reason), "until": .text(time)], until: deadline)
    }

    /// Lets failover happen by itself again.
    /// - Parameters:
    ///   - reason: why; nil: not said.
    ///   - log, actor: as of `pause`; the event is `failover.unpaused`.
    /// - Throws: as `pause`.
    package func unpause(
        reason: String?, actor: String? = nil, log: AuditLog, until deadline: Deadline
    ) async throws(Failure) -> ControlChange {
        let primary = try await writablePrimary(until: deadline)
        guard primary.pauseInForce != nil else { return .nothingToDo }
        return try await write(
            SQLFile.controlUnpause, [reason, actor ?? log.actor.description], leaving: nil, on: primary, log: log,
            as: .unpaused, details: ["reason": reason.map(AuditValue.text) ?? .null], until: deadline)
    }

    /// The primary, and what it knows.
    private struct Primary {
        var name: String
        var document: ControlDocument

        var pauseInForce: ControlReading.Pause? { document.pause.flatMap { $0.until > document.at ? $0 : nil } }
    }

    private func writablePrimary(until deadline: Deadline) async throws(Failure) -> Primary {
        let answers = await answers(until: deadline)
        let reading = ControlReading(of: cluster, answers, observedAt: .wallClock)
        let reasons = cluster.nodes.compactMap { node in reading.reasons[node.name].map { "\(node.name): \($0)" } }
        guard reading.source != .severalClusters else {
            throw Failure(.refused, "the nodes belong to different clusters", hint: "See: pgdr status")
        }
        guard let name = reading.primaries.first else {
            throw Failure(
                .refused, "no node that answers takes writes",
                detail: reasons.isEmpty ? "All of them are standbys." : reasons.joined(separator: "\n"))
        }
        guard reading.primaries.count == 1 else {
            throw Failure(
                .refused, "\(quotedList(reading.primaries)) take writes, and it can't be told which of them counts",
                hint: "See: pgdr status")
        }
        guard case .told(let document) = answers[name] else {
            throw Failure(
                .refused, "node \"\(name)\" has no place for the control state", detail: reading.reasons[name],
                hint: "Run sql/schema.sql there, as a superuser, in the database that pgdr connects to.", node: name)
        }
        return Primary(name: name, document: document)
    }

    /// Writes to the log, then to the primary.
    private func write(
        _ statement: String, _ parameters: [String?], leaving pause: ControlReading.Pause?, on primary: Primary,
        log: AuditLog, as event: ControlEvent, details: AuditValue, until deadline: Deadline
    ) async throws(Failure) -> ControlChange {
        // Before the log says that it is done: that it can't be done at all usually shows here.
        var connection = try await actingSession(on: primary.name, until: deadline)
        try log.append(AuditEntry(event.rawValue, cluster: cluster.name, node: primary.name, details: details))
        do { _ = try await connection.query(statement, parameters, until: deadline) } catch {
            let failure = error.failure(node: primary.name)
            let isCertain = if case .server = error { true } else { false }
            let told = tell(isCertain ? .failed : .uncertain, of: event, failure, to: log)
            return isCertain ? .failed(told) : .uncertain(told)
        }
        return .done(now: pause, before: primary.pauseInForce)
    }

    /// Writes to the log what became of an announced change.
    /// - Returns: the failure, with what kept it from the log as a part of its detail.
    private func tell(
        _ outcome: ControlEvent, of event: ControlEvent, _ failure: Failure, to log: AuditLog
    ) -> Failure {
        var failure = failure
        do throws(Failure) {
            try log.append(
                AuditEntry(
                    outcome.rawValue, cluster: cluster.name, node: failure.node,
                    details: ["event": .text(event.rawValue), "error": .text(failure.text)]))
        } catch {
            failure.detail = [failure.detail, error.text].compactMap(\.self).joined(separator: "\n")
        }
        return failure
    }

    /// A session that may write; a commit in it waits for no standby.
    func actingSession(on name: String, until deadline: Deadline) async throws(Failure) -> Connection {
        guard let node = cluster.node(named: name) else {
            throw Failure(.configuration, "there is no node \"\(name)\" in cluster \"\(cluster.name)\"")
        }
        do {
            let settings = SessionSettings(access: .readWrite, statementTimeout: cluster.timeout)
            return try await Connection.open(cluster.actingConnection(of: node), settings, until: deadline)
        } catch {
            throw error.failure(node: name)
        }
    }
}
