import Testing

@testable import RunbookEngine

struct AcceptedRunbookTests {
    private func theStep(_ lines: String...) throws -> RunbookDefinition.Step {
        let text = (["title: T", "steps:", "  - name: a"] + lines.map { "    \($0)" }).joined(separator: "\n")
        return try #require(try runbook(text).steps.first)
    }

    private func texts(_ templates: [Template]) -> [[Template.Part]] { templates.map(\.parts) }

    private func text(_ argument: RunbookDefinition.Argument?) -> [Template.Part]? {
        if case .one(let template) = argument { template.parts } else { nil }
    }

    @Test func aWholeRunbook() throws {
        let definition = try runbook(
            """
            # What it does.
            #
            #   Indented.
            title: Bring ${n} to ${answer}
            # Not of the head.
            parameters:
              n: {type: node, help: The node}
              size: {type: bytes, default: 16MB}
              how: {type: choice, choices: [fast, "slow"], default: slow}
            questions:
              answer: {upstream_of: "${n}"}
            requires:
              - primary: ${primary}
              - can_replicate: {node: "${node}", from: "${n}"}
                for_each: ["${primary}", "${followers}"]
                except: ${n}
            steps:
              - name: one
                on: ${n}
                checkpoint:
            """)
        #expect(definition.name == "own")
        #expect(definition.comment == "What it does.\n\n  Indented.")
        #expect(definition.summary == "Bring N to ANSWER")
        #expect(definition.parameters.map(\.name) == ["n", "size", "how"])
        #expect(definition.parameters.map(\.kind) == [.node, .bytes, .choice(["fast", "slow"])])
        #expect(definition.parameters.map(\.defaultText) == [nil, "16MB", "slow"])
        #expect(definition.parameters.map(\.help) == ["The node", "", ""])
        #expect(definition.questions.map(\.name) == ["answer"])
        #expect(definition.requirements.map(\.call.keyword) == ["primary", "can_replicate"])
        #expect(definition.requirements[0].repetition == nil)
        let repetition = try #require(definition.requirements[1].repetition)
        #expect(texts(repetition.nodes).count == 2)
        #expect(texts(repetition.except) == [[.reference(name: "n", attribute: nil)]])
    }

    @Test func whatAStepDoesNotSay() throws {
        let step = try theStep("wait: 1s")
        #expect(step.title == nil && step.on == nil && step.repetition == nil && step.condition.isEmpty)
        #expect(step.requirements.isEmpty && step.unless.isEmpty && step.verification.isEmpty)
        #expect(step.timeout.parts == [.literal("60s")])
        #expect(step.retries == 0)
        #expect(step.onFailure == .abort)
        #expect(step.undo == nil)
        #expect(!step.isPointOfNoReturn)
        #expect("\(step.location)" == "own.yaml:3:5")
    }

    /// Where an action takes arguments, the first may be given alone.
    @Test(arguments: [
        "wait: 1s", "wait: {for: 1s}", "notify: x", "notify: {text: x}", "on: ${primary}\n    stop:",
        "on: ${primary}\n    stop: immediate", "on: ${primary}\n    stop: {mode: immediate}",
        "on: ${primary}\n    stop: {}", "on: ${primary}\n    repoint: ${primary}", "local: [a, b]",
        "local: {words: [a, b]}", "on: ${primary}\n    ssh: [a]", "on: ${primary}\n    sql: SELECT 1",
        "on: ${primary}\n    sql: {statement: SELECT $1, parameters: [\"${primary}\"], expect: \"\"}",
    ]) func actions(lines: String) throws {
        let step = try theStep(lines)
        let known = try #require(Vocabulary.actions.first { $0.keyword == step.action.keyword })
        for argument in known.arguments where argument.isRequired {
            #expect(step.action.arguments[argument.name] != nil)
        }
    }

    @Test func theFirstArgumentAlone() throws {
        #expect(text(try theStep("wait: 1s").action.arguments["for"]) == [.literal("1s")])
        let step = try theStep("on: ${primary}", "stop: immediate")
        #expect(text(step.action.arguments["mode"]) == [.literal("immediate")])
        #expect(try theStep("on: ${primary}", "stop:").action.arguments.isEmpty)
        guard case .many(let words) = try theStep("local: [a, \"${primary}\"]").action.arguments["words"] else {
            Issue.record("no list")
            return
        }
        #expect(texts(words) == [[.literal("a")], [.reference(name: "primary", attribute: nil)]])
    }

