import Configuration
import Postgres
package import Essentials

extension RunbookDefinition {
    /// Reads the text of a runbook's file.
    ///
    /// All that can be wrong without knowing a cluster is found here: keywords, arguments, names that nothing defines.
    /// - Parameters:
    ///   - name: the runbook's name.
    ///   - path: how errors name the file.
    /// - Throws: `configuration`, with line and column.
    package init(parsing text: String, name: String, path: String) throws(Failure) {
        guard let root = try YAMLDocument.read(text, path: path) else {
            throw Failure(.configuration, "\(path) is empty")
        }
        let fields = try root.fields(
            "a mapping with \"title\" and \"steps\"", for: name,
            known: ["title", "parameters", "unless", "questions", "requires", "steps"])
        guard let title = fields["title"], let stepList = fields["steps"] else {
            throw root.unexpected("both \"title\" and \"steps\"", for: name)
        }
        self.name = name
        self.title = try Template(title.singleLine("a line of text", for: "title"), at: title.location)
        comment = Self.headComment(of: text)
        source = text
        parameters = []
        for entry in try fields["parameters"]?.entries("a mapping of parameters", for: "parameters") ?? [] {
            parameters.append(try Parameter(entry))
        }
        unless = try [Call]("unless", of: fields, kind: "probe", among: Vocabulary.probes)
        questions = []
        for entry in try fields["questions"]?.entries("a mapping of questions", for: "questions") ?? [] {
            let taken = PlanValues.reserved + parameters.map(\.name)
            guard Template.isName(entry.key), !taken.contains(entry.key) else {
                throw .configuration(
                    at: entry.location, "invalid name of an answer\(entry.key.echo)", detail: Template.nameRule(taken))
            }
            let call = try Call(entry.value, among: Vocabulary.questions, kind: "question")
            questions.append(Question(name: entry.key, call: call))
        }
        requirements = []
        for value in try fields["requires"]?.elements("a list of probes", for: "requires") ?? [] {
            requirements.append(try Requirement(value))
        }
        steps = []
        for value in try stepList.elements("a list of steps", for: "steps") { steps.append(try Step(value)) }
        guard !steps.isEmpty else { throw stepList.unexpected("at least one step", for: "steps") }
        try checkNames()
    }

    /// The comment lines before anything else, without their signs.
    private static func headComment(of text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .prefix { $0.hasPrefix("#") }
            .map { line in String(line.dropFirst().first == " " ? line.dropFirst(2) : line.dropFirst()) }
            .joined(separator: "\n")
    }
}

extension RunbookDefinition.Parameter {
    init(_ entry: YAMLValue.Entry) throws(Failure) {
        guard Template.isName(entry.key), !PlanValues.reserved.contains(entry.key) else {
            throw .configuration(
                at: entry.location, "invalid parameter name\(entry.key.echo)",
                detail: Template.nameRule(PlanValues.reserved))
        }
        let fields = try entry.value.fields(
            "a mapping", for: entry.key, known: ["type", "default", "help", "choices"])
        name = entry.key
        location = entry.location
        help = try fields["help"]?.singleLine("a line of text", for: "help") ?? ""
        kind = try Self.kind(fields, of: entry)
        defaultText = nil
        if let value = fields["default"] {
            let text = try value.scalarText("a value", for: "default")
            // An empty one stands for no node.
            guard kind.accepts(text) || (kind == .node && text.isEmpty) else {
                throw value.unexpected("\(kind.expectation)", for: "default")
            }
            defaultText = text
        }
    }

