import Testing

@Suite struct RefusedFileTests {
    private static let empty = Refusal(
        "", "configuration file \"pgdr.yaml\" is empty", hint: "Write one with: pgdr init CONNINFO")

    @Test(arguments: [
        empty,
        Refusal("# nothing\n", empty.message, hint: empty.hint),
        Refusal(
            "---\n", "pgdr.yaml:2:1: expected a mapping with the key \"clusters\" for \"pgdr.yaml\", found nothing"),
        Refusal("- a\n", "pgdr.yaml:1:1: expected a mapping with the key \"clusters\" for \"pgdr.yaml\", found a list"),
        Refusal("{}", "pgdr.yaml:1:1: no clusters", hint: "Write one with: pgdr init CONNINFO"),
        Refusal("clusters: {}", "pgdr.yaml:1:11: no clusters", hint: "Write one with: pgdr init CONNINFO"),
        Refusal("clusters:\n", "pgdr.yaml:1:10: expected a mapping of clusters for \"clusters\", found nothing"),
        Refusal("clusters: [c]", "pgdr.yaml:1:11: expected a mapping of clusters for \"clusters\", found a list"),
        Refusal(
            "audit-directory: /x\nclusters: {}", "pgdr.yaml:1:1: unknown key \"audit-directory\"",
            hint: "Did you mean \"audit_directory\"?"),
        Refusal("cluster: {}", "pgdr.yaml:1:1: unknown key \"cluster\"", hint: "Did you mean \"clusters\"?"),
        Refusal(
            "clusters:\n  c: {}", "pgdr.yaml:2:3: cluster \"c\" has no \"nodes\"",
            hint: "Add \"nodes:\" with at least one node below it."),
        Refusal("clusters:\n  c: {nodes: {}}", "pgdr.yaml:2:14: cluster \"c\" has no nodes"),
        Refusal("clusters:\n  c: text", "pgdr.yaml:2:6: expected a mapping for \"c\", found \"text\""),
        Refusal(
            "clusters:\n  c: {nodes: [a]}", "pgdr.yaml:2:14: expected a mapping of nodes for \"nodes\", found a list"),
        Refusal("clusters: {c: {[a]: b}}", "pgdr.yaml:1:16: expected a name as key, found a list"),
        Refusal("clusters: !vault abc", "pgdr.yaml:1:11: YAML tags are not supported"),
        Refusal(node("site: \"a\\0b\""), "pgdr.yaml:7:15: a NUL character is not allowed"),
        Refusal(node("site: \"a\\nb\""), "pgdr.yaml:7:15: expected a name on one line for \"site\", found text"),
    ])
    func refusesTheFrame(_ refusal: Refusal) throws { try refusal.check() }

    @Test(arguments: [
        Refusal(
            "clusters:\n\tc: {}", "pgdr.yaml:2:1: invalid YAML: found character that cannot start any token",
            detail: "While scanning for the next token, line 2, column 1.", hint: "Indent with spaces, not with tabs."),
        Refusal(
            "clusters: {c: [", "pgdr.yaml:1:16: invalid YAML: did not find expected node content",
            detail: "While parsing a flow node, line 1, column 16."),
        Refusal(
            node("site: a: b"), "pgdr.yaml:7:16: invalid YAML: mapping values are not allowed in this context",
            hint: "Put values that hold \": \" in quotes, and indent the keys of one mapping alike."),
        Refusal("clusters: *c", "pgdr.yaml:1:11: invalid YAML: found undefined alias"),
        Refusal(
            "clusters: {}\n---\nclusters: {}", "pgdr.yaml:2:1: a second YAML document begins, where one is expected"),
        Refusal("a: b\nc: \u{1}", "pgdr.yaml:2:4: invalid YAML: control characters are not allowed (U+0001)"),
        Refusal(
            "clusters: \"a", "pgdr.yaml:1:13: invalid YAML: found unexpected end of stream",
            detail: "While scanning a quoted scalar, line 1, column 11."),
    ])
    func locatesSyntaxErrors(_ refusal: Refusal) throws { try refusal.check() }

    @Test(arguments: [
        Refusal(
            node("kind: dr", "site: a", "kind: dr"), "pgdr.yaml:8:9: the key \"kind\" appears twice",
            detail: "The first one is in line 6."),
        Refusal(
            nodes("a: {connection: host=a, kind: dr}", "\"b\": {}", "'b' : {}"),
            "pgdr.yaml:6:7: the key \"b\" appears twice", detail: "The first one is in line 5."),
        Refusal("clusters: {c: {}, c: {}}", "pgdr.yaml:1:12: the key \"c\" appears twice"),
        Refusal(
            "clusters:\n  c:\n    nodes: {}\n# c: no\n\n  c: {}\n", "pgdr.yaml:6:3: the key \"c\" appears twice",
            detail: "The first one is in line 2."),
    ])
    func locatesDuplicateKeys(_ refusal: Refusal) throws { try refusal.check() }

