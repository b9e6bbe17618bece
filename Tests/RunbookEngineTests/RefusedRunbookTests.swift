import Essentials
import Testing

@testable import RunbookEngine

struct RefusedRunbookTests {
    private static let topKeys = "\"title\", \"parameters\", \"unless\", \"questions\", \"requires\" and \"steps\""
    private static let actions = Vocabulary.actions.map { "\"\($0.keyword)\"" }
    private static let questions = Vocabulary.questions.map { "\"\($0.keyword)\"" }

    private static func list(_ quoted: [String], _ word: String = "and") -> String {
        quoted.dropLast().joined(separator: ", ") + " \(word) \(quoted.last ?? "")"
    }

    @Test(arguments: [
        RunbookRefusal("", "own.yaml is empty"), RunbookRefusal("# a comment\n", "own.yaml is empty"),
        RunbookRefusal(
            "---\n", "own.yaml:2:1: expected a mapping with \"title\" and \"steps\" for \"own\", found nothing"),
        RunbookRefusal(
            "- a\n", "own.yaml:1:1: expected a mapping with \"title\" and \"steps\" for \"own\", found a list"),
        RunbookRefusal(
            "title: T\n", "own.yaml:1:1: expected both \"title\" and \"steps\" for \"own\", found a mapping"),
        RunbookRefusal(
            "steps: []\n", "own.yaml:1:1: expected both \"title\" and \"steps\" for \"own\", found a mapping"),
        RunbookRefusal("title: T\nsteps: []\n", "own.yaml:2:8: expected at least one step for \"steps\", found a list"),
        RunbookRefusal("title: T\nsteps: a\n", "own.yaml:2:8: expected a list of steps for \"steps\", found \"a\""),
        RunbookRefusal(
            "title: T\nsteps: {name: a, wait: 1s}\n",
            "own.yaml:2:8: expected a list of steps for \"steps\", found a mapping"),
        RunbookRefusal(
            "title: [T]\nsteps: []\n", "own.yaml:1:8: expected a line of text for \"title\", found a list"),
        RunbookRefusal(
            "title: \"a\\nb\"\nsteps: []\n", "own.yaml:1:8: expected a line of text for \"title\", found text"),
        RunbookRefusal(head("Steps: []"), "own.yaml:2:1: unknown key \"Steps\"", hint: "Did you mean \"steps\"?"),
        RunbookRefusal(
            head("require: []"), "own.yaml:2:1: unknown key \"require\"", hint: "Did you mean \"requires\"?"),
        RunbookRefusal(
            head("on: x"), "own.yaml:2:1: unknown key \"on\"", detail: "Known keys here: \(topKeys)."),
        RunbookRefusal(
            head("parameters: []"), "own.yaml:2:13: expected a mapping of parameters for \"parameters\", found a list"),
        RunbookRefusal(
            head("requires: {primary: x}"),
            "own.yaml:2:11: expected a list of probes for \"requires\", found a mapping"),
        RunbookRefusal(
            "title: T\nsteps: [a", "own.yaml:2:10: invalid YAML: did not find expected ',' or ']'",
            detail: "While parsing a flow sequence, line 2, column 8."),
        RunbookRefusal(
            "title: T\ntitle: T\nsteps: []\n", "own.yaml:2:1: the key \"title\" appears twice",
            detail: "The first one is in line 1."),
    ])
    func theFrame(_ refusal: RunbookRefusal) throws { try refusal.check() }

