internal import Audit
internal import Configuration
internal import Essentials
internal import Replication

extension RunSessions {
    /// Writes a decision down on the voters.
    /// - Parameter isOpen: whether it was seen a moment ago that no voter has another one.
    /// - Returns: which of them hold it, in words.
    /// - Throws: `refused` unless a majority of all voters holds it, or none holds another one where that is accepted.
    func decide(
        _ act: DecisionAct, by actor: String, isOpen: Bool = false, until deadline: Deadline
    ) async throws(Failure) -> String {
        let soon = min(deadline, .after(cluster.timeout))
        // Looked at first: where it was decided otherwise, nothing is spread that contradicts it.
        let before = isOpen ? [:] : try await answers(act.ballot.reads, of: act.ballot, until: soon)
        let found = DecisionTally(act.ballot, before)
        if let failure = found.contradiction(to: act.ballot.nominee) { throw failure }
        let line = act.record(by: actor, at: AuditTime.now.text).line
        let reached = act.writes.filter { write in !found.unreached.contains { $0.voter == write.node } }
        let commands = reached.map { command in
            var command = command
            command.input = line
            return command
        }
        var answers = before
        let end = min(deadline, .after(cluster.timeout))
        answers.merge(try await self.answers(commands, of: act.ballot, until: end)) { $1 }
        let tally = DecisionTally(act.ballot, answers)
        if let failure = tally.failure(act) { throw failure }
        let holders = tally.agreeing.isEmpty ? "no voter" : tally.agreeing.joined(separator: ", ")
        return "held by \(holders)" + (tally.missing.map { "; not by \($0)" } ?? "")
    }

    func askDecisions(_ ballot: Ballot, isAccepted: Bool, until deadline: Deadline) async -> ProbeResult {
        do throws(Failure) {
            let tally = DecisionTally(ballot, try await answers(ballot.reads, of: ballot, until: deadline))
            let missing = tally.missing.map { "; \($0) could not be asked" } ?? ""
            if let otherwise = tally.otherwise {
                return ProbeResult(
                    isAccepted, "\(otherwise)\(isAccepted ? ", which is accepted" : "")\(missing)")
            }
            let agreeing =
                tally.agreeing.isEmpty ? "" : "\(tally.agreeing.joined(separator: ", ")) has \(ballot.nominee); "
            return ProbeResult(true, "\(agreeing)no voter has another node\(missing)")
        } catch {
            return ProbeResult(isAccepted ? true : nil, error.textWithNode)
        }
    }

    /// Compares what both have received or replayed.
    func askWAL(of source: String, on node: String, until deadline: Deadline) async -> ProbeResult {
        do throws(Failure) {
            let statement = "SELECT GREATEST(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) AS position"
            let theirs = try await values(statement, on: source, until: deadline)["position"]
            let own = try await values(statement, on: node, until: deadline)["position"]
            guard let theirs = theirs.flatMap({ try? LSN(parsing: $0) }),
                let own = own.flatMap({ try? LSN(parsing: $0) })
            else { return ProbeResult(nil, "\(node) or \(source) gives no position") }
            return ProbeResult(own >= theirs, "\(source) has WAL up to \(theirs), \(node) up to \(own)")
        } catch {
            return ProbeResult(nil, error.textWithNode)
        }
    }
}
