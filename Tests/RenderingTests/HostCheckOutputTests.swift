import Configuration
import Hosts
import Postgres
import Replication
import Testing

@testable import pgdr

struct HostCheckOutputTests {
    private func checks() throws -> [HostCheck] {
        let connection = try ConnectionString("host=h")
        let node = NodeConfiguration(
            name: "nas-1", connection: connection, kind: .primary, ssh: SSHAddress(host: "10.0.0.1", user: "ann"),
            service: .pgCtl(binDirectory: "/opt/pg/bin"))
        let pairs = [
            ("user", "ann"), ("uid", "1000"), ("hostname", "nas"), ("system", "Linux"), ("data_directory", "/srv/pg"),
            ("root_refusal", "no"), ("data_owner", "postgres:101:104:700:1"), ("free_kilobytes", "1048576"),
            ("programs", "/opt/pg/bin"), ("program", "postgres"), ("program_version", "postgres (PostgreSQL) 15.18"),
        ]
        let output = pairs.flatMap { Array("\($0.0)\0\($0.1)\0".utf8) }
        return [
            HostCheck(
                node: "nas-1", address: "ann@10.0.0.1", facts: try HostFacts.parse(output, of: node),
                findings: [
                    .init("server", .warning, "no server runs"),
                    .init(
                        "server_account", .critical, "the user \"ann\" may not run commands as \"postgres\"",
                        detail: "sudo: a password is required", hint: "On the host add the sudoers line: x"),
                ]),
            HostCheck(
                node: "nas-2", address: nil, facts: nil,
                findings: [.init("no_ssh", .warning, "node \"nas-2\" has no SSH address")]),
        ]
    }

    @Test func forPeople() throws {
        expect(
            HostCheckTable(style: Style(hasColours: false)).text(try checks()),
            is: """
                  NODE   HOST          USER  SERVER ACCOUNT  ROOT  DATA DIRECTORY  PROGRAMS                 FREE  STATE
                  nas-1  ann@10.0.0.1  ann   postgres (no)   no    /srv/pg         15.18 in /opt/pg/bin  1.00 GB  server account
                  nas-2                                                                                           no ssh

                CRITICAL  nas-1: the user "ann" may not run commands as "postgres"
                    sudo: a password is required
                    → On the host add the sudoers line: x
                WARNING  nas-1: no server runs
                WARNING  nas-2: node "nas-2" has no SSH address
                """)
    }

    @Test func forScripts() throws {
        expect(
            try JSON.text(HostCheckDocument(cluster: "shop", checks: try checks()), .oneLine),
            is: #"{"cluster":"shop","nodes":[{"address":"ann@10.0.0.1","data_directory":"/srv/pg","findings":["#
                + #"{"code":"server_account","detail":"sudo: a password is required","#
                + #""hint":"On the host add the sudoers line: x","#
                + #""message":"the user \"ann\" may not run commands as \"postgres\"","severity":"critical"},"#
                + #"{"code":"server","detail":null,"hint":null,"message":"no server runs","severity":"warning"}],"#
                + #""free_bytes":1073741824,"host_name":"nas","major_version":null,"may_run_as_root":false,"#
                + #""may_run_as_server":null,"name":"nas-1","programs":"/opt/pg/bin","programs_version":"15.18","#
                + #""reachable":true,"server_account":"postgres","server_process":null,"severity":"critical","#
                + #""user":"ann"},{"address":null,"data_directory":null,"findings":[{"code":"no_ssh","detail":null,"#
                + #""hint":null,"message":"node \"nas-2\" has no SSH address","severity":"warning"}],"#
                + #""free_bytes":null,"host_name":null,"major_version":null,"may_run_as_root":null,"#
                + #""may_run_as_server":null,"name":"nas-2","programs":null,"programs_version":null,"#
                + #""reachable":false,"server_account":null,"server_process":null,"severity":"warning","#
                + #""user":null}],"schema":1}"#)
    }
}
