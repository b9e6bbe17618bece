import Audit
import Essentials
import Testing

@testable import RunbookEngine
@testable import pgdr

/// Plans and runs for people and scripts.
struct RunOutputTests {
    private static let plan: Plan = {
        let stopped = Probe.command(RemoteCommand("nas-1", ["test", "-e", "/a b"]), expected: "gone")
        var stop = step(
            "stop", [.command(RemoteCommand("nas-1", become: ["sudo", "-n"], ["pg_ctl", "stop"], input: "a\nb\n"))])
        stop.requirements = [.caughtUp(node: "nas-2", upstream: "nas-1", within: 16)]
        stop.verification = stopped
        stop.undo = [.notify("back")]
        var promote = step(
            "promote",
            [
                .statement(Statement("SELECT $1, $2", on: "nas-2", ["it's", nil])),
                .ladder([Act.Rung(acts: [.pause(0.5)], patience: 30)], until: .onlyPrimary(node: "nas-2")),
            ])
        promote.node = nil
        promote.unless = .all([.known(false, evidence: "why"), .notPrimary(node: "nas-2")])
        promote.isPointOfNoReturn = true
        promote.timeout = 0.5
        return Plan(
            runbook: "switchover", title: "Switch", cluster: "shop", parameters: ["target": "nas-2", "note": ""],
            answers: ["method": "follow"],
            requirements: [
                .init(title: "first", probe: .promotable(node: "a", but: []), result: ProbeResult(true, "yes")),
                .init(title: "second", probe: .promotable(node: "a", but: []), result: ProbeResult(false, "no")),
                .init(title: "third", probe: .promotable(node: "a", but: []), result: ProbeResult(nil, "perhaps")),
            ], steps: [stop, promote])
    }()

    private static func step(_ name: String, _ acts: [Act]) -> PlannedStep {
        PlannedStep(
            id: name, title: "Do \(name)", node: "nas-1", action: name, group: 0, requirements: [], guards: [],
            unless: nil,
            acts: acts, verification: nil, timeout: 60, retries: 0, onFailure: .abort, undo: [], isRepeatable: true,
            isPointOfNoReturn: false)
    }

    private static let failure = Failure(.timeout, "too late", detail: "At 0/1.", hint: "Wait.", node: "nas-1")

    @Test func aPlanForPeople() {
        expect(
            PlanText(style: Style(hasColours: false)).text(Self.plan),
            is: """
                Switch

                Must hold before anything is done
                  ✓ first
                      yes
                  ✗ second
                      no
                  ? third
                      perhaps

                Steps
                  1. Do stop  [stop]
                     relies on: nas-2 is at most 16 bytes behind nas-1
                       nas-1$ sudo -n pg_ctl stop
                       | a
                       | b
                     then: nas-1$ test -e '/a b' says "gone"
                     taken back by:
                         say: back
                  2. Do promote  [promote]
                     no way back from here on
                     unless: never: why, and nas-2 is no primary
                       nas-2> SELECT $1, $2  ($1 = 'it's', $2 = NULL)
                       wait 0.5 s
                       wait up to 30 s until nas-2 is the only primary, else
                       give up

                It would be refused; nothing would be changed.
                """)
        expect(
            PlanText(style: Style(hasColours: false)).summary(Self.plan),
            is: "Switch\n  1. Do stop\n  2. Do promote  (no way back from here on)")
    }

