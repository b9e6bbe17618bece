import Configuration
import Essentials
import Replication

/// The values that fill a runbook's templates.
struct PlanValues {
    /// What a name stands for.
    enum Value: Equatable {
        /// A text; of a node parameter, its name.
        case text(String)
        /// A list of nodes.
        case nodes([String])
    }

    /// The names that mean something in every runbook.
    static let builtIn = ["primary", "standbys", "followers", "nodes"]

    /// The names that nothing else can have.
    static let reserved = builtIn + ["node"]
    /// What a node has besides its name.
    static let attributes = ["name", "host", "port", "data_directory", "application_name", "slot", "site"]

    private var values: [String: Value]
    private let facts: PlanningFacts

    init(_ facts: PlanningFacts, parameters: [String: String]) {
        self.facts = facts
        values = parameters.mapValues { .text($0) }
        values["standbys"] = .nodes(facts.standbys)
        values["followers"] = .nodes(facts.followers)
        values["nodes"] = .nodes(facts.cluster.nodes.map(\.name))
        if let primary = facts.primary { values["primary"] = .text(primary) }
    }

    subscript(name: String) -> Value? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// A template with its places filled.
    /// - Throws: `refused` when a name has no value now, `configuration` when an attribute makes no sense.
    func text(_ template: Template) throws(Failure) -> String {
        var text = ""
        for part in template.parts {
            switch part {
            case .literal(let literal): text += literal
            case .reference(let name, let attribute): text += try self.text(of: name, attribute, template)
            }
        }
        return text
    }

    /// The nodes that a template stands for: one reference to a list, or the name of one node.
    func nodes(_ template: Template) throws(Failure) -> [String] {
        if case .reference(let name, nil) = template.parts.first, template.parts.count == 1,
            case .nodes(let nodes) = try value(of: name, template)
        {
            return nodes
        }
        return [try node(template)]
    }

    /// The nodes of a repetition, each once.
    func nodes(_ repetition: RunbookDefinition.Repetition) throws(Failure) -> [String] {
        var left: [String] = []
        for template in repetition.except { left += try nodes(template) }
        var chosen: [String] = []
        for template in repetition.nodes {
            for node in try nodes(template) where !left.contains(node) && !chosen.contains(node) { chosen.append(node) }
        }
        return chosen
    }

    /// The one node that a template names.
    func node(_ template: Template) throws(Failure) -> String {
        try facts.cluster.existingNode(named: text(template)).name
    }

    private func value(of name: String, _ template: Template) throws(Failure) -> Value {
        if let value = values[name] { return value }
        if name == "primary" {
            let primaries = facts.snapshot.primaries.map(\.name)
            throw Failure(
                .refused,
                primaries.isEmpty
                    ? "cluster \"\(facts.cluster.name)\" has no primary that answers"
                    : "cluster \"\(facts.cluster.name)\" has more than one primary",
                detail: primaries.isEmpty ? nil : "Primaries: \(quotedList(primaries)).", hint: "Look at: pgdr status")
        }
        throw .configuration(at: template.location, "\"\(name)\" has no value")
    }

    private func text(of name: String, _ attribute: String?, _ template: Template) throws(Failure) -> String {
        guard case .text(let text) = try value(of: name, template) else {
            throw .configuration(
                at: template.location, "\"\(name)\" is a list of nodes", hint: "Use it under \"for_each\".")
        }
        guard let attribute else { return text }
        let node = try facts.cluster.existingNode(named: text)
        switch attribute {
        case "name": return node.name
        case "host": return try node.replicationAddress().host
        case "port": return String(try node.replicationAddress().port)
        case "data_directory": return try facts.dataDirectory(node.name)
        case "application_name": return node.applicationName
        case "slot": return facts.slot(of: node.name)
        case "site": return node.site ?? ""
        default:
            throw .configuration(
                at: template.location, "a node has no\(attribute.echo)",
                detail: "It has \(quotedList(Self.attributes)).")
        }
    }
}
