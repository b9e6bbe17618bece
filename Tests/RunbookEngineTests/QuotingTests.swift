import Hosts
import Audit
import Configuration
import Essentials
import Postgres
import Testing

@testable import RunbookEngine

/// Values that are made to be taken for syntax, on their way into plans.
struct QuotingTests {
    private static let evil = [
        "it's", "a\"b", "$(reboot)", "`reboot`", "a; reboot", "a\\", "a\nb", "a b", "'\u{301}; reboot #'\u{301}", "--",
        "${x}", "%s", "*",
    ]

    /// All commands of a plan.
    private func commands(_ acts: [Act]) -> [RemoteCommand] {
        acts.flatMap { act -> [RemoteCommand] in
            switch act {
            case .command(let command): [command]
            case .whilst(_, let acts): commands(acts)
            case .wait(.command(let command, _), _): [command]
            case .ladder(let rungs, until: .command(let command, _)): commands(rungs.flatMap(\.acts)) + [command]
            case .ladder(let rungs, _): commands(rungs.flatMap(\.acts))
            default: []
            }
        }
    }

    /// A data directory is one word wherever it comes up, and in no script's text.
    @Test(arguments: evil) func dataDirectories(text: String) throws {
        var shop = try Shop.toRejoin(.rewind)
        let path = "/srv/\(text)"
        shop.facts.cluster.nodes[0].dataDirectory = path
        shop.facts.hosts["nas-1"]?.dataDirectory?.path = path
        let plan = try shop.plan("rejoin", ["node_to_rejoin": "nas-1"])
        let all = plan.steps.flatMap { commands($0.acts + $0.undo) }.filter { $0.node == "nas-1" }
        var uses = 0
        for command in all {
            for (index, word) in command.words.enumerated() where word.contains(path) {
                #expect(word == path, "\(word)")
                #expect(!command.words[..<index].suffix(1).contains("-c"))
                uses += 1
            }
        }
        #expect(uses > 5)
    }

    /// A connection string that pgdr makes says to libpq what was meant.
    @Test(arguments: evil) func applicationNames(text: String) throws {
        var shop = try Shop()
        shop.facts.cluster.nodes[1].applicationName = text
        shop.facts.replication = try ConnectionString("user=repl").setting("passfile", to: "/home/\(text)/pass")
        let node = shop.facts.cluster.nodes[1]
        let connection = try ConnectionString(shop.facts.upstreamConnection(of: node, to: "nas-1"))
        #expect(connection.value(of: "application_name") == text)
        #expect(connection.value(of: "passfile") == "/home/\(text)/pass")
        #expect(connection.value(of: "host") == "10.0.0.1")
        #expect(connection.keywords.sorted() == ["application_name", "host", "passfile", "port", "user"])
        let operation = try shop.facts.repoint("nas-2", to: "nas-1")
        guard case .statement(let statement) = operation.acts.first else {
            Issue.record("no statement")
            return
        }
        #expect(statement.sql == "ALTER SYSTEM SET primary_conninfo = \(SettingText.literal(connection.description))")
        #expect(unquoted(statement.sql) == connection.description)
        let marked = try shop.facts.markStandby("nas-2", of: "nas-1")
        guard case .command(let command) = marked.acts.first else {
            Issue.record("no command")
            return
        }
        // One line a setting, whatever is in it.
        #expect(command.input.utf8.count { $0 == 10 } == 2)
        #expect(command.input.hasSuffix("\nprimary_slot_name = '\(shop.facts.slot(of: "nas-2"))'\n"))
    }

    /// What PostgreSQL takes a statement's only literal for.
    private func unquoted(_ sql: String) -> String? {
        var scalars = Array(sql.unicodeScalars)
        guard let start = scalars.firstIndex(of: "'"), scalars.last == "'" else { return nil }
        scalars = Array(scalars[(start + 1)..<(scalars.count - 1)])
        var text = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            if scalars[index] == "'" {
                guard index + 1 < scalars.count, scalars[index + 1] == "'" else { return nil }
                index += 1
            }
            text.append(scalars[index])
            index += 1
        }
        return String(text)
    }

    @Test(arguments: evil) func statementsAndCommandsOfOnesOwn(text: String) throws {
        let plan = try Shop().plan(
            text: """
                title: T
                parameters: {t: {type: text}}
                steps:
                  - name: a
                    on: ${primary}
                    sql: {statement: "SELECT $1, '$2'", parameters: ["${t}", "a ${t} b"], expect: "${t}"}
                  - name: b
                    on: nas-3
                    ssh: {words: [echo, "${t}", "-${t}-"], input: "${t}"}
                  - name: c
                    local: [echo, "${t}"]
                  - name: d
                    on: ${primary}
                    set_parameter: {name: work_mem, value: "${t}"}
                """, ["t": text.contains("\n") ? "x" : text])
        let text = text.contains("\n") ? "x" : text
        #expect(
            plan.steps[0].acts
                == [.statement(Statement("SELECT $1, '$2'", on: "nas-1", [text, "a \(text) b"], expected: text))])
        #expect(plan.steps[1].acts == [.command(RemoteCommand("nas-3", ["echo", text, "-\(text)-"], input: text))])
        #expect(plan.steps[2].acts == [.local(["echo", text])])
        guard case .statement(let statement) = plan.steps[3].acts.first else {
            Issue.record("no statement")
            return
        }
        #expect(unquoted(statement.sql) == text)
        #expect(statement.sql.hasPrefix("ALTER SYSTEM SET work_mem = '"))
    }

    /// No password gets from a connection string into a plan.
    @Test func passwords() throws {
        var shop = try Shop.toOpen()
        shop.facts.replication = try ConnectionString("user=repl password=hunter2 sslpassword=hunter2")
        for name in BuiltInRunbookTests.names where name != "rejoin" && name != "promote" {
            let drilled = ["drill-clone": "node_to_copy", "drill-snapshot": "node_to_open"][name]
            let given =
                drilled
                ?? (["complete-failover", "failover", "switchover"].contains(name) ? "target" : "node_to_\(name)")
            let more =
                [
                    "repoint": ["upstream": "nas-3"], "failover": ["old": "nas-1", "source": "nas-3"],
                    "complete-failover": ["old": "nas-1"],
                ][name] ?? [:]
            let plan = try shop.plan(name, [given: "nas-2"].merging(more) { $1 })
            #expect(try !plan.auditValue.json.contains("hunter2"), "\(name)")
        }
    }
}
