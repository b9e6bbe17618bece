import Essentials

extension FailoverPolicy {
    /// Reads the mapping under `failover`; what it leaves out keeps its default.
    ///
    /// `sites` are those of the cluster's nodes.
    init(_ value: YAMLValue, sites: [String]) throws(Failure) {
        self.init()
        let fields = try value.fields(
            "a mapping", for: "failover",
            known: [
                "mode", "confirm_for", "interval", "restart_first", "max_lag", "fencing", "fence_command", "cooldown",
                "at_most", "prefer_sites", "avoid_sites", "routes", "notify", "hook_timeout",
                "after",
            ])
        if let value = fields["mode"] { mode = try value.choice(for: "mode") }
        if let value = fields["restart_first"] { restartFirst = try value.flag(for: "restart_first") }
        if let value = fields["max_lag"] { maxLag = try MaxLag(value) }
        if let value = fields["fencing"] { fencing = try value.choice(for: "fencing") }
        if let value = fields["fence_command"] { fenceCommand = try value.localCommand(for: "fence_command") }
        if let value = fields["at_most"] { atMost = try Rate(value) }
        try readDurations(fields)
        try readSites(fields, among: sites)
        if let value = fields["routes"] { routes = try Self.commands(value, for: "routes") }
        if let value = fields["notify"] { notify = try Self.commands(value, for: "notify") }
        if let value = fields["after"] { after = try value.choice(for: "after") as Afterwards }
    }

    private mutating func readDurations(_ fields: YAMLValue.Fields) throws(Failure) {
        let long: Duration = .seconds(600)
        if let value = fields["confirm_for"] {
            confirmFor = try Quantity.duration(value, for: "confirm_for", in: .zero...long)
        }
        if let value = fields["interval"] {
            interval = try Quantity.duration(value, for: "interval", in: .milliseconds(100) ... .seconds(60))
        }
        if let value = fields["cooldown"] {
            cooldown = try Quantity.duration(value, for: "cooldown", in: .zero ... .seconds(7 * 86_400))
        }
        if let value = fields["hook_timeout"] {
            hookTimeout = try Quantity.duration(value, for: "hook_timeout", in: .milliseconds(100)...long)
        }
    }

    private mutating func readSites(_ fields: YAMLValue.Fields, among sites: [String]) throws(Failure) {
        let preferred = try Self.sites("prefer_sites", of: fields, among: sites)
        let avoided = try Self.sites("avoid_sites", of: fields, among: sites)
        for site in avoided {
            guard let other = preferred.first(where: { $0.name == site.name }) else { continue }
            throw .configuration(
                at: site.location.isAfter(other.location) ? site.location : other.location,
                "the site\(site.name.echo) is both preferred and avoided")
        }
        preferSites = preferred.map(\.name)
        avoidSites = avoided.map(\.name)
    }

    private static func sites(
        _ key: String, of fields: YAMLValue.Fields, among sites: [String]
    ) throws(Failure) -> [(name: String, location: SourceLocation)] {
        guard let value = fields[key] else { return [] }
        var list: [(name: String, location: SourceLocation)] = []
        for element in try value.elements("a list of sites", for: key) {
            let site = try element.line("a site", for: key)
            guard sites.contains(site) else {
                let hint = NearestName.hint(for: site, among: sites)
                throw .configuration(
                    at: element.location, "no node stands at the site\(site.echo)",
                    detail: hint != nil
                        ? nil : sites.isEmpty ? "No node has a \"site\"." : "Sites of nodes: \(quotedList(sites)).",
                    hint: hint)
            }
            guard !list.contains(where: { $0.name == site }) else {
                throw .configuration(at: element.location, "the site\(site.echo) appears twice in \"\(key)\"")
            }
            list.append((site, element.location))
        }
        return list
    }

    private static func commands(_ value: YAMLValue, for key: String) throws(Failure) -> [[String]] {
        guard case .list(let list) = value.content else {
            throw value.unexpectedCommand("a list of commands such as [[/usr/local/bin/tell, dba]]", for: key)
        }
        var commands: [[String]] = []
        for element in list { commands.append(try element.localCommand(for: key)) }
        return commands
    }
}

extension FailoverPolicy.MaxLag {
    /// Reads `off`, or a mapping of `bytes` and `seconds`, each a quantity or `off`.
    init(_ value: YAMLValue) throws(Failure) {
        self.init()
        guard !value.isOff else {
            (bytes, seconds) = (nil, nil)
            return
        }
        let fields = try value.fields(
            "\"off\" or a mapping of \"bytes\" and \"seconds\"", for: "max_lag", known: ["bytes", "seconds"])
        if let value = fields["bytes"] {
            bytes = value.isOff ? nil : try Quantity.bytes(value, for: "max_lag.bytes")
        }
        if let value = fields["seconds"] {
            seconds = value.isOff ? nil : try Quantity.duration(value, for: "max_lag.seconds").seconds
        }
    }
}

extension FailoverPolicy.Rate {
    /// Reads a mapping of `failovers` and `within`.
    init(_ value: YAMLValue) throws(Failure) {
        self.init()
        let fields = try value.fields(
            "a mapping of \"failovers\" and \"within\"", for: "at_most", known: ["failovers", "within"])
        if let value = fields["failovers"] {
            failovers = try value.wholeNumber(in: 1...100, for: "at_most.failovers")
        }
        if let value = fields["within"] {
            within = try Quantity.duration(value, for: "at_most.within", in: .seconds(60) ... .seconds(30 * 86_400))
        }
    }
}

extension YAMLValue {
    /// A command that runs on this machine: where it is found must not depend on who starts pgdr.
    fileprivate func localCommand(for key: String) throws(Failure) -> [String] {
        let example = "[/usr/local/bin/tell, dba]"
        guard case .list(let list) = content else {
            throw unexpectedCommand("a list of words such as \(example)", for: key)
        }
        let words = try command(for: key, example: example)
        guard words[0].hasPrefix("/") else {
            throw list[0].unexpected("an absolute path as the command's first word", for: key)
        }
        return words
    }

    /// The failure that `expected` ought to stand here; it repeats no text, the end of which may be a secret.
    fileprivate func unexpectedCommand(_ expected: String, for key: String) -> Failure {
        let found = if case .text = content { "text" } else { kind }
        return .configuration(at: location, "expected \(expected) for \"\(key)\", found \(found)")
    }
}
