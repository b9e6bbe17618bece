import Configuration
import Essentials

extension RunbookDefinition.Step {
    private static let keys = [
        "name", "title", "for_each", "except", "on", "when", "requires", "unless", "verify", "timeout", "retry",
        "on_failure", "undo", "repeatable", "point_of_no_return",
    ]

    /// How long a step may take when it doesn't say.
    static let defaultTimeout = "60s"

    init(_ value: YAMLValue) throws(Failure) {
        let actions = Vocabulary.actions.map(\.keyword)
        let fields = try value.fields("a mapping", for: "steps", known: Self.keys + actions)
        location = value.location
        guard let nameValue = fields["name"] else { throw value.unexpected("\"name\"", for: "steps") }
        name = try nameValue.text("a name", for: "name")
        guard Name.isValid(name) else {
            throw .configuration(at: nameValue.location, "invalid step name\(name.echo)", detail: Name.rule)
        }
        let acting = fields.all.filter { actions.contains($0.key) }
        guard acting.count == 1, let entry = acting.first else {
            throw .configuration(
                at: acting.last?.location ?? value.location,
                acting.isEmpty
                    ? "step \"\(name)\" does nothing"
                    : "step \"\(name)\" does more than one thing: \(quotedList(acting.map(\.key)))",
                detail: acting.isEmpty ? "It takes one of \(quotedList(actions, conjunction: "or"))." : nil)
        }
        action = try RunbookDefinition.Call(entry, among: Vocabulary.actions, kind: "action")
        title = try fields["title"].template(for: "title")
        repetition = try RunbookDefinition.Repetition(fields)
        on = try fields["on"].template(for: "on")
        condition = []
        if let value = fields["when"] { condition = try Self.conditions(value) }
        requirements = try [RunbookDefinition.Call](
            "requires", of: fields, kind: "probe", among: Vocabulary.probes)
        unless = try [RunbookDefinition.Call]("unless", of: fields, kind: "probe", among: Vocabulary.probes)
        verification = try [RunbookDefinition.Call]("verify", of: fields, kind: "probe", among: Vocabulary.probes)
        timeout =
            try fields["timeout"].template(for: "timeout")
            ?? Template(literal: Self.defaultTimeout, at: value.location)
        if timeout.references.isEmpty, case .literal(let text) = timeout.parts.first,
            Duration(configured: text) ?? .zero <= .zero
        {
            throw .configuration(at: timeout.location, "expected a duration such as 30s for \"timeout\"\(text.echo)")
        }
        retries =
            try fields["retry"].map { value throws(Failure) in
                guard let count = Int(try value.text("a number", for: "retry")), (0...100).contains(count) else {
                    throw value.unexpected("a number from 0 to 100", for: "retry")
                }
                return count
            } ?? 0
        onFailure =
            try fields["on_failure"].map { value throws(Failure) in
                let policies = RunbookDefinition.FailurePolicy.allCases.map(\.rawValue)
                let text = try value.text(quotedList(policies, conjunction: "or"), for: "on_failure")
                guard let policy = RunbookDefinition.FailurePolicy(rawValue: text) else {
                    throw value.unexpected(quotedList(policies, conjunction: "or"), for: "on_failure")
                }
                return policy
            } ?? .abort
        undo =
            fields["undo"] == nil
            ? nil : try [RunbookDefinition.Call]("undo", of: fields, kind: "action", among: Vocabulary.actions)
        isRepeatable = try Self.flag("repeatable", in: fields)
        isPointOfNoReturn = try Self.flag("point_of_no_return", in: fields)
        try checkNodes()
    }

    /// Refuses actions and probes that need a node and are given none.
    private func checkNodes() throws(Failure) {
        guard on == nil else { return }
        for call in [action] + (undo ?? []) where !Vocabulary.actionsWithoutNode.contains(call.keyword) {
            throw .configuration(at: call.location, "\"\(call.keyword)\" needs \"on\", the node it acts on")
        }
        for call in requirements + unless + verification { try call.checkNode() }
    }

    private static func flag(_ key: String, in fields: YAMLValue.Fields) throws(Failure) -> Bool {
        try fields[key]?.flag(for: key) ?? false
    }

