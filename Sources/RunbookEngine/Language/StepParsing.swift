import Configuration
import Essentials

extension RunbookDefinition.Step {
    private static let keys = [
        "name", "title", "for_each", "except", "on", "when", "requires", "unless", "verify", "timeout", "retry",
        "on_failure", "undo", "point_of_no_return",
    ]

    /// How long a step may take when it doesn't say.
    static let defaultTimeout: Duration = .seconds(60)

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
        forEach = try fields["for_each"].template(for: "for_each")
        on = try fields["on"].template(for: "on")
        except = []
        for element in try fields["except"]?.elements("a list of nodes", for: "except") ?? [] {
            except.append(try Template(element.text("a node", for: "except"), at: element.location))
        }
        condition = []
        if let value = fields["when"] { condition = try Self.conditions(value) }
        requirements = try [RunbookDefinition.Call](
            calls: fields["requires"], kind: "probe", among: Vocabulary.probes)
        unless = try fields["unless"].map { value throws(Failure) in
            try RunbookDefinition.Call(value, among: Vocabulary.probes, kind: "probe")
        }
        verification = try fields["verify"].map { value throws(Failure) in
            try RunbookDefinition.Call(value, among: Vocabulary.probes, kind: "probe")
        }
        timeout = try fields["timeout"].map { value throws(Failure) in
            guard let duration = Duration(configured: try value.text("a duration", for: "timeout")), duration > .zero
            else { throw value.unexpected("a duration such as 30s", for: "timeout") }
            return duration
        } ?? Self.defaultTimeout
        retries = try fields["retry"].map { value throws(Failure) in
            guard let count = Int(try value.text("a number", for: "retry")), (0...100).contains(count) else {
                throw value.unexpected("a number from 0 to 100", for: "retry")
            }
            return count
        } ?? 0
        onFailure = try fields["on_failure"].map { value throws(Failure) in
            let policies = RunbookDefinition.FailurePolicy.allCases.map(\.rawValue)
            let text = try value.text(quotedList(policies, conjunction: "or"), for: "on_failure")
            guard let policy = RunbookDefinition.FailurePolicy(rawValue: text) else {
                throw value.unexpected(quotedList(policies, conjunction: "or"), for: "on_failure")
            }
            return policy
        } ?? .abort
        undo = try [RunbookDefinition.Call](calls: fields["undo"], kind: "action", among: Vocabulary.actions)
        isPointOfNoReturn = try fields["point_of_no_return"].map { value throws(Failure) in
            let text = try value.text("true or false", for: "point_of_no_return")
            guard ["true", "false"].contains(text) else {
                throw value.unexpected("true or false", for: "point_of_no_return")
            }
            return text == "true"
        } ?? false
    }

    /// Reads `{value: ${x}, is: y}` or a list of such; all must hold.
    private static func conditions(_ value: YAMLValue) throws(Failure) -> [RunbookDefinition.Condition] {
        let values: [YAMLValue]
        if case .list(let list) = value.content { values = list } else { values = [value] }
        var conditions: [RunbookDefinition.Condition] = []
        for value in values {
            let fields = try value.fields("a mapping of \"value\" and \"is\"", for: "when", known: ["value", "is"])
            guard let subject = fields["value"], let accepted = fields["is"] else {
                throw value.unexpected("both \"value\" and \"is\"", for: "when")
            }
            let words: [YAMLValue]
            if case .list(let list) = accepted.content { words = list } else { words = [accepted] }
            var templates: [Template] = []
            for word in words { templates.append(try Template(word.scalarText("a value", for: "is"), at: word.location)) }
            conditions.append(
                RunbookDefinition.Condition(
                    value: try Template(subject.scalarText("a value", for: "value"), at: subject.location),
                    accepted: templates))
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
        if steps.count(where: \.isPointOfNoReturn) > 1,
            let second = steps.filter(\.isPointOfNoReturn).dropFirst().first
        {
            throw .configuration(at: second.location, "there is more than one point of no return")
        }
        var known = Set(["primary", "standbys", "nodes"] + parameters.map(\.name))
        for question in questions {
            try check(question.call.templates, known)
            known.insert(question.name)
        }
        for call in requirements { try check(call.templates, known) }
        for step in steps {
            let own = step.forEach == nil ? known : known.union(["node"])
            try check([step.forEach].compactMap(\.self) + step.except, known)
            let calls = [step.action, step.unless, step.verification].compactMap(\.self) + step.undo + step.requirements
            try check([step.title, step.on].compactMap(\.self) + calls.flatMap(\.templates), own)
            try check(step.condition.flatMap { [$0.value] + $0.accepted }, own)
        }
    }

    private func check(_ templates: [Template], _ known: Set<String>) throws(Failure) {
        for template in templates {
            for name in template.references where !known.contains(name) {
                throw .configuration(
                    at: template.location, "nothing is called\(name.echo)",
                    detail: "There are \(quotedList(known.sorted())).",
                    hint: NearestName.hint(for: name, among: known.sorted()))
            }
        }
    }
}

extension RunbookDefinition.Call {
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
