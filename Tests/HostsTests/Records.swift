import Configuration
import Essentials
import Hosts
import Postgres
import Replication
import Testing

/// A script's output with these pairs.
func output(_ pairs: [(String, String)]) -> [UInt8] { pairs.flatMap { Array("\($0.0)\0\($0.1)\0".utf8) } }

/// What any host says.
let anyHost = [
    ("user", "postgres"), ("uid", "101"), ("home", "/var/lib/postgresql"), ("hostname", "db1"), ("system", "Linux"),
    ("tool", "/usr/sbin/runuser"), ("tool", "/usr/bin/setpriv"),
]

/// A data directory of the account `postgres`.
let anyDirectory = [
    ("data_directory", "/srv/pg"), ("data_owner", "postgres:101:104:700:65024"), ("server", "1"),
    ("real_path", "/srv/pg"), ("version", "15"), ("free_kilobytes", "80569400"), ("parent_free_kilobytes", "80569400"),
    ("parent_device", "65024"), ("parent_writable", "1"),
]

/// A server that runs there as process 23382.
let anyServer = [
    ("options", "/usr/lib/postgresql/15/bin/postgres \"-D\" \"/srv/pg\""),
    ("pid_file", "23382\n/srv/pg\n1795613631\n5433\n/tmp\nlocalhost\n 16335693   5177403\nready   "),
    ("process", process("S")), ("is_server", "1"), ("executable", "/usr/lib/postgresql/15/bin/postgres"),
    ("standard_error", "/var/log/pg.log"), ("parent", "systemd"),
]

/// PostgreSQL's programs of a version.
func programs(_ version: String, in directory: String = "/usr/lib/postgresql/15/bin") -> [(String, String)] {
    [("programs", directory)]
        + ProgramFacts.needed.flatMap {
            [("program", $0), ("program_version", "\($0) (PostgreSQL) \(version) (Debian 1)")]
        }
}

/// `/proc/PID/stat` of a process in this state, with a name that is made to confuse.
func process(_ state: String) -> String {
    "23382 (a) S (b) \(state) 1 23382 23382 0 -1 4194304 3780 494 0 0 1 1 0 0 20 0 1 0 1845716 222392320 7355"
}

/// A container as docker describes it.
func container(
    status: String = "running", signal: String = "SIGINT", policy: String = "no", image: String = "postgres:15",
    account: String = "root", runtime: String = "Docker version 24.0.7, build afdd53b"
) -> [(String, String)] {
    [
        ("container_account", account),
        (
            "container",
            "5f2c\n\(status)\n4711\n\(signal)\n\(policy)\n\(image)\n/srv/pg\n/var/lib/postgresql/data\n/srv\n/host"
        ),
        ("container_runtime", runtime), ("container_process", process("S")), ("container_unit", ""),
    ]
}

/// A node with a service.
func node(_ service: ServiceConfiguration?, become: [String] = [], dataDirectory: String? = "/srv/pg") throws
    -> NodeConfiguration
{
    NodeConfiguration(
        name: "n", connection: try ConnectionString("host=h"), kind: .dr,
        ssh: SSHAddress(host: "h", become: become), dataDirectory: dataDirectory, service: service)
}

/// Facts from what a host says.
func facts(_ pairs: [(String, String)], _ service: ServiceConfiguration? = nil) throws -> HostFacts {
    try HostFacts.parse(output(pairs), of: node(service))
}
