/// A replication login that must work once a standby is primary: another node's, to it.
public struct ReplicationLogin: Sendable, Hashable {
    /// The node that would log in.
    public var node: String
    /// The role it would log in as: the one it, or the candidate in its place, replicates with now.
    public var role: String
    /// The numeric address it would come from: the one it comes from now, or is reached at.
    public var address: String

    /// What the candidate's `pg_hba.conf` says to it.
    public enum Answer: Sendable, Equatable {
        /// No rule fits: refused.
        case noRule
        /// The first rule that fits: where it stands, such as `line 3 of pg_hba.conf`, its method, and whether it
        /// surely fits (see `replication_access.sql`).
        case rule(place: String, method: String, certain: Bool)
    }

    /// A login by its parts.
    public init(node: String, role: String, address: String) {
        self.node = node
        self.role = role
        self.address = address
    }
}

/// The logins that the other nodes would need to follow `candidate`, as far as a round's answers tell them.
///
/// A standby keeps its role and address. The primary has none as a standby yet: it is taken to use the role that the
/// candidate uses now, from the address at which it is reached.
public func replicationLogins(to candidate: String, in snapshot: ClusterSnapshot) -> [ReplicationLogin] {
    let topology = Topology(snapshot)
    let own = topology.links[candidate]?.row?.userName
    return snapshot.nodes.filter { $0.name != candidate }.compactMap { node in
        let row = topology.links[node.name]?.row
        guard let role = row?.userName ?? own, let address = row?.clientAddress ?? node.serverAddress else {
            return nil
        }
        return ReplicationLogin(node: node.name, role: role, address: address)
    }
}

extension Candidate {
    /// Whether the others could log in to follow it, and it to its upstream.
    ///
    /// Streaming proves a login; where none exists yet, `pg_hba.conf` tells whether one would be refused.
    func logins(_ answers: [ReplicationLogin: ReplicationLogin.Answer]) -> Condition {
        let title = "Replication logins both ways"
        let streaming = Set(
            snapshot.nodes.map(\.name).filter {
                report.node($0)?.upstream == node.name && report.node($0)?.state == "streaming"
            })
        var findings: [(Severity, String)] = others.map { other in
            if streaming.contains(other.name) { return (.ok, "\(other.name) streams from it") }
            guard let (login, answer) = answers.first(where: { $0.key.node == other.name }) else {
                return (.unknown, "whether its pg_hba.conf lets \(other.name) in could not be told\(reason)")
            }
            return judge(answer, login)
        }
        if status.state == "streaming", let upstream = status.upstream {
            findings.append((.ok, "it streams from \(upstream)"))
        } else {
            findings.append((.unknown, "it is logged in nowhere to replicate"))
        }
        let worst = findings.map(\.0).max() ?? .ok
        // What is wrong first; what is well only if nothing is wrong.
        let shown = findings.filter { $0.0 == worst }.map(\.1)
        return Condition(code: "logins", severity: worst, title: title, evidence: shown.joined(separator: "; "))
    }

    private func judge(_ answer: ReplicationLogin.Answer, _ login: ReplicationLogin) -> (Severity, String) {
        let who = "\(login.node) (role \"\(login.role)\" from \(login.address))"
        switch answer {
        case .noRule: return (.critical, "its pg_hba.conf has no replication rule for \(who)")
        case .rule(let place, "reject", _): return (.critical, "\(place) rejects \(who)")
        case .rule(let place, let method, true):
            return (.ok, "\(place) lets \(login.node) in by \(method)")
        case .rule(let place, _, false):
            return (.unknown, "whether \(place) fits \(who), only a login can tell")
        }
    }
}
