import Configuration
import Testing

@Suite struct WitnessTests {
    /// A file with these witnesses, the first in line 4, and two nodes.
    private static func file(_ witnesses: String...) -> String {
        (["clusters:", "  c:", "    witnesses:"] + witnesses.map { "      \($0)" } + [
            "    nodes:", "      a: {connection: host=a, kind: primary, ssh: \"pg@[fd00::1]:2222\"}",
            "      b: {connection: host=b, kind: dr, ssh: {host: b, jump: bastion}}",
        ]).joined(separator: "\n") + "\n"
    }

    @Test func readsEveryKey() throws {
        let cluster = try parsed(
            Self.file(
                "w1: {ssh: \"pgdr@w1:23\", site: attic, decisions: /var/lib/pgdr}",
                "w2: {ssh: {host: w2, user: u, identity_file: ~/.ssh/id, jump: bastion, become: sudo -n}}")
        ).cluster(named: nil)
        #expect(
            cluster.witnesses == [
                WitnessConfiguration(
                    name: "w1", ssh: SSHAddress(host: "w1", user: "pgdr", port: 23), site: "attic",
                    decisions: "/var/lib/pgdr"),
                WitnessConfiguration(
                    name: "w2",
                    ssh: SSHAddress(
                        host: "w2", user: "u", identityFile: "~/.ssh/id", jumps: [SSHAddress(host: "bastion")],
                        become: ["sudo", "-n"])),
            ])
        #expect(cluster.nodeSites.isEmpty)
        #expect(cluster.sites == ["attic"])
    }

    private static func same(_ first: String, _ second: String, at server: String) -> Refusal {
        Refusal(
            file("w1: {ssh: \(first)}", "w2: {ssh: \(second)}"),
            "pgdr.yaml:5:17: witness \"w2\" is the same host as witness \"w1\"",
            detail: "Both are reached at \(server).", hint: "Name hosts that are not lost together.")
    }

    @Test(arguments: [
        Refusal(
            cluster("witnesses: [w]"), "pgdr.yaml:3:16: expected a mapping of witnesses for \"witnesses\", found a list"
        ),
        Refusal(file("w: pgdr@w"), "pgdr.yaml:4:10: expected a mapping for \"w\", found text"),
        Refusal(
            file("w: {site: attic}"), "pgdr.yaml:4:7: witness \"w\" has no \"ssh\"",
            hint: "Add \"ssh: user@host\", its only way to vote."),
        Refusal(
            file("w: {ssh: w, kind: dr}"), "pgdr.yaml:4:19: unknown key \"kind\"",
            detail: "Known keys here: \"ssh\", \"site\" and \"decisions\"."),
        Refusal(
            file("w: {ssh: \"w:0\"}"), "pgdr.yaml:4:16: invalid SSH address",
            detail: "A port is a number from 1 to 65535.",
            hint: "Write it as user@host, user@host:22 or user@[fd00::2]:22."),
        Refusal(
            file("w: {ssh: w, decisions: ~/decisions}"),
            "pgdr.yaml:4:30: expected an absolute path for \"decisions\", found \"~/decisions\""),
        Refusal(file("w: {ssh: w, site: [a]}"), "pgdr.yaml:4:25: expected a name for \"site\", found a list"),
        Refusal(
            file("-w: {ssh: w}"), "pgdr.yaml:4:7: invalid witness name \"-w\"", detail: Name.rule),
        Refusal(file("w: {ssh: w}", "b: {ssh: x}"), "pgdr.yaml:5:7: witness \"b\" has the name of a node"),
        same("w", "w", at: "w, port 22"),
        same("ann@w", "{host: W., user: bob, port: 22}", at: "w, port 22"),
        same("\"[fd00::9]:23\"", "{host: \"fd00:0::9\", port: 23}", at: "fd00::9, port 23"),
        same("{host: w, jump: j}", "{host: w, jump: \"ann@j:22\"}", at: "w, port 22"),
    ])
    func refuses(_ refusal: Refusal) throws { try refusal.check() }

    /// A private address means another host behind another jump.
    @Test(arguments: [
        ("w", "x"), ("w", "\"w:23\""), ("w", "{host: w, jump: j}"), ("{host: w, jump: j}", "{host: w, jump: k}"),
    ])
    func acceptsTwoHosts(first: String, second: String) throws {
        let file = try parsed(Self.file("w1: {ssh: \(first)}", "w2: {ssh: \(second)}"))
        #expect(file.warnings.isEmpty)
        #expect(try file.cluster(named: nil).witnesses.count == 2)
    }

    @Test(
        arguments: [
            ("\"[fd00::1]:2222\"", "a"), ("\"ann@[fd00:0:0::1]:2222\"", "a"), ("{host: B, jump: ops@bastion}", "b"),
            ("\"[fd00::1]:22\"", nil), ("b", nil), ("{host: b, jump: other}", nil),
        ] as [(String, String?)])
    func warnsOfAWitnessOnTheHostOfANode(address: String, node: String?) throws {
        let warnings = try parsed(Self.file("w: {ssh: \(address)}")).warnings
        let expected = node.map { node in
            ConfigurationWarning(
                location: SourceLocation(path: "pgdr.yaml", line: 4, column: 16),
                text: "witness \"w\" is lost together with node \"\(node)\"",
                hint: "Put it on a host of its own, best at a site without nodes.")
        }
        #expect(warnings == [expected].compactMap { $0 })
    }
}
