internal import Configuration
package import Essentials

/// Makes a plan from a runbook, the values given, and what the nodes said: no clock, no socket, no file.
package struct Planner {
    let definition: RunbookDefinition
    let facts: PlanningFacts
    var values: PlanValues
    let parameters: [String: String]

    /// A planner of one runbook.
    /// - Throws: `usage`-like `configuration` failures for values that are missing, unknown or not of their kind.
    package init(
        _ definition: RunbookDefinition, given: [String: String], facts: PlanningFacts
    ) throws(Failure) {
        self.definition = definition
        self.facts = facts
        parameters = try definition.completed(given, in: facts.cluster)
        values = PlanValues(facts, parameters: parameters)
    }

    /// What shows that nothing is left to do; nil when the runbook names nothing.
    package func nothingLeft() throws(Failure) -> Probe? { try all(definition.unless, on: nil) }

    /// The plan of a run in which nothing is left to do.
    package func emptyPlan(because found: ProbeResult) -> Plan {
        Plan(
            runbook: definition.name, title: (try? values.text(definition.title)) ?? definition.summary,
            cluster: facts.cluster.name, parameters: parameters, answers: [:],
            requirements: [
                Plan.Requirement(
                    title: "nothing is left to do", probe: .known(true, evidence: found.evidence), result: found)
            ], steps: [])
    }

    /// The plan, its requirements not asked yet.
    package mutating func plan() throws(Failure) -> Plan {
        var answers: [String: String] = [:]
        var requirements: [Plan.Requirement] = []
        for question in definition.questions {
            let (answer, requirement) = try self.answer(question.call)
            answers[question.name] = answer
            values[question.name] = .text(answer)
            if let requirement { requirements.append(requirement) }
        }
        for requirement in definition.requirements { requirements += try planned(requirement) }
        var steps: [PlannedStep] = []
        for (group, step) in definition.steps.enumerated() { steps += try planned(step, group) }
        // From there on nothing is taken back.
        if let end = steps.firstIndex(where: \.isPointOfNoReturn) {
            for index in steps[end...].indices { steps[index].undo = [] }
        }
        return Plan(
            runbook: definition.name, title: try values.text(definition.title), cluster: facts.cluster.name,
            parameters: parameters, answers: answers, requirements: requirements, steps: steps)
    }

    /// Answers the questions before one, those that can be answered yet.
    mutating func answerWhatCanBe(before name: String) {
        for question in definition.questions.prefix(while: { $0.name != name }) {
            guard let answer = try? answer(question.call).0 else { continue }
            values[question.name] = .text(answer)
        }
    }

    private func planned(_ requirement: RunbookDefinition.Requirement) throws(Failure) -> [Plan.Requirement] {
        guard let repetition = requirement.repetition else {
            return try areSo(requirement.condition) ? [try asked(requirement.call)] : []
        }
        var requirements: [Plan.Requirement] = []
        for node in try values.nodes(repetition) {
            let planner = at(node)
            guard try planner.areSo(requirement.condition) else { continue }
            requirements.append(try planner.asked(requirement.call))
        }
        return requirements
    }

    /// A requirement that isn't asked yet; one that can't even be asked doesn't hold.
    private func asked(_ call: RunbookDefinition.Call) throws(Failure) -> Plan.Requirement {
        let probe: Probe
        do throws(Failure) { probe = try self.probe(call, on: nil) } catch {
            guard error.code == .refused else { throw error }
            probe = .known(false, evidence: error.text)
        }
        return Plan.Requirement(
            title: requirementTitle(call), probe: probe, result: ProbeResult(nil, "not asked yet"))
    }

    /// The same planner with `${node}` set.
    private func at(_ node: String) -> Planner {
        var planner = self
        planner.values["node"] = .text(node)
        return planner
    }

    private func planned(_ step: RunbookDefinition.Step, _ group: Int) throws(Failure) -> [PlannedStep] {
        guard isConfigured(step.action) else { return [] }
        guard let repetition = step.repetition else {
            guard try areSo(step.condition) else { return [] }
            return [try planned(step, group, id: step.name)]
        }
        var steps: [PlannedStep] = []
        for node in try values.nodes(repetition) {
            let planner = at(node)
            guard try planner.areSo(step.condition) else { continue }
            steps.append(try planner.planned(step, group, id: "\(step.name)[\(node)]"))
        }
        return steps
    }

    private func areSo(_ conditions: [RunbookDefinition.Condition]) throws(Failure) -> Bool {
        for condition in conditions {
            let value = try values.text(condition.value)
            var compared: [String] = []
            for template in condition.compared { compared.append(try values.text(template)) }
            guard compared.contains(value) == condition.isPlannedForThem else { return false }
        }
        return true
    }

    private func planned(
        _ step: RunbookDefinition.Step, _ group: Int, id: String
    ) throws(Failure) -> PlannedStep {
        let node = try step.on.map { template throws(Failure) in try values.node(template) }
        let operation = try operation(step.action, on: node)
        var requirements: [Probe] = []
        for call in step.requirements { requirements.append(try probe(call, on: node)) }
        var undo = operation.undo
        if let calls = step.undo {
            undo = []
            for call in calls {
                // A server that was told to stop may hang on its way down.
                if call.keyword == "start", let node {
                    undo += try facts.startAgain(node)
                } else {
                    undo += try self.operation(call, on: node).asUndo
                }
            }
        }
        let timeout = try values.text(step.timeout)
        guard let duration = Duration(configured: timeout), duration > .zero else {
            throw .configuration(
                at: step.timeout.location, "expected a duration such as 30s for \"timeout\"\(timeout.echo)")
        }
        return PlannedStep(
            id: id,
            title: try step.title.map { template throws(Failure) in try values.text(template) } ?? operation.title,
            node: node, action: step.action.keyword, group: group, requirements: requirements, guards: operation.guards,
            unless: try all(step.unless, on: node) ?? operation.unless, acts: operation.acts,
            verification: try all(step.verification, on: node) ?? operation.verification,
            timeout: max(duration.seconds, operation.leastTimeout), retries: step.retries, onFailure: step.onFailure,
            undo: undo, isRepeatable: step.isRepeatable || operation.isRepeatable,
            isPointOfNoReturn: step.isPointOfNoReturn)
    }

    /// One probe of several; nil of none.
    private func all(_ calls: [RunbookDefinition.Call], on node: String?) throws(Failure) -> Probe? {
        var probes: [Probe] = []
        for call in calls { probes.append(try probe(call, on: node)) }
        return probes.count > 1 ? .all(probes) : probes.first
    }

    /// A call's argument as text, nil when it isn't given.
    func argument(_ name: String, of call: RunbookDefinition.Call) throws(Failure) -> String? {
        guard case .one(let template) = call.arguments[name] else { return nil }
        return try values.text(template)
    }

    /// A statement's text, which is never filled.
    func statement(of call: RunbookDefinition.Call) -> String {
        guard case .one(let template) = call.arguments["statement"] else { return "" }
        return template.parts.map { if case .literal(let text) = $0 { text } else { "" } }.joined()
    }

    /// A call's list argument.
    func list(_ name: String, of call: RunbookDefinition.Call) throws(Failure) -> [String] {
        guard case .many(let templates) = call.arguments[name] else { return [] }
        var words: [String] = []
        for template in templates { words.append(try values.text(template)) }
        return words
    }

    /// A call's argument as the name of a node; `on` where it isn't given.
    func node(_ name: String, of call: RunbookDefinition.Call, on: String? = nil) throws(Failure) -> String {
        guard case .one(let template) = call.arguments[name] else {
            guard let on else {
                throw .configuration(
                    at: call.location, "\"\(call.keyword)\" needs a node",
                    hint: name == "node" ? "Say \"node\" in it or \"on\" in the step." : nil)
            }
            return on
        }
        return try values.node(template)
    }

    private func requirementTitle(_ call: RunbookDefinition.Call) -> String {
        let help = Vocabulary.probes.first { $0.keyword == call.keyword }?.help ?? call.keyword
        func named(_ name: String) -> String? {
            guard case .one(let template) = call.arguments[name] else { return nil }
            return try? values.text(template)
        }
        let other = ["from", "with", "of", "as", "source", "upstream"].lazy.compactMap(named).first
        let title = named("node").map { "\($0): \(help)" } ?? help
        return other.map { "\(title) (\($0))" } ?? title
    }
}