    @Test(arguments: [
        RunbookRefusal(
            step(), "own.yaml:3:5: step \"a\" does nothing", detail: "It takes one of \(list(actions, "or"))."),
        RunbookRefusal(
            step("wait: 1s", "notify: x"),
            "own.yaml:5:5: step \"a\" does more than one thing: \"wait\" and \"notify\""),
        RunbookRefusal(
            "title: T\nsteps:\n  - wait: 1s\n", "own.yaml:3:5: expected \"name\" for \"steps\", found a mapping"),
        RunbookRefusal("title: T\nsteps:\n  - a\n", "own.yaml:3:5: expected a mapping for \"steps\", found \"a\""),
        RunbookRefusal(
            "title: T\nsteps:\n  - name: a b\n    wait: 1s\n", "own.yaml:3:11: invalid step name \"a b\"",
            detail: "A name has 1 to 63 letters, digits, \"_\", \".\" and \"-\", the last two not at its start."),
        RunbookRefusal(
            step("wait: 1s", "- name: a"), "own.yaml:5:5: invalid YAML: did not find expected key",
            detail: "While parsing a block mapping, line 3, column 5."),
        RunbookRefusal(
            "title: T\nsteps:\n  - {name: a, wait: 1s}\n  - {name: b, wait: 1s}\n  - {name: a, wait: 1s}\n",
            "own.yaml:5:5: there are two steps called \"a\""),
        RunbookRefusal(
            step("wiat: 1s"), "own.yaml:4:5: unknown key \"wiat\"", hint: "Did you mean \"wait\"?"),
        RunbookRefusal(
            step("mark-standby: x"), "own.yaml:4:5: unknown key \"mark-standby\"",
            hint: "Did you mean \"mark_standby\"?"),
        RunbookRefusal(
            step("wait: 1s", "time_out: 1s"), "own.yaml:5:5: unknown key \"time_out\"",
            hint: "Did you mean \"timeout\"?"),
        RunbookRefusal(
            step("wait: 1s", "undo: [{unfense: }]"), "own.yaml:5:13: there is no action \"unfense\"",
            hint: "Did you mean \"unfence\"?"),
        RunbookRefusal(
            step("wait: 1s", "undo: [{xyzzy: }]"), "own.yaml:5:13: there is no action \"xyzzy\"",
            detail: "There are \(list(actions))."),
        RunbookRefusal(
            step("wait: 1s", "verify: {writeable: }"), "own.yaml:5:14: there is no probe \"writeable\"",
            hint: "Did you mean \"writable\"?"),
        RunbookRefusal(
            step("wait: 1s", "undo:"), "own.yaml:5:10: expected a list of actions for \"undo\", found nothing"),
        RunbookRefusal(
            step("wait: 1s", "verify: a"), "own.yaml:5:13: expected a list of probes for \"verify\", found \"a\""),
        RunbookRefusal(
            step("wait: 1s", "unless: {primary: a, standby: b}"),
            "own.yaml:5:13: expected one probe, such as {sql: …} for \"probe\", found a mapping"),
        RunbookRefusal(
            step("wait: 1s", "requires: [primary]"),
            "own.yaml:5:16: expected one probe, such as {sql: …} for \"probe\", found \"primary\""),
    ])
    func steps(_ refusal: RunbookRefusal) throws { try refusal.check() }

