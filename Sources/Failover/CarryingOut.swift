internal import Configuration
package import Essentials
package import RunbookEngine
internal import Replication

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension FailoverDesk {
    /// The plan of what was decided; nil where nothing is to be done.
    /// - Throws: `refused` when it can't be planned.
    package func propose(_ decided: Case) async throws(Failure) -> RunDesk.Proposal? {
        do throws(Failure) { return try await plan(decided) } catch {
            runs.sessions.waitForAll()
            throw error
        }
    }

    private func plan(_ decided: Case) async throws(Failure) -> RunDesk.Proposal? {
        let situation = decided.situation
        switch decided.verdict {
        case .stay, .wait, .alreadyDone, .refuse: return nil
        case .restart: return try await runs.propose("start", ["node_to_start": situation.evidence.primary])
        case .failOver(let promotion):
            let mayStayUnfenced = situation.policy.fencing == .bestEffort || situation.request.acceptsUnfenced
            // One that answers nobody doesn't stop in order either, however long that is waited for.
            let isHung = situation.evidence.diagnose().condition == .hung
            // Somebody is missing for certain, and clients wait: nobody is given longer than a look gives.
            return try await runs.propose(
                "failover",
                [
                    "target": promotion.election.nominee, "old": situation.evidence.primary,
                    "source": promotion.election.source ?? "", "trigger": situation.request.triggerID ?? "",
                    "automatic": "\(situation.request.isAutomatic)", "loss": promotion.loss.kept ?? "",
                    "accept_silent": "\(promotion.loss.needsNobody)",
                    "without": situation.evidence.standbys.filter { $0.silence != nil }.map(\.name).joined(
                        separator: " "),
                    "accept_unfenced": "\(mayStayUnfenced)",
                    "accept_no_quorum": "\(situation.request.acceptsNoQuorum)",
                    "stop_timeout": isHung ? "3s" : "30s",
                ],
                hosts: HostAsking(
                    keptWithin: Self.memory,
                    silent: situation.evidence.host == .silent ? [situation.evidence.primary] : []),
                holding: decided.lock, patience: cluster.timeout)
        }
    }

    /// How old what a host said of its programs, paths and accounts may be.
    private static let memory: Duration = .seconds(30)

    /// Writes a decision down, before anything is done about it.
    /// - Parameter id: the run that will carry it out; nil: none will.
    /// - Returns: what identifies it in the audit log.
    /// - Throws: `audit` when it can't be put on the disk: then nothing may be done.
    @discardableResult
    package func record(_ decided: Case, as id: String? = nil) throws(Failure) -> String {
        let id = id ?? RunDesk.newIdentifier()
        do throws(Failure) { try journal.record(decided.situation, decided.verdict, as: id) } catch {
            runs.sessions.waitForAll()
            throw error
        }
        return id
    }

    /// Does what was decided, under the lock that was taken for deciding.
    /// - Throws: `refused` before anything was done, as `RunDesk.run`.
    package func carryOut(
        _ decided: Case, _ proposal: RunDesk.Proposal, _ attendant: RunAttendant
    ) async throws(Failure) -> RunOutcome {
        defer { runs.sessions.waitForAll() }
        // One that was cut off is completed by this one: what it decided is found on the voters.
        // A standby that a drill has left open is none that could be waited for.
        try leaveRuns(of: ["failover", "drill-snapshot", "drill-clone"] + Self.repeatable, to: proposal.id)
        return try await runs.run(proposal, holding: decided.lock, attendant)
    }

    /// A failover that a process which is gone has left unfinished; nil: there is none.
    package func leftRun() throws(Failure) -> RunRecord? {
        try runs.unfinishedRun().flatMap { $0.plan.runbook == "failover" ? $0 : nil }
    }

    /// The runbooks that a watch runs by itself, and may as well begin anew where they were cut off.
    static let repeatable = ["complete-failover", "fence", "start"]

    /// Ends runs that a process which is gone has left unfinished, since another one takes their place.
    func leaveRuns(of runbooks: [String], to successor: String) throws(Failure) {
        while let left = try runs.unfinishedRun(), runbooks.contains(left.plan.runbook) {
            try runs.leave(left.id, to: successor)
        }
    }

    /// Fences a primary that came back.
    /// - Returns: the run, and how it ended.
    func fence(
        _ returned: ReturnedPrimary, _ attendant: RunAttendant
    ) async throws(Failure) -> (String, RunOutcome) {
        // It was lost, and is there.
        runs.sessions.waitForAll()
        let proposal = try await runs.propose("fence", ["node_to_fence": returned.old])
        try leaveRuns(of: Self.repeatable, to: proposal.id)
        return (proposal.id, try await runs.run(proposal, attendant))
    }
}

extension Evidence {
    /// The nodes whose servers gave this observer no answer.
    var silent: Set<String> {
        Set(standbys.filter { $0.silence != nil }.map(\.name)).union([primary])
    }
}

extension WALLoss {
    /// Whether a standby may fall silent before the promotion: not one whose answer was part of a proof.
    fileprivate var needsNobody: Bool { if case .noCommit = self { false } else { true } }

    /// As `pgdr.failover` keeps it; nil: not known.
    fileprivate var kept: String? {
        let kept: Kept
        switch self {
        case .noCommit(let nodes): kept = Kept(commits: 0, provedBy: nodes)
        case .atLeast(let bytes, let seconds): kept = Kept(bytesAtLeast: bytes, secondsAtLeast: seconds)
        case .unknown: return nil
        }
        return (try? JSONEncoder().encode(kept)).map { String(decoding: $0, as: UTF8.self) }
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