    private static func kind(
        _ fields: YAMLValue.Fields, of entry: YAMLValue.Entry
    ) throws(Failure) -> RunbookDefinition.Parameter.Kind {
        let names = ["node", "text", "connection", "bytes", "duration", "integer", "flag", "choice"]
        let expected = quotedList(names, conjunction: "or")
        guard let type = fields["type"] else { throw entry.value.unexpected("\"type\"", for: entry.key) }
        switch try type.text(expected, for: "type") {
        case "node": return .node
        case "text": return .text
        case "connection": return .connection
        case "bytes": return .bytes
        case "duration": return .duration
        case "integer": return .integer
        case "flag": return .flag
        case "choice":
            var choices: [String] = []
            for value in try fields["choices"]?.elements("a list of words", for: "choices") ?? [] {
                choices.append(try value.text("a word", for: "choices"))
            }
            guard choices.count > 1 else { throw type.unexpected("\"choices\" beside it", for: "type") }
            return .choice(choices)
        default: throw type.unexpected(expected, for: "type")
        }
    }
}

extension RunbookDefinition.Parameter.Kind {
    /// Whether a text is one of its values; any node's name may be one.
    package func accepts(_ text: String) -> Bool {
        switch self {
        case .node: Name.isValid(text)
        case .text: !text.contains { $0.isNewline }
        case .connection: text.isEmpty || (try? ConnectionString(text)).map { !$0.containsPassword } ?? false
        case .bytes: UInt64(configuredBytes: text) != nil
        case .duration: Duration(configured: text) != nil
        case .integer: text.utf8.first != UInt8(ascii: "+") && UInt32(text) != nil
        case .flag: ["true", "false"].contains(text)
        case .choice(let choices): choices.contains(text)
        }
    }

    /// What it accepts, in words.
    package var expectation: String {
        switch self {
        case .node: "a node's name"
        case .text: "a text on one line"
        case .connection: "a connection string without a password (put that into ~/.pgpass)"
        case .bytes: "a size such as 16MB"
        case .duration: "a length of time such as 30s"
        case .integer: "a whole number"
        case .flag: "true or false"
        case .choice(let choices): quotedList(choices, conjunction: "or")
        }
    }
}

extension RunbookDefinition.Call {
    /// Reads `{keyword: arguments}`.
    init(_ value: YAMLValue, among entries: [Vocabulary.Entry], kind: String) throws(Failure) {
        guard case .mapping(let mapping) = value.content, mapping.count == 1, let entry = mapping.first else {
            throw value.unexpected("one \(kind), such as {\(entries[0].keyword): …}", for: kind)
        }
        try self.init(entry, among: entries, kind: kind)
    }

    /// Reads the keyword and its arguments.
    init(_ entry: YAMLValue.Entry, among entries: [Vocabulary.Entry], kind: String) throws(Failure) {
        guard let known = entries.first(where: { $0.keyword == entry.key }) else {
            let keywords = entries.map(\.keyword)
            let hint = NearestName.hint(for: entry.key, among: keywords)
            throw .configuration(
                at: entry.location, "there is no \(kind)\(entry.key.echo)",
                detail: hint == nil ? "There are \(quotedList(keywords))." : nil, hint: hint)
        }
        keyword = entry.key
        location = entry.location
        arguments = [:]
        switch entry.value.content {
        case .nothing: break
        case .mapping(let given):
            let names = known.arguments.map(\.name)
            for argument in given {
                guard let schema = known.arguments.first(where: { $0.name == argument.key }) else {
                    throw .configuration(
                        at: argument.location, "\"\(keyword)\" takes no\(argument.key.echo)",
                        detail: names.isEmpty ? "It takes nothing." : "It takes \(quotedList(names)).")
                }
                arguments[argument.key] = try RunbookDefinition.Argument(argument.value, schema, of: keyword)
            }
        case .text, .list:
            guard let first = known.arguments.first else {
                throw .configuration(at: entry.value.location, "\"\(keyword)\" takes nothing")
            }
            arguments[first.name] = try RunbookDefinition.Argument(entry.value, first, of: keyword)
        }
        for argument in known.arguments where argument.isRequired && arguments[argument.name] == nil {
            throw .configuration(at: entry.location, "\"\(keyword)\" needs \"\(argument.name)\"")
        }
    }
}

