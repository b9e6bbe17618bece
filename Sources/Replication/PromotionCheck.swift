/// Whether a node may be promoted now and a switchover to it would lose nothing: each condition with its evidence.
public struct PromotionCheck: Sendable, Equatable {
    /// One thing that must hold.
    public struct Condition: Sendable, Equatable {
        /// Its stable name, for scripts.
        public var code: String
        /// How it came out: `ok`, `warning` (works, but look at it), `critical` (don't), `unknown` (not provable).
        public var severity: Severity
        /// What must hold, in a few words.
        public var title: String
        /// What was seen.
        public var evidence: String

        /// A condition by its parts.
        public init(code: String, severity: Severity, title: String, evidence: String) {
            self.code = code
            self.severity = severity
            self.title = title
            self.evidence = evidence
        }
    }

    /// The node that was checked.
    public var node: String
    /// Whether the node is primary already, so that nothing is left to check.
    public var isPrimary: Bool
    /// All conditions, in the order in which a person would look.
    public var conditions: [Condition]

    /// The worst condition.
    public var severity: Severity { conditions.map(\.severity).max() ?? .ok }

    /// The answer in one sentence.
    public var text: String {
        if isPrimary { return "\(node) is the primary already" }
        let failed = conditions.filter { $0.severity == .critical }
        if let first = failed.first {
            let more = failed.count > 1 ? " (and \(failed.count - 1) more)" : ""
            return "\(node) must not be promoted now: \(first.title.lowercased()): \(first.evidence)\(more)"
        }
        let mustHold = ["one_primary", "system_identifier", "history"]
        if let open = conditions.first(where: { $0.severity == .unknown && mustHold.contains($0.code) }) {
            return "\(node) could not be proven safe to promote: \(open.title.lowercased()): \(open.evidence)"
        }
        let lossless = conditions.first { $0.code == "lossless" }?.severity == .ok
        let open = conditions.count { $0.severity == .unknown }
        let warnings = conditions.count { $0.severity == .warning }
        let notes = [
            warnings > 0 ? "\(warnings) to look at" : nil, open > 0 ? "\(open) not provable" : nil,
        ].compactMap(\.self)
        return "\(node) may be promoted; a switchover "
            + (lossless ? "would lose nothing" : "may lose WAL")
            + (notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))")
    }
}

/// Checks one node against a round's answers.
/// - Parameters:
///   - facts: what only the node itself can tell (extensions, collations); nil when it could not be asked.
///   - problem: why the node could not be asked for all of that; nil when it could.
///   - thresholds: the limits for what waits to be replayed.
///   - logins: what its `pg_hba.conf` says to the others' replication logins; those not asked about are missing.
public func checkPromotion(
    of name: String, in snapshot: ClusterSnapshot, _ report: ClusterReport, facts: PromotionFacts? = nil,
    logins: [ReplicationLogin: ReplicationLogin.Answer] = [:], problem: String? = nil,
    _ thresholds: Thresholds = Thresholds()
) -> PromotionCheck {
    guard let node = snapshot.node(name), let own = node.snapshot, let status = report.node(name) else {
        let silence = snapshot.node(name)?.silence
        return PromotionCheck(
            node: name, isPrimary: false,
            conditions: [
                .init(
                    code: "reachable", severity: .critical, title: "Answers",
                    evidence: silence.map { "\($0.reason): \($0.detail)" } ?? "no such node")
            ])
    }
    guard own.inRecovery else { return PromotionCheck(node: name, isPrimary: true, conditions: []) }
    let primary = report.primary.flatMap(snapshot.node)
    let candidate = Candidate(
        node: node, own: own, status: status, primary: primary, snapshot: snapshot, report: report,
        thresholds: thresholds, problem: problem)
    return PromotionCheck(
        node: name, isPrimary: false,
        conditions: candidate.standingConditions() + candidate.primaryRoleConditions() + [candidate.logins(logins)]
            + candidate.hostConditions(facts))
}
