import Configuration
import Essentials
import Postgres
import Replication
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct AcceptedFileTests {
    @Test func readsEveryKey() throws {
        let file = try parsed(
            """
            audit_directory: /var/log/pgdr
            runbooks: books
            clusters:
              lab:
                timeout: 1.5s
                admin: user=pgdr_admin passfile=/etc/pgdr/passfile
                replication: user=replicator passfile=/var/lib/postgresql/.pgpass sslmode=verify-full dbname=app
                thresholds:
                  lag_bytes: {warning: 16MB, critical: 1.5GB}
                  lag_seconds: {warning: 500ms, critical: 5min}
                  retained_wal: {warning: off, critical: 32 GB}
                  clock_offset: {warning: 2s}
                  connections: {warning: 80%, critical: 95.5%}
                  archive_delay: off
                nodes:
                  primary:
                    connection: host=127.0.86.27 port=5432 dbname=postgres user=pgdr
                    kind: primary
                    site: nas-1
                    address: db1.example.org:6432
                    ssh: postgres@127.0.86.27:2222
                    data_directory: /srv/pg
                    service: {pg_ctl: /usr/lib/postgresql/15/bin}
                    priority: 7
                  dr: {connection: "host=b", kind: dr, upstream: primary, application_name: "DR 1", priority: 0, decisions: /d}
              other:
                nodes: {x: {connection: service=x, kind: backup}}
            """)
        #expect(file.clusters.map(\.name) == ["lab", "other"])
        #expect(file.warnings.isEmpty)
        #expect(file.auditDirectory == "/var/log/pgdr")
        #expect(file.runbooks == "books")
        let lab = try file.cluster(named: "lab")
        #expect(lab.admin == (try ConnectionString("user=pgdr_admin passfile=/etc/pgdr/passfile")))
        #expect(
            lab.replication
                == (try ConnectionString(
                    "user=replicator passfile=/var/lib/postgresql/.pgpass sslmode=verify-full dbname=app")))
        #expect(lab.timeout == .milliseconds(1500))
        #expect(lab.thresholds.lagBytes == .init(warning: 16 << 20, critical: 3 << 29))
        #expect(lab.thresholds.lagSeconds == .init(warning: 0.5, critical: 300))
        #expect(lab.thresholds.retainedWAL == .init(warning: nil, critical: 32 << 30))
        #expect(lab.thresholds.clockOffset == .init(warning: 2, critical: nil))
        #expect(lab.thresholds.connections == .init(warning: 80, critical: 95.5))
        #expect(lab.thresholds.archiveDelay == .init(warning: nil, critical: nil))
        #expect(lab.nodes.map(\.name) == ["primary", "dr"])
        let connection = try ConnectionString("host=127.0.86.27 port=5432 dbname=postgres user=pgdr")
        #expect(
            lab.node(named: "primary")
                == NodeConfiguration(
                    name: "primary", connection: connection, kind: .primary, site: "nas-1",
                    address: ServerAddress(host: "db1.example.org", port: 6432),
                    ssh: SSHAddress(host: "127.0.86.27", user: "postgres", port: 2222), dataDirectory: "/srv/pg",
                    service: .pgCtl(binDirectory: "/usr/lib/postgresql/15/bin"), priority: 7))
        #expect(
            lab.node(named: "dr")
                == NodeConfiguration(
                    name: "dr", connection: try ConnectionString("host=b"), kind: .dr, priority: 0,
                    upstream: "primary", applicationName: "DR 1", decisions: "/d"))
    }

    @Test func fillsInDefaults() throws {
        let cluster = try parsed(node()).cluster(named: nil)
        #expect(cluster.timeout == .seconds(5))
        #expect(cluster.thresholds == Thresholds())
        let node = try #require(cluster.node(named: "n"))
        #expect(node.priority == 100)
        #expect(node.applicationName == "n")
        #expect(node.site == nil && node.ssh == nil && node.dataDirectory == nil && node.service == nil)
        #expect(node.upstream == nil)
        #expect(node.address == nil)
        #expect(node.decisions == nil)
        #expect(cluster.failover == FailoverPolicy() && cluster.witnesses.isEmpty)
        #expect(cluster.admin == nil && cluster.replication == nil)
        #expect(cluster.actingConnection(of: node) == node.connection)
    }

    /// Relative directories lie beside the file, wherever pgdr is called.
    @Test(arguments: [
        ("pgdr.yaml", "", "audit"),
        ("./pgdr.yaml", "", "./audit"),
        ("/etc/pgdr/pgdr.yaml", "", "/etc/pgdr/audit"),
        ("/dev/fd/63", "", "audit"),
        ("/etc/pgdr/pgdr.yaml", "audit_directory: logs/a\n", "/etc/pgdr/logs/a"),
        ("/etc/pgdr/pgdr.yaml", "audit_directory: /var/log/pgdr\n", "/var/log/pgdr"),
        ("../pgdr.yaml", "audit_directory: \"../a b\"\n", "../../a b"),
    ])
    func findsTheAuditDirectory(path: String, line: String, directory: String) throws {
        #expect(try ConfigurationFile.parse(yaml: line + node(), path: path).auditDirectory == directory)
    }

    @Test func findsDirectoriesAtHome() throws {
        let home = try #require(getenv("HOME").map { String(cString: $0) })
        let file = try parsed("audit_directory: ~/audit\nrunbooks: ~/books/mine\n" + node())
        #expect(file.auditDirectory == "\(home)/audit")
        #expect(file.runbooks == "\(home)/books/mine")
    }

    @Test(arguments: [
        ("host=h user=u", "user=a", "host=h user=a"),
        ("host=h user=u dbname=d", "passfile=/p", "user=u passfile=/p dbname=d host=h"),
        ("host=h user=u password=s", "user=a", "host=h user=a"),
        ("host=h user=u password=s", "sslmode=require", "host=h user=u password=s sslmode=require"),
        ("host=h user=u password=s", "user=u sslmode=require", "host=h user=u password=s sslmode=require"),
        ("host=h user=u password=s", "user=a password=t", "host=h user=a password=t"),
        (
            "postgres://u:s@h:5433/d?sslmode=prefer", "sslmode=require",
            "host=h port=5433 dbname=d user=u password=s sslmode=require"
        ),
        ("host=h user=u", "user='my \\\\ admin\\' host=x'", "host=h user='my \\\\ admin\\' host=x'"),
    ])
    func actsByTheAdminSettings(connection: String, admin: String, merged: String) throws {
        func settings(_ string: ConnectionString) -> [String: String?] {
            let values = string.keywords.map { ($0, string.value(of: $0)) }
            return Dictionary(uniqueKeysWithValues: values)
        }
        let node = NodeConfiguration(name: "n", connection: try ConnectionString(connection), kind: .dr)
        let cluster = ClusterConfiguration(name: "c", nodes: [node], admin: try ConnectionString(admin))
        let acting = cluster.actingConnection(of: node)
        #expect(settings(acting) == settings(try ConnectionString(merged)))
        #expect(acting.containsPassword == (try ConnectionString(merged).containsPassword))
        #expect(
            settings(try ConnectionString(acting.description)).filter { $0.value != nil }
                == settings(acting).filter { $0.value != nil })
    }

    @Test(
        arguments: [
            ("host=h", nil, "h:5432"),
            ("host=h port=5433", nil, "h:5433"),
            ("host=a,b port=1,2", nil, "a:1"),
            ("host=a hostaddr=10.0.0.1", nil, "a:5432"),
            ("hostaddr=10.0.0.1 port=5433", nil, "10.0.0.1:5433"),
            ("postgres://[fd00::2]:5433/d", nil, "[fd00::2]:5433"),
            ("host=h port=5433", "db", "db:5433"),
            ("host=h port=5433", "db:1", "db:1"),
            ("host=h port=5433", "\"[fd00::2]\"", "[fd00::2]:5433"),
            ("host=h", "\"[fd00::2]:22\"", "[fd00::2]:22"),
            ("host=/run/postgresql port=5433", "db", "db:5432"),
            ("service=main", "db:6432", "db:6432"),
        ] as [(String, String?, String)])
    func tellsWhereOtherNodesReachIt(connection: String, address: String?, text: String) throws {
        let line = address.map { ", address: \($0)" } ?? ""
        let file = try parsed(nodes("n: {kind: dr, connection: \"\(connection)\"\(line)}"))
        let node = try #require(try file.cluster(named: nil).nodes.first)
        #expect(try node.replicationAddress().text == text)
    }

    @Test(arguments: ["host=/run/postgresql", "service=main"])
    func doesNotGuessAnAddress(connection: String) throws {
        let node = NodeConfiguration(name: "n", connection: try ConnectionString(connection), kind: .dr)
        #expect(
            throws: Failure(
                .refused, "could not tell where other nodes reach node \"n\"",
                detail: "Its connection leads to a socket directory or a service, which only this machine knows.",
                hint: "Give the node \"address: HOST:PORT\" in the configuration.", node: "n")
        ) { try node.replicationAddress() }
    }

    @Test(
        arguments: [
            ("{systemd: postgresql@15-main}", .systemd(unit: "postgresql@15-main")),
            ("{pg_ctlcluster: 15 main}", .pgCtlCluster(version: "15", cluster: "main")),
            ("{pg_ctl: /opt/pg/bin}", .pgCtl(binDirectory: "/opt/pg/bin")),
            ("{container: {runtime: podman, name: pg}}", .container(runtime: .podman, name: "pg")),
            (
                "{container: {runtime: docker, name: pg, bin: /opt/pg/bin}}",
                .container(runtime: .docker, name: "pg", binDirectory: "/opt/pg/bin")
            ),
            (
                "{custom: {start: [a, \"b c\", \"\"], stop: [d]}}",
                .custom(start: ["a", "b c", ""], stop: ["d"], restart: nil, status: nil)
            ),
            (
                "{custom: {start: [a], stop: [b], restart: [c], status: [\"true\"]}}",
                .custom(start: ["a"], stop: ["b"], restart: ["c"], status: ["true"])
            ),
        ] as [(String, ServiceConfiguration)])
    func readsServices(yaml: String, service: ServiceConfiguration) throws {
        #expect(try parsed(node("service: \(yaml)")).cluster(named: nil).nodes.first?.service == service)
    }

    @Test(arguments: [
        ("h", SSHAddress(host: "h")),
        ("u@h", SSHAddress(host: "h", user: "u")),
        ("ann@example.org@h", SSHAddress(host: "h", user: "ann@example.org")),
        ("u@h:2222", SSHAddress(host: "h", user: "u", port: 2222)),
        ("\"[fd00::2]\"", SSHAddress(host: "fd00::2")),
        ("u@[fd00::2]:2222", SSHAddress(host: "fd00::2", user: "u", port: 2222)),
        (
            "{host: \"fd00::2\", user: u, port: 23, identity_file: ~/.ssh/id, known_hosts: /etc/kh}",
            SSHAddress(host: "fd00::2", user: "u", port: 23, identityFile: "~/.ssh/id", knownHosts: "/etc/kh")
        ),
        ("{host: h, become: sudo  -n}", SSHAddress(host: "h", become: ["sudo", "-n"])),
        ("{host: h, become: [sudo, -n, \"a b\"]}", SSHAddress(host: "h", become: ["sudo", "-n", "a b"])),
        ("{host: h, askpass: [pass, show, ssh]}", SSHAddress(host: "h", askpass: ["pass", "show", "ssh"])),
        (
            "{host: h, jump: ann@bastion:2222}",
            SSHAddress(host: "h", jumps: [SSHAddress(host: "bastion", user: "ann", port: 2222)])
        ),
        (
            "{host: h, jump: [one, {host: two, identity_file: /k, askpass: [cat, /p]}]}",
            SSHAddress(
                host: "h",
                jumps: [SSHAddress(host: "one"), SSHAddress(host: "two", identityFile: "/k", askpass: ["cat", "/p"])])
        ),
    ])
    func readsSSHAddresses(yaml: String, address: SSHAddress) throws {
        #expect(try parsed(node("ssh: \(yaml)")).cluster(named: nil).nodes.first?.ssh == address)
    }

    @Test(
        arguments: [
            ("1B", 1), ("1kB", 1024), ("1KB", 1024), ("1KiB", 1024), ("3 MB", 3_145_728), ("1MiB", 1_048_576),
            ("0.5GB", 536_870_912), ("1GiB", 1_073_741_824), ("2TB", 2_199_023_255_552), ("1TiB", 1_099_511_627_776),
            ("0B", 0), ("0.1kB", 102), ("8388607TB", 9_223_370_937_343_148_032),
        ] as [(String, UInt64)])
    func readsSizes(text: String, bytes: UInt64) throws {
        let yaml = cluster("thresholds: {lag_bytes: {warning: \(text), critical: off}}")
        #expect(try parsed(yaml).cluster(named: nil).thresholds.lagBytes.warning == bytes)
    }

    @Test(
        arguments: [
            ("250us", 0.00025), ("1ms", 0.001), ("1.5 s", 1.5), ("2min", 120), ("1h", 3600), ("1d", 86400), ("0s", 0),
        ] as [(String, Double)])
    func readsDurations(text: String, seconds: Double) throws {
        let yaml = cluster("thresholds: {lag_seconds: {warning: \(text), critical: off}}")
        #expect(try parsed(yaml).cluster(named: nil).thresholds.lagSeconds.warning == seconds)
    }

    @Test(arguments: ["100ms", "10min"])
    func acceptsTheEndsOfTheTimeout(text: String) throws {
        _ = try parsed(cluster("timeout: \(text)"))
    }

    @Test func followsAliasesAndMergeKeys() throws {
        let cluster = try parsed(
            """
            clusters:
              c:
                thresholds: {lag_seconds: &limits {warning: 1s, critical: 2s}, archive_delay: *limits}
                nodes:
                  a: &a {connection: host=a, kind: primary, site: one, priority: 5}
                  b: {<<: *a, connection: host=b, kind: dr}
                  c:
                    <<: [{site: two}, *a]
                    connection: host=c
                    kind: replica
            """
        ).cluster(named: nil)
        #expect(cluster.thresholds.archiveDelay == .init(warning: 1, critical: 2))
        #expect(cluster.nodes.map(\.site) == ["one", "one", "two"])
        #expect(cluster.nodes.map(\.kind) == [.primary, .dr, .replica])
        #expect(cluster.nodes.map(\.priority) == [5, 5, 5])
    }

    @Test(arguments: [
        "\u{FEFF}clusters: {c: {nodes: {n: {connection: host=h, kind: dr}}}}",
        "---\r\nclusters:\r\n  c:\r\n    nodes:\r\n      n:\r\n        connection: host=h\r\n        kind: dr\r\n",
        "%YAML 1.1\n---\nclusters: {c: {nodes: {n: {connection: host=h, kind: dr}}}}\n...\n",
        "clusters: {null-1: {nodes: {yes: {connection: \"postgres://[::1]:5432,[::2]:5433/db\", kind: dr}}}}",
    ])
    func acceptsOtherSpellings(yaml: String) throws {
        #expect(try parsed(yaml).cluster(named: nil).nodes.count == 1)
    }

    /// Unusual looks and many aliases, but nothing that grows.
    @Test func followsManyAliases() throws {
        var yaml = "# what? [x]: *y :\nclusters:\n  c:\n    nodes:\n      n0: &node-1 {connection: host=h0, kind: dr}\n"
        for index in 1...1000 {
            yaml += "      n\(index): {<<: *node-1, connection: host=h\(index), ssh: \"[fd00::\(index)]:22\"}\n"
        }
        #expect(try parsed(yaml).cluster(named: nil).nodes.count == 1001)
    }

    @Test func readsAThousandNodes() throws {
        let nodes = (1...1000).map { "      n\($0): {connection: host=h\($0), kind: replica}\n" }.joined()
        #expect(try parsed("clusters:\n  c:\n    nodes:\n" + nodes).cluster(named: nil).nodes.count == 1000)
    }
}
