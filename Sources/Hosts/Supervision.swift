package import Configuration
package import Essentials

/// What keeps a server's process running: who starts it again, and through whom alone it may be stopped.
package enum Supervisor: Sendable, Equatable {
    /// A systemd unit.
    case unit(String)
    /// A container.
    case container(String)
    /// A program that manages PostgreSQL or processes in general, by its name.
    case program(String)

    /// The programs that start their children again.
    private static let programs: Set<String> = [
        "patroni", "pg_autoctl", "repmgrd", "stolon-keeper", "runsv", "s6-supervise", "supervise", "supervisord",
        "monit", "pm2", "conmon", "containerd-shim",
    ]
    /// Units in which a server runs that somebody started by hand.
    private static let shells: Set<String> = ["ssh", "sshd", "cron", "crond", "atd", "getty"]

    /// What supervises a server; nil: nothing that can be seen.
    package init?(of postmaster: PostmasterFacts) {
        let name = postmaster.parent ?? ""
        // The kernel cuts names after 15 bytes.
        if let program = Self.programs.first(where: { $0 == name || $0.prefix(15) == name }) {
            self = .program(program)
            return
        }
        let paths = (postmaster.controlGroup ?? "").split(separator: "\n").compactMap { line in
            line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).last
        }
        for part in paths.flatMap({ $0.split(separator: "/").reversed() }) {
            if let identifier = Self.container(part) {
                self = .container(identifier)
                return
            }
            guard part.hasSuffix(".service"), !part.hasPrefix("user@") else { continue }
            let unit = part.dropLast(".service".count)
            guard !Self.shells.contains(String(unit.prefix { $0 != "@" })) else { return nil }
            self = .unit(String(unit))
            return
        }
        return nil
    }

    /// The identifier in `docker-ID.scope`, `libpod-ID.scope`, `cri-containerd-ID.scope`, or the bare one of older
    /// control groups.
    private static func container(_ part: Substring) -> String? {
        let name = part.hasSuffix(".scope") ? part.dropLast(".scope".count) : part
        let identifier = name.split(separator: "-").last ?? name
        return identifier.utf8.count == 64 && identifier.allSatisfy(\.isHexDigit) ? String(identifier) : nil
    }

    /// As a sentence names it.
    package var text: String {
        switch self {
        case .unit(let name): "the systemd unit \"\(name)\""
        case .container(let identifier): "the container \(identifier.prefix(12))"
        case .program(let name): "\(name)"
        }
    }
}

extension NodeConfiguration {
    /// A unit's name without the ending that may be left out.
    static func unitName(_ name: String) -> String {
        name.hasSuffix(".service") ? String(name.dropLast(".service".count)) : name
    }

    /// Why the running server is not the configured service's to stop; nil when it is, or none runs.
    ///
    /// Whoever supervises it would start it again or lose track of it, so nothing is done behind its back.
    package func ownershipObstacle(_ facts: HostFacts) -> Failure? {
        if case .container(_, let name, _) = service {
            guard let unit = facts.container?.unit else { return nil }
            return obstacle(
                .unit(Self.unitName(unit)), detail: "It runs the container \"\(name)\".",
                hint: "service: {systemd: \(unit)}")
        }
        guard let postmaster = facts.postmaster, postmaster.state == .running || postmaster.state == .frozen else {
            return nil
        }
        let supervisor = Supervisor(of: postmaster)
        switch service {
        case .systemd(let unit):
            if let supervisor {
                return supervisor == .unit(Self.unitName(unit))
                    ? nil : obstacle(supervisor, detail: "The unit \"\(unit)\" does not run it.", hint: nil)
            }
            if facts.unit?.mainProcessID == postmaster.processID { return nil }
            return Failure(
                .refused, "the server of node \"\(name)\" is not run by the systemd unit \"\(unit)\"",
                detail: "The unit is \(facts.unit?.activeState ?? "unknown"); the server is process"
                    + " \(postmaster.processID).",
                hint: "Stop it by the means by which it was started, then start the unit: systemctl start \(unit)",
                node: name)
        case .pgCtlCluster(let version, let cluster):
            guard let supervisor, supervisor != .unit("postgresql@\(version)-\(cluster)") else { return nil }
            return obstacle(supervisor, detail: nil, hint: nil)
        case .pgCtl:
            guard let supervisor else { return nil }
            var hint: String?
            if case .unit(let unit) = supervisor { hint = "service: {systemd: \(unit)}" }
            return obstacle(supervisor, detail: nil, hint: hint)
        case .custom, .container, nil: return nil
        }
    }

    private func obstacle(_ supervisor: Supervisor, detail: String?, hint: String?) -> Failure {
        Failure(
            .refused, "the server of node \"\(name)\" is run by \(supervisor.text), not by its configured service",
            detail: detail,
            hint: hint.map { "Configure \($0) for it." }
                ?? "Take it out of the hands of \(supervisor.text), or configure the service by which it is run.",
            node: name)
    }
}
