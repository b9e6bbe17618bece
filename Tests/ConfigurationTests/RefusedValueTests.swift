import Testing

@Suite struct RefusedValueTests {
    private static let sizes = "Valid units are \"B\", \"kB\", \"MB\", \"GB\" and \"TB\""
    private static let times = "Valid units are \"us\", \"ms\", \"s\", \"min\", \"h\" and \"d\""
    private static let tooLarge = "It is too large or has too many digits."

    private static func size(_ text: String, detail: String, hint: String? = nil) -> Refusal {
        Refusal(
            cluster("thresholds: {lag_bytes: {warning: \(text)}}"),
            "pgdr.yaml:3:39: invalid value for \"lag_bytes.warning\": \"\(text)\"", detail: detail, hint: hint)
    }

    private static func time(_ text: String, detail: String, hint: String? = nil) -> Refusal {
        Refusal(
            cluster("timeout: \(text)"), "pgdr.yaml:3:14: invalid value for \"timeout\": \"\(text)\"", detail: detail,
            hint: hint)
    }

    @Test(arguments: [
        size("16", detail: "It has no unit.", hint: "\(sizes); write \"16MB\", for example."),
        size("16mb", detail: "\(sizes).", hint: "Did you mean \"16MB\"?"),
        size("16PB", detail: "\(sizes)."),
        size("-1MB", detail: "It must not be negative.", hint: "\(sizes)."),
        size("+1MB", detail: "It must be a number and a unit.", hint: "\(sizes)."),
        size("nan", detail: "It must be a number and a unit.", hint: "\(sizes)."),
        size("inf MB", detail: "It must be a number and a unit.", hint: "\(sizes)."),
        size("1..5GB", detail: "It must be a number and a unit.", hint: "\(sizes)."),
        size(".5GB", detail: "It must be a number and a unit.", hint: "\(sizes)."),
        size("1e3MB", detail: "\(sizes)."),
        size("٣MB", detail: "It must be a number and a unit.", hint: "\(sizes)."),
        size("8388608TB", detail: tooLarge),
        size("99999999999999999999B", detail: tooLarge),
        size("18446744073709551615TB", detail: tooLarge),
        size("0.00000000000000000001TB", detail: tooLarge),
        time("5", detail: "It has no unit.", hint: "\(times); write \"5s\", for example."),
        time("5m", detail: "\(times)."),
        time("5S", detail: "\(times).", hint: "Did you mean \"5s\"?"),
        time("-5s", detail: "It must not be negative.", hint: "\(times)."),
        time("99999999999999999d", detail: tooLarge),
        Refusal(
            cluster("drills: {clone: 59min}"), "pgdr.yaml:3:21: \"drills.clone\" must be between 1h and 3650d"),
        Refusal(
            cluster("drills: {failover: 1d}"), "pgdr.yaml:3:14: unknown key \"failover\"",
            detail: "Known keys here: \"switchover\", \"snapshot\" and \"clone\"."),
        Refusal(cluster("timeout: 99ms"), "pgdr.yaml:3:14: \"timeout\" must be between 100ms and 10min"),
        Refusal(cluster("timeout: 11min"), "pgdr.yaml:3:14: \"timeout\" must be between 100ms and 10min"),
        Refusal(
            cluster("timeout: [5s]"), "pgdr.yaml:3:14: expected a duration such as 30s for \"timeout\", found a list"),
        Refusal(cluster("timeout:"), "pgdr.yaml:3:13: expected a duration such as 30s for \"timeout\", found nothing"),
    ])
    func refusesQuantities(_ refusal: Refusal) throws { try refusal.check() }

