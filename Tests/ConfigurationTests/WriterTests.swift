import Configuration
import Postgres
import Replication
import Testing

@Suite struct WriterTests {
    /// The cluster after it was written and parsed, its connection strings as text.
    private func roundTrip(_ clusters: [ClusterConfiguration]) throws -> [ClusterConfiguration] {
        let file = try parsed(ConfigurationWriter.render(clusters))
        #expect(file.warnings.isEmpty)
        return file.clusters
    }

    /// The cluster with each connection string in the form in which it is written.
    private func normalised(_ cluster: ClusterConfiguration) throws -> ClusterConfiguration {
        var cluster = cluster
        for index in cluster.nodes.indices {
            cluster.nodes[index].connection = try ConnectionString(cluster.nodes[index].connection.description)
        }
        for index in cluster.clients.indices {
            let connection = cluster.clients[index].routes[0].connection
            cluster.clients[index].routes[0].connection = try ConnectionString(connection.description)
        }
        return cluster
    }

    @Test func writesWhatIsNotKnownAsComments() throws {
        let node = NodeConfiguration(name: "a", connection: try ConnectionString("host=h port=1"), kind: .primary)
        #expect(
            ConfigurationWriter.render([ClusterConfiguration(name: "lab", nodes: [node])]) == """
                # pgdr.yaml: which PostgreSQL servers form a cluster and what each is for.
                # Which of them is primary at the moment is asked of the servers, never written here.
                # Where the record of all that pgdr changes lies; beside this file without it.
                # audit_directory: audit
                # Where runbooks of your own lie.
                # runbooks: runbooks
                clusters:
                  lab:
                    # How long a look at all nodes together may take.
                    timeout: 5s
                    # Above these limits a value is a finding; either may be "off".
                    thresholds:
                      # What a standby has not replayed yet.
                      lag_bytes: {warning: 16MB, critical: 256MB}
                      lag_seconds: {warning: 30s, critical: 5min}
                      # WAL that a replication slot keeps on its server.
                      retained_wal: {warning: 4GB, critical: 32GB}
                      # Difference between the clocks of two nodes.
                      clock_offset: {warning: 2s, critical: off}
                      # Used part of max_connections.
                      connections: {warning: 80%, critical: 95%}
                      # Age of the oldest WAL segment that waits for archiving.
                      archive_delay: {warning: 5min, critical: 1h}
                    # As whom pgdr connects where it changes something; without it by the nodes' connection.
                    # admin: user=pgdr_admin
                    # How a standby logs in at its upstream; the password file lies on the node.
                    # replication: user=replicator passfile=/var/lib/postgresql/.pgpass
                    # How applications reach the primary; probes go that way. Without it by the nodes' connections.
                    # clients: host=10.0.0.4 port=6432 dbname=shop user=pgdr passfile=/etc/pgdr/passfile
                    # What a role change may cost: a time without commits, a number of acknowledged commits that are lost.
                    # objectives: {rto: 30s, rpo: 0}
                    # What happens by itself when the primary is lost.
                    failover:
                      # manual: nothing; observe: the decision is only told; automatic: it is carried out.
                      mode: manual
                      # How long the evidence must hold, and how often "pgdr monitor" looks.
                      confirm_for: 5s
                      interval: 1s
                      # Whether a server that is down on a host that answers is started again first.
                      restart_first: false
                      # A loss above it is left to a person; either may be "off".
                      max_lag: {bytes: 16MB, seconds: off}
                      # required: the old primary is proved to be stopped; best_effort: that is only tried.
                      fencing: required
                      # Cuts the old primary off when its host can't be reached.
                      # fence_command: [/usr/local/sbin/power-off, db1]
                      # How long after a failover none happens by itself, and how many may within a time.
                      cooldown: 10min
                      at_most: {failovers: 2, within: 1d}
                      # Whose nodes are promoted rather than others, and only where there is no other.
                      # prefer_sites: [dc-1]
                      # avoid_sites: [dc-2]
                      # Lead clients to the new primary; get the event as JSON.
                      # routes: [[/usr/local/bin/route]]
                      # Tell people; get the event as JSON.
                      # notify: [[/usr/local/bin/tell, dba]]
                      # How long each of them may take.
                      hook_timeout: 10s
                      # Ends each role change with a check of the estate.
                      # after: estate
                    # Hosts without PostgreSQL that vote on a failover, best at sites without nodes.
                    # witnesses: {w1: {ssh: pgdr@w1.example.org, site: dc-3}}
                    # How old the last successful drill of each kind may be before it is a finding.
                    # drills: {switchover: 90d, snapshot: 30d, clone: 7d}
                    nodes:
                      a:
                        connection: host=h port=1
                        # What the node is for: primary, dr, replica or backup.
                        kind: primary
                        # Where it stands; nodes of one site are lost together.
                        # site: dc-1
                        # Where other nodes reach it; without it where its connection leads.
                        # address: db1.example.org:5432
                        # How commands reach its host.
                        # ssh: postgres@host:22
                        # Where its data lie; without it the server is asked.
                        # data_directory: /var/lib/postgresql/15/main
                        # How it is started and stopped: systemd, pg_ctlcluster, pg_ctl, container or custom.
                        # service: {systemd: postgresql@15-main}
                        # Rank among the nodes that may be promoted, higher is preferred; 0: never.
                        priority: 100
                        # The node it should replicate from; without it any will do.
                        # upstream: primary
                        # How pg_stat_replication names it; without it by the node's name.
                        # application_name: a
                        # Where it keeps decision records; without it beside its data directory.
                        # decisions: /var/lib/pgdr/decisions

                """)
    }

    @Test func parsesWhatIsWritten() throws {
        var thresholds = Thresholds()
        thresholds.lagBytes = .init(warning: 1, critical: 1025)
        thresholds.lagSeconds = .init(warning: 0.25, critical: nil)
        thresholds.connections = .init(warning: 12.5, critical: 100)
        thresholds.archiveDelay = .init(warning: nil, critical: nil)
        let services: [ServiceConfiguration] = [
            .systemd(unit: "postgresql@15-main"), .pgCtlCluster(version: "15", cluster: "main"),
            .pgCtl(binDirectory: "/opt/my pg/bin"), .container(runtime: .docker, name: "15"),
            .container(runtime: .podman, name: "pg", binDirectory: "/opt/my pg/bin"),
            .custom(start: ["a", "b c"], stop: ["d: e", "#", ""], restart: ["yes"], status: ["~", "null"]),
            .custom(start: ["[", "]"], stop: ["a, b", "- c"], restart: nil, status: nil),
        ]
        var nodes: [NodeConfiguration] = []
        for (index, service) in services.enumerated() {
            nodes.append(
                NodeConfiguration(
                    name: ["yes", "null", "15", "1.5", "0x1F", "_a-b.c", "no"][index],
                    connection: try ConnectionString("host=h\(index) user='a b' options='-c x=1 #'"),
                    kind: index == 0 ? .primary : .replica, site: "s: \(index)",
                    ssh: SSHAddress(host: "fd00::2", port: 23),
                    dataDirectory: "/srv/a b", service: service, priority: index,
                    upstream: index == 0 ? nil : "yes", applicationName: "app \(index) #"))
        }
        nodes[1].ssh = SSHAddress(
            host: "fd00::2", user: "on", port: 22, identityFile: "~/.ssh/id", knownHosts: "/etc/known hosts",
            jumps: [
                SSHAddress(host: "j1", user: "ann@example.org", askpass: ["pass", "show: it"]),
                SSHAddress(host: "fd00::3", port: 2222, identityFile: "/k"),
            ], become: ["sudo", "-n", "-g", "a b"], askpass: ["cat", "/x y"])
        nodes[2].ssh = SSHAddress(host: "h", become: ["doas"])
        nodes[0].address = ServerAddress(host: "fd00::2", port: 6432)
        nodes[1].address = ServerAddress(host: "db.example.org")
        nodes[2].decisions = "/srv/a b/decisions"
        let clusters = [
            ClusterConfiguration(name: "true", nodes: nodes, thresholds: thresholds, timeout: .milliseconds(1500)),
            ClusterConfiguration(
                name: "2", nodes: [nodes[0]], admin: try ConnectionString("user='my admin' passfile=/p"),
                replication: try ConnectionString("user=r passfile='/my passfile' sslmode=require"),
                clients: [try path("yes", "host=a,b target_session_attrs=read-write"), try path("b", "service='a b'")]),
            ClusterConfiguration(
                name: "3", nodes: [nodes[0]], clients: [try path("clients", "host=a user='b c'")],
                objectives: Objectives(rto: .milliseconds(1500), rpo: 7)),
            ClusterConfiguration(name: "4", nodes: [nodes[0]], objectives: Objectives(rpo: 0)),
        ]
        #expect(try roundTrip(clusters) == clusters.map { try normalised($0) })
    }

    private func path(_ name: String, _ connection: String) throws -> ClientPath {
        ClientPath(name: name, routes: [.init(connection: try ConnectionString(connection))])
    }

    /// What is commented out as an example is right, too.
    @Test func writesExamplesThatCanBeUsed() throws {
        let node = NodeConfiguration(name: "a", connection: try ConnectionString("host=h"), kind: .dr, site: "dc-1")
        let away = NodeConfiguration(name: "b", connection: try ConnectionString("host=i"), kind: .dr, site: "dc-2")
        var text = ConfigurationWriter.render([ClusterConfiguration(name: "c", nodes: [node, away])])
        for key in [
            "clients", "objectives", "fence_command", "prefer_sites", "avoid_sites", "routes", "notify", "witnesses",
            "drills",
        ] {
            text = text.replacing("# \(key): ", with: "\(key): ")
        }
        let cluster = try parsed(text).cluster(named: nil)
        #expect(cluster.clients.map(\.name) == ["clients"])
        #expect(cluster.objectives == Objectives(rto: .seconds(30), rpo: 0))
        #expect(cluster.failover.fenceCommand == ["/usr/local/sbin/power-off", "db1"])
        #expect(cluster.failover.preferSites == ["dc-1"] && cluster.failover.avoidSites == ["dc-2"])
        #expect(cluster.failover.routes == [["/usr/local/bin/route"]])
        #expect(cluster.failover.notify == [["/usr/local/bin/tell", "dba"]])
        let ages: [DrillKind: Double] = [.switchover: 7_776_000, .snapshot: 2_592_000, .clone: 604_800]
        #expect(cluster.thresholds.drillAge == ages)
        let address = SSHAddress(host: "w1.example.org", user: "pgdr")
        #expect(cluster.witnesses == [WitnessConfiguration(name: "w1", ssh: address, site: "dc-3")])
    }

    @Test func parsesWhatIsWrittenAboutFailover() throws {
        var policy = FailoverPolicy()
        policy.mode = .automatic
        policy.confirmFor = .zero
        policy.interval = .milliseconds(250)
        policy.restartFirst = true
        policy.maxLag = .init(bytes: nil, seconds: 1.5)
        policy.fencing = .bestEffort
        policy.fenceCommand = ["/sbin/a b", "", "yes", "$(x)"]
        policy.cooldown = .seconds(7 * 86_400)
        policy.atMost = .init(failovers: 100, within: .seconds(90))
        policy.preferSites = ["s: 1", "on"]
        policy.avoidSites = ["#"]
        policy.routes = [["/a"], ["/b", "c, d", "]"]]
        policy.notify = [["/n", "\n"]]
        policy.hookTimeout = .seconds(600)
        let nodes = try ["s: 1", "on", "#"].enumerated().map { index, site in
            NodeConfiguration(
                name: "n\(index)", connection: try ConnectionString("host=h\(index)"), kind: .dr, site: site)
        }
        let witnesses = [
            WitnessConfiguration(name: "1", ssh: SSHAddress(host: "w", user: "u"), site: "no", decisions: "/a b"),
            WitnessConfiguration(
                name: "null", ssh: SSHAddress(host: "fd00::9", port: 23, jumps: [SSHAddress(host: "j")], become: ["x"])),
        ]
        let clusters = [
            ClusterConfiguration(name: "c", nodes: nodes, failover: policy, witnesses: witnesses),
            ClusterConfiguration(name: "d", nodes: nodes),
        ]
        #expect(try roundTrip(clusters) == clusters)
    }

    /// A site can be any text on one line, a word of a command any text at all.
    @Test(arguments: [
        "a: b", "a:", ": ", "#", "a #b", "a#b", "'", "\"", "'a' \"b\"", "\\", " a", "a ", "a  b", "yes", "No", "null",
        "~",
        "on", "off", "true", "1", "1e3", "0x1F", "2026-01-01", "12:30", "-", "- a", "?", "? a", "!tag", "&a", "*a", "|",
        ">",
        "%", "@a", "`a", "{", "}", "[", "]", "a, b", "<<", "=", "---", "...", "Zürich", "日本", "🐘", "a\u{FEFF}",
        "\u{A0}",
        "\u{FFFD}", "e\u{301}",
    ])
    func keepsAnyText(text: String) throws {
        let node = NodeConfiguration(
            name: "a", connection: try ConnectionString("host=h"), kind: .dr, site: text,
            service: .custom(start: ["x", text], stop: [text], restart: nil, status: nil))
        let cluster = ClusterConfiguration(name: "c", nodes: [node])
        #expect(try roundTrip([cluster]) == [cluster])
    }

    @Test(arguments: [
        "a\nb", "\n", "\r\n", "a\tb", "\t", "\u{1}", "\u{7F}", "\u{85}", "\u{2028}a", "\u{FFFF}", "\u{1B}[0m",
    ])
    func keepsControlCharactersInCommands(text: String) throws {
        let node = NodeConfiguration(
            name: "a", connection: try ConnectionString("host=h"), kind: .dr,
            service: .custom(start: [text], stop: ["x", text], restart: nil, status: nil))
        let cluster = ClusterConfiguration(name: "c", nodes: [node])
        #expect(try roundTrip([cluster]) == [cluster])
    }

    @Test func leavesPasswordsOut() throws {
        let node = NodeConfiguration(
            name: "a", connection: try ConnectionString("host=h password=s3cret"), kind: .dr)
        let text = ConfigurationWriter.render([ClusterConfiguration(name: "c", nodes: [node])])
        #expect(!text.contains("s3cret"))
        #expect(text.contains("# The password was left out"))
        #expect(try parsed(text).clusters.first?.nodes.first?.connection == ConnectionString("host=h"))
        let admin = try ConnectionString("user=a password=s3cret")
        let other = ConfigurationWriter.render([ClusterConfiguration(name: "c", nodes: [node], admin: admin)])
        #expect(!other.contains("s3cret"))
        #expect(try parsed(other).clusters.first?.admin == ConnectionString("user=a"))
    }
}