extension RunbookDefinition {
    /// The values of all parameters: those given, checked, and the defaults of the others.
    func completed(
        _ given: [String: String], in cluster: ClusterConfiguration
    ) throws(Failure) -> [String: String] {
        let names = parameters.map(\.name)
        for name in given.keys.sorted() where !names.contains(name) {
            throw Failure(
                .configuration, "runbook \"\(self.name)\" takes no\(name.echo)",
                detail: names.isEmpty ? "It takes nothing." : "It takes \(quotedList(names)).",
                hint: NearestName.hint(for: name, among: names))
        }
        var values: [String: String] = [:]
        for parameter in parameters {
            guard let text = given[parameter.name] ?? parameter.defaultText else {
                throw Failure(
                    .configuration, "runbook \"\(name)\" needs \"\(parameter.name)\"",
                    detail: parameter.help.isEmpty ? nil : "\(parameter.help).",
                    hint: "Give it with: --set \(parameter.name)=…, \(parameter.kind.expectation)")
            }
            if case .node = parameter.kind {
                // An empty default stands for no node.
                if !text.isEmpty || parameter.defaultText != "" { _ = try cluster.existingNode(named: text) }
            } else if !parameter.kind.accepts(text) {
                throw Failure(
                    .configuration,
                    "invalid value for \"\(parameter.name)\"\(parameter.kind == .connection ? "" : text.echo)",
                    detail: "Expected \(parameter.kind.expectation).")
            }
            values[parameter.name] = text
        }
        return values
    }
}