    @Test(arguments: [
        RunbookRefusal(step("wait:"), "own.yaml:4:5: \"wait\" needs \"for\""),
        RunbookRefusal(step("wait: {}"), "own.yaml:4:5: \"wait\" needs \"for\""),
        RunbookRefusal(step("wait: [1s]"), "own.yaml:4:11: expected a text for \"for\", found a list"),
        RunbookRefusal(
            step("wait: {fro: 1s}"), "own.yaml:4:12: \"wait\" takes no \"fro\"", detail: "It takes \"for\"."),
        RunbookRefusal(
            step("on: ${primary}", "checkpoint: {mode: fast}"), "own.yaml:5:18: \"checkpoint\" takes no \"mode\"",
            detail: "It takes nothing."),
        RunbookRefusal(step("on: ${primary}", "checkpoint: fast"), "own.yaml:5:17: \"checkpoint\" takes nothing"),
        RunbookRefusal(step("on: ${primary}", "repoint:"), "own.yaml:5:5: \"repoint\" needs \"upstream\""),
        RunbookRefusal(
            step("on: ${primary}", "basebackup: {source: \"${primary}\"}"),
            "own.yaml:5:5: \"basebackup\" needs \"upstream\""),
        RunbookRefusal(step("local: ls"), "own.yaml:4:12: expected a list of words for \"words\", found \"ls\""),
        RunbookRefusal(step("local: [a, [b]]"), "own.yaml:4:16: expected a word for \"words\", found a list"),
        RunbookRefusal(step("local: [a, ~]"), "own.yaml:4:16: expected a word for \"words\", found nothing"),
        RunbookRefusal(
            step("on: ${primary}", "sql: SELECT ${primary}"), "own.yaml:5:10: a statement takes no \"${}\"",
            hint: "Write $1 in the statement and the value under \"parameters\"."),
        RunbookRefusal(
            step("on: ${primary}", "sql: SELECT '$${x}'"), "own.yaml:5:10: a statement takes no \"${}\"",
            hint: "Write $1 in the statement and the value under \"parameters\"."),
        RunbookRefusal(
            step("wait: 1s", "verify: {sql: {statement: \"SELECT ${primary}\", node: \"${primary}\"}}"),
            "own.yaml:5:31: a statement takes no \"${}\"",
            hint: "Write $1 in the statement and the value under \"parameters\"."),
        RunbookRefusal(
            step("on: ${primary}", "sql: \"\""), "own.yaml:5:10: expected a statement for \"statement\", found \"\""),
        RunbookRefusal(
            step("notify: ${primary"), "own.yaml:4:13: a \"${\" is not closed",
            hint: "For the characters themselves write $${."),
        RunbookRefusal(
            step("notify: ${}"), "own.yaml:4:13: a \"${}\" holds no name",
            detail: "It takes a name such as ${target} or a name and an attribute such as ${target.host}."),
    ])
    func arguments(_ refusal: RunbookRefusal) throws { try refusal.check() }

    @Test(arguments: [
        RunbookRefusal(step("stop:"), "own.yaml:4:5: \"stop\" needs \"on\", the node it acts on"),
        RunbookRefusal(step("sql: SELECT 1"), "own.yaml:4:5: \"sql\" needs \"on\", the node it acts on"),
        RunbookRefusal(
            step("wait: 1s", "undo: [{wait: 1s}, {start: }]"),
            "own.yaml:5:25: \"start\" needs \"on\", the node it acts on"),
        RunbookRefusal(step("wait: 1s", "verify: {writable: }"), "own.yaml:5:14: \"writable\" needs \"node\""),
        RunbookRefusal(head("requires: [{primary: }]"), "own.yaml:2:13: \"primary\" needs \"node\""),
        RunbookRefusal(head("requires: [{sql: SELECT true}]"), "own.yaml:2:13: \"sql\" needs \"node\""),
        RunbookRefusal(
            head("requires: [{streams: \"${primary}\"}]"), "own.yaml:2:13: \"streams\" needs \"node\""),
    ])
    func nodes(_ refusal: RunbookRefusal) throws { try refusal.check() }

