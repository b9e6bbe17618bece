import Hosts
import Replication

/// `pgdr ssh check` for people: a row a node, then what is wrong.
struct HostCheckTable {
    var style: Style

    func text(_ checks: [HostCheck]) -> String {
        var table = TextTable([
            ("NODE", .left), ("HOST", .left), ("USER", .left), ("SERVER ACCOUNT", .left), ("ROOT", .left),
            ("DATA DIRECTORY", .left), ("PROGRAMS", .left), ("FREE", .right), ("STATE", .left),
        ])
        for check in checks { table.append(row(check)) }
        let findings = checks.flatMap { check in check.findings.flatMap { lines($0, of: check.node) } }
        return (table.lines(style: style) + (findings.isEmpty ? [] : [""] + findings)).joined(separator: "\n")
    }

    private func row(_ check: HostCheck) -> [String] {
        let facts = check.facts
        let directory = facts?.dataDirectory
        let owner = directory?.owner.map { owner in
            facts?.server == .allowed ? owner : "\(owner) (no)"
        }
        let programs = facts?.programs.map { "\($0.versions["postgres"] ?? "?") in \($0.directory)" }
        return [
            check.node, check.address ?? "", facts?.user ?? "", owner ?? "", facts.map(root) ?? "",
            directory?.path ?? "", programs ?? "", directory?.freeBytes.map(Quantity.bytes) ?? "",
            style.coloured(state(check), check.severity),
        ]
    }

    private func root(_ facts: HostFacts) -> String {
        switch facts.root {
        case .allowed: "yes"
        case .refused: "no"
        case .unknown: "-"
        }
    }

    private func state(_ check: HostCheck) -> String {
        check.findings.first.map { $0.code.replacing("_", with: " ") } ?? "ok"
    }

    private func lines(_ finding: HostCheck.Finding, of node: String) -> [String] {
        let word = finding.severity.rawValue.uppercased()
        let rest = [finding.detail, finding.hint.map { "→ \($0)" }].compactMap(\.self)
        return ["\(style.coloured(word, finding.severity))  \(node): \(finding.message)"]
            + rest.flatMap { text in text.split(whereSeparator: \.isNewline).map { "    \($0)" } }
    }
}

/// The document of `pgdr ssh check --format json`; the same promises as `StatusDocument`.
struct HostCheckDocument: Encodable {
    var schema = 1
    var cluster: String
    var nodes: [Node]

    init(cluster: String, checks: [HostCheck]) {
        self.cluster = cluster
        nodes = checks.map(Node.init)
    }

    struct Node: Encodable {
        var check: HostCheck

        enum CodingKeys: String, CodingKey {
            case name, address, severity, reachable, user
            case hostName = "host_name"
            case serverAccount = "server_account"
            case mayRunAsServer = "may_run_as_server"
            case mayRunAsRoot = "may_run_as_root"
            case dataDirectory = "data_directory"
            case majorVersion = "major_version"
            case programs
            case programsVersion = "programs_version"
            case freeBytes = "free_bytes"
            case serverProcess = "server_process"
            case findings
        }

        init(_ check: HostCheck) { self.check = check }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            let facts = check.facts
            let directory = facts?.dataDirectory
            try container.encode(check.node, forKey: .name)
            try container.encode(check.address, forKey: .address)
            try container.encode(check.severity.rawValue, forKey: .severity)
            try container.encode(facts != nil, forKey: .reachable)
            try container.encode(facts?.user, forKey: .user)
            try container.encode(facts?.hostName, forKey: .hostName)
            try container.encode(directory?.owner, forKey: .serverAccount)
            try container.encode(facts.flatMap { Self.answer($0.server) }, forKey: .mayRunAsServer)
            try container.encode(facts.flatMap { Self.answer($0.root) }, forKey: .mayRunAsRoot)
            try container.encode(directory?.path, forKey: .dataDirectory)
            try container.encode(directory?.majorVersion, forKey: .majorVersion)
            try container.encode(facts?.programs?.directory, forKey: .programs)
            try container.encode(facts?.programs?.versions["postgres"], forKey: .programsVersion)
            try container.encode(directory?.freeBytes, forKey: .freeBytes)
            let runs = facts?.postmaster.flatMap { $0.state == .running || $0.state == .frozen ? $0.processID : nil }
            try container.encode(runs, forKey: .serverProcess)
            try container.encode(check.findings.map(Finding.init), forKey: .findings)
        }

        /// null: it couldn't be tried.
        private static func answer(_ access: HostFacts.Access) -> Bool? {
            switch access {
            case .allowed: true
            case .refused: false
            case .unknown: nil
            }
        }
    }

    struct Finding: Encodable {
        var finding: HostCheck.Finding

        enum CodingKeys: String, CodingKey { case code, severity, message, detail, hint }

        init(_ finding: HostCheck.Finding) { self.finding = finding }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(finding.code, forKey: .code)
            try container.encode(finding.severity.rawValue, forKey: .severity)
            try container.encode(finding.message, forKey: .message)
            try container.encode(finding.detail, forKey: .detail)
            try container.encode(finding.hint, forKey: .hint)
        }
    }
}
