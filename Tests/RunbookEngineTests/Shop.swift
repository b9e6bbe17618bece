import Configuration
import Essentials
import Hosts
import Postgres
import Replication

@testable import RunbookEngine

/// A cluster as it was looked at before a plan is made: a primary and two standbys that stream from it, with names and
/// paths that are made to be taken for something else; rows of the tests start from it and change it.
struct Shop: Sendable {
    var facts: PlanningFacts

    /// The identifier of the run to be.
    static let run = "20261125-031502-abcd"
    /// Where all servers stand.
    static let position = LSN(rawValue: 0x2_0000_0000)
    /// What the cluster got from initdb.
    static let system = SystemIdentifier(rawValue: "7412345678901234567")
    /// When the servers were asked.
    static let asked = Moment(rawValue: 1_790_000_000)

    /// The primary `nas-1`, run by systemd, and its standbys `nas-2`, run by pg_ctl, and `nas-3`, run by Debian's
    /// programs.
    init() throws {
        let cluster = ClusterConfiguration(
            name: "shop",
            nodes: [
                NodeConfiguration(
                    name: "nas-1", connection: try ConnectionString("host=10.0.0.1 user=pgdr"), kind: .primary,
                    ssh: SSHAddress(host: "10.0.0.1", user: "ann", become: ["sudo", "-n"]), dataDirectory: "/srv/one",
                    service: .systemd(unit: "postgresql@15-main")),
                NodeConfiguration(
                    name: "nas-2", connection: try ConnectionString("host=10.0.0.2 port=5433 user=pgdr"), kind: .dr,
                    site: "b", ssh: SSHAddress(host: "10.0.0.2"), dataDirectory: Self.directory,
                    service: .pgCtl(binDirectory: "/opt/pg 15/bin"), applicationName: Self.applicationName),
                NodeConfiguration(
                    name: "nas-3", connection: try ConnectionString("host=10.0.0.3 user=pgdr"), kind: .replica,
                    ssh: SSHAddress(host: "10.0.0.3"), dataDirectory: "/srv/three",
                    service: .pgCtlCluster(version: "15", cluster: "main")),
            ],
            replication: try ConnectionString(#"user=repl passfile='/home/p g/it\'s $(here)'"#))
        var hosts: [String: HostFacts] = [:]
        for (node, login) in zip(cluster.nodes, [Login.person, .root, .server]) {
            hosts[node.name] = try Self.host(node, login)
        }
        facts = PlanningFacts(
            cluster: cluster, snapshot: Self.snapshot(), hosts: hosts, hostProblems: [:],
            replication: cluster.replication, run: Self.run)
        for name in hosts.keys {
            facts.sizes[name] = 1 << 30
            facts.tablespaces[name] = []
        }
    }

    /// A data directory and an application name that no shell, no statement and no setting may be made of.
    static let directory = "/srv/it's \"two\" $(reboot)"
    static let applicationName = "dr's \"two\"; $(reboot)\\"

    /// Plans a built-in runbook.
    func plan(_ runbook: String, _ given: [String: String] = [:]) throws -> Plan {
        let definition = try RunbookLibrary(directory: nil).definition(named: runbook)
        var planner = try Planner(definition, given: given, facts: facts)
        return try planner.plan()
    }

    /// Plans a runbook of the tests' own.
    func plan(text: String, _ given: [String: String] = [:]) throws -> Plan {
        var planner = try Planner(
            RunbookDefinition(parsing: text, name: "own", path: "own.yaml"), given: given, facts: facts)
        return try planner.plan()
    }

    /// The same where what a drill needs is known too.
    static func toOpen() throws -> Shop {
        var shop = try Shop()
        for node in shop.facts.cluster.nodes { shop.facts.superusers[node.name] = "o'dba" }
        shop.facts.texts["/etc/check it.sql"] = .success("SELECT 1;\n")
        return shop
    }

    /// What a drill is given to check.
    static let checks = ["verify_sql": "/etc/check it.sql", "verify_command": "/opt/check it"]

    /// Changes what a server said.
    mutating func change(_ name: String, _ body: (inout NodeSnapshot) -> Void) {
        for index in facts.snapshot.nodes.indices where facts.snapshot.nodes[index].name == name {
            guard case .answered(var own, let timing) = facts.snapshot.nodes[index].answer else { continue }
            body(&own)
            facts.snapshot.nodes[index].answer = .answered(own, timing)
        }
    }

    /// Makes a server silent; its host still answers.
    mutating func silence(_ name: String) {
        for index in facts.snapshot.nodes.indices where facts.snapshot.nodes[index].name == name {
            facts.snapshot.nodes[index].answer = .silent(
                NodeSilence(reason: "refused", detail: "no luck", postmasterAlive: false))
        }
    }

    /// Loses a server and its host.
    mutating func lose(_ name: String) {
        silence(name)
        facts.hosts[name] = nil
        facts.hostProblems[name] = Failure(.connection, "no route to host", node: name)
    }

    /// Makes a standby a primary on timeline 2.
    mutating func promote(_ name: String) {
        change(name) { own in
            own.inRecovery = false
            own.timeline = Timeline(rawValue: 2)
            own.currentLSN = Self.position
            own.receiver = nil
        }
    }

    /// Sets a setting of a server.
    mutating func set(_ setting: String, _ value: String, on name: String) {
        change(name) { $0.settings[setting] = value }
    }
}

extension Shop {
    private static func snapshot() -> ClusterSnapshot {
        let names = ["nas-1", "nas-2", "nas-3"]
        let nodes = names.enumerated().map { index, name in
            let own = index == 0 ? primary() : standby(name, number: index + 1)
            var node = ObservedNode(
                name: name, kind: index == 0 ? .primary : .dr,
                answer: .answered(own, Timing(asked: asked, answered: asked)),
                applicationName: index == 1 ? applicationName : name, addresses: ["10.0.0.\(index + 1)"])
            node.serverAddress = "10.0.0.\(index + 1)"
            return node
        }
        return ClusterSnapshot(name: "shop", at: asked, nodes: nodes)
    }

    private static func server(inRecovery: Bool, number: Int) -> NodeSnapshot {
        var own = NodeSnapshot(inRecovery: inRecovery, now: asked)
        own.systemIdentifier = system
        own.postmasterStart = asked + -Double(1000 * number)
        own.settings = ["synchronous_standby_names": "", "primary_slot_name": "", "wal_segment_size": "16777216"]
        return own
    }

    private static func primary() -> NodeSnapshot {
        var own = server(inRecovery: false, number: 1)
        own.timeline = Timeline(rawValue: 1)
        own.currentLSN = position
        own.standbys = [(applicationName, 2), ("nas-3", 3)].map { name, number in
            var row = WALSenderRow(pid: Int32(number), applicationName: name, state: "streaming")
            row.clientAddress = "10.0.0.\(number)"
            return row
        }
        return own
    }

    private static func standby(_ name: String, number: Int) -> NodeSnapshot {
        var own = server(inRecovery: true, number: number)
        own.receiveLSN = position
        own.replayLSN = position
        own.primaryConninfo = PrimaryConninfo(
            configured: true, host: "10.0.0.1", port: 5432, applicationName: number == 2 ? applicationName : name)
        var receiver = WALReceiverRow(status: "streaming")
        receiver.receivedTimeline = Timeline(rawValue: 1)
        receiver.senderHost = "10.0.0.1"
        receiver.senderPort = 5432
        own.receiver = receiver
        return own
    }

    /// Who logs in on a host.
    private enum Login { case person, root, server }

    private static func host(_ node: NodeConfiguration, _ login: Login) throws -> HostFacts {
        let user =
            switch login {
            case .person: [("user", "ann"), ("uid", "1000"), ("home", "/home/ann")]
            case .root: [("user", "root"), ("uid", "0"), ("home", "/root"), ("owner_home", "/var/lib/postgresql")]
            case .server: [("user", "postgres"), ("uid", "101"), ("home", "/var/lib/postgresql")]
            }
        let path = node.dataDirectory ?? ""
        let directory: String
        if case .pgCtl(let own) = node.service { directory = own } else { directory = "/usr/lib/postgresql/15/bin" }
        let pairs =
            user + [
                ("hostname", node.name), ("system", "Linux"), ("tool", "/usr/bin/setpriv"), ("server", "1"),
                ("data_directory", path), ("data_owner", "postgres:101:104:700:65024"), ("real_path", path),
                ("version", "15"), ("parent_free_kilobytes", "80569400"), ("parent_device", "65024"),
                ("parent_writable", "1"), ("programs", directory),
                (
                    "unit",
                    "LoadState=loaded\nUnitFileState=enabled\nFragmentPath=/lib/systemd/system/postgresql@.service"
                ),
                ("cluster_directory", "/etc/postgresql/15/main"), ("cluster_start", "auto"),
            ]
            + ProgramFacts.needed.flatMap { [("program", $0), ("program_version", "\($0) (PostgreSQL) 15.18")] }
        return try HostFacts.parse(pairs.flatMap { Array("\($0.0)\0\($0.1)\0".utf8) }, of: node)
    }
}
