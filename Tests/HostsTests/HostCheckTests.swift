import Configuration
import Essentials
import Hosts
import Replication
import Testing

struct HostCheckTests {
    private static let plain = ServiceConfiguration.pgCtl(binDirectory: "/usr/lib/postgresql/15/bin")
    private static let systemd = ServiceConfiguration.systemd(unit: "pg")
    private static let whole = anyHost + anyDirectory + anyServer + programs("15.18")

    private func check(
        _ service: ServiceConfiguration?, _ pairs: [(String, String)], become: [String] = [],
        mayRunService: Bool? = nil
    ) throws -> HostCheck {
        HostCheck(try node(service, become: become), try facts(pairs, service), mayRunService: mayRunService)
    }

    private static func replacing(_ name: String, _ value: String) -> [(String, String)] {
        whole.map { $0.0 == name ? (name, value) : $0 }
    }

    private static func without(_ names: String...) -> [(String, String)] { whole.filter { !names.contains($0.0) } }

    @Test func aWholeHostIsOK() throws {
        let check = try check(Self.plain, Self.whole)
        #expect(check.findings == [] && check.severity == .ok && check.node == "n" && check.address == "h")
    }

    @Test(
        arguments: [
            (plain, without("data_directory"), "data_directory", .critical, "the data directory is not known"),
            (
                plain,
                anyHost + [("data_directory", "/srv/pg"), ("data_refusal", "ls: no")], "data_directory", .critical,
                "the data directory \"/srv/pg\" could not be looked at"
            ),
            (
                plain, without("version", "pid_file"), "data_directory", .critical,
                "\"/srv/pg\" holds no data of PostgreSQL"
            ),
            (
                plain, replacing("free_kilobytes", "1000"), "disk", .warning,
                "only 1000 kB are free in the file system of the data directory"
            ),
            (
                plain, whole + [("link", "a.conf"), ("link_target", "/dev/null")], "links", .warning,
                "the data directory holds symbolic links that pg_rewind stops at"
            ),
            (
                plain, whole + [("read_only", "postgresql.auto.conf")], "read_only", .warning,
                "the data directory holds files that pg_rewind cannot write"
            ),
            (
                plain, anyHost + anyDirectory + anyServer, "programs", .critical,
                "found none of PostgreSQL's programs on the host of node \"n\""
            ),
            (
                plain, anyHost + anyDirectory + anyServer + programs("16.2"), "programs", .critical,
                "the programs on the host of node \"n\" are of version 16, its data of 15"
            ),
            (
                plain, whole.filter { $0.1 != "pg_rewind" && $0.1 != "pg_waldump" }, "programs", .warning,
                "programs of PostgreSQL are missing: pg_rewind, pg_waldump"
            ),
            (plain, without("server"), "server_account", .critical, nil),
            (plain, without("pid_file"), "server", .warning, "no server runs"),
            (plain, replacing("process", process("Z")), "server", .warning, "no server runs"),
            (plain, replacing("process", process("T")), "server", .critical, "the server stands still"),
            (
                plain, replacing("parent", "patroni"), "service", .critical,
                "the server of node \"n\" is run by patroni, not by its configured service"
            ),
            (
                nil, whole, "service", .warning,
                "the configuration does not say how node \"n\" is started and stopped"
            ),
            (
                .pgCtlCluster(version: "15", cluster: "main"), whole, "service", .critical,
                "there is no cluster \"main\" of version 15"
            ),
            (
                systemd, whole + [("root", "1"), ("unit", "LoadState=not-found\nMainPID=23382")], "service", .critical,
                "there is no systemd unit \"pg\""
            ),
            (
                systemd, whole + [("unit", "LoadState=loaded\nMainPID=23382")], "root_account", .critical,
                "the user \"postgres\" may not run commands as \"root\""
            ),
        ] as [(ServiceConfiguration?, [(String, String)], String, Severity, String?)])
    func findsWhatStandsInTheWay(
        service: ServiceConfiguration?, pairs: [(String, String)], code: String, severity: Severity, message: String?
    ) throws {
        let check = try check(service, pairs)
        let finding = try #require(check.findings.first)
        #expect(check.findings.count == 1, "\(check.findings)")
        #expect(finding.code == code && finding.severity == severity && check.severity == severity)
        if let message { #expect(finding.message == message) }
    }

    @Test func namesTheSudoersLine() throws {
        let ann = [("user", "ann"), ("uid", "1000"), ("system", "Linux")]
        let refusals = [("root_refusal", "sudo: a password is required"), ("server_refusal", "sudo: no")]
        let pairs =
            ann + anyDirectory.filter { $0.0 != "server" } + refusals
            + [("unit", "LoadState=loaded\nActiveState=active\nMainPID=1")]
        let check = try check(Self.systemd, pairs, become: ["sudo", "-n"])
        let account = try #require(check.findings.first { $0.code == "server_account" })
        #expect(
            account.message == "the user \"ann\" may not run commands as \"postgres\"" && account.detail == "sudo: no")
        #expect(account.hint == "On the host add the sudoers line: ann ALL=(postgres) NOPASSWD: ALL")
        let root = try #require(check.findings.first { $0.code == "root_account" })
        #expect(root.hint == "On the host add the sudoers line: ann ALL=(root) NOPASSWD: /usr/bin/systemctl stop pg")
        // A line for that one command only.
        let narrow = try self.check(Self.systemd, pairs, become: ["sudo", "-n"], mayRunService: true)
        #expect(!narrow.findings.contains { $0.code == "root_account" })
    }

    @Test func tellsWhyAHostWasNotReached() throws {
        let failure = Failure(.authentication, "not let in", detail: "d", hint: "h", node: "n")
        let check = HostCheck(try node(nil), unreached: failure)
        #expect(check.severity == .critical && check.facts == nil)
        #expect(
            check.findings == [HostCheck.Finding("authentication", .critical, "not let in", detail: "d", hint: "h")])
        var homeless = try node(nil)
        homeless.ssh = nil
        let none = HostCheck(homeless, unreached: Failure(.refused, "no address"))
        #expect(none.severity == .warning && none.findings.first?.code == "no_ssh" && none.address == nil)
    }
}