    @Test func listsAndSingleCalls() throws {
        let one = try theStep("on: ${primary}", "verify: {writable: }", "requires: {stopped: }", "start:")
        #expect(one.verification.map(\.keyword) == ["writable"])
        #expect(one.requirements.map(\.keyword) == ["stopped"])
        let several = try theStep("on: ${primary}", "verify: [{writable: }, {primary: }]", "unless: []", "start:")
        #expect(several.verification.map(\.keyword) == ["writable", "primary"])
        #expect(several.unless.isEmpty)
        let block = try theStep("on: ${primary}", "verify:", "  streams: {from: \"${primary}\"}", "start:")
        #expect(block.verification.map(\.keyword) == ["streams"])
    }

    /// To need no taking back is not the same as to leave it to the action.
    @Test func undo() throws {
        #expect(try theStep("on: ${primary}", "stop:").undo == nil)
        #expect(try theStep("on: ${primary}", "stop:", "undo: []").undo == [])
        #expect(try theStep("on: ${primary}", "stop:", "undo: {start: }").undo?.map(\.keyword) == ["start"])
        let two = try theStep("on: ${primary}", "fence:", "undo:", "  - unfence:", "  - start:")
        #expect(two.undo?.map(\.keyword) == ["unfence", "start"])
    }

    @Test func repetition() throws {
        let step = try theStep(
            "for_each: ${followers}", "except: [\"${primary}\", nas-2]", "on: ${node}", "checkpoint:")
        #expect(texts(step.repetition?.nodes ?? []) == [[.reference(name: "followers", attribute: nil)]])
        #expect(
            texts(step.repetition?.except ?? [])
                == [[.reference(name: "primary", attribute: nil)], [.literal("nas-2")]])
    }

    @Test func conditions() throws {
        let one = try theStep("when: {value: \"${primary}\", is: a}", "wait: 1s")
        #expect(one.condition.map(\.isPlannedForThem) == [true])
        #expect(texts(one.condition[0].compared) == [[.literal("a")]])
        let several = try theStep(
            "when:", "  - {value: \"${primary}\", is: [a, \"\"]}", "  - {value: x, is_not: \"${primary}\"}", "wait: 1s")
        #expect(several.condition.map(\.isPlannedForThem) == [true, false])
        #expect(texts(several.condition[0].compared) == [[.literal("a")], []])
    }

    @Test(arguments: [("timeout: 2min", "2min"), ("timeout: 1.5s", "1.5s"), ("timeout: 500ms", "500ms")])
    func timeouts(line: String, text: String) throws {
        #expect(try theStep(line, "wait: 1s").timeout.parts == [.literal(text)])
    }

    /// Whether it is a length of time is known only when its value is.
    @Test func timeoutWithAReference() throws {
        let definition = try runbook(
            "title: T\nparameters: {t: {type: duration}}\nsteps: [{name: a, wait: 1s, timeout: \"${t}\"}]\n")
        #expect(definition.steps[0].timeout.parts == [.reference(name: "t", attribute: nil)])
    }

    @Test func theRest() throws {
        let step = try theStep(
            "title: To ${primary}", "retry: 3", "on_failure: continue", "wait: 1s")
        #expect(step.title?.references == ["primary"])
        #expect(step.retries == 3)
        #expect(step.onFailure == .continue)
        #expect(!step.isPointOfNoReturn)
        #expect(try theStep("point_of_no_return: true", "wait: 1s").isPointOfNoReturn)
        #expect(try !theStep("point_of_no_return: false", "wait: 1s").isPointOfNoReturn)
    }

    @Test(arguments: [
        "{type: node}", "{type: node, default: \"\"}", "{type: node, default: nas-1}", "{type: text, default: \"\"}",
        "{type: text, default: a b}", "{type: bytes, default: 0B}", "{type: duration, default: 30s}",
        "{type: integer, default: 0}", "{type: flag, default: \"false\"}", "{type: flag, default: true}",
        "{type: choice, choices: [a, b], default: b}", "{type: connection, default: host=h user=u}",
        "{type: connection, default: \"\"}",
    ]) func parameters(text: String) throws {
        #expect(try runbook(parameter(text)).parameters.count == 1)
    }

    /// `$$` before a brace is no reference, in a dollar-quoted statement it is one quote.
    @Test func statementsStandAsTheyAre() throws {
        let step = try theStep("on: ${primary}", "sql: DO $$ BEGIN PERFORM $1; END $$")
        #expect(text(step.action.arguments["statement"]) == [.literal("DO $$ BEGIN PERFORM $1; END $$")])
    }
}
