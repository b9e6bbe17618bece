package import Configuration
package import Essentials
package import Replication

/// What came of looking at a node's host: whether pgdr could act there, and what would keep it from doing so.
package struct HostCheck: Sendable, Equatable {
    /// The node's name.
    package var node: String
    /// Where its commands go, `[user@]host[:port]`; nil: nowhere.
    package var address: String?
    /// What the host is like; nil when it wasn't reached.
    package var facts: HostFacts?
    /// What is to be said about it, the worst first.
    package var findings: [Finding]

    /// Something about a host that stands in the way.
    package struct Finding: Sendable, Equatable {
        /// Its stable name, for scripts.
        package var code: String
        /// How bad it is.
        package var severity: Severity
        /// What it is: lower case, no full stop.
        package var message: String
        /// The facts behind it.
        package var detail: String?
        /// What a person can do.
        package var hint: String?

        /// A finding by its parts.
        package init(
            _ code: String, _ severity: Severity, _ message: String, detail: String? = nil, hint: String? = nil
        ) {
            self.code = code
            self.severity = severity
            self.message = message
            self.detail = detail
            self.hint = hint
        }
    }

    /// The worst of its findings.
    package var severity: Severity { findings.map(\.severity).max() ?? .ok }

    /// A check by its parts; the findings are put in order.
    package init(node: String, address: String?, facts: HostFacts?, findings: [Finding]) {
        self.node = node
        self.address = address
        self.facts = facts
        self.findings = findings.enumerated()
            .sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }
            .map(\.element)
    }

    /// Free space below which nothing can be set aside any more, in bytes.
    static let leastFreeBytes: UInt64 = 1 << 30
}

extension HostCheck {
    /// What a host that couldn't be looked at comes to.
    package init(_ node: NodeConfiguration, unreached failure: Failure) {
        let isMissing = node.ssh == nil
        self.init(
            node: node.name, address: node.ssh?.text, facts: nil,
            findings: [
                Finding(
                    isMissing ? "no_ssh" : failure.code.rawValue, isMissing ? .warning : .critical, failure.message,
                    detail: failure.detail, hint: failure.hint)
            ])
    }

    /// Judges a host by its facts.
    /// - Parameter mayRunService: whether root's commands for the service are allowed, as far as that was asked; nil:
    ///   it wasn't.
    package init(_ node: NodeConfiguration, _ facts: HostFacts, mayRunService: Bool? = nil) {
        var findings = Self.accounts(node, facts, mayRunService) + Self.directory(node, facts)
        if facts.dataDirectory?.majorVersion != nil { findings += Self.programs(node, facts) }
        findings += Self.service(node, facts)
        self.init(node: node.name, address: node.ssh?.text, facts: facts, findings: findings)
    }

    private static func accounts(_ node: NodeConfiguration, _ facts: HostFacts, _ mayRunService: Bool?) -> [Finding] {
        var findings: [Finding] = []
        let change = AccountChange(facts, become: node.ssh?.become ?? [])
        if facts.dataDirectory?.owner != nil, facts.server != .allowed {
            findings.append(obstacle("server_account", change, HostCommand(["true"]), facts.server))
        }
        guard let command = rootCommand(node, facts), facts.root != .allowed, mayRunService != true else {
            return findings
        }
        return findings + [obstacle("root_account", change, command, facts.root)]
    }

    /// A command that the node's service needs root for; nil: none.
    static func rootCommand(_ node: NodeConfiguration, _ facts: HostFacts) -> HostCommand? {
        (try? ServiceCommands(node, facts).stop())?.first { $0.account == .root }
    }

    private static func obstacle(
        _ code: String, _ change: AccountChange, _ command: HostCommand, _ access: HostFacts.Access
    ) -> Finding {
        let account = command.account == .root ? "root" : change.serverAccount
        guard case .refused(let words) = access else {
            do throws(Failure) {
                _ = try change.prefix(for: command)
            } catch {
                return Finding(code, .critical, error.message, detail: error.detail, hint: error.hint)
            }
            return Finding(code, .critical, "commands of the account \"\(account)\" could not be tried")
        }
        return Finding(
            code, .critical, "the user \"\(change.user)\" may not run commands as \"\(account)\"", detail: words,
            hint: "On the host add the sudoers line: "
                + change.sudoersLine(user: command.account == .root ? nil : account, command))
    }