    /// A key without a value is null, never absent.
    @Test func aPlanForScripts() throws {
        expect(
            try JSON.text(PlanDocument(RunDesk.Proposal(id: "r1", plan: Self.plan))),
            is: #"""
                {
                  "answers" : {
                    "method" : "follow"
                  },
                  "cluster" : "shop",
                  "may_run" : false,
                  "parameters" : {
                    "note" : "",
                    "target" : "nas-2"
                  },
                  "requirements" : [
                    {
                      "evidence" : "yes",
                      "holds" : true,
                      "title" : "first"
                    },
                    {
                      "evidence" : "no",
                      "holds" : false,
                      "title" : "second"
                    },
                    {
                      "evidence" : "perhaps",
                      "holds" : null,
                      "title" : "third"
                    }
                  ],
                  "runbook" : "switchover",
                  "schema" : 1,
                  "steps" : [
                    {
                      "action" : "stop",
                      "does" : [
                        "nas-1$ sudo -n pg_ctl stop\n| a\n| b"
                      ],
                      "group" : 0,
                      "id" : "stop",
                      "node" : "nas-1",
                      "on_failure" : "abort",
                      "point_of_no_return" : false,
                      "relies_on" : [
                        "nas-2 is at most 16 bytes behind nas-1"
                      ],
                      "retries" : 0,
                      "timeout_seconds" : 60,
                      "title" : "Do stop",
                      "undo" : [
                        "say: back"
                      ],
                      "unless" : null,
                      "verify" : "nas-1$ test -e '/a b' says \"gone\""
                    },
                    {
                      "action" : "promote",
                      "does" : [
                        "nas-2> SELECT $1, $2  ($1 = 'it's', $2 = NULL)",
                        "wait 0.5 s\nwait up to 30 s until nas-2 is the only primary, else\ngive up"
                      ],
                      "group" : 0,
                      "id" : "promote",
                      "node" : null,
                      "on_failure" : "abort",
                      "point_of_no_return" : true,
                      "relies_on" : [

                      ],
                      "retries" : 0,
                      "timeout_seconds" : 0.5,
                      "title" : "Do promote",
                      "undo" : [

                      ],
                      "unless" : "never: why, and nas-2 is no primary",
                      "verify" : null
                    }
                  ],
                  "title" : "Switch"
                }
                """#)
    }

    /// What is shown of a word is what a shell takes for it.
    @Test(arguments: [
        ("", "''"), ("a", "a"), ("/usr/bin/pg_ctl", "/usr/bin/pg_ctl"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#),
        ("$(x)", "'$(x)'"), ("a\nb", "'a\nb'"), ("*", "'*'"), ("~", "'~'"), ("é", "'é'"), ("a=b@c:1%,+", "a=b@c:1%,+"),
        ("'\u{301}", "''\\''\u{301}'"), ("\"", "'\"'"), ("\\", "'\\'"), ("!", "'!'"), ("#", "'#'"), ("{a}", "'{a}'"),
    ]) func words(word: String, shown: String) {
        #expect(Array(ShellWord.text(word).utf8) == Array(shown.utf8))
    }

    @Test(arguments: [
        (RunOutcome.done(failed: []), Int32(0), "done"), (.done(failed: ["a"]), 3, "done"),
        (.undone(failure), 2, "undone"),
        (.partWay(failure), 3, "part_way"), (.stopped(changed: true), 3, "stopped"),
        (.stopped(changed: false), 1, "stopped"),
    ]) func endings(outcome: RunOutcome, status: Int32, word: String) throws {
        let ending = RunEnding(id: "r1", plan: Self.plan, outcome: outcome)
        #expect(ending.status == status)
        #expect(ending.word == word)
        let document = try JSON.text(RunDocument(ending), .oneLine)
        for key in ["schema", "run", "runbook", "cluster", "outcome", "failure", "failed_steps"] {
            #expect(document.contains("\"\(key)\":"), "\(document)")
        }
        #expect(document.contains("\"outcome\":\"\(word)\""))
    }

    @Test func endingsForPeople() {
        func text(_ outcome: RunOutcome) -> String { RunEnding(id: "r1", plan: Self.plan, outcome: outcome).text }
        expect(text(.done(failed: [])), is: "Done: Switch (run r1).")
        expect(
            text(.done(failed: ["a", "b[n]"])),
            is: "Done: Switch (run r1); these steps failed and were passed over: a, b[n].")
        expect(
            text(.undone(Self.failure)),
            is: """
                Failed, and everything was taken back (run r1).
                ERROR: node "nas-1": too late
                DETAIL: At 0/1.
                HINT: Wait.
                """)
        expect(
            text(.partWay(Self.failure)),
            is: """
                Failed part-way (run r1).
                ERROR: node "nas-1": too late
                DETAIL: At 0/1.
                HINT: Wait.
                To go on: pgdr resume r1
                To take it back, where that is still possible: pgdr abort r1
                """)
        expect(
            text(.stopped(changed: true)),
            is: """
                Stopped between two steps (run r1).
                To go on: pgdr resume r1
                To take it back, where that is still possible: pgdr abort r1
                """)
        expect(text(.stopped(changed: false)), is: "Stopped before anything was changed (run r1).")
    }

    /// What is left and who is the primary stands where a person at night looks for it.
    @Test func endingsTellHowTheClusterStands() throws {
        var ending = RunEnding(
            id: "r1", plan: Self.plan, outcome: .undone(Failure(.cancelled, "aborted by a person")),
            leftBehind: ["slots[b]"], roles: RoleSurvey(primaries: ["nas-1"], silent: []))
        expect(
            ending.text,
            is: """
                Aborted, and all was taken back but: slots[b] (run r1).
                Now: nas-1 is the primary.
                """)
        ending.outcome = .stopped(changed: true)
        ending.roles = RoleSurvey(primaries: [], silent: ["nas-2"])
        expect(
            ending.text,
            is: """
                Stopped between two steps (run r1).
                Now: no node that answers is a primary, nobody can write; nas-2 did not answer.
                To go on: pgdr resume r1
                To take it back, where that is still possible: pgdr abort r1
                """)
        ending.roles = RoleSurvey(primaries: ["nas-1", "nas-2"], silent: [])
        #expect(ending.text.contains("nas-1 and nas-2 are primaries, both may take writes"))
        let document = try JSON.text(RunDocument(ending), .oneLine)
        #expect(document.contains(#""left_behind":["slots[b]"]"#), "\(document)")
        #expect(document.contains(#""primaries":["nas-1","nas-2"]"#), "\(document)")
    }

    @Test func endingsForScripts() throws {
        func text(_ outcome: RunOutcome) throws -> String {
            try JSON.text(RunDocument(RunEnding(id: "r1", plan: Self.plan, outcome: outcome)), .oneLine)
        }
        expect(
            try text(.done(failed: ["a"])),
            is: #"{"cluster":"shop","failed_steps":["a"],"failure":null,"left_behind":[],"outcome":"done","#
                + #""primaries":null,"probe":null,"run":"r1","runbook":"switchover","schema":1}"#)
        expect(
            try text(.partWay(Failure(.timeout, "too late"))),
            is: #"{"cluster":"shop","failed_steps":[],"failure":{"code":"timeout","detail":null,"hint":null,"#
                + #""message":"too late","node":null},"left_behind":[],"outcome":"part_way","primaries":null,"#
                + #""probe":null,"run":"r1","runbook":"switchover","schema":1}"#
        )
    }

    private static var runs: [RunRecord] {
        var done = RunRecord(id: "r1", plan: plan, at: "2026-01-02T03:04:05.678901Z", actor: "ann")
        done.phase = .done
        done.steps = [.skipped, .done]
        var before = RunRecord(id: "r2", plan: plan, at: "2026-01-03T03:04:05.678901Z", actor: "root (sudo by ann)")
        before.steps = [.failed, .pending]
        before.failure = "too late"
        var beyond = before
        beyond.id = "r3"
        beyond.steps = [.done, .started]
        beyond.failure = nil
        var backward = before
        backward.id = "r4"
        backward.phase = .backward
        backward.steps = [.undoFailed, .pending]
        return [done, before, beyond, backward]
    }

    @Test func runsForPeople() {
        expect(RunsTable.text([]), is: "No runs.")
        expect(
            RunsTable.text(Self.runs),
            is: """
                  RUN  WHAT    STATE         STEPS  BY                  LAST EVENT
                  r1   Switch  done            2/2  ann                 2026-01-02T03:04:05.678901Z
                  r2   Switch  unfinished      0/2  root (sudo by ann)  2026-01-03T03:04:05.678901Z
                  r3   Switch  unfinished      1/2  root (sudo by ann)  2026-01-03T03:04:05.678901Z
                  r4   Switch  being_undone    0/2  root (sudo by ann)  2026-01-03T03:04:05.678901Z
                r2 is unfinished: too late.  To go on: pgdr resume r2  or  pgdr abort r2
                r3 is unfinished.  To go on: pgdr resume r3
                r4 is unfinished: too late.  To go on: pgdr resume r4  or  pgdr abort r4
                """)
    }

    @Test func runsForScripts() throws {
        expect(
            try JSON.text(RunsDocument(Array(Self.runs[0...1]))),
            is: #"""
                {
                  "runs" : [
                    {
                      "actor" : "ann",
                      "began_at" : "2026-01-02T03:04:05.678901Z",
                      "beyond_return" : true,
                      "cluster" : "shop",
                      "failure" : null,
                      "last_at" : "2026-01-02T03:04:05.678901Z",
                      "parameters" : {
                        "note" : "",
                        "target" : "nas-2"
                      },
                      "run" : "r1",
                      "runbook" : "switchover",
                      "state" : "done",
                      "steps" : [
                        {
                          "id" : "stop",
                          "state" : "skipped"
                        },
                        {
                          "id" : "promote",
                          "state" : "done"
                        }
                      ],
                      "title" : "Switch"
                    },
                    {
                      "actor" : "root (sudo by ann)",
                      "began_at" : "2026-01-03T03:04:05.678901Z",
                      "beyond_return" : false,
                      "cluster" : "shop",
                      "failure" : "too late",
                      "last_at" : "2026-01-03T03:04:05.678901Z",
                      "parameters" : {
                        "note" : "",
                        "target" : "nas-2"
                      },
                      "run" : "r2",
                      "runbook" : "switchover",
                      "state" : "unfinished",
                      "steps" : [
                        {
                          "id" : "stop",
                          "state" : "failed"
                        },
                        {
                          "id" : "promote",
                          "state" : "pending"
                        }
                      ],
                      "title" : "Switch"
                    }
                  ],
                  "schema" : 1
                }
                """#)
    }
}
