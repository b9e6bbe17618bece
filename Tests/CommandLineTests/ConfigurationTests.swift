import Testing

@Suite(.serialized, .timeLimit(.minutes(2)))
struct ConfigurationTests {
    private static let good = """
        clusters:
          shop:
            nodes:
              nas-1: {connection: "host=127.0.0.1 port=1 user=pgdr", kind: primary}
              nas-2: {connection: "host=127.0.0.1 port=2 user=pgdr", kind: dr}
          till:
            nodes:
              till-1: {connection: "host=127.0.0.1 port=3 user=pgdr", kind: primary}

        """

    @Test func notFoundListsThePlaces() async throws {
        try await withDirectory { directory in
            let outcome = try await Tool.run(["status"], environment: ["HOME": directory], in: directory)
            #expect(outcome.status == 3)
            #expect(outcome.output == "")
            #expect(
                outcome.errors == """
                    pgdr: found no configuration file
                    DETAIL: --config: not given
                        PGDR_CONFIG: not set
                        ./pgdr.yaml: No such file or directory
                        \(directory)/.config/pgdr/pgdr.yaml: No such file or directory
                        /etc/pgdr/pgdr.yaml: No such file or directory
                    HINT: Write one with: pgdr init CONNINFO

                    """)
        }
    }

    @Test func theCurrentDirectorysIsFound() async throws {
        try await withDirectory { directory in
            try write(Self.good, to: "\(directory)/pgdr.yaml")
            let outcome = try await Tool.run(["config", "check"], in: directory)
            #expect(outcome.status == 0)
            #expect(outcome.lines.first == "./pgdr.yaml: cluster \"shop\": nas-1 (primary), nas-2 (dr)")
        }
    }

    @Test(arguments: ["status", "check", "config check"]) func whatIsNamedMustExist(command: String) async throws {
        let words = command.split(separator: " ").map(String.init)
        let named = try await Tool.run(words + ["--config", "/nonexistent/pgdr.yaml"])
        #expect(named.status == 3)
        #expect(named.errors.hasPrefix("pgdr: could not open configuration file \"/nonexistent/pgdr.yaml\": No such"))
        let set = try await Tool.run(words, config: "/nonexistent/other.yaml")
        #expect(set.status == 3)
        #expect(set.errors.contains("DETAIL: It was named by PGDR_CONFIG"), "\(set.errors)")
    }

    @Test(arguments: ["status", "check", "config check"]) func anErrorIsOneObjectForScripts(
        command: String
    ) async throws {
        let words = command.split(separator: " ").map(String.init)
        let outcome = try await Tool.run(words + ["--format", "json"], config: "/nonexistent/pgdr.yaml")
        #expect(outcome.status == 3)
        #expect(outcome.output == "")
        #expect(outcome.errors.split(separator: "\n").count == 1)
        let document = try decode(ErrorDocument.self, outcome.errors)
        #expect(document.code == "configuration")
        #expect(document.message.hasPrefix("could not open configuration file"))
        #expect(document.node == nil)
        #expect(outcome.errors.contains("\"hint\":null"))
    }

    @Test func aMonitorSeesTheErrorToo() async throws {
        let outcome = try await Tool.run(["status", "--format", "nagios"], config: "/nonexistent/pgdr.yaml")
        #expect(outcome.status == 3)
        #expect(outcome.output.hasPrefix("PGDR UNKNOWN - could not open configuration file"), "\(outcome.output)")
    }

    @Test(arguments: [
        ("clusters: [", ":1:12: "), ("clusters:\n  a: {nodes: {b: {connexion: x}}}\n", ":2:"),
        ("\u{0}\u{1}", ":1:1: "), ("- a\n- b\n", ":1:1: "),
    ]) func garbageHasAPlace(text: String, place: String) async throws {
        try await withDirectory { directory in
            let file = try write(text, to: "\(directory)/pgdr.yaml")
            for words in [["status"], ["check"], ["config", "check"]] {
                let outcome = try await Tool.run(words, config: file)
                #expect(outcome.status == 3)
                #expect(outcome.errors.hasPrefix("pgdr: \(file)\(place)"), "\(outcome.errors)")
            }
        }
    }

    @Test func clustersAreChosenByName() async throws {
        try await withDirectory { directory in
            let file = try write(Self.good, to: "\(directory)/pgdr.yaml")
            let unknown = try await Tool.run(["status", "--cluster", "shopp"], config: file)
            #expect(unknown.status == 3)
            #expect(
                unknown.errors == """
                    pgdr: there is no cluster "shopp" in "\(file)"
                    DETAIL: Clusters: "shop" and "till".
                    HINT: Did you mean "shop"?

                    """)
            let none = try await Tool.run(["status"], config: file)
            #expect(none.status == 3)
            #expect(none.errors.contains("HINT: Choose one with --cluster NAME."), "\(none.errors)")
            let one = try await Tool.run(["config", "check", "-C", "till"], config: file)
            #expect(one.output == "\(file): cluster \"till\": till-1 (primary)\n")
        }
    }

    @Test func aPasswordInTheFileIsAWarning() async throws {
        try await withDirectory { directory in
            let text = Self.good.replacing("port=3 user=pgdr", with: "port=3 user=pgdr password=hunter2")
            let file = try write(text, to: "\(directory)/pgdr.yaml", mode: 0o644)
            let outcome = try await Tool.run(["config", "check"], config: file)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("pgdr: warning: \(file):8:"), "\(outcome.errors)")
            #expect(outcome.output.contains("HINT: Run: chmod 600"), "\(outcome.output)")
            #expect(!(outcome.output + outcome.errors).contains("hunter2"))
            let document = try await Tool.run(["config", "check", "--format", "json"], config: file)
            #expect(document.status == 1)
            #expect(document.output.contains("\"line\" : 8"), "\(document.output)")
            #expect(!(document.output + document.errors).contains("hunter2"))
        }
    }

    @Test func configCheckForScripts() async throws {
        try await withDirectory { directory in
            let file = try write(Self.good, to: "\(directory)/pgdr.yaml")
            let words = ["config", "check", "--format", "json", "--cluster", "till"]
            let outcome = try await Tool.run(words, config: file)
            #expect(outcome.status == 0)
            let text = outcome.output.filter { !$0.isWhitespace }
            let expected =
                #"{"audit_directory":"\#(directory)/audit","clusters":[{"admin":null,"clients":[],"#
                + #""failover":{"at_most":{"failovers":2,"within_seconds":86400},"avoid_sites":[],"#
                + #""confirm_for_seconds":5,"cooldown_seconds":600,"fence_program":null,"fencing":"required","#
                + #""hook_timeout_seconds":10,"interval_seconds":1,"max_lag":{"bytes":16777216,"seconds":null},"#
                + #""mode":"manual","notify_programs":[],"prefer_sites":[],"restart_first":false,"#
                + #""route_programs":[]},"name":"till","#
                + #""nodes":[{"address":"127.0.0.1:3","decisions":null,"kind":"primary","name":"till-1","site":null,"#
                + #""ssh":null}],"objectives":{"rpo":null,"rto_seconds":null},"replication":null,"witnesses":[]}],"estate":null,"path":"\#(file)","runbooks":null,"schema":1,"#
                + #""warnings":[]}"#
            #expect(text == expected)
        }
    }

    /// A word after a command's first may be a secret.
    @Test func configCheckShowsFailover() async throws {
        try await withDirectory { directory in
            let file = try write(
                """
                clusters:
                  shop:
                    failover:
                      mode: automatic
                      fence_command: [/sbin/fence, --login, hunter2]
                      routes: [[/bin/route, hunter2], [/bin/dns]]
                      notify: [[/bin/tell, --token=hunter2]]
                      max_lag: {bytes: off, seconds: 1.5s}
                      prefer_sites: [attic]
                    witnesses:
                      w: {ssh: ops@w:23, site: barn, decisions: /var/lib/pgdr}
                    nodes:
                      a: {connection: host=127.0.0.1, kind: primary, site: attic, decisions: /srv/decisions}

                """, to: "\(directory)/pgdr.yaml")
            let table = try await Tool.run(["config", "check"], config: file)
            #expect(table.status == 0)
            #expect(table.output == "\(file): cluster \"shop\": a (primary), w (witness)\n")
            let outcome = try await Tool.run(["config", "check", "--format", "json"], config: file)
            let text = outcome.output.filter { !$0.isWhitespace }
            for part in [
                #""fence_program":"/sbin/fence""#, #""route_programs":["/bin/route","/bin/dns"]"#,
                #""notify_programs":["/bin/tell"]"#, #""max_lag":{"bytes":null,"seconds":1.5}"#,
                #""mode":"automatic""#, #""prefer_sites":["attic"]"#,
                #""witnesses":[{"decisions":"/var/lib/pgdr","name":"w","site":"barn","ssh":"ops@w:23"}]"#,
                #""decisions":"/srv/decisions","kind":"primary","name":"a","site":"attic","ssh":null"#,
            ] {
                #expect(text.contains(part), "\(part) in \(text)")
            }
            #expect(!(table.output + table.errors + outcome.output + outcome.errors).contains("hunter2"))
        }
    }

    /// Nobody listens there: the cluster is lost, which is no failure of the command.
    @Test func allNodesDownIsCritical() async throws {
        try await withDirectory { directory in
            let file = try write(Self.good, to: "\(directory)/pgdr.yaml")
            let outcome = try await Tool.run(["status", "--all"], config: file)
            #expect(outcome.status == 2)
            #expect(outcome.lines.filter { $0.contains("NO PRIMARY: ") }.count == 2, "\(outcome.output)")
            #expect(outcome.output.contains("refused"))
            let monitor = try await Tool.run(["status", "--all", "--format", "nagios"], config: file)
            #expect(monitor.status == 2)
            #expect(monitor.lines.filter { $0.hasPrefix("[CRITICAL] ") }.count == 3, "\(monitor.output)")
            let check = try await Tool.run(["check", "nas-2", "--cluster", "shop"], config: file)
            #expect(check.status == 2)
            #expect(check.output.contains("nas-2 must not be promoted now"), "\(check.output)")
        }
    }
}