    @Test(arguments: [
        Refusal(
            cluster("thresholds: {connections: {warning: 80}}"),
            "pgdr.yaml:3:41: invalid value for \"connections.warning\": \"80\"", detail: "It has no unit.",
            hint: "Write \"80%\"."),
        Refusal(
            cluster("thresholds: {connections: {critical: 101%}}"),
            "pgdr.yaml:3:42: invalid value for \"connections.critical\": \"101%\"",
            detail: "It must be between 0% and 100%."),
        Refusal(
            cluster("thresholds: {lag_seconds: {warning: 2s, critical: 1s}}"),
            "pgdr.yaml:3:41: the warning limit of \"lag_seconds\" lies above the critical one"),
        Refusal(
            cluster("thresholds: {lag_seconds: {warning: 1h}}"),
            "pgdr.yaml:3:41: the warning limit of \"lag_seconds\" lies above the critical one",
            detail: "The limit that isn't given has its default.", hint: "Give both, or switch the other one \"off\"."),
        Refusal(
            cluster("thresholds: {lag_seconds: 5s}"),
            "pgdr.yaml:3:31: expected \"off\" or a mapping of \"warning\" and \"critical\" for \"lag_seconds\","
                + " found \"5s\""),
    ])
    func refusesThresholds(_ refusal: Refusal) throws { try refusal.check() }

    @Test(arguments: [
        Refusal(node("kind: primry"), "pgdr.yaml:6:15: unknown kind \"primry\"", hint: "Did you mean \"primary\"?"),
        Refusal(
            node("kind: master"), "pgdr.yaml:6:15: unknown kind \"master\"",
            detail: "A kind is \"primary\", \"dr\", \"replica\" or \"backup\"."),
        Refusal(
            nodes("n: {connection: host=h}"), "pgdr.yaml:4:7: node \"n\" has no \"kind\"",
            hint: "Add \"kind:\" with one of \"primary\", \"dr\", \"replica\" or \"backup\"."),
        Refusal(
            nodes("n: {kind: dr}"), "pgdr.yaml:4:7: node \"n\" has no \"connection\"",
            hint: "Add \"connection: host=... port=5432 dbname=postgres user=...\"."),
        Refusal(node("priority: high"), "\(priority) \"high\""),
        Refusal(node("priority: -1"), "\(priority) \"-1\""),
        Refusal(node("priority: 1000001"), "\(priority) \"1000001\""),
        Refusal(
            node("data_directory: srv/pg"),
            "pgdr.yaml:7:25: expected an absolute path for \"data_directory\", found \"srv/pg\""),
        Refusal(
            node("decisions: srv/pg"),
            "pgdr.yaml:7:20: expected an absolute path for \"decisions\", found \"srv/pg\""),
        Refusal(node("site:"), "pgdr.yaml:7:14: expected a name for \"site\", found nothing"),
        Refusal(node("site: \"\""), "pgdr.yaml:7:15: expected a name for \"site\", found \"\""),
        Refusal(
            node("application_name: ä"),
            "pgdr.yaml:7:27: expected 1 to 63 printable ASCII characters for \"application_name\", found \"ä\""),
    ])
    func refusesNodeValues(_ refusal: Refusal) throws { try refusal.check() }

    private static let priority = "pgdr.yaml:7:19: expected a whole number from 0 to 1000000 for \"priority\", found"

    private static func ssh(_ value: String, _ detail: String) -> Refusal {
        Refusal(
            node("ssh: \(value)"), "pgdr.yaml:7:14: invalid SSH address", detail: detail,
            hint: "Write it as user@host, user@host:22 or user@[fd00::2]:22.")
    }

