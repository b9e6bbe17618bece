package import Essentials
internal import Postgres
package import Replication
internal import SQLFiles

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A failover as it is kept in the cluster.
package struct FailoverRecord: Sendable, Equatable {
    /// The run that did it.
    package var run: String
    /// The new primary.
    package var primary: String
    /// The node whose place it took.
    package var oldPrimary: String
    /// The timeline that it replaced.
    package var timeline: Timeline
    /// What identifies the alert that caused it; nil: none.
    package var triggerID: String?
    /// Whether nobody asked for it but the policy.
    package var isAutomatic: Bool
    /// What was lost, as far as it was known when it was decided.
    package var loss: WALLoss
    /// The host that carried it out.
    package var observer: String

    /// A failover by its parts.
    package init(
        run: String, primary: String, oldPrimary: String, timeline: Timeline, triggerID: String? = nil,
        isAutomatic: Bool, loss: WALLoss, observer: String
    ) {
        self.run = run
        self.primary = primary
        self.oldPrimary = oldPrimary
        self.timeline = timeline
        self.triggerID = triggerID
        self.isAutomatic = isAutomatic
        self.loss = loss
        self.observer = observer
    }
}

extension ControlStore {
    /// Adds a failover to those there were, on the new primary; one that is there already, by its run, stays as it is.
    /// - Throws: `server` when it refuses, also where `sql/schema.sql` was not run; `connection` or `timeout` when it
    ///   can't be told whether it was written, and it may be tried again.
    package func record(_ failover: FailoverRecord, until deadline: Deadline) async throws(Failure) {
        let parameters: [String?] = [
            failover.run, failover.primary, failover.oldPrimary, "\(failover.timeline.rawValue)", failover.triggerID,
            "\(failover.isAutomatic)", try failover.loss.json(), failover.observer,
        ]
        var connection = try await actingSession(on: failover.primary, until: deadline)
        do { _ = try await connection.query(SQLFile.failoverRecord, parameters, until: deadline) } catch {
            throw error.failure(node: failover.primary)
        }
    }
}

extension WALLoss {
    /// As `pgdr.failover` keeps it; nil: not known.
    fileprivate func json() throws(Failure) -> String? {
        let kept: Kept
        switch self {
        case .noCommit(let nodes): kept = Kept(commits: 0, provedBy: nodes)
        case .atLeast(let bytes, let seconds): kept = Kept(bytesAtLeast: bytes, secondsAtLeast: seconds)
        case .unknown: return nil
        }
        do { return String(decoding: try JSONEncoder().encode(kept), as: UTF8.self) } catch {
            throw Failure(.system, "the loss can't be written as JSON", detail: "\(error)")
        }
    }

    private struct Kept: Encodable {
        var commits: Int?
        var provedBy: [String]?
        var bytesAtLeast: UInt64?
        var secondsAtLeast: Double?

        enum CodingKeys: String, CodingKey {
            case commits
            case provedBy = "proved_by"
            case bytesAtLeast = "bytes_at_least"
            case secondsAtLeast = "seconds_at_least"
        }
    }
}
