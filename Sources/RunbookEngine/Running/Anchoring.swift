internal import Audit
internal import Configuration
internal import Essentials
internal import SQLFiles

extension RunSessions {
    /// Keeps the head of the audit log in the cluster, where `schema.sql` has made room for it.
    ///
    /// Only a server that takes writes can keep it; the first one that does is enough, since it is replicated.
    /// - Returns: why it is kept nowhere; nil when it is, or when the cluster has no room for it.
    func keep(_ head: AuditHead, of log: AuditLog, until deadline: Deadline) async -> String? {
        var reason: String? = "no server takes writes"
        for node in cluster.nodes.map(\.name) {
            do throws(Failure) {
                let state = try await values(
                    "SELECT NOT pg_is_in_recovery() AS writable, to_regclass('pgdr.audit_anchor') IS NOT NULL AS has_room",
                    on: node, until: min(deadline, .after(cluster.timeout)))
                guard state["writable"] == "t" else { continue }
                guard state["has_room"] == "t" else { return nil }
                let written = try await values(
                    SQLFile.auditAnchorWrite, [log.observer, String(head.seq), head.hash], on: node, until: deadline)
                guard written["stands"] == "t" else {
                    return "\(node) keeps another hash for event \(head.seq): look at it with pgdr audit verify"
                }
                return nil
            } catch {
                reason = error.textWithNode
            }
        }
        return reason
    }
}