    @Test(arguments: [
        ssh("u@fd00::2", "An IPv6 address must stand in brackets."),
        ssh("u@[fd00::2", "The bracket is not closed."),
        ssh("u@[fd00::2]22", "Only a port may follow the closing bracket."),
        ssh("u@h:0", "A port is a number from 1 to 65535."),
        ssh("u@h:65536", "A port is a number from 1 to 65535."),
        ssh("\"u@h:\"", "A port is a number from 1 to 65535."),
        ssh("\"u@\"", "The host is empty."),
        ssh("\"@h\"", "The user is empty."),
        ssh("-oProxyCommand=x", "The host holds a character that no host can have."),
        ssh("a:b@h", "The user holds a character that no user can have."),
        ssh("ssh://h", "A port is a number from 1 to 65535."),
        ssh("a b", "The host holds a character that no host can have."),
        Refusal(
            node("ssh: {user: u}"), "pgdr.yaml:7:14: expected a mapping with \"host\" for \"ssh\", found a mapping"),
        Refusal(node("ssh: [h]"), "pgdr.yaml:7:14: expected [user@]host[:port] or a mapping for \"ssh\", found a list"),
        Refusal(
            node("ssh: {host: h, jump: {host: j, jump: k}}"), "pgdr.yaml:7:40: unknown key \"jump\"",
            detail: "Known keys here: \"host\", \"user\", \"port\", \"identity_file\", \"known_hosts\" and \"askpass\"."
        ),
        Refusal(
            node("ssh: {host: h, jump: []}"),
            "pgdr.yaml:7:30: expected a host or a list of hosts for \"jump\", found a list"),
        Refusal(
            node("ssh: {host: h, jump: {user: u}}"),
            "pgdr.yaml:7:30: expected a mapping with \"host\" for \"jump\", found a mapping"),
        Refusal(
            node("ssh: {host: h, become: sudo -u 'a b'}"),
            "pgdr.yaml:7:32: expected words or a list of them such as [sudo, -n] for \"become\", found \"sudo -u 'a b'\""
        ),
        Refusal(
            node("ssh: {host: h, become: \" \"}"),
            "pgdr.yaml:7:32: expected words or a list of them such as [sudo, -n] for \"become\", found \" \""),
        Refusal(
            node("ssh: {host: h, askpass: pass show ssh}"),
            "pgdr.yaml:7:33: expected a list of words such as [pass, show, ssh] for \"askpass\","
                + " found \"pass show ssh\""),
        Refusal(
            node("ssh: {host: h, identity_file: id}"),
            "pgdr.yaml:7:39: expected an absolute path or one that begins with ~/ for \"identity_file\", found \"id\""),
    ])
    func refusesSSHAddresses(_ refusal: Refusal) throws { try refusal.check() }

    private static let kinds = "\"systemd\", \"pg_ctlcluster\", \"pg_ctl\", \"container\" or \"custom\""

    @Test(arguments: [
        Refusal(
            node("service: systemd"),
            "pgdr.yaml:7:18: expected a mapping with one of \(kinds) for \"service\", found \"systemd\""),
        Refusal(
            node("service: {}"),
            "pgdr.yaml:7:18: expected a mapping with one of \(kinds) for \"service\", found a mapping"),
        Refusal(
            node("service: {systemd: a, pg_ctl: /b}"),
            "pgdr.yaml:7:31: a node has one service, found \"systemd\" and \"pg_ctl\""),
        Refusal(
            node("service: {systemd: a b}"),
            "pgdr.yaml:7:28: expected a unit such as postgresql@15-main for \"systemd\", found \"a b\""),
        Refusal(
            node("service: {systemd: --now}"),
            "pgdr.yaml:7:28: expected a unit such as postgresql@15-main for \"systemd\", found \"--now\""),
        Refusal(
            node("service: {pg_ctl: bin}"), "pgdr.yaml:7:27: expected an absolute path for \"pg_ctl\", found \"bin\""),
        Refusal(
            node("service: {pg_ctlcluster: main}"),
            "pgdr.yaml:7:34: expected a version and a cluster such as 15 main for \"pg_ctlcluster\", found \"main\""),
        Refusal(
            node("service: {container: {name: pg}}"),
            "pgdr.yaml:7:30: expected both \"runtime\" and \"name\" for \"container\", found a mapping"),
        Refusal(
            node("service: {container: {runtime: docker, name: pg, bin: bin}}"),
            "pgdr.yaml:7:63: expected an absolute path for \"bin\", found \"bin\""),
        Refusal(
            node("service: {container: {runtime: lxc, name: pg}}"),
            "pgdr.yaml:7:40: expected \"docker\" or \"podman\" for \"runtime\", found \"lxc\""),
        Refusal(
            node("service: {custom: {start: [a]}}"),
            "pgdr.yaml:7:27: expected both \"start\" and \"stop\" for \"custom\", found a mapping"),
        Refusal(
            node("service: {custom: {start: a, stop: [b]}}"),
            "pgdr.yaml:7:35: expected a list of words such as [systemctl, start, postgresql] for \"start\", found \"a\""
        ),
        Refusal(
            node("service: {custom: {start: [[a]], stop: [b]}}"),
            "pgdr.yaml:7:36: expected a word of the command for \"start\", found a list"),
        Refusal(
            node("service: {custom: {start: [\"\"], stop: [b]}}"),
            "pgdr.yaml:7:36: expected a word of the command for \"start\", found \"\""),
    ])
    func refusesServices(_ refusal: Refusal) throws { try refusal.check() }

