import Configuration
import Essentials
import Hosts
import Testing

struct HostFactsTests {
    @Test func readsAHostWithAServer() throws {
        let facts = try facts(anyHost + anyDirectory + anyServer + programs("15.18"))
        #expect(facts.user == "postgres" && facts.userID == 101 && facts.hostName == "db1")
        #expect(facts.home == "/var/lib/postgresql")
        #expect(facts.accountTools == ["/usr/sbin/runuser", "/usr/bin/setpriv"])
        #expect(facts.root == .unknown && facts.server == .allowed)
        let directory = try #require(facts.dataDirectory)
        #expect(directory.owner == "postgres" && directory.ownerID == 101 && directory.group == "104")
        #expect(directory.mode == 0o700 && directory.isMountPoint == false && directory.majorVersion == "15")
        #expect(directory.freeBytes == 82_503_065_600 && directory.parentFreeBytes == 82_503_065_600)
        #expect(directory.isParentWritable && !directory.isEmpty && directory.signals.isEmpty)
        #expect(directory.startWords == ["/usr/lib/postgresql/15/bin/postgres", "-D", "/srv/pg"])
        let postmaster = try #require(facts.postmaster)
        #expect(postmaster.processID == 23382 && postmaster.state == .running && postmaster.port == 5433)
        #expect(postmaster.startedAt == 1_795_613_631 && postmaster.status == "ready")
        #expect(postmaster.standardErrorFile == "/var/log/pg.log" && postmaster.parent == "systemd")
        #expect(facts.programs?.majorVersion == "15")
        #expect(facts.programs?.path(of: "pg_rewind") == "/usr/lib/postgresql/15/bin/pg_rewind")
        #expect(facts.unit == nil && facts.container == nil && facts.debianCluster == nil)
    }

