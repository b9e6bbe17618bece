import Essentials

extension EstateConfiguration {
    /// Reads the mapping under `estate`; what works but should be changed is added to `warnings`.
    init(
        _ value: YAMLValue, clusters: [ClusterConfiguration], warnings: inout [ConfigurationWarning]
    ) throws(Failure) {
        let fields = try value.fields(
            "a mapping", for: "estate", known: ["timeout", "servers", "services", "pipelines"])
        self.init()
        if let value = fields["timeout"] {
            timeout = try Quantity.duration(value, for: "timeout", in: .seconds(1) ... .seconds(600))
        }
        var names = EstateNames()
        if let value = fields["servers"] {
            for entry in try value.entries("a mapping of servers", for: "servers") {
                try names.add(entry, "server")
                servers.append(try EstateServer(entry))
            }
        }
        if let value = fields["services"] {
            for entry in try value.entries("a mapping of services", for: "services") {
                try names.add(entry, "service")
                services.append(try EstateService(entry, servers: servers, clusters: clusters, warnings: &warnings))
            }
        }
        if let value = fields["pipelines"] {
            for entry in try value.entries("a mapping of pipelines", for: "pipelines") {
                try names.add(entry, "pipeline")
                pipelines.append(try EstatePipeline(entry, in: self))
            }
        }
        guard !(servers.isEmpty && services.isEmpty) else {
            throw .configuration(
                at: value.location, "the estate has neither servers nor services",
                hint: "See an example with: pgdr estate example")
        }
    }
}

/// The names that are taken: results are told apart by them.
private struct EstateNames {
    private var owners: [String: String] = [:]

    /// Takes a name.
    mutating func add(_ entry: YAMLValue.Entry, _ kind: String) throws(Failure) {
        try Name.check(entry, kind)
        if let owner = owners.updateValue(kind, forKey: entry.key) {
            throw .configuration(at: entry.location, "\(kind) \"\(entry.key)\" has the name of a \(owner)")
        }
    }
}

extension EstateServer {
    /// Reads one entry under `servers`.
    init(_ entry: YAMLValue.Entry) throws(Failure) {
        let fields = try entry.value.fields(
            "a mapping", for: entry.key, known: ["title", "ssh", "category", "deployed"])
        self.init(name: entry.key)
        if let value = fields["title"] { title = try value.line("a title", for: "title") }
        if let value = fields["ssh"] { ssh = try SSHAddress(value) }
        if let value = fields["category"] { category = try value.line("a category", for: "category") }
        if let value = fields["deployed"] { isDeployed = try value.flag(for: "deployed") }
    }
}

extension EstateService {
    /// Reads one entry under `services`.
    init(
        _ entry: YAMLValue.Entry, servers: [EstateServer], clusters: [ClusterConfiguration],
        warnings: inout [ConfigurationWarning]
    ) throws(Failure) {
        let entries = try entry.value.entries("a mapping", for: entry.key)
        let kinds = EstateServiceKind.allCases.map(\.rawValue)
        guard let kindValue = entries.first(where: { $0.key == "kind" })?.value else {
            throw .configuration(
                at: entry.location, "service \"\(entry.key)\" has no \"kind\"",
                hint: "Add \"kind:\" with one of \(quotedList(kinds, conjunction: "or")).")
        }
        let text = try kindValue.text("one of \(quotedList(kinds, conjunction: "or"))", for: "kind")
        guard let kind = EstateServiceKind(rawValue: text) else {
            let hint = NearestName.hint(for: text, among: kinds)
            throw .configuration(
                at: kindValue.location, "unknown kind\(text.echo)",
                detail: hint == nil ? "A kind is \(quotedList(kinds, conjunction: "or"))." : nil, hint: hint)
        }
        let fields = try entry.value.fields(
            "a mapping", for: entry.key, known: ["kind", "server", "category", "deployed"] + EstateProbe.keys(of: kind))
        let probe = try EstateProbe(kind, entry, fields, clusters: clusters, warnings: &warnings)
        self.init(name: entry.key, kind: kind, probe: probe)
        if let value = fields["server"] {
            server = try value.name(of: "server", among: servers.map(\.name), for: "server")
        }
        if let value = fields["category"] { category = try value.line("a category", for: "category") }
        if let value = fields["deployed"] { isDeployed = try value.flag(for: "deployed") }
    }
}

extension EstatePipeline {
    /// Reads one entry under `pipelines`.
    init(_ entry: YAMLValue.Entry, in estate: EstateConfiguration) throws(Failure) {
        let fields = try entry.value.fields(
            "a mapping", for: entry.key, known: ["from", "to", "category", "deployed"])
        guard let fromValue = fields["from"], let toValue = fields["to"] else {
            throw .configuration(
                at: entry.location, "pipeline \"\(entry.key)\" needs both \"from\" and \"to\"",
                hint: "Name the server it runs on, and the service it needs or a list of them.")
        }
        let from = try fromValue.name(of: "server", among: estate.servers.map(\.name), for: "from")
        guard estate.server(named: from)?.ssh != nil else {
            throw .configuration(
                at: fromValue.location, "server \"\(from)\" has no \"ssh\"",
                detail: "Whether a pipeline reaches a service is looked at from the server it runs on.",
                hint: "Add \"ssh: user@host\" to the server.")
        }
        var to: [String] = []
        let targets: [YAMLValue] = if case .list(let list) = toValue.content { list } else { [toValue] }
        for target in targets {
            let name = try target.name(of: "service", among: estate.services.map(\.name), for: "to")
            guard !to.contains(name) else {
                throw .configuration(at: target.location, "service \"\(name)\" stands twice in \"to\"")
            }
            guard estate.service(named: name)?.probe.addresses.isEmpty == false else {
                throw .configuration(
                    at: target.location, "where other hosts reach service \"\(name)\" is not known",
                    detail: "Its connection leads to a socket directory or a service, which only this machine knows.",
                    hint: "Give the service \"address: HOST:PORT\".")
            }
            to.append(name)
        }
        guard !to.isEmpty else { throw toValue.unexpected("a service or a list of services", for: "to") }
        self.init(name: entry.key, from: from, to: to)
        if let value = fields["category"] { category = try value.line("a category", for: "category") }
        if let value = fields["deployed"] { isDeployed = try value.flag(for: "deployed") }
    }
}

extension YAMLValue {
    /// The name of something that was declared before.
    func name(of kind: String, among names: [String], for key: String) throws(Failure) -> String {
        let text = try line("the name of a \(kind)", for: key)
        if names.contains(text) { return text }
        let hint = NearestName.hint(for: text, among: names)
        let known = names.isEmpty ? "There are none here." : "Known here: \(quotedList(names))."
        throw .configuration(
            at: location, "there is no \(kind)\(text.echo)", detail: hint == nil ? known : nil, hint: hint)
    }
}
