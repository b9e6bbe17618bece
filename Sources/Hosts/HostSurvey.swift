package import Replication

/// What the hosts of a cluster say about a promotion: what SQL can't tell.
package struct HostSurvey: Sendable, Equatable {
    /// The hosts' checks, in the order of the nodes.
    package var checks: [HostCheck]
    /// What came of a real replication login from one node's host to another node.
    package var logins: [Login]
    /// How long the nodes' certificates are good, by node.
    package var certificates: [String: Certificate]

    /// A replication login that was tried.
    package struct Login: Sendable, Equatable {
        /// The node from whose host it came.
        package var from: String
        /// The node it went to.
        package var to: String
        /// The refusal, in the program's words; nil: it succeeded.
        package var refusal: String?

        /// A login by its parts.
        package init(from: String, to: String, refusal: String?) {
            self.from = from
            self.to = to
            self.refusal = refusal
        }
    }

    /// How long a server's certificate is good.
    package enum Certificate: Sendable, Equatable {
        /// The server has TLS off.
        case none
        /// It is good for two weeks and more; until when.
        case good(String)
        /// It ends within two weeks.
        case endsSoon(String)
        /// It has ended.
        case expired(String)
        /// It couldn't be looked at.
        case unknown(String)
    }

    /// A survey by its parts.
    package init(checks: [HostCheck], logins: [Login], certificates: [String: Certificate]) {
        self.checks = checks
        self.logins = logins
        self.certificates = certificates
    }
}

extension HostSurvey {
    /// What it means for the promotion of a node; nothing where no node has an SSH address.
    ///
    /// No more than a warning where only pgdr is hindered: when a host has died, that of the others is the one to
    /// promote.
    package func conditions(of name: String) -> [PromotionCheck.Condition] {
        guard checks.contains(where: { $0.address != nil }) else { return [] }
        return [host(name), otherHosts(name), logins(to: name), certificate(of: name), configuration(of: name)]
            .compactMap(\.self)
    }

    private func host(_ name: String) -> PromotionCheck.Condition? {
        guard let check = checks.first(where: { $0.node == name }) else { return nil }
        return .init(
            code: "host", severity: min(check.severity, .warning), title: "pgdr can act on its host",
            evidence: evidence(check) ?? "\(check.address ?? "") as \"\(check.facts?.user ?? "?")\"")
    }

    private func otherHosts(_ name: String) -> PromotionCheck.Condition? {
        let others = checks.filter { $0.node != name }
        guard !others.isEmpty else { return nil }
        let words = others.compactMap { check in evidence(check).map { "\(check.node): \($0)" } }
        return .init(
            code: "other_hosts", severity: min(others.map(\.severity).max() ?? .ok, .warning),
            title: "pgdr can act on the others' hosts",
            evidence: words.isEmpty ? others.map(\.node).joined(separator: ", ") : words.joined(separator: "; "))
    }

    private func evidence(_ check: HostCheck) -> String? {
        guard let worst = check.findings.first else { return nil }
        return worst.message + (check.findings.count > 1 ? " (and \(check.findings.count - 1) more)" : "")
    }

    /// Only a real login tells what every line of `pg_hba.conf`, the password file and TLS come to together.
    private func logins(to name: String) -> PromotionCheck.Condition {
        let title = "The others log in there for replication"
        let own = logins.filter { $0.to == name }
        guard !own.isEmpty else {
            return .init(
                code: "real_logins", severity: .unknown, title: title,
                evidence: "none could be tried; it takes \"replication\" in the configuration and SSH to the others")
        }
        let refused = own.compactMap { login in login.refusal.map { "\(login.from): \($0)" } }
        return .init(
            code: "real_logins", severity: refused.isEmpty ? .ok : .critical, title: title,
            evidence: refused.isEmpty
                ? "tried from \(own.map(\.from).joined(separator: ", "))" : refused.joined(separator: "; "))
    }

    private func certificate(of name: String) -> PromotionCheck.Condition? {
        let title = "Its certificate is good"
        func condition(_ severity: Severity, _ evidence: String) -> PromotionCheck.Condition {
            .init(code: "certificate", severity: severity, title: title, evidence: evidence)
        }
        switch certificates[name] {
        case .none?, nil: return nil
        case .good(let end): return condition(.ok, "until \(end)")
        case .endsSoon(let end): return condition(.warning, "ends on \(end)")
        case .expired(let end): return condition(.warning, "ended on \(end)")
        case .unknown(let reason): return condition(.unknown, reason)
        }
    }

    /// What lies elsewhere no base backup and no rewind brings along, so each node has its own.
    private func configuration(of name: String) -> PromotionCheck.Condition? {
        let words = checks.first { $0.node == name }?.facts?.dataDirectory?.startWords ?? []
        let prefixes = ["config_file=", "hba_file=", "ident_file="]
        let files = words.compactMap { word in prefixes.first { word.hasPrefix($0) }.map { word.dropFirst($0.count) } }
        guard !files.isEmpty else { return nil }
        return .init(
            code: "configuration_files", severity: .ok, title: "Configuration outside the data directory",
            evidence: "\(files.joined(separator: ", ")): its own, never copied")
    }
}