    @Test(arguments: [
        Refusal(node("conection: x"), "pgdr.yaml:7:9: unknown key \"conection\"", hint: "Did you mean \"connection\"?"),
        Refusal(
            node("data-directory: /x"), "pgdr.yaml:7:9: unknown key \"data-directory\"",
            hint: "Did you mean \"data_directory\"?"),
        Refusal(node("Ssh: h"), "pgdr.yaml:7:9: unknown key \"Ssh\"", hint: "Did you mean \"ssh\"?"),
        Refusal(
            node("password: secret"), "pgdr.yaml:7:9: unknown key \"password\"",
            detail: "Known keys here: \"connection\", \"kind\", \"site\", \"address\", \"ssh\", \"data_directory\","
                + " \"service\", \"priority\", \"upstream\", \"application_name\" and \"decisions\"."),
        Refusal(
            cluster("witness: {}"), "pgdr.yaml:3:5: unknown key \"witness\"", hint: "Did you mean \"witnesses\"?"),
        Refusal(
            cluster("failover: {confirm: 5s}"), "pgdr.yaml:3:16: unknown key \"confirm\"",
            detail: "Known keys here: \"mode\", \"confirm_for\", \"interval\", \"restart_first\", \"max_lag\","
                + " \"fencing\", \"fence_command\", \"cooldown\", \"at_most\", \"prefer_sites\", \"avoid_sites\","
                + " \"routes\", \"notify\", \"hook_timeout\" and \"after\"."),
        Refusal(
            cluster("failover: {max_lag: {byte: 1MB}}"), "pgdr.yaml:3:26: unknown key \"byte\"",
            hint: "Did you mean \"bytes\"?"),
        Refusal(cluster("timeot: 5s"), "pgdr.yaml:3:5: unknown key \"timeot\"", hint: "Did you mean \"timeout\"?"),
        Refusal(
            cluster("thresholds:", "  lag_byte: off"), "pgdr.yaml:4:7: unknown key \"lag_byte\"",
            hint: "Did you mean \"lag_bytes\"?"),
        Refusal(
            cluster("thresholds: {lag_bytes: {warn: 1MB}}"), "pgdr.yaml:3:30: unknown key \"warn\"",
            detail: "Known keys here: \"warning\" and \"critical\"."),
        Refusal(
            node("ssh: {host: h, prot: 22}"), "pgdr.yaml:7:24: unknown key \"prot\"", hint: "Did you mean \"port\"?"),
        Refusal(
            node("service: {systemctl: x}"), "pgdr.yaml:7:19: unknown key \"systemctl\"",
            hint: "Did you mean \"systemd\"?"),
    ])
    func suggestsTheKeyThatWasMeant(_ refusal: Refusal) throws { try refusal.check() }

    @Test(arguments: ["a b", "ä", "", String(repeating: "a", count: 64), "-a", ".", "a/b"])
    func refusesNames(name: String) throws {
        let shown = name.isEmpty || name.utf8.count <= 63 ? " \"\(name)\"" : ""
        let detail = "A name has 1 to 63 letters, digits, \"_\", \".\" and \"-\", the last two not at its start."
        try Refusal(
            "clusters:\n  \"\(name)\": {}", "pgdr.yaml:2:3: invalid cluster name\(shown)", detail: detail
        ).check()
        try Refusal(
            nodes("\"\(name)\": {}"), "pgdr.yaml:4:7: invalid node name\(shown)", detail: detail
        ).check()
    }

    @Test func stopsExpandingAliases() throws {
        var yaml = "clusters:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...20 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "  a\(level): &a\(level) [\(aliases)]\n"
        }
        try Refusal(
            yaml, "pgdr.yaml holds more than 200000 values",
            detail: "Each use of a YAML alias counts with all that it stands for."
        ).check()
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "? *a30\n  : x", "*a30 : x", "{? *a30 : x}", "{*a30 : x}", "[*a30 : x]", "? [*a30]\n  : x", "[*a30]: x",
            "{*a30:x}", "- ? *a30",
        ])
    func stopsExpandingAliasesInKeys(use: String) throws {
        var yaml = "clusters:\n  a0: &a0 [x, x]\n"
        for level in 1...30 { yaml += "  a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        try Refusal(
            yaml + "  \(use)\n", "pgdr.yaml holds more than 200000 values",
            detail: "Each use of a YAML alias counts with all that it stands for."
        ).check()
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["[", "- ", "{a: ", "? "])
    func survivesDeepNesting(opening: String) throws {
        #expect(throws: (any Error).self) { try parsed(String(repeating: opening, count: 250_000)) }
    }
}