extension RunbookDefinition.Argument {
    init(_ value: YAMLValue, _ schema: Vocabulary.Argument, of keyword: String) throws(Failure) {
        switch schema.form {
        case .one: self = .one(try Template(value.scalarText("a text", for: schema.name), at: value.location))
        case .many:
            var templates: [Template] = []
            for element in try value.elements("a list of words", for: schema.name) {
                templates.append(try Template(element.scalarText("a word", for: schema.name), at: element.location))
            }
            self = .many(templates)
        case .verbatim:
            let text = try value.text("a statement", for: schema.name)
            guard !text.contains("${") else {
                throw .configuration(
                    at: value.location, "a statement takes no \"${}\"",
                    hint: "Write $1 in the statement and the value under \"parameters\".")
            }
            self = .one(try Template(text, at: value.location))
        }
    }
}

extension RunbookDefinition.Requirement {
    /// Reads a probe, perhaps with `for_each` and `except`, or `when`, beside it.
    init(_ value: YAMLValue) throws(Failure) {
        let keywords = Vocabulary.probes.map(\.keyword)
        let fields = try value.fields("a probe", for: "requires", known: ["for_each", "except", "when"] + keywords)
        let calls = fields.all.filter { keywords.contains($0.key) }
        guard calls.count == 1, let entry = calls.first else {
            throw value.unexpected("one probe such as {primary: {node: …}}", for: "requires")
        }
        call = try RunbookDefinition.Call(entry, among: Vocabulary.probes, kind: "probe")
        try call.checkNode()
        repetition = try RunbookDefinition.Repetition(fields)
        condition =
            try fields["when"].map { value throws(Failure) in try RunbookDefinition.Step.conditions(value) } ?? []
    }
}

extension RunbookDefinition.Repetition {
    /// Reads `for_each` and `except`; nil when there is no `for_each`.
    init?(_ fields: YAMLValue.Fields) throws(Failure) {
        nodes = try fields["for_each"]?.templates(for: "for_each") ?? []
        except = try fields["except"]?.templates(for: "except") ?? []
        if nodes.isEmpty {
            if let value = fields["for_each"] { throw value.unexpected("at least one node", for: "for_each") }
            guard let value = fields["except"] else { return nil }
            throw value.unexpected("\"for_each\" beside it", for: "except")
        }
    }
}

extension [RunbookDefinition.Call] {
    /// Reads a list of calls, or a single one; none where the key is absent.
    init(
        _ key: String, of fields: YAMLValue.Fields, kind: String, among entries: [Vocabulary.Entry]
    ) throws(Failure) {
        self = []
        guard let value = fields[key] else { return }
        if case .mapping = value.content {
            append(try RunbookDefinition.Call(value, among: entries, kind: kind))
            return
        }
        for element in try value.elements("a list of \(kind)s", for: key) {
            append(try RunbookDefinition.Call(element, among: entries, kind: kind))
        }
    }
}

extension YAMLValue {
    /// Texts with places to fill: a list, or one alone.
    func templates(for key: String) throws(Failure) -> [Template] {
        guard case .list(let list) = content else {
            return [try Template(singleLine("a name", for: key), at: location)]
        }
        var templates: [Template] = []
        for element in list {
            templates.append(try Template(element.singleLine("a name", for: key), at: element.location))
        }
        return templates
    }

    /// The text of a scalar, which may be empty.
    func scalarText(_ expected: String, for key: String) throws(Failure) -> String {
        guard case .text(let text) = content else { throw unexpected(expected, for: key) }
        return text
    }

    /// The text of a scalar of one line, not empty.
    func singleLine(_ expected: String, for key: String) throws(Failure) -> String {
        let text = try text(expected, for: key)
        guard !text.contains(where: \.isNewline) else { throw unexpected(expected, for: key) }
        return text
    }
}
