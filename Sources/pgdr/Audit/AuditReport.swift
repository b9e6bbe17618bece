import Audit
import Observation
import Replication

/// What `pgdr audit verify` found, and what it could hold the log against.
struct AuditReport {
    var directory: String
    /// The name under which anchors of the log are kept.
    var observer: String
    /// The anchors of the command line.
    var given: [AuditHead]
    /// What the clusters know.
    var stored: [StoredAnchors]
    var verification: AuditVerification

    /// What the log is, in one word.
    enum Verdict: String {
        case intact
        case torn
        case tampered
    }

    var verdict: Verdict {
        switch verification.problem?.kind {
        case nil: .intact
        case .torn: .torn
        default: .tampered
        }
    }

    var severity: Severity {
        switch verdict {
        case .intact: .ok
        case .torn: .warning
        case .tampered: .critical
        }
    }

    /// Where an anchor is from: the names of clusters, or nil for the command line, which goes first.
    func cluster(of anchor: AuditHead) -> String? {
        if given.contains(anchor) { return nil }
        return stored.first { $0.anchors.contains(StoredAnchor(seq: anchor.seq, hash: anchor.hash)) }?.cluster
    }

    /// The greatest number up to which anchors stand for the log; 0 when none does.
    var anchored: UInt64 {
        verification.anchors.filter { $0.outcome == .matches }.map(\.anchor.seq).max() ?? 0
    }
}
