import Testing

/// Runbooks on the command line, as far as no server is needed.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct RunbookTests {
    private static let names = [
        "complete-failover", "drill-clone", "drill-snapshot", "failover", "fence", "promote", "rebuild", "rejoin",
        "repoint", "start", "switchover", "unfence",
    ]

    /// Nobody listens there.
    private static let lost = """
        clusters:
          shop:
            timeout: 1s
            nodes:
              nas-1: {connection: "host=127.0.0.1 port=1 user=pgdr", kind: primary}
              nas-2: {connection: "host=127.0.0.1 port=2 user=pgdr", kind: dr}

        """

    private static let own = """
        # Says something.
        title: Say ${what}
        parameters:
          what: {type: choice, choices: [yes, no], default: "no"}
          how_long: {type: duration}
        steps:
          - name: say
            notify: ${what}
          - name: wait
            wait: ${how_long}

        """

    private struct List: Decodable {
        var schema: Int
        var runbooks: [Item]

        struct Item: Decodable {
            var name: String
            var title: String
            @Nullable var file: String?
            var parameters: [Parameter]
        }

        struct Parameter: Decodable {
            var name: String
            var help: String
            @Nullable var `default`: String?
            var accepts: String
        }
    }

    /// A configuration whose runbooks lie in `runbooks` beside it.
    private func withRunbooks(
        _ files: [String: String], _ body: (_ config: String, _ directory: String) async throws -> Void
    ) async throws {
        try await withDirectory { directory in
            let config = try write(
                "runbooks: runbooks\naudit_directory: audit\n" + Self.lost, to: "\(directory)/pgdr.yaml")
            let outcome = try await Tool.bash("mkdir \"$1\"", ["\(directory)/runbooks"])
            #expect(outcome.status == 0)
            for (name, text) in files { try write(text, to: "\(directory)/runbooks/\(name)") }
            try await body(config, directory)
        }
    }

    @Test func theBuiltInOnesNeedNoConfiguration() async throws {
        let table = try await Tool.run(["runbooks", "list"])
        #expect(table.status == 0, "\(table.errors)")
        #expect(table.lines.count == Self.names.count + 1)
        let words = table.lines.dropFirst().map { $0.split(separator: " ").first.map(String.init) ?? "" }
        #expect(words == Self.names)
        #expect(
            table.lines.contains {
                $0.hasPrefix("  repoint ") && $0.contains(" NODE_TO_REPOINT UPSTREAM  ")
                    && $0.contains("Make NODE_TO_REPOINT follow UPSTREAM") && $0.hasSuffix("built in")
            }, "\(table.output)")
        let list = try decode(List.self, try await Tool.run(["runbooks", "list", "--format", "json"]).output)
        #expect(list.schema == 1)
        #expect(list.runbooks.map(\.name) == Self.names)
        #expect(list.runbooks.allSatisfy { $0.file == nil && !$0.parameters.isEmpty })
        let switchover = try #require(list.runbooks.first { $0.name == "switchover" })
        #expect(switchover.parameters.first?.name == "target")
        #expect(switchover.parameters.first?.default == nil)
        #expect(switchover.parameters.first { $0.name == "max_lag" }?.default == "16MB")
    }

    @Test func showsWhatOneReads() async throws {
        let outcome = try await Tool.run(["runbooks", "show", "switchover"])
        #expect(outcome.status == 0)
        #expect(outcome.lines.first?.hasPrefix("pgdr run switchover TARGET [MAX_LAG] [STOP_TIMEOUT]") == true)
        #expect(outcome.output.contains("\n  target: The standby that becomes the primary\n"))
        #expect(outcome.output.contains(" (default: 16MB)\n"))
        #expect(outcome.output.contains("\n\n# Switches the primary role to a standby"), "\(outcome.output)")
    }

    @Test func onesOwnWin() async throws {
        try await withRunbooks(["say.yaml": Self.own, "fence.yml": Self.own, ".hidden.yaml": "[", "x.txt": "["]) {
            config, directory in
            let text = try await Tool.run(["runbooks", "list", "--format", "json"], config: config).output
            let list = try decode(List.self, text)
            #expect(list.runbooks.map(\.name) == (Self.names + ["say"]).sorted())
            #expect(list.runbooks.first { $0.name == "fence" }?.file == "\(directory)/runbooks/fence.yml")
            #expect(list.runbooks.first { $0.name == "say" }?.title == "Say WHAT")
            let page = try await Tool.run(["runbooks", "show", "fence"], config: config)
            #expect(page.lines.first == "pgdr run fence [WHAT] HOW_LONG")
            #expect(page.output.hasSuffix("\n\(Self.own)\n") || page.output.hasSuffix("\n\(Self.own)"))
        }
    }

    @Test func twoFilesOfOneName() async throws {
        try await withRunbooks(["say.yaml": Self.own, "say.yml": Self.own]) { config, directory in
            let outcome = try await Tool.run(["runbooks", "list"], config: config)
            #expect(outcome.status == 1)
            #expect(
                outcome.errors == """
                    pgdr: there are two files of runbook "say"
                    DETAIL: \(directory)/runbooks/say.yaml and \(directory)/runbooks/say.yml.

                    """)
        }
    }

    @Test func exportLeavesAloneWhatIsThere() async throws {
        try await withDirectory { directory in
            let place = "\(directory)/out"
            let first = try await Tool.run(["runbooks", "export", place])
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.lines.map(String.init) == Self.names.map { "\(place)/\($0).yaml" })
            try write("changed", to: "\(place)/fence.yaml")
            let second = try await Tool.run(["runbooks", "export", place])
            #expect(second.status == 0 && second.output == "", "\(second.output)")
            #expect(try read("\(place)/fence.yaml") == "changed")
            let files = Self.names.filter { $0 != "fence" }.map { "\(place)/\($0).yaml" }
            let validated = try await Tool.run(["runbooks", "validate"] + files)
            #expect(validated.status == 0, "\(validated.errors)")
            #expect(validated.lines.count == Self.names.count - 1)
            let page = try await Tool.run(["runbooks", "show", "promote"])
            #expect(page.output.contains(try read("\(place)/promote.yaml")))
            let nowhere = try await Tool.run(["runbooks", "export", "\(directory)/a/b"])
            #expect(nowhere.status == 1)
            #expect(nowhere.errors == "pgdr: could not make \"\(directory)/a/b\": No such file or directory\n")
        }
    }

    @Test func validate() async throws {
        try await withDirectory { directory in
            let good = try write(Self.own, to: "\(directory)/good.yaml")
            let bad = try write(Self.own + "  - name: wait\n    stopp:\n", to: "\(directory)/bad.yaml")
            let accepted = try await Tool.run(["runbooks", "validate", good])
            #expect(accepted.status == 0)
            #expect(accepted.output == "\(good): 2 steps\n")
            let refused = try await Tool.run(["runbooks", "validate", good, bad])
            #expect(refused.status == 1)
            #expect(refused.output == "\(good): 2 steps\n")
            #expect(
                refused.errors == """
                    pgdr: \(bad):12:5: unknown key "stopp"
                    HINT: Did you mean "stop"?

                    """)
            let missing = try await Tool.run(["runbooks", "validate", "\(directory)/none.yaml"])
            #expect(missing.status == 1)
            #expect(missing.errors.contains("No such file or directory"), "\(missing.errors)")
        }
    }

    /// What is refused before anything was looked at or changed; the audit log isn't even made.
    @Test(
        arguments: [
            (["swichover", "nas-2"], "there is no runbook \"swichover\"", "Did you mean \"switchover\"?"),
            (["switchover"], "runbook \"switchover\" needs \"target\"", "Give it with: --set target=…, a node's name"),
            (["switchover", "nas-3"], "there is no node \"nas-3\" in cluster \"shop\"", "Did you mean \"nas-1\"?"),
            (
                ["switchover", "nas-2", "--set", "max_lug=1MB"], "runbook \"switchover\" takes no \"max_lug\"",
                "Did you mean \"max_lag\"?"
            ),
            (["switchover", "nas-2", "--set", "max_lag=much"], "invalid value for \"max_lag\" \"much\"", nil),
            (["repoint", "nas-1", "nas-2", "nas-3"], "runbook \"repoint\" takes no more values than 2", nil),
            (["say", "maybe", "1s"], "invalid value for \"what\" \"maybe\"", nil),
            (["broken"], "FILE:1:1: expected both \"title\" and \"steps\" for \"broken\", found a mapping", nil),
        ] as [([String], String, String?)])
    func refused(arguments: [String], message: String, hint: String?) async throws {
        try await withRunbooks(["say.yaml": Self.own, "broken.yaml": "title: T\n"]) { config, directory in
            let words = ["run"] + arguments
            let outcome = try await Tool.run(words + ["--format", "json"], config: config)
            #expect(outcome.status == 1)
            #expect(outcome.output == "")
            let failure = try decode(ErrorDocument.self, outcome.errors)
            #expect(failure.code == "configuration")
            #expect(failure.message == message.replacing("FILE", with: "\(directory)/runbooks/broken.yaml"))
            #expect(failure.hint == hint)
            let forPeople = try await Tool.run(words, config: config)
            #expect(forPeople.status == 1)
            #expect(forPeople.errors.hasPrefix("pgdr: \(failure.message)\n"), "\(forPeople.errors)")
            #expect(!exists("\(directory)/audit"))
        }
    }

    @Test func noServerAnswers() async throws {
        try await withRunbooks([:]) { config, directory in
            let outcome = try await Tool.run(["run", "switchover", "nas-2", "--plan"], config: config)
            #expect(outcome.status == 1)
            #expect(outcome.output == "")
            #expect(
                outcome.errors == """
                    pgdr: cluster "shop" has no primary that answers
                    HINT: Look at: pgdr status

                    """)
            #expect(!exists("\(directory)/audit"))
        }
    }

    /// Nobody sits there who could be asked; the steps need no server.
    @Test func onlyWhoSaysYesIsNotAsked() async throws {
        try await withRunbooks(["say.yaml": Self.own]) { config, directory in
            let plan = try await Tool.run(["run", "say", "yes", "10ms", "--plan"], config: config)
            #expect(plan.status == 0, "\(plan.errors)")
            #expect(
                plan.output == """
                    Say yes

                    Steps
                      1. yes  [say]
                           say: yes
                      2. wait 10ms  [wait]
                           wait 0.01 s

                    It may run now.

                    """)
            let asked = try await Tool.run(["run", "say", "yes", "10ms"], config: config)
            #expect(asked.status == 1)
            #expect(asked.output == "")
            #expect(
                asked.errors == """
                    pgdr: nobody can be asked whether to begin
                    DETAIL: Standard input is no terminal.
                    HINT: Look at the plan with --plan, then run it with --yes.

                    """)
            let none = try await Tool.run(["runs"], config: config)
            #expect(none.status == 0 && none.output == "No runs.\n", "\(none.errors)")
            #expect(!exists("\(directory)/audit"))
            let done = try await Tool.run(["run", "say", "yes", "10ms", "--yes"], config: config)
            #expect(done.status == 0, "\(done.errors)")
            #expect(
                done.output.wholeMatch(of: /Done: Say yes \(run \d{8}-\d{6}-[a-z]{4}\)\.\n/) != nil, "\(done.output)")
            #expect(done.errors.contains("      yes\n"), "\(done.errors)")
            let runs = try await Tool.run(["runs"], config: config)
            #expect(runs.status == 0)
            #expect(runs.lines.count == 2 && runs.output.contains("done"), "\(runs.output)")
            let id = try #require(runs.lines.last?.split(separator: " ").first.map(String.init))
            let again = try await Tool.run(["resume", id], config: config)
            #expect(again.status == 1)
            #expect(again.errors.hasPrefix("pgdr: run \(id) has ended: it is done\n"), "\(again.errors)")
            let unknown = try await Tool.run(["abort", "nosuch"], config: config)
            #expect(unknown.status == 1)
            #expect(
                unknown.errors == """
                    pgdr: there is no run "nosuch" of cluster "shop" in the audit log
                    HINT: See them with: pgdr runs

                    """)
        }
    }
}
