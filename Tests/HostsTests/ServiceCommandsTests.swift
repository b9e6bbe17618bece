import Configuration
import Essentials
import Hosts
import Testing

struct ServiceCommandsTests {
    private static let systemd = ServiceConfiguration.systemd(unit: "postgresql@15-main")
    private static let debian = ServiceConfiguration.pgCtlCluster(version: "15", cluster: "main")
    private static let plain = ServiceConfiguration.pgCtl(binDirectory: "/opt/pg/bin")
    private static let docker = ServiceConfiguration.container(runtime: .docker, name: "pg")
    private static let podman = ServiceConfiguration.container(runtime: .podman, name: "pg")
    private static let custom = ServiceConfiguration.custom(
        start: ["up", "a b"], stop: ["down"], restart: ["again"], status: nil)

    private static let podman4 = "podman version 4.3.1"
    private static let podman5 = "podman version 5.2.0"

    private func commands(_ service: ServiceConfiguration, _ pairs: [(String, String)]) throws -> ServiceCommands {
        try ServiceCommands(node(service), facts(anyHost + anyDirectory + pairs, service))
    }

    @Test(
        arguments: [
            (systemd, [], [HostCommand(["systemctl", "stop", "postgresql@15-main"], as: .root)]),
            (
                debian, [],
                [
                    HostCommand([
                        "pg_ctlcluster", "--skip-systemctl-redirect", "15", "main", "stop", "-m", "fast", "--", "-W",
                    ])
                ]
            ),
            (
                debian, anyServer + [("cgroup", "0::/system.slice/system-postgresql.slice/postgresql@15-main.service")],
                [HostCommand(["systemctl", "stop", "postgresql@15-main"], as: .root)]
            ),
            (
                plain, anyServer,
                [HostCommand(["/opt/pg/bin/pg_ctl", "stop", "-D", "/srv/pg", "-s", "-W", "-m", "fast"])]
            ),
            (docker, container(), [HostCommand(["docker", "kill", "--signal", "INT", "pg"], as: .root)]),
            (
                docker, container(policy: "always"),
                [HostCommand(["docker", "kill", "--signal", "INT", "pg"], as: .root)]
            ),
            (
                podman, container(signal: "15", account: "login", runtime: podman4),
                [HostCommand(["podman", "kill", "--signal", "INT", "pg"], as: .login)]
            ),
            (
                podman, container(signal: "2", policy: "always", runtime: podman4),
                [HostCommand(["podman", "stop", "--time", "600", "pg"], as: .root)]
            ),
            (
                podman, container(signal: "15", policy: "always", runtime: podman5),
                [
                    HostCommand(["podman", "update", "--restart=no", "pg"], as: .root),
                    HostCommand(["podman", "kill", "--signal", "INT", "pg"], as: .root),
                ]
            ),
            (custom, anyServer + [("parent", "patroni")], [HostCommand(["down"], as: .login)]),
        ] as [(ServiceConfiguration, [(String, String)], [HostCommand])])
    func stops(service: ServiceConfiguration, pairs: [(String, String)], words: [HostCommand]) throws {
        #expect(try commands(service, pairs).stop() == words)
    }

    /// Its stop signal is a smart shutdown's, and it would come back after any other.
    @Test func refusesToStopAContainerThatWouldComeBack() throws {
        let pairs = container(signal: "15", policy: "on-failure", runtime: Self.podman4)
        let failure = #expect(throws: Failure.self) { try commands(Self.podman, pairs).stop() }
        #expect(failure?.code == .refused)
        #expect(failure?.hint == "Make it anew with --restart=no, or with --stop-signal=SIGINT for a fast shutdown.")
    }

    @Test(
        arguments: [
            (systemd, ["systemctl", "kill", "-s", "QUIT", "--kill-who=main", "postgresql@15-main"]),
            (plain, ["/opt/pg/bin/pg_ctl", "stop", "-D", "/srv/pg", "-s", "-W", "-m", "immediate"]),
            (docker, ["docker", "kill", "--signal", "QUIT", "pg"]),
        ] as [(ServiceConfiguration, [String])])
    func stopsAtOnce(service: ServiceConfiguration, words: [String]) throws {
        #expect(try commands(service, container()).stop(.immediate).map(\.words) == [words])
    }