    @Test(arguments: [
        RunbookRefusal(
            step("wait: 1s", "timeout: soon"), "own.yaml:5:14: expected a duration such as 30s for \"timeout\" \"soon\""
        ),
        RunbookRefusal(
            step("wait: 1s", "timeout: 30"), "own.yaml:5:14: expected a duration such as 30s for \"timeout\" \"30\""),
        RunbookRefusal(
            step("wait: 1s", "timeout: 0s"), "own.yaml:5:14: expected a duration such as 30s for \"timeout\" \"0s\""),
        RunbookRefusal(
            step("wait: 1s", "timeout: -1s"), "own.yaml:5:14: expected a duration such as 30s for \"timeout\" \"-1s\""),
        RunbookRefusal(
            step("wait: 1s", "timeout: []"), "own.yaml:5:14: expected a line of text for \"timeout\", found a list"),
        RunbookRefusal(
            step("wait: 1s", "retry: -1"), "own.yaml:5:12: expected a number from 0 to 100 for \"retry\", found \"-1\""),
        RunbookRefusal(
            step("wait: 1s", "retry: 101"),
            "own.yaml:5:12: expected a number from 0 to 100 for \"retry\", found \"101\""),
        RunbookRefusal(
            step("wait: 1s", "retry: often"),
            "own.yaml:5:12: expected a number from 0 to 100 for \"retry\", found \"often\""),
        RunbookRefusal(
            step("wait: 1s", "on_failure: ignore"),
            "own.yaml:5:17: expected \"abort\" or \"continue\" for \"on_failure\", found \"ignore\""),
        RunbookRefusal(
            step("wait: 1s", "point_of_no_return: yes"),
            "own.yaml:5:25: expected true or false for \"point_of_no_return\", found \"yes\""),
        RunbookRefusal(
            step("wait: 1s", "except: [x]"),
            "own.yaml:5:13: expected \"for_each\" beside it for \"except\", found a list"),
        RunbookRefusal(
            step("wait: 1s", "for_each: []"), "own.yaml:5:15: expected at least one node for \"for_each\", found a list"
        ),
        RunbookRefusal(
            step("wait: 1s", "for_each: {a: b}"), "own.yaml:5:15: expected a name for \"for_each\", found a mapping"),
        RunbookRefusal(
            step("wait: 1s", "when: {value: a}"),
            "own.yaml:5:11: expected \"value\" and one of \"is\" and \"is_not\" for \"when\", found a mapping"),
        RunbookRefusal(
            step("wait: 1s", "when: {value: a, is: b, is_not: c}"),
            "own.yaml:5:11: expected \"value\" and one of \"is\" and \"is_not\" for \"when\", found a mapping"),
        RunbookRefusal(
            step("wait: 1s", "when: {is: a}"),
            "own.yaml:5:11: expected \"value\" and one of \"is\" and \"is_not\" for \"when\", found a mapping"),
        RunbookRefusal(
            step("wait: 1s", "when: [{value: a, isnt: b}]"), "own.yaml:5:23: unknown key \"isnt\"",
            detail: "Known keys here: \"value\", \"is\" and \"is_not\"."),
        RunbookRefusal(
            step("wait: 1s", "when: a"),
            "own.yaml:5:11: expected a mapping of \"value\" and \"is\" for \"when\", found \"a\""),
    ])
    func values(_ refusal: RunbookRefusal) throws { try refusal.check() }

    private static let builtIn = "\"followers\", \"nodes\", \"primary\" and \"standbys\""