    /// Reads `{value: ${x}, is: y}` or `{value: ${x}, is_not: y}`, or a list of such; all must hold.
    static func conditions(_ value: YAMLValue) throws(Failure) -> [RunbookDefinition.Condition] {
        let values: [YAMLValue]
        if case .list(let list) = value.content { values = list } else { values = [value] }
        var conditions: [RunbookDefinition.Condition] = []
        for value in values {
            let fields = try value.fields(
                "a mapping of \"value\" and \"is\"", for: "when", known: ["value", "is", "is_not"])
            guard let subject = fields["value"], let compared = fields["is"] ?? fields["is_not"], fields.all.count == 2
            else { throw value.unexpected("\"value\" and one of \"is\" and \"is_not\"", for: "when") }
            let words: [YAMLValue]
            if case .list(let list) = compared.content { words = list } else { words = [compared] }
            var templates: [Template] = []
            for word in words {
                templates.append(try Template(word.scalarText("a value", for: "is"), at: word.location))
            }
            conditions.append(
                RunbookDefinition.Condition(
                    value: try Template(subject.scalarText("a value", for: "value"), at: subject.location),
                    compared: templates, isPlannedForThem: fields["is"] != nil))
        }
        return conditions
    }
}

extension YAMLValue? {
    /// A line of text with places to fill; nil when there is none.
    fileprivate func template(for key: String) throws(Failure) -> Template? {
        guard let self else { return nil }
        return try Template(self.singleLine("a line of text", for: key), at: self.location)
    }
}

extension RunbookDefinition {
    /// Refuses names that are used twice, and references to what nothing defines.
    func checkNames() throws(Failure) {
        var seen: Set<String> = []
        for step in steps {
            guard seen.insert(step.name).inserted else {
                throw .configuration(at: step.location, "there are two steps called \"\(step.name)\"")
            }
        }
        var known = Set(PlanValues.builtIn + parameters.map(\.name))
        try check(unless.flatMap(\.templates), known)
        for question in questions {
            try check(question.call.templates, known)
            known.insert(question.name)
        }
        try check([title], known)
        for requirement in requirements {
            let own = try names(known, with: requirement.repetition)
            try check(requirement.call.templates + requirement.condition.templates, own)
        }
        for step in steps {
            let own = try names(known, with: step.repetition)
            let calls = [step.action] + step.unless + step.verification + (step.undo ?? []) + step.requirements
            try check([step.title, step.on].compactMap(\.self) + calls.flatMap(\.templates), own)
            try check([step.timeout] + step.condition.templates, own)
        }
    }

    private func names(_ known: Set<String>, with repetition: Repetition?) throws(Failure) -> Set<String> {
        guard let repetition else { return known }
        try check(repetition.nodes + repetition.except, known)
        return known.union(["node"])
    }

    private func check(_ templates: [Template], _ known: Set<String>) throws(Failure) {
        for template in templates {
            for name in template.references where !known.contains(name) {
                throw .configuration(
                    at: template.location, "nothing is called\(name.echo)",
                    detail: "There are \(quotedList(known.sorted())).",
                    hint: NearestName.hint(for: name, among: known.sorted()))
            }
            for case .reference(_, let attribute?) in template.parts where !PlanValues.attributes.contains(attribute) {
                throw .configuration(
                    at: template.location, "a node has no\(attribute.echo)",
                    detail: "It has \(quotedList(PlanValues.attributes)).",
                    hint: NearestName.hint(for: attribute, among: PlanValues.attributes))
            }
        }
    }
}

extension [RunbookDefinition.Condition] {
    /// All texts in them.
    fileprivate var templates: [Template] { flatMap { [$0.value] + $0.compared } }
}

extension RunbookDefinition.Call {
    /// Refuses a probe that needs a node and names none, where no step gives it one.
    func checkNode() throws(Failure) {
        let needsNode = Vocabulary.probes.contains { entry in
            entry.keyword == keyword && entry.arguments.contains { $0.name == "node" }
        }
        guard needsNode, arguments["node"] == nil else { return }
        throw .configuration(at: location, "\"\(keyword)\" needs \"node\"")
    }

    /// All texts in its arguments.
    var templates: [Template] {
        arguments.sorted { $0.key < $1.key }.flatMap { argument in
            switch argument.value {
            case .one(let template): [template]
            case .many(let templates): templates
            }
        }
    }
}