    /// What restarts it can't be changed; after SIGKILL podman doesn't.
    @Test func stopsAContainerAtOnceThatWouldComeBack() throws {
        let pairs = container(signal: "2", policy: "always", runtime: Self.podman4)
        let kept = try commands(Self.podman, pairs)
        #expect(try kept.stop(.immediate).map(\.words) == [["podman", "kill", "--signal", "KILL", "pg"]])
        #expect(kept.startsOnlyAtBoot()?.contains("\"pg\" stays always") == true)
        #expect(try kept.restoreAutostart() == [])
        let failure = #expect(throws: Failure.self) { try kept.disableAutostart() }
        #expect(failure?.hint == "Make it anew with --restart=no.")
        let newer = try commands(Self.podman, container(signal: "2", policy: "always", runtime: Self.podman5))
        #expect(
            try newer.stop(.immediate).map(\.words) == [
                ["podman", "update", "--restart=no", "pg"], ["podman", "kill", "--signal", "QUIT", "pg"],
            ])
        #expect(newer.startsOnlyAtBoot() == nil)
        // Not even a stop by hand would do.
        let smart = try commands(Self.podman, container(signal: "15", policy: "always", runtime: Self.podman4))
        #expect(smart.startsOnlyAtBoot() == nil)
        #expect(try commands(Self.podman, container(runtime: Self.podman4)).startsOnlyAtBoot() == nil)
    }

    @Test(
        arguments: [
            (systemd, []), (debian, []), (plain, []), (custom, []),
            (docker, [HostCommand(["docker", "kill", "--signal", "KILL", "pg"], as: .root)]),
            (podman, [HostCommand(["podman", "kill", "--signal", "KILL", "pg"], as: .root)]),
        ] as [(ServiceConfiguration, [HostCommand])])
    func kills(service: ServiceConfiguration, words: [HostCommand]) throws {
        #expect(try commands(service, container()).kill() == words)
    }

    /// A container that could not be looked at is told nothing.
    @Test func killsNoContainerItCannotSee() throws {
        let failure = #expect(throws: Failure.self) {
            try commands(Self.podman, [("container_refusal", "no such container")]).kill()
        }
        #expect(failure?.detail == "no such container")
    }

    /// What runs a cluster of Debian's or could: its unit, where root is to be had; whatever it is, its own file says
    /// whether it may start.
    @Test func debiansClustersHaveUnits() throws {
        let loaded = [("unit", "LoadState=loaded\nFragmentPath=/lib/systemd/system/postgresql@.service")]
        let unit = [HostCommand(["systemctl", "start", "postgresql@15-main"], as: .root)]
        #expect(try commands(Self.debian, loaded + [("root", "1")]).start() == unit)
        #expect(try commands(Self.debian, [("unit", "LoadState=masked"), ("root", "1")]).start() == unit)
        for pairs in [loaded, [("root", "1")], [("unit", "LoadState=not-found"), ("root", "1")]] {
            #expect(try commands(Self.debian, pairs).start().first?.words.first == "pg_ctlcluster", "\(pairs)")
        }
        // One that was started by hand is stopped so.
        let byHand = try commands(
            Self.debian, loaded + [("root", "1")] + anyServer.map { $0.0 == "parent" ? ("parent", "bash") : $0 })
        #expect(try byHand.stop().first?.words.first == "pg_ctlcluster")
        let group = [("cgroup", "0::/system.slice/system-postgresql.slice/postgresql@15-main.service")]
        let start = [("cluster_directory", "/etc/postgresql/15/main"), ("cluster_start", "auto\n")]
        let running = try commands(Self.debian, loaded + anyServer + group + start)
        #expect(try running.stop().map(\.words) == [["systemctl", "stop", "postgresql@15-main"]])
        #expect(try running.disableAutostart().first?.words.contains("pgdr-forbid-start") == true)
        #expect(try running.restoreAutostart().first?.words.contains("pgdr-allow-start") == true)
        let disabled = try commands(
            Self.debian, [("cluster_directory", "/etc/postgresql/15/main"), ("cluster_start", "disabled\n")])
        #expect(try disabled.disableAutostart() == [] && disabled.restoreAutostart() == [])
        #expect(try disabled.enableAutostart().first?.words.contains("pgdr-allow-start") == true)
    }

    @Test(
        arguments: [
            (systemd, [], [HostCommand(["systemctl", "start", "postgresql@15-main"], as: .root)]),
            (
                debian, [],
                [HostCommand(["pg_ctlcluster", "--skip-systemctl-redirect", "15", "main", "start", "--", "-t", "30"])]
            ),
            (
                plain, [],
                [
                    HostCommand([
                        "/opt/pg/bin/pg_ctl", "start", "-D", "/srv/pg", "-s", "-w", "-t", "30", "-l",
                        "/srv/pg/pgdr-start.log",
                    ])
                ]
            ),
            (
                plain,
                anyServer.filter { $0.0 != "options" } + [
                    ("options", "/b/postgres \"-D\" \"/srv/pg\" \"-c\" \"config_file=/etc/it's $(x).conf\"")
                ],
                [
                    HostCommand([
                        "/opt/pg/bin/pg_ctl", "start", "-D", "/srv/pg", "-s", "-w", "-t", "30", "-l",
                        "/var/log/pg.log", "-o", "'-c' 'config_file=/etc/it'\\''s $(x).conf'",
                    ])
                ]
            ),
            (docker, container(), [HostCommand(["docker", "start", "pg"], as: .root)]),
            (custom, [], [HostCommand(["up", "a b"], as: .login)]),
        ] as [(ServiceConfiguration, [(String, String)], [HostCommand])])
    func starts(service: ServiceConfiguration, pairs: [(String, String)], words: [HostCommand]) throws {
        #expect(try commands(service, pairs).start(waiting: 30) == words)
    }

    @Test func restarts() throws {
        #expect(
            try commands(Self.systemd, []).restart()
                == .atOnce(HostCommand(["systemctl", "restart", "postgresql@15-main"], as: .root)))
        #expect(try commands(Self.custom, []).restart() == .atOnce(HostCommand(["again"], as: .login)))
        let plain = try commands(Self.plain, anyServer)
        #expect(try plain.restart() == .inTwo(stop: try plain.stop(), start: try plain.start()))
    }

    @Test(
        arguments: [
            (
                systemd, [("unit", "UnitFileState=enabled\nFragmentPath=/lib/systemd/system/p.service")],
                [["systemctl", "mask", "postgresql@15-main"]]
            ),
            (systemd, [("unit", "UnitFileState=masked\nFragmentPath=")], []),
            (
                systemd, [("unit", "UnitFileState=enabled\nFragmentPath=/etc/systemd/system/p.service")],
                [["systemctl", "disable", "postgresql@15-main"]]
            ),
            (systemd, [("unit", "UnitFileState=disabled\nFragmentPath=/etc/systemd/system/p.service")], []),
            (docker, container(policy: "always"), [["docker", "update", "--restart=no", "pg"]]),
            (docker, container(), []),
            (podman, container(policy: "always", runtime: podman5), [["podman", "update", "--restart=no", "pg"]]),
            (plain, [], []),
            (custom, [], []),
        ] as [(ServiceConfiguration, [(String, String)], [[String]])])
    func forbidsStarts(service: ServiceConfiguration, pairs: [(String, String)], words: [[String]]) throws {
        #expect(try commands(service, pairs).disableAutostart().map(\.words) == words)
    }

    @Test func allowsStartsAsBefore() throws {
        func unit(_ state: String, _ path: String = "/etc/systemd/system/p.service") throws -> ServiceCommands {
            try commands(Self.systemd, [("unit", "UnitFileState=\(state)\nFragmentPath=\(path)")])
        }
        func before(_ state: String) throws -> HostFacts {
            try facts(anyHost + [("unit", "UnitFileState=\(state)")], Self.systemd)
        }
        #expect(try unit("masked").enableAutostart().map(\.words) == [["systemctl", "unmask", "postgresql@15-main"]])
        #expect(try unit("masked").enableAutostart(asIn: before("masked")) == [])
        #expect(
            try unit("disabled").enableAutostart(asIn: before("enabled")).map(\.words)
                == [["systemctl", "enable", "postgresql@15-main"]])
        #expect(try unit("disabled").enableAutostart(asIn: before("disabled")) == [])
        #expect(try unit("enabled").enableAutostart() == [])
        let docker = try commands(Self.docker, container())
        let always = try facts(anyHost + container(policy: "always"), Self.docker)
        #expect(
            try docker.enableAutostart(asIn: always).map(\.words) == [["docker", "update", "--restart=always", "pg"]])
        #expect(try docker.enableAutostart() == [])
    }

    @Test func scriptsComeAsWords() throws {
        let debian = try commands(Self.debian, [("cluster_directory", "/etc/postgresql/15/main")])
        let forbid = try #require(try debian.disableAutostart().first)
        #expect(forbid.words.prefix(2) == ["sh", "-c"])
        #expect(
            forbid.words.suffix(2) == ["pgdr-forbid-start", "/etc/postgresql/15/main"] && forbid.account == .server)
        let stopped = try commands(Self.plain, anyServer).awaitStopped(seconds: 7)
        #expect(stopped.words.suffix(3) == ["pgdr-await-stopped", "/srv/pg", "7"] && stopped.account == .server)
        let both = try #require(try commands(Self.plain, anyServer).stopAndAwait(seconds: 7))
        #expect(both.words == stopped.words + (try commands(Self.plain, anyServer).stop().flatMap(\.words)))
        #expect(try commands(Self.systemd, []).stopAndAwait(seconds: 7) == nil)
        #expect(try commands(Self.docker, container(account: "login")).stopAndAwait(seconds: 7) == nil)
        let running = try commands(Self.plain, anyServer).awaitRunning(seconds: 60)
        #expect(running.words.suffix(4) == ["pgdr-await-running", "/srv/pg", "60", "3"])
        let container = try commands(Self.docker, container())
        #expect(
            try container.awaitStopped(seconds: 7).words.suffix(6)
                == ["pgdr-await-stopped", "docker", "pg", "4711", "1845716", "7"])
        let inside = try container.awaitRunning(seconds: 9)
        #expect(inside.words.prefix(6) == ["docker", "exec", "--user", "101", "pg", "sh"] && inside.account == .root)
        #expect(inside.words.suffix(3) == ["/var/lib/postgresql/data", "9", "3"])
    }

    @Test func refusesANodeWithoutService() throws {
        let failure = #expect(throws: Failure.self) { try ServiceCommands(node(nil), facts(anyHost)) }
        #expect(failure?.message == "the configuration does not say how node \"n\" is started and stopped")
    }

    /// Who supervises the server would start it again, or lose track of it.
    @Test(
        arguments: [
            (systemd, "0::/system.slice/postgresql@15-main.service", "systemd", nil),
            (systemd, "0::/system.slice/pg.service", "systemd", "the systemd unit \"pg\""),
            (plain, "0::/user.slice/user-1000.slice/session-4.scope", "systemd", nil),
            (plain, "0::/system.slice/ssh.service", "sshd", nil),
            (plain, "0::/system.slice/cron.service", "cron", nil),
            (plain, "0::/system.slice/pg.service", "systemd", "the systemd unit \"pg\""),
            (
                plain, "0::/user.slice/user-1.slice/user@1.service/app.slice/pg.service", "systemd",
                "the systemd unit \"pg\""
            ),
            (plain, "", "patroni", "patroni"),
            (plain, "0::/system.slice/patroni.service", "patroni", "patroni"),
            (plain, "", "pg_autoctl", "pg_autoctl"),
            (plain, "", "bash", nil),
            (
                plain, "12:cpu:/docker/\(String(repeating: "a1", count: 32))\n0::/", "x",
                "the container a1a1a1a1a1a1"
            ),
            (
                plain, "0::/machine.slice/libpod-\(String(repeating: "b2", count: 32)).scope/container", "x",
                "the container b2b2b2b2b2b2"
            ),
            (
                debian, "0::/system.slice/system-postgresql.slice/postgresql@14-main.service", "systemd",
                "the systemd unit \"postgresql@14-main\""
            ),
        ] as [(ServiceConfiguration, String, String, String?)])
    func leavesOthersServersAlone(
        service: ServiceConfiguration, group: String, parent: String, supervisor: String?
    ) throws {
        let server = anyServer.filter { $0.0 != "parent" } + [("cgroup", group), ("parent", parent)]
        let facts = try facts(anyHost + anyDirectory + server, service)
        let obstacle = try node(service).ownershipObstacle(facts)
        #expect(
            obstacle?.message
                == supervisor.map { "the server of node \"n\" is run by \($0), not by its configured service" })
        guard supervisor != nil else { return }
        #expect(throws: Failure.self) { try ServiceCommands(node(service), facts) }
    }

    @Test func noticesAServerBesideItsUnit() throws {
        let unit = [("unit", "ActiveState=inactive\nMainPID=0")]
        let server = anyServer.map { $0.0 == "parent" ? ("parent", "bash") : $0 }
        let failure = #expect(throws: Failure.self) { try commands(Self.systemd, server + unit) }
        #expect(failure?.detail == "The unit is inactive; the server is process 23382.")
        _ = try commands(Self.systemd, server + [("unit", "ActiveState=active\nMainPID=23382")])
        let gone = [("pid_file", "23382\n"), ("process", process("Z"))]
        _ = try commands(Self.systemd, gone + unit)
    }

    @Test func leavesAContainerToItsUnit() throws {
        var pairs = container()
        pairs[pairs.count - 1] = ("container_unit", "pg.service")
        let failure = #expect(throws: Failure.self) { try commands(Self.podman, pairs) }
        #expect(failure?.hint == "Configure service: {systemd: pg.service} for it.")
    }
}
