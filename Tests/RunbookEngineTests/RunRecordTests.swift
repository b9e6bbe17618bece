import Essentials
import Testing

@testable import Audit
@testable import RunbookEngine

struct RunRecordTests {
    /// A plan of three steps, the second of which is the point of no return.
    private static let plan: Plan = {
        let steps = ["a", "b", "c"].enumerated().map { index, name in
            PlannedStep(
                id: name, title: name, node: "nas-1", action: "wait", group: index, requirements: [], guards: [],
                unless: nil,
                acts: [.pause(0.5)], verification: nil, timeout: 60, retries: 0, onFailure: .abort, undo: [],
                isRepeatable: true, isPointOfNoReturn: index == 1)
        }
        return Plan(
            runbook: "own", title: "T", cluster: "shop", parameters: ["p": ""], answers: [:], requirements: [],
            steps: steps)
    }()

    private static func event(
        _ name: String, run: String? = "r1", step: String? = nil, message: String? = nil, at: String = "2"
    ) -> AuditEvent {
        var details: [String: AuditValue] = [:]
        details["step"] = step.map { .text($0) }
        details["message"] = message.map { .text($0) }
        return AuditEvent(
            seq: 1, at: at, actor: "ann", host: "h", cluster: "shop", run: run, event: name, node: nil,
            details: .object(details), prev: "")
    }

    private static func planned(_ run: String) throws -> AuditEvent {
        var event = event("run.planned", run: run, at: "1")
        event.details = ["plan": try plan.auditValue]
        return event
    }

    /// Events after the plan, and what they come to.
    struct Row: Sendable, CustomTestStringConvertible {
        var events: [(String, String?)]
        var states: [RunRecord.StepState]
        var phase: RunRecord.Phase
        var isBeyondReturn: Bool
        var testDescription: String { events.map { "\($0.0)(\($0.1 ?? ""))" }.joined(separator: " ") }

        init(
            _ events: [(String, String?)], _ states: [RunRecord.StepState], _ phase: RunRecord.Phase = .forward,
            beyond isBeyondReturn: Bool = false
        ) {
            self.events = events
            self.states = states
            self.phase = phase
            self.isBeyondReturn = isBeyondReturn
        }
    }

    @Test(arguments: [
        Row([], [.pending, .pending, .pending]),
        Row([("step.started", "a")], [.started, .pending, .pending]),
        Row([("step.started", "a"), ("step.done", "a")], [.done, .pending, .pending]),
        Row([("step.started", "a"), ("step.skipped", "a")], [.skipped, .pending, .pending]),
        Row([("step.started", "a"), ("step.failed", "a")], [.failed, .pending, .pending]),
        Row(
            [("step.started", "a"), ("step.failed", "a"), ("run.undoing", nil)], [.failed, .pending, .pending],
            .backward),
        Row(
            [("step.started", "a"), ("run.undoing", nil), ("undo.started", "a")], [.undoing, .pending, .pending],
            .backward),
        Row(
            [("run.undoing", nil), ("undo.started", "a"), ("undo.failed", "a"), ("run.failed", nil)],
            [.undoFailed, .pending, .pending], .backward),
        Row(
            [("run.undoing", nil), ("undo.started", "a"), ("undo.done", "a"), ("run.undone", nil)],
            [.undone, .pending, .pending], .undone),
        // The point of no return counts from when it may have been passed.
        Row([("step.done", "a"), ("step.started", "b")], [.done, .started, .pending], beyond: true),
        Row(
            [("step.done", "a"), ("step.failed", "b"), ("run.failed", nil)], [.done, .failed, .pending], beyond: true),
        Row([("step.done", "a"), ("step.done", "b")], [.done, .done, .pending], beyond: true),
        // Found done is as good as done.
        Row([("step.done", "a"), ("step.skipped", "b")], [.done, .skipped, .pending], beyond: true),
        // What was refused before it acted was not begun.
        Row([("step.started", "b"), ("step.refused", "b")], [.pending, .refused, .pending]),
        Row(
            [("step.refused", "b"), ("run.resumed", nil), ("step.started", "b")], [.pending, .started, .pending],
            beyond: true),
        Row(
            [("step.done", "a"), ("step.done", "b"), ("step.done", "c"), ("run.done", nil)], [.done, .done, .done],
            .done, beyond: true),
        Row([("step.started", "a"), ("run.stopped", nil), ("run.resumed", nil)], [.started, .pending, .pending]),
        // What this version doesn't know is passed over.
        Row([("step.postponed", "a"), ("step.done", "x"), ("step.done", nil)], [.pending, .pending, .pending]),
    ])
    func follows(_ row: Row) throws {
        var record = RunRecord(id: "r1", plan: Self.plan, at: "1", actor: "ann")
        for (name, step) in row.events { record.apply(Self.event(name, step: step)) }
        #expect(record.steps == row.states)
        #expect(record.phase == row.phase)
        #expect(record.isBeyondReturn == row.isBeyondReturn)
        #expect(record.isUnfinished == (row.phase == .forward || row.phase == .backward))
        #expect(record.lastAt == (row.events.isEmpty ? "1" : "2"))
        #expect(record.beganAt == "1")
    }

    @Test func otherRunsAreLeftAside() throws {
        var record = RunRecord(id: "r1", plan: Self.plan, at: "1", actor: "ann")
        record.apply(Self.event("step.done", run: "r2", step: "a"))
        record.apply(Self.event("run.done", run: nil))
        #expect(record == RunRecord(id: "r1", plan: Self.plan, at: "1", actor: "ann"))
    }