    @Test(arguments: [
        RunbookRefusal(
            step("notify: ${primry}"), "own.yaml:4:13: nothing is called \"primry\"",
            detail: "There are \(builtIn).", hint: "Did you mean \"primary\"?"),
        RunbookRefusal(
            step("on: ${target}", "stop:"), "own.yaml:4:9: nothing is called \"target\"",
            detail: "There are \(builtIn)."),
        RunbookRefusal(
            step("wait: ${t}"), "own.yaml:4:11: nothing is called \"t\"", detail: "There are \(builtIn)."),
        RunbookRefusal(
            step("wait: 1s", "timeout: ${t}"), "own.yaml:5:14: nothing is called \"t\"", detail: "There are \(builtIn)."
        ),
        RunbookRefusal(
            step("wait: 1s", "title: ${t}"), "own.yaml:5:12: nothing is called \"t\"", detail: "There are \(builtIn)."),
        RunbookRefusal(
            step("wait: 1s", "when: {value: \"${t}\", is: a}"), "own.yaml:5:19: nothing is called \"t\"",
            detail: "There are \(builtIn)."),
        RunbookRefusal(
            step("wait: 1s", "when: {value: a, is: [\"${t}\"]}"), "own.yaml:5:27: nothing is called \"t\"",
            detail: "There are \(builtIn)."),
        RunbookRefusal(
            step("wait: 1s", "for_each: ${t}"), "own.yaml:5:15: nothing is called \"t\"",
            detail: "There are \(builtIn)."),
        RunbookRefusal(
            step("wait: 1s", "undo: [{notify: \"${t}\"}]"), "own.yaml:5:21: nothing is called \"t\"",
            detail: "There are \(builtIn)."),
        // The node of a repetition is known only where one is.
        RunbookRefusal(
            step("on: ${node}", "stop:"), "own.yaml:4:9: nothing is called \"node\"",
            detail: "There are \(builtIn).", hint: "Did you mean \"nodes\"?"),
        RunbookRefusal(
            step("wait: 1s", "for_each: ${node}"), "own.yaml:5:15: nothing is called \"node\"",
            detail: "There are \(builtIn).", hint: "Did you mean \"nodes\"?"),
        RunbookRefusal(
            head("requires: [{primary: \"${t}\"}]"), "own.yaml:2:22: nothing is called \"t\"",
            detail: "There are \(builtIn)."),
        RunbookRefusal(
            "title: ${t}\nsteps: [{name: a, wait: 1s}]\n", "own.yaml:1:8: nothing is called \"t\"",
            detail: "There are \(builtIn)."),
        // A question can use the answers to those before it.
        RunbookRefusal(
            head("questions:", "  a: {upstream_of: \"${b}\"}", "  b: {upstream_of: \"${primary}\"}"),
            "own.yaml:3:20: nothing is called \"b\"", detail: "There are \(builtIn)."),
        RunbookRefusal(
            step("notify: ${primary.hots}"), "own.yaml:4:13: a node has no \"hots\"",
            detail:
                "It has \"name\", \"host\", \"port\", \"data_directory\", \"application_name\", \"slot\" and \"site\".",
            hint: "Did you mean \"host\"?"),
    ])
    func names(_ refusal: RunbookRefusal) throws { try refusal.check() }

    private static let kinds =
        "\"node\", \"text\", \"connection\", \"bytes\", \"duration\", \"integer\", \"flag\" or \"choice\""
    private static let reserved =
        "It is a letter followed by letters, digits and \"_\"; \"primary\", \"standbys\", \"followers\", \"nodes\" and"
        + " \"node\" have a meaning already."

