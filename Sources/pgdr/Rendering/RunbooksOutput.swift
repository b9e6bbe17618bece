import RunbookEngine

/// Runbooks for people.
enum RunbooksText {
    /// One line a runbook.
    static func table(_ definitions: [RunbookDefinition], _ library: RunbookLibrary) -> String {
        var table = TextTable([("RUNBOOK", .left), ("TAKES", .left), ("DOES", .left), ("FROM", .left)])
        for (definition, source) in zip(definitions, library.sources) {
            table.append([definition.name, takes(definition), definition.summary, source.path ?? "built in"])
        }
        return table.lines(style: Style(hasColours: Terminal.hasColours)).joined(separator: "\n")
    }

    /// What a runbook takes, what it says of itself, and its text.
    static func page(_ definition: RunbookDefinition) -> String {
        let words = ["pgdr", "run", definition.name, takes(definition)].filter { !$0.isEmpty }
        var lines = [words.joined(separator: " "), ""]
        for parameter in definition.parameters {
            let value = parameter.defaultText.map { " (default: \($0.isEmpty ? "none" : $0))" } ?? ""
            lines.append("  \(parameter.name): \(parameter.help)\(value)")
        }
        return (lines + ["", definition.source]).joined(separator: "\n")
    }

    private static func takes(_ definition: RunbookDefinition) -> String {
        definition.parameters.map { $0.defaultText == nil ? $0.name.uppercased() : "[\($0.name.uppercased())]" }
            .joined(separator: " ")
    }
}

/// Runbooks as JSON.
struct RunbooksDocument: Encodable {
    private let definitions: [RunbookDefinition]
    private let library: RunbookLibrary

    init(_ definitions: [RunbookDefinition], _ library: RunbookLibrary) {
        self.definitions = definitions
        self.library = library
    }

    enum CodingKeys: String, CodingKey { case schema, runbooks }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        let items = zip(definitions, library.sources).map { Item(definition: $0, source: $1) }
        try container.encode(items, forKey: .runbooks)
    }

    private struct Item: Encodable {
        var definition: RunbookDefinition
        var source: RunbookLibrary.Source

        enum CodingKeys: String, CodingKey { case name, title, file, parameters }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(definition.name, forKey: .name)
            try container.encode(definition.summary, forKey: .title)
            try container.encode(source.path, forKey: .file)
            try container.encode(definition.parameters.map(Parameter.init), forKey: .parameters)
        }
    }

    private struct Parameter: Encodable {
        var parameter: RunbookDefinition.Parameter

        init(_ parameter: RunbookDefinition.Parameter) { self.parameter = parameter }

        enum CodingKeys: String, CodingKey { case name, help, `default`, accepts }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(parameter.name, forKey: .name)
            try container.encode(parameter.help, forKey: .help)
            try container.encode(parameter.defaultText, forKey: .default)
            try container.encode(parameter.kind.expectation, forKey: .accepts)
        }
    }
}