    @Test func theLastMessageStays() {
        var record = RunRecord(id: "r1", plan: Self.plan, at: "1", actor: "ann")
        #expect(record.failure == nil)
        record.apply(Self.event("step.failed", step: "a", message: "first"))
        record.apply(Self.event("undo.failed", step: "a", message: "second"))
        record.apply(Self.event("run.resumed"))
        #expect(record.failure == "second")
    }

    @Test func everyEventOfAStepHasAState() {
        for event in RunEvent.allCases {
            #expect((event.stepState == nil) == event.rawValue.hasPrefix("run."), "\(event)")
        }
    }

    @Test func twoRunsInOneLog() throws {
        let ledger = RunLedger([
            Self.event("step.done", run: "r0", step: "a"), try Self.planned("r1"),
            Self.event("step.done", run: "r1", step: "a"), try Self.planned("r2"),
            Self.event("step.failed", run: "r1", step: "b"), Self.event("step.done", run: "r2", step: "a"),
            Self.event("audit.rotated", run: nil), Self.event("run.refused", run: "r3"),
            Self.event("run.done", run: "r2", at: "3"),
        ])
        #expect(ledger.records.map(\.id) == ["r1", "r2"])
        #expect(ledger.records.map(\.steps) == [[.done, .failed, .pending], [.done, .pending, .pending]])
        #expect(ledger.records.map(\.phase) == [.forward, .done])
        #expect(ledger.records.map(\.lastAt) == ["2", "3"])
        #expect(ledger.records.map(\.plan) == [Self.plan, Self.plan])
    }

    @Test func aPlanOfAnotherVersionIsNoRun() {
        var event = Self.event("run.planned")
        for plan: AuditValue? in [nil, nil, "x", [:], ["runbook": "own"]] {
            event.details = plan.map { ["plan": $0] } ?? [:]
            #expect(RunLedger([event]).records.isEmpty)
        }
    }

    /// A number without a fraction comes back from JSON as a whole one.
    @Test(arguments: [0, 0.25, 1, 60, 172_800, 1e15, 1e-7]) func numbersSurvive(seconds: Double) throws {
        var plan = Self.plan
        plan.steps[0].timeout = seconds
        plan.steps[0].acts = [
            .pause(seconds),
            .ladder([Act.Rung(acts: [], patience: seconds)], until: .known(true, evidence: "1")),
        ]
        #expect(Plan(auditValue: try plan.auditValue) == plan)
    }

    /// The log writes its own JSON, from which the plan is read again.
    @Test func everythingSurvives() throws {
        let statement = Statement("SELECT $1", on: "n", ["a", nil, ""], expected: "", tolerating: ["42704"])
        let command = RemoteCommand(
            "n", become: ["sudo", "-n"], ["sh", "-c", "'\"\n\u{1}\\\u{7F}'\u{301}", ""], input: "é\r\n\t",
            progress: .kilobytes)
        let ballot = Ballot(
            name: "1-1", nominee: "a", reads: [command], unasked: [.init(voter: "b", reason: "\n")])
        let decisions = [nil, "t"].map { trigger in
            DecisionAct(
                ballot: ballot, draft: .init(replaces: "c", run: "r", trigger: trigger), writes: [command],
                acceptsNoQuorum: false)
        }
        let probes: [Probe] = [
            .statement(statement), .command(command, expected: nil), .command(command, expected: "x"),
            .holdsAllWAL(standby: "a", primary: "b", controlData: command),
            .streams(node: "a", upstream: "b", applicationName: "c"),
            .caughtUp(node: "a", upstream: "b", within: UInt64(Int64.max)), .onlyPrimary(node: "a"),
            .noPrimary(but: [], acceptsSilence: true), .noPrimary(but: ["a"], acceptsSilence: true),
            .promotable(node: "a", but: []),
            .promotable(node: "a", but: ["synchronous"]), .descends(node: "a"),
            .ownsData(node: "a", source: "b", controlData: command),
            .canTakeOver(node: "a", from: "b", isFenced: true),
            .mostAdvanced(node: "a", within: 0, former: nil, acceptsSilence: false),
            .hasWAL(node: "a", source: "b"), .noOtherDecision(ballot, isAccepted: true),
            .notPrimary(node: "a"), .sameCluster(node: "a", other: "b"), .all([]), .known(false, evidence: "a"),
        ]
        var plan = Self.plan
        plan.steps[0].acts = [
            .statement(statement), .command(command), .local(["a", ""]),
            .upload(node: "n", path: "/a", content: "b", mode: 0o640), .wait(probes[0], nudge: nil),
            .wait(probes[1], nudge: statement), .confirm("a"), .notify(""), .local(["a"], input: "{\n}"),
            .decide(decisions[0]), .decide(decisions[1]),
        ]
        plan.steps[1].requirements = probes
        plan.steps[1].unless = .all(probes)
        plan.steps[1].verification = probes[3]
        plan.steps[1].undo = plan.steps[0].acts
        plan.steps[2].node = nil
        plan.steps[2].onFailure = .continue
        plan.requirements = probes.map { probe in
            Plan.Requirement(title: "t", probe: probe, result: ProbeResult(nil, "e"))
        }
        plan.requirements[0].result = ProbeResult(false, "e")
        let value = try plan.auditValue
        #expect(Plan(auditValue: value) == plan)
        #expect(try Plan(auditValue: JSONText.value(of: value.json)) == plan)
    }

    @Test func groups() {
        var plan = Self.plan
        plan.steps[1].group = 0
        #expect(plan.group(at: 0) == 0..<2)
        #expect(plan.group(at: 1) == 1..<2)
        #expect(plan.group(at: 2) == 2..<3)
    }
}