    private static func address(_ value: String, _ detail: String) -> Refusal {
        Refusal(
            node("address: \(value)"), "pgdr.yaml:7:18: invalid address", detail: detail,
            hint: "Write it as host, host:5432 or [fd00::2]:5432.")
    }

    private static let everyNode = "It holds for every node, and each has a server of its own."

    @Test(arguments: [
        address("u@h", "A server's address has no user."),
        address("fd00::2", "An IPv6 address must stand in brackets."),
        address("h:0", "A port is a number from 1 to 65535."),
        address("/run/postgresql", "The host holds a character that no host can have."),
        Refusal(node("address: [h]"), "pgdr.yaml:7:18: expected host[:port] for \"address\", found a list"),
        Refusal(
            cluster("admin: host=h user=a"), "pgdr.yaml:3:12: \"host\" is not allowed in \"admin\"", detail: everyNode),
        Refusal(cluster("admin: port=1"), "pgdr.yaml:3:12: \"port\" is not allowed in \"admin\"", detail: everyNode),
        Refusal(
            cluster("admin: service=a"), "pgdr.yaml:3:12: \"service\" is not allowed in \"admin\"", detail: everyNode),
        Refusal(
            cluster("admin: pgdr_admin"), "pgdr.yaml:3:12: could not parse the connection string",
            hint: "Write it as \"user=... passfile=...\"; values with spaces need single quotes."),
        Refusal(
            cluster("admin: {user: a}"), "pgdr.yaml:3:12: expected connection settings for \"admin\", found a mapping"),
        Refusal(
            cluster("replication: user=r hostaddr=1.2.3.4"),
            "pgdr.yaml:3:18: \"hostaddr\" is not allowed in \"replication\"", detail: everyNode),
        Refusal(
            cluster("replication: user=r application_name=a"),
            "pgdr.yaml:3:18: \"application_name\" is not allowed in \"replication\"",
            detail: "Each standby has its own, see \"application_name\" of a node."),
        Refusal(
            cluster("replication: user=r replication=true"),
            "pgdr.yaml:3:18: \"replication\" is not allowed in \"replication\"",
            detail: "The standby itself sees to it."),
        Refusal(
            cluster("replication: user=r password=s3cret"), "pgdr.yaml:3:18: \"replication\" holds a password",
            detail: "Every standby would show it to whoever may read its settings.",
            hint: "Put it into a password file on each node and name that: passfile=/path."),
        Refusal(
            cluster("replication: user=r sslpassword=s3cret"), "pgdr.yaml:3:18: \"replication\" holds a password",
            detail: "Every standby would show it to whoever may read its settings.",
            hint: "Put it into a password file on each node and name that: passfile=/path."),
        Refusal(
            "audit_directory: ~postgres/audit\n" + node(),
            "pgdr.yaml:1:18: the home directory of another user is not looked up for \"audit_directory\"",
            hint: "Write the path in full."),
        Refusal(
            "runbooks: [a]\n" + node(), "pgdr.yaml:1:11: expected a directory for \"runbooks\", found a list"),
    ])
    func refusesSettingsForActing(_ refusal: Refusal) throws { try refusal.check() }
}