    @Test(arguments: [
        RunbookRefusal(parameter("{}"), "own.yaml:3:6: expected \"type\" for \"p\", found a mapping"),
        RunbookRefusal(parameter("node"), "own.yaml:3:6: expected a mapping for \"p\", found \"node\""),
        RunbookRefusal(
            parameter("{type: Node}"), "own.yaml:3:13: expected \(kinds) for \"type\", found \"Node\""),
        RunbookRefusal(
            parameter("{type: [node]}"), "own.yaml:3:13: expected \(kinds) for \"type\", found a list"),
        RunbookRefusal(
            parameter("{type: node, defualt: x}"), "own.yaml:3:19: unknown key \"defualt\"",
            hint: "Did you mean \"default\"?"),
        RunbookRefusal(
            parameter("{type: bytes, default: big}"),
            "own.yaml:3:29: expected a size such as 16MB for \"default\", found \"big\""),
        RunbookRefusal(
            parameter("{type: bytes, default: 16}"),
            "own.yaml:3:29: expected a size such as 16MB for \"default\", found \"16\""),
        RunbookRefusal(
            parameter("{type: duration, default: 5}"),
            "own.yaml:3:32: expected a length of time such as 30s for \"default\", found \"5\""),
        RunbookRefusal(
            parameter("{type: integer, default: -1}"),
            "own.yaml:3:31: expected a whole number for \"default\", found \"-1\""),
        RunbookRefusal(
            parameter("{type: integer, default: +1}"),
            "own.yaml:3:31: expected a whole number for \"default\", found \"+1\""),
        RunbookRefusal(
            parameter("{type: flag, default: no}"),
            "own.yaml:3:28: expected true or false for \"default\", found \"no\""),
        RunbookRefusal(
            parameter("{type: node, default: a b}"),
            "own.yaml:3:28: expected a node's name for \"default\", found \"a b\""),
        RunbookRefusal(
            parameter("{type: text, default: }"), "own.yaml:3:28: expected a value for \"default\", found nothing"),
        RunbookRefusal(
            parameter("{type: text, default: \"a\\nb\"}"),
            "own.yaml:3:28: expected a text on one line for \"default\", found text"),
        RunbookRefusal(
            parameter("{type: connection, default: host=h password=p}"),
            "own.yaml:3:34: expected a connection string without a password (put that into ~/.pgpass) for \"default\","
                + " found text"),
        RunbookRefusal(
            parameter("{type: choice}"), "own.yaml:3:13: expected \"choices\" beside it for \"type\", found \"choice\""),
        RunbookRefusal(
            parameter("{type: choice, choices: [a]}"),
            "own.yaml:3:13: expected \"choices\" beside it for \"type\", found \"choice\""),
        RunbookRefusal(
            parameter("{type: choice, choices: a}"),
            "own.yaml:3:30: expected a list of words for \"choices\", found \"a\""),
        RunbookRefusal(
            parameter("{type: choice, choices: [a, b], default: c}"),
            "own.yaml:3:47: expected \"a\" or \"b\" for \"default\", found \"c\""),
        RunbookRefusal(
            head("parameters:", "  primary: {type: node}"), "own.yaml:3:3: invalid parameter name \"primary\"",
            detail: reserved),
        RunbookRefusal(
            head("parameters:", "  node: {type: node}"), "own.yaml:3:3: invalid parameter name \"node\"",
            detail: reserved),
        RunbookRefusal(
            head("parameters:", "  a-b: {type: node}"), "own.yaml:3:3: invalid parameter name \"a-b\"", detail: reserved
        ),
        RunbookRefusal(
            head("parameters:", "  1: {type: node}"), "own.yaml:3:3: invalid parameter name \"1\"", detail: reserved),
        RunbookRefusal(
            head("questions:", "  nodes: {upstream_of: \"${primary}\"}"),
            "own.yaml:3:3: invalid name of an answer \"nodes\"", detail: reserved),
        RunbookRefusal(
            head("parameters:", "  p: {type: node}", "questions:", "  p: {upstream_of: \"${primary}\"}"),
            "own.yaml:5:3: invalid name of an answer \"p\"",
            detail: "It is a letter followed by letters, digits and \"_\"; \"primary\", \"standbys\", \"followers\","
                + " \"nodes\", \"node\" and \"p\" have a meaning already."),
        RunbookRefusal(
            head("questions:", "  a: {upstream_off: \"${primary}\"}"),
            "own.yaml:3:7: there is no question \"upstream_off\"",
            hint: "Did you mean \"upstream_of\"?"),
        RunbookRefusal(
            head("questions:", "  a: {primary: \"${primary}\"}"), "own.yaml:3:7: there is no question \"primary\"",
            detail: "There are \(list(questions))."),
        RunbookRefusal(
            head("questions:", "  a: upstream_of"),
            "own.yaml:3:6: expected one question, such as {rejoin_method: …} for \"question\", found \"upstream_of\""),
    ])
    func parametersAndQuestions(_ refusal: RunbookRefusal) throws { try refusal.check() }

    @Test(arguments: [
        RunbookRefusal(
            head("requires: [{primry: \"${primary}\"}]"), "own.yaml:2:13: unknown key \"primry\"",
            hint: "Did you mean \"primary\"?"),
        RunbookRefusal(
            head("requires: [{for_each: \"${nodes}\"}]"),
            "own.yaml:2:12: expected one probe such as {primary: {node: …}} for \"requires\", found a mapping"),
        RunbookRefusal(
            head("requires: [{primary: a, standby: b}]"),
            "own.yaml:2:12: expected one probe such as {primary: {node: …}} for \"requires\", found a mapping"),
        RunbookRefusal(
            head("requires: [primary]"), "own.yaml:2:12: expected a probe for \"requires\", found \"primary\""),
    ])
    func requirements(_ refusal: RunbookRefusal) throws { try refusal.check() }
}