    private static func directory(_ node: NodeConfiguration, _ facts: HostFacts) -> [Finding] {
        guard let directory = facts.dataDirectory else {
            return [
                Finding(
                    "data_directory", .critical, "the data directory is not known",
                    hint: "Give the node its \"data_directory\" in the configuration.")
            ]
        }
        guard directory.owner != nil else {
            return [
                Finding(
                    "data_directory", .critical, "the data directory \"\(directory.path)\" could not be looked at",
                    detail: directory.refusal)
            ]
        }
        guard directory.realPath != nil else { return [] }
        guard directory.majorVersion != nil else {
            return [
                Finding(
                    "data_directory", .critical, "\"\(directory.path)\" holds no data of PostgreSQL",
                    detail: directory.isEmpty ? "It is empty." : "There is no PG_VERSION in it.",
                    hint: "Is its file system mounted? The directory of the configuration files is another one.")
            ]
        }
        var findings: [Finding] = []
        if let free = directory.freeBytes, free < leastFreeBytes {
            findings.append(
                Finding(
                    "disk", .warning, "only \(Quantity.bytes(free)) are free in the file system of the data directory"))
        }
        if !directory.links.isEmpty {
            let links = directory.links.map { "\($0.name) -> \($0.target)" }.joined(separator: ", ")
            findings.append(
                Finding(
                    "links", .warning, "the data directory holds symbolic links that pg_rewind stops at",
                    detail: links + "."))
        }
        if !directory.readOnlyFiles.isEmpty {
            findings.append(
                Finding(
                    "read_only", .warning, "the data directory holds files that pg_rewind cannot write",
                    detail: directory.readOnlyFiles.joined(separator: ", ") + ".",
                    hint: "Make them writable for \"\(directory.owner ?? "")\" (chmod u+w)."))
        }
        return findings
    }

    private static func programs(_ node: NodeConfiguration, _ facts: HostFacts) -> [Finding] {
        let toolbox: Toolbox
        do throws(Failure) {
            toolbox = try Toolbox(node, facts)
        } catch {
            return [Finding("programs", .critical, error.message, detail: error.detail, hint: error.hint)]
        }
        guard toolbox.isOnHost, let programs = facts.programs else { return [] }
        let missing = ProgramFacts.needed.filter { programs.path(of: $0) == nil }
        guard !missing.isEmpty else { return [] }
        return [
            Finding(
                "programs", .warning, "programs of PostgreSQL are missing: \(missing.joined(separator: ", "))",
                detail: "They are not in \"\(programs.directory)\".", hint: "Install the server's whole package there.")
        ]
    }

    private static func service(_ node: NodeConfiguration, _ facts: HostFacts) -> [Finding] {
        if case .systemd = node.service, let unit = facts.unit, unit.loadState == "not-found" {
            return [
                Finding(
                    "service", .critical, "there is no systemd unit \"\(unit.name)\"",
                    hint: "Look for it with: systemctl list-units 'postgres*'")
            ]
        }
        if case .pgCtlCluster(let version, let cluster) = node.service, facts.debianCluster == nil {
            return [
                Finding(
                    "service", .critical, "there is no cluster \"\(cluster)\" of version \(version)",
                    hint: "Look for it with: pg_lsclusters")
            ]
        }
        do throws(Failure) {
            let commands = try ServiceCommands(node, facts)
            _ = try commands.stop()
        } catch {
            return [
                Finding(
                    "service", node.service == nil ? .warning : .critical, error.message, detail: error.detail,
                    hint: error.hint)
            ]
        }
        guard facts.dataDirectory?.majorVersion != nil else { return [] }
        switch facts.postmaster?.state {
        case .running: return []
        case .frozen:
            return [
                Finding(
                    "server", .critical, "the server stands still", detail: "A signal stopped it (SIGSTOP).",
                    hint: "Let it go on with: kill -CONT \(facts.postmaster?.processID ?? 0)")
            ]
        case .gone, .zombie, nil:
            let detail = facts.postmaster == nil ? nil : "Its postmaster.pid is still there: it did not end in order."
            return [Finding("server", .warning, "no server runs", detail: detail)]
        }
    }
}
