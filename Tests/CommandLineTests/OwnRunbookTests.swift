import Essentials
import FoundationEssentials
import Lab
import Testing

extension RealServers.SharedLab {
    /// What an operator's own runbook can do, with values that every shell and every parser would like to read.
    @Suite struct OwnRunbookTests {
        static let wicked = #"it's "q" $(touch HERE) `touch HERE`; touch HERE & | \ \\ %s ${x} é * ~ #"#

        /// All actions and keys that aren't typed operations; values come as parameters, from a file's name and as they
        /// stand.
        static let everything = #"""
            # Does everything.
            title: Do everything to ${n} with ${value}
            parameters:
              n: {type: node}
              value: {type: text}
              directory: {type: text}
            requires:
              - sql: {node: "${n}", statement: "SELECT $1 = current_database()", parameters: [postgres]}
              - ssh: {node: "${n}", words: [printf, "%s", "${value}"], expect: "${value}"}
            steps:
              - name: table
                on: ${n}
                sql: CREATE TABLE public.wicked (text text, more text)
                unless: {sql: {statement: "SELECT to_regclass($1) IS NOT NULL", parameters: [public.wicked]}}
                undo:
                  - sql: DROP TABLE public.wicked
              - name: table-again
                on: ${n}
                sql: CREATE TABLE public.wicked (text text, more text)
                unless: {sql: {statement: "SELECT to_regclass($1) IS NOT NULL", parameters: [public.wicked]}}
              - name: insert
                on: ${n}
                sql:
                  statement: INSERT INTO public.wicked VALUES ($1, $2)
                  parameters: ["${value}", "two\nlines of ${value}"]
                verify: {sql: {statement: "SELECT count(*) FROM public.wicked WHERE text = $1", parameters: ["${value}"], expect: "1"}}
              - name: upload
                on: ${n}
                upload: {path: "${directory}/up load's $(x)", content: "${value}\nnext\n", mode: "644"}
                verify: {ssh: {words: [head, -n, "1", "${directory}/up load's $(x)"], expect: "${value}"}}
              - name: ssh
                on: ${n}
                ssh: {words: [tee, "${directory}/in put's $(x)"], input: "${value}\n\n"}
              - name: local
                local: ["${directory}/a program's $(name)", "${value}", "", "a\nb"]
              - name: flaky
                local: ["${directory}/flaky"]
                retry: 3
              - name: fails
                local: ["false"]
                on_failure: continue
              - name: pause
                wait: 100ms
              - name: ask
                confirm: Is ${value} right?
              - name: say
                notify: Said ${value}
            """#

        @Test func everyActionTakesValuesAsTheyAre() async throws {
            try await OwnRunbooks.with(["everything": Self.everything]) { own in
                try write(
                    "#!/bin/bash\nprintf '%s|' \"$@\" >\"${0%/*}/arguments\"\n",
                    to: "\(own.directory)/a program's $(name)", mode: 0o755)
                try write(
                    "#!/bin/bash\ncd \"${0%/*}\"\necho x >>tries\ntest \"$(grep -c x tries)\" = 3\n",
                    to: "\(own.directory)/flaky", mode: 0o755)
                let words = [
                    "run", "everything", "--yes", "primary", "--set", "value=\(Self.wicked)", "--set",
                    "directory=\(own.directory)",
                ]
                try await own.lab.primary.psql("GRANT CREATE ON SCHEMA public TO pgdr_admin")
                let plan = try await own.pgdr(words.map { $0 == "--yes" ? "--plan" : $0 })
                #expect(plan.status == 0, "\(plan.output)\(plan.errors)")
                #expect(own.text("tries") == nil)
                let outcome = try await own.pgdr(words)
                let kept = try? await own.lab.primary.psql(
                    """
                    SELECT json_agg(wicked) FROM wicked;
                    DROP TABLE IF EXISTS wicked;
                    REVOKE CREATE ON SCHEMA public FROM pgdr_admin;
                    """)
                #expect(outcome.status == 3, "\(outcome.status) \(outcome.output)\(outcome.errors)")
                #expect(outcome.output.contains("fails"), "\(outcome.output)")
                #expect(outcome.errors.contains("Said \(Self.wicked)"), "\(outcome.errors)")
                struct Row: Decodable { var text, more: String }
                let rows = try decode([Row].self, #require(kept))
                #expect(rows.map(\.text) == [Self.wicked])
                #expect(rows.map(\.more) == ["two\nlines of \(Self.wicked)"])
                #expect(own.text("up load's $(x)") == "\(Self.wicked)\nnext\n")
                #expect(own.text("in put's $(x)") == "\(Self.wicked)\n\n")
                #expect(own.text("arguments") == "\(Self.wicked)||a\nb|")
                #expect(own.text("tries") == "x\nx\nx\n")
                let names = try FileManager.default.contentsOfDirectory(atPath: own.directory)
                #expect(!names.contains { $0.contains("HERE") }, "\(names)")
                #expect(!exists("/HERE") && !exists("/var/lib/postgresql/HERE"))
                let run = try #require(try await own.runs().first)
                #expect(run.state == "done")
                #expect(
                    run.steps.map { $0["state"] ?? "" } == [
                        "done", "skipped", "done", "done", "done", "done", "done", "failed", "done", "done", "done",
                    ])
                #expect(try await own.pgdr(["audit", "verify"]).status == 0)
            }
        }

        /// A role, its password, the file it stands in and a standby's name, all of them hard to quote.
        @Test func namesAndPasswordsReachTheServerAsTheyAre() async throws {
            try await OwnRunbooks.with([:]) { own in
                let lab = own.lab
                let name = #"d'r "$(x)" \ `y`"#
                let role = #"re'p "$(x)" \z"#
                let password = #"p'a:s\s "$(w)`d`"#
                try await lab.primary.psql(
                    #"CREATE ROLE :"role" REPLICATION LOGIN PASSWORD :'password'"#,
                    variables: ["role": role, "password": password])
                func field(_ text: String) -> String {
                    text.replacing(#"\"#, with: #"\\"#).replacing(":", with: #"\:"#)
                }
                let file = try write(
                    "*:*:*:\(field(role)):\(field(password))\n", to: "\(own.directory)/pass file's \"$(x)\"")
                _ = try await Tool.bash("chown --reference=\"$1\" \"$2\"", [lab.primary.dataDirectory, file])
                func value(_ text: String) -> String {
                    "'" + text.replacing(#"\"#, with: #"\\"#).replacing("'", with: #"\'"#) + "'"
                }
                func yaml(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
                let plain = try read(own.config)
                let lines = plain.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
                    if line.hasPrefix("    replication:") {
                        return ["    replication: " + yaml("user=\(value(role)) passfile=\(value(file))")]
                    }
                    return line == "      dr:"
                        ? ["      dr:", "        application_name: \(yaml(name))"] : [String(line)]
                }
                try write(lines.joined(separator: "\n"), to: own.config)
                let outcome = try await own.pgdr(["run", "repoint", "dr", "primary", "--yes"])
                let seen = try await lab.primary.psql(
                    "SELECT application_name, usename FROM pg_stat_replication WHERE application_name <> 'replica'")
                try write(plain, to: own.config)
                let back = try await own.pgdr(["run", "repoint", "dr", "primary", "--yes"])
                try await lab.primary.psql(#"DROP ROLE :"role""#, variables: ["role": role])
                #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
                #expect(seen == "\(name)|\(role)")
                #expect(back.status == 0, "\(back.output)\(back.errors)")
                let log = try await Tool.bash("cat \"$1\"/audit/*.jsonl", [own.directory])
                #expect(!log.output.contains("$(w)") && !outcome.output.contains("$(w)"))
            }
        }

        @Test func aFailureTakesEverythingBackInReverse() async throws {
            let runbook = """
                title: Fail
                parameters:
                  log: {type: text}
                steps:
                  - name: one
                    local: [sh, -c, 'echo one >>"$0"', "${log}"]
                    undo:
                      - local: [sh, -c, 'echo undo one >>"$0"', "${log}"]
                      - local: [sh, -c, 'echo undo one more >>"$0"', "${log}"]
                  - name: two
                    local: [sh, -c, 'echo two >>"$0"', "${log}"]
                    undo: {local: [sh, -c, 'echo undo two >>"$0"', "${log}"]}
                  - name: three
                    local: [sh, -c, 'echo three >>"$0"; echo why >&2; exit 7', "${log}"]
                    undo: {local: [sh, -c, 'echo undo three >>"$0"', "${log}"]}
                  - name: four
                    local: [sh, -c, 'echo four >>"$0"', "${log}"]
                    undo: {local: [sh, -c, 'echo undo four >>"$0"', "${log}"]}
                """
            try await OwnRunbooks.with(["fail": runbook]) { own in
                let outcome = try await own.pgdr(["run", "fail", "--yes", "\(own.directory)/log"])
                #expect(outcome.status == 2, "\(outcome.output)\(outcome.errors)")
                #expect(outcome.output.contains("sh failed") && outcome.output.contains("why"), "\(outcome.output)")
                #expect(
                    own.text("log")
                        == "one\ntwo\nthree\nundo three\nundo two\nundo one\nundo one more\n")
                #expect(try await own.runs().map(\.state) == ["undone"])
            }
        }

        /// Nothing of a step is done whose own condition does not hold, and it counts as not begun.
        @Test func aStepThatRefusesIsNotTakenBack() async throws {
            let runbook = """
                title: Refuse
                parameters:
                  log: {type: text}
                steps:
                  - name: one
                    local: [sh, -c, 'echo one >>"$0"', "${log}"]
                    undo: {local: [sh, -c, 'echo undo one >>"$0"', "${log}"]}
                  - name: two
                    requires: {sql: {node: primary, statement: SELECT false}}
                    point_of_no_return: true
                    local: [sh, -c, 'echo two >>"$0"', "${log}"]
                    undo: {local: [sh, -c, 'echo undo two >>"$0"', "${log}"]}
                """
            try await OwnRunbooks.with(["refuse": runbook]) { own in
                let outcome = try await own.pgdr(["run", "refuse", "--yes", "\(own.directory)/log"])
                #expect(outcome.status == 2, "\(outcome.output)\(outcome.errors)")
                #expect(own.text("log") == "one\nundo one\n")
            }
        }
    }
}