    /// File names hold whatever they like; what follows the last NUL was torn off.
    @Test func keepsOddNames() throws {
        let odd = [
            ("signal", "standby.signal"), ("link", "postgresql.auto.conf"), ("link_target", "/dev/null"),
            ("link", "a\nb"), ("link_target", "c\td\n"), ("read_only", "e f"), ("read_only", "\"'$()"),
            ("wal_link", "/wal"), ("tablespace", "16385"), ("tablespace_target", "/srv/t s"),
            ("tablespace_free", "1"), ("tablespace", "16386"), ("tablespace_target", ""), ("tablespace_free", ""),
        ]
        let bytes = output(anyHost + anyDirectory + odd) + Array("link\0torn".utf8)
        let facts = try HostFacts.parse(bytes, of: node(nil))
        let directory = try #require(facts.dataDirectory)
        #expect(directory.signals == ["standby.signal"])
        #expect(
            directory.links == [
                .init(name: "postgresql.auto.conf", target: "/dev/null"), .init(name: "a\nb", target: "c\td\n"),
            ])
        #expect(directory.readOnlyFiles == ["e f", "\"'$()"])
        #expect(directory.walLink == "/wal")
        #expect(
            directory.tablespaces == [
                .init(identifier: "16385", path: "/srv/t s", freeBytes: 1024),
                .init(identifier: "16386", path: "", freeBytes: nil),
            ])
    }

    /// A number in the pid file proves nothing: it may be a zombie's or another process's.
    @Test(
        arguments: [
            ("S", true, .running), ("R", true, .running), ("D", true, .running), ("T", true, .frozen),
            ("t", true, .frozen), ("Z", false, .zombie), ("X", false, .zombie), ("S", false, .gone),
            ("T", false, .gone),
            ("", false, .gone),
        ] as [(String, Bool, PostmasterFacts.State)])
    func tellsALivingPostmaster(letter: String, isServer: Bool, state: PostmasterFacts.State) throws {
        var pairs = anyHost + anyDirectory + [("pid_file", "23382\n/srv/pg\n")]
        if !letter.isEmpty { pairs.append(("process", process(letter))) }
        if isServer { pairs.append(("is_server", "1")) }
        let postmaster = try #require(try facts(pairs).postmaster)
        #expect(postmaster.state == state)
        #expect(postmaster.processID == 23382)
        #expect(postmaster.port == nil && postmaster.status == nil && postmaster.startedAt == nil)
    }

    @Test(
        arguments: [("-4711\n/srv/pg\n", 4711), ("", nil), ("x", nil), ("0", nil), ("99999999999", nil)]
            as [(String, Int32?)])
    func readsPIDFiles(content: String, pid: Int32?) throws {
        #expect(try facts(anyHost + anyDirectory + [("pid_file", content)]).postmaster?.processID == pid)
    }

    @Test(
        arguments: [
            ([], .unknown), ([("root", "1")], .allowed),
            ([("root_refusal", "sudo: a password is required")], .refused("sudo: a password is required")),
        ] as [([(String, String)], HostFacts.Access)])
    func tellsWhetherRootIsToBeHad(pairs: [(String, String)], access: HostFacts.Access) throws {
        #expect(try facts(anyHost + pairs).root == access)
    }

    @Test func tellsWhyADirectoryIsNotThere() throws {
        let refusal = "ls: cannot access '/srv/pg': No such file or directory"
        let facts = try facts(anyHost + [("data_directory", "/srv/pg"), ("data_refusal", refusal)])
        let directory = try #require(facts.dataDirectory)
        #expect(directory.owner == nil && directory.refusal == refusal && directory.majorVersion == nil)
        #expect(facts.server == .unknown)
    }

    @Test func namesAnAccountWithoutNameByItsNumber() throws {
        let pairs = [("data_directory", "/srv/pg"), ("data_owner", "UNKNOWN:999:999:750:9"), ("parent_device", "8")]
        let directory = try #require(try facts(anyHost + pairs).dataDirectory)
        #expect(directory.owner == "#999" && directory.ownerID == 999 && directory.mode == 0o750)
        #expect(directory.isMountPoint == true)
    }

    @Test(arguments: [
        ("# c\n#   auto: x\n\nauto\n", "auto"), ("manual # note\n", "manual"), ("  disabled", "disabled"), ("", nil),
        ("# only\n", nil),
    ])
    func readsDebiansStartFile(content: String, word: String?) throws {
        let pairs = [("cluster_directory", "/etc/postgresql/15/main"), ("cluster_start", content)]
        let cluster = try #require(try facts(anyHost + pairs).debianCluster)
        #expect(cluster.start == word && cluster.directory == "/etc/postgresql/15/main")
    }

    @Test func readsAUnit() throws {
        let text = """
            Restart=no
            MainPID=4711
            LoadState=loaded
            ActiveState=active
            SubState=running
            FragmentPath=/lib/systemd/system/postgresql@.service
            UnitFileState=enabled-runtime
            """
        let unit = try #require(try facts(anyHost + [("unit", text)], .systemd(unit: "postgresql@15-main")).unit)
        #expect(unit.name == "postgresql@15-main" && unit.mainProcessID == 4711 && unit.activeState == "active")
        #expect(unit.fileState == "enabled-runtime" && unit.restart == "no" && unit.loadState == "loaded")
        #expect(unit.fragmentPath == "/lib/systemd/system/postgresql@.service")
    }

    @Test func readsAContainer() throws {
        let container = try #require(try facts(anyHost + container(policy: "always")).container)
        #expect(container.account == .root && container.identifier == "5f2c" && container.status == "running")
        #expect(container.processID == 4711 && container.processStart == 1_845_716)
        #expect(
            container.stopSignal == "INT" && container.restartPolicy == "always" && container.image == "postgres:15")
        #expect(container.unit == nil && container.runtimeVersion == "24.0.7")
        #expect(container.inside("/srv/pg") == "/var/lib/postgresql/data")
        #expect(container.inside("/srv/pg/base") == "/var/lib/postgresql/data/base")
        #expect(container.inside("/srv/pg2") == "/host/pg2")
        #expect(container.inside("/etc") == nil)
    }

    @Test(arguments: [("15", "TERM"), ("2", "INT"), ("", "TERM"), ("SIGINT", "INT"), ("QUIT", "QUIT")])
    func readsStopSignals(text: String, name: String) throws {
        #expect(try facts(anyHost + container(signal: text)).container?.stopSignal == name)
    }

    @Test func readsAContainerWithoutImageAndMounts() throws {
        let pairs = [
            ("container_account", "login"), ("container", "ab\nexited\n0\n15\n\n"),
            ("container_runtime", "podman version 4.3.1"), ("container_unit", "pg.service"),
        ]
        let container = try #require(try facts(anyHost + pairs).container)
        #expect(container.processID == 0 && container.restartPolicy == "no" && container.image.isEmpty)
        #expect(container.mounts.isEmpty && container.unit == "pg.service" && container.runtimeVersion == "4.3.1")
    }

    @Test func refusesWhatIsNoAnswer() throws {
        #expect(
            throws: Failure(
                .unexpectedAnswer, "could not read what the host of node \"n\" says of itself",
                detail: "It doesn't say who is logged in.", hint: "Its shell must be a POSIX shell.", node: "n")
        ) { try HostFacts.parse(Array("Welcome\n".utf8), of: node(nil)) }
        #expect(
            throws: Failure(
                .refused, "the host of node \"n\" runs FreeBSD", detail: "pgdr acts on Linux hosts only.", node: "n")
        ) { try facts(anyHost.map { $0.0 == "system" ? ("system", "FreeBSD") : $0 }) }
    }

    @Test(arguments: [
        ("/b/postgres \"-D\" \"/srv/a b\" \"-c\" \"x=\"y\"\"\n", ["/b/postgres", "-D", "/srv/a b", "-c", "x=\"y\""]),
        ("/b b/postgres\n", ["/b b/postgres"]), ("/b/postgres \"\"", ["/b/postgres", ""]), ("", []), ("/b \"", []),
    ])
    func readsStartOptions(text: String, words: [String]) throws {
        #expect(try facts(anyHost + anyDirectory + [("options", text)]).dataDirectory?.startWords == words)
    }

    @Test(arguments: [
        ("15.18", "15"), ("18beta1", "18"), ("17.0", "17"), ("9.6.24", "9"),
    ])
    func tellsMajorVersions(version: String, major: String) throws {
        #expect(try facts(anyHost + programs(version)).programs?.majorVersion == major)
    }
}
