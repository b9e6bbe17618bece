import Configuration
import Essentials
import Postgres
import Replication
import Testing

@Suite struct EstateTests {
    /// A file with one cluster of two nodes and an estate of these lines, the first of which is line 6.
    private static func file(_ lines: String...) -> String {
        ([
            "clusters:", "  c:", "    nodes:", "      a: {connection: host=a user=u, kind: primary}", "estate:",
        ] + lines.map { "  \($0)" }).joined(separator: "\n") + "\n"
    }

    /// The same with two servers and one service, which stands in line 7.
    private static func service(_ service: String) -> String {
        file("servers: {one: {ssh: ops@one}, two: {}}", "services: {s: {\(service)}}")
    }

    /// The same with three services and one pipeline, which stands in line 8.
    private static func pipeline(_ pipeline: String) -> String {
        file(
            "servers: {one: {ssh: ops@one}, two: {}}",
            "services: {s: {kind: tcp, address: \"h:1\"}, t: {kind: nats, address: h}, u: {kind: postgres, connection: host=/run}}",
            "pipelines: {p: {\(pipeline)}}")
    }

    private static func estate(_ yaml: String) throws -> EstateConfiguration {
        try #require(try parsed(yaml).estate)
    }

    @Test func noEstateIsNone() throws {
        #expect(try parsed("clusters: {c: {nodes: {n: {connection: host=h, kind: dr}}}}").estate == nil)
    }

    @Test func readsServersAndPipelines() throws {
        let estate = try Self.estate(
            Self.file(
                "timeout: 30s", "servers:", "  one: {title: Number one, ssh: \"ops@one:23\", category: hosts}",
                "  two: {deployed: false}", "services:", "  s: {kind: tcp, address: \"h:1\"}",
                "  t: {kind: tcp, address: \"[fd00::1]:2\", server: one, category: misc, deployed: false}",
                "pipelines:",
                "  p: {from: one, to: s}", "  q: {from: one, to: [s, t], category: jobs, deployed: false}"))
        #expect(estate.timeout == .seconds(30))
        #expect(
            estate.servers == [
                EstateServer(
                    name: "one", title: "Number one", ssh: SSHAddress(host: "one", user: "ops", port: 23),
                    category: "hosts"),
                EstateServer(name: "two", isDeployed: false),
            ])
        #expect(
            estate.services == [
                EstateService(name: "s", kind: .tcp, probe: .tcp(ServerAddress(host: "h", port: 1))),
                EstateService(
                    name: "t", kind: .tcp, server: "one", category: "misc", isDeployed: false,
                    probe: .tcp(ServerAddress(host: "fd00::1", port: 2))),
            ])
        #expect(
            estate.pipelines == [
                EstatePipeline(name: "p", from: "one", to: ["s"]),
                EstatePipeline(name: "q", from: "one", to: ["s", "t"], category: "jobs", isDeployed: false),
            ])
        #expect(estate.categories == ["hosts", "applications", "misc", "pipelines", "jobs"])
        #expect(try Self.estate(Self.file("servers: {one: {}}")).timeout == .seconds(10))
    }

    private static func url(_ text: String) -> String { "\"\(text)\"" }

    @Test(arguments: [
        ("kind: http, url: http://h", "http://h", 80, [200]),
        ("kind: http, url: \"http://h:8080/x?y=1\", status: 204", "http://h:8080/x?y=1", 8080, [204]),
        ("kind: https, url: https://h/, status: [200, 302]", "https://h/", 443, [200, 302]),
        ("kind: registry, url: https://h/", "https://h/v2/", 443, [200, 401]),
        ("kind: registry, url: \"http://[::1]:5000\"", "http://[::1]:5000/v2/", 5000, [200, 401]),
        ("kind: kubernetes, url: \"https://h:6443\"", "https://h:6443/readyz", 6443, [200]),
    ])
    func readsURLs(text: String, url: String, port: Int, status: [Int]) throws {
        let service = try #require(try Self.estate(Self.service(text)).services.first)
        guard case .http(let probe) = service.probe else {
            Issue.record("\(service)")
            return
        }
        #expect(probe.url.text == url && probe.url.address.port == port && probe.status == status)
    }

    @Test func readsExpectationsAndLogins() throws {
        let estate = try Self.estate(
            Self.file(
                "services:",
                "  h: {kind: https, url: https://h, certificate_days: 14, ca: ~/ca.pem, user: u, password_file: /p}",
                "  k: {kind: kubernetes, url: https://h, token_env: TOKEN}",
                "  r: {kind: redis, address: h, role: replica, version: \">= 7\", password_env: REDIS_1}",
                "  s: {kind: redis-sentinel, address: h, master: m, names: h2}",
                "  n: {kind: nats, address: h, user: u, password_file: ~/n}"))
        let probes = estate.services.map(\.probe)
        guard case .http(let https) = probes[0], case .http(let kubernetes) = probes[1] else {
            Issue.record("\(probes)")
            return
        }
        #expect(https.certificateDays == 14 && https.certificateAuthority == "~/ca.pem")
        #expect(https.login == ServiceLogin(user: "u", password: .file("/p")))
        #expect(kubernetes.login == ServiceLogin(token: .environment("TOKEN")))
        #expect(
            probes[2]
                == .redis(
                    RedisProbe(
                        address: ServerAddress(host: "h", port: 6379),
                        login: ServiceLogin(password: .environment("REDIS_1")), role: .replica,
                        version: VersionRequirement(">= 7"))))
        #expect(
            probes[3]
                == .sentinel(
                    SentinelProbe(
                        address: ServerAddress(host: "h", port: 26379), master: "m",
                        names: ServerAddress(host: "h2", port: 6379))))
        #expect(
            probes[4]
                == .nats(
                    NATSProbe(
                        address: ServerAddress(host: "h", port: 4222),
                        login: ServiceLogin(user: "u", password: .file("~/n")))))
        #expect(
            estate.services.map(\.category) == ["applications", "kubernetes", "caches", "caches", "messaging"])
    }

    @Test func readsPostgres() throws {
        let estate = try Self.estate(
            Self.file(
                "services:", "  n: {kind: postgres, node: a, role: primary, version: 15}",
                "  m: {kind: postgres, cluster: c, node: a}",
                "  p: {kind: postgres, connection: \"host=B,c port=5433,5434 user=u\", role: standby}",
                "  q: {kind: postgres, connection: host=/run user=u, address: [x, \"y:1\"]}"))
        #expect(
            estate.services.map(\.probe) == [
                .postgres(
                    PostgresProbe(
                        connection: try ConnectionString("host=a user=u"), addresses: [ServerAddress(host: "a")],
                        role: .primary, version: VersionRequirement("15"))),
                .postgres(
                    PostgresProbe(
                        connection: try ConnectionString("host=a user=u"), addresses: [ServerAddress(host: "a")])),
                .postgres(
                    PostgresProbe(
                        connection: try ConnectionString("host=B,c port=5433,5434 user=u"),
                        addresses: [ServerAddress(host: "b", port: 5433), ServerAddress(host: "c", port: 5434)],
                        role: .standby)),
                .postgres(
                    PostgresProbe(
                        connection: try ConnectionString("host=/run user=u"),
                        addresses: [ServerAddress(host: "x"), ServerAddress(host: "y", port: 1)])),
            ])
    }

    @Test func aPasswordInAConnectionIsAWarning() throws {
        let file = try parsed(Self.service("kind: postgres, connection: host=h password=hunter2"))
        #expect(file.warnings.map(\.location.line) == [7])
        #expect(!"\(file.warnings)".contains("hunter2"))
    }

    @Test(arguments: [
        Refusal(file("server: {}"), "pgdr.yaml:6:3: unknown key \"server\"", hint: "Did you mean \"servers\"?"),
        Refusal(
            file("servers: {}"), "pgdr.yaml:6:3: the estate has neither servers nor services",
            hint: "See an example with: pgdr estate example"),
        Refusal(
            file("timeout: 0.5s", "servers: {a: {}}"), "pgdr.yaml:6:12: \"timeout\" must be between 1s and 10min"),
        Refusal(file("servers: {-a: {}}"), "pgdr.yaml:6:13: invalid server name \"-a\"", detail: Name.rule),
        Refusal(
            file("servers: {a: {}}", "services: {a: {kind: nats, address: h}}"),
            "pgdr.yaml:7:14: service \"a\" has the name of a server"),
        Refusal(
            file("servers: {a: {ssh: h}}", "services: {s: {kind: nats, address: h}}", "pipelines: {s: {}}"),
            "pgdr.yaml:8:15: pipeline \"s\" has the name of a service"),
        Refusal(
            file("servers: {a: {deployed: maybe}}"),
            "pgdr.yaml:6:27: expected true or false for \"deployed\", found \"maybe\""),
    ])
    func refusesTheFrame(_ refusal: Refusal) throws { try refusal.check() }

    @Test(arguments: [
        Refusal(
            service("address: \"h:1\""), "pgdr.yaml:7:14: service \"s\" has no \"kind\"",
            hint: "Add \"kind:\" with one of \"tcp\", \"http\", \"https\", \"postgres\", \"redis\", \"redis-sentinel\","
                + " \"nats\", \"registry\" or \"kubernetes\"."),
        Refusal(
            service("kind: redis_sentinel"), "pgdr.yaml:7:24: unknown kind \"redis_sentinel\"",
            hint: "Did you mean \"redis-sentinel\"?"),
        Refusal(
            service("kind: tcp, address: \"h:1\", status: 200"), "pgdr.yaml:7:45: unknown key \"status\"",
            detail: "Known keys here: \"kind\", \"server\", \"category\", \"deployed\" and \"address\"."),
        Refusal(
            service("kind: tcp, address: \"h:1\", server: ones"), "pgdr.yaml:7:53: there is no server \"ones\"",
            hint: "Did you mean \"one\"?"),
        Refusal(
            service("kind: tcp"), "pgdr.yaml:7:14: service \"s\" has no \"address\"",
            hint: "Add \"address: HOST:9000\"."),
        Refusal(
            service("kind: tcp, address: h"), "pgdr.yaml:7:38: invalid address", detail: "It has no port.",
            hint: "Write it as host:9000 or [fd00::2]:9000."),
        Refusal(
            service("kind: redis, address: \"u@h:1\""), "pgdr.yaml:7:40: invalid address",
            detail: "A service's address has no user.", hint: "Write it as host:6379 or [fd00::2]:6379."),
        Refusal(
            service("kind: http, url: \"https://h\""), "pgdr.yaml:7:35: invalid URL", detail: "It begins with http://."),
        Refusal(
            service("kind: registry, url: \"ftp://h\""), "pgdr.yaml:7:39: invalid URL",
            detail: "It begins with https:// or http://."),
        Refusal(
            service("kind: https, url: \"https://u:hunter2@h\""), "pgdr.yaml:7:36: invalid URL",
            detail: "A user must not stand in it."),
        Refusal(
            service("kind: https, url: \"https://h/a b\""), "pgdr.yaml:7:36: invalid URL",
            detail: "It holds a character that must be written as %XX."),
        Refusal(
            service("kind: https, url: \"https://h:0\""), "pgdr.yaml:7:36: invalid URL",
            detail: "A port is a number from 1 to 65535."),
        Refusal(
            service("kind: registry, url: http://h, ca: /c"), "pgdr.yaml:7:53: \"ca\" means nothing without TLS",
            hint: "Use https:// there."),
        Refusal(
            service("kind: http, url: http://h, status: [200, 99]"),
            "pgdr.yaml:7:59: expected a whole number from 100 to 599 for \"status\", found \"99\""),
        Refusal(
            service("kind: http, url: http://h, status: []"),
            "pgdr.yaml:7:53: expected a status code or a list of them for \"status\", found a list"),
        Refusal(
            service("kind: https, url: https://h, certificate_days: -1"),
            "pgdr.yaml:7:65: expected a whole number from 0 to 3650 for \"certificate_days\", found \"-1\""),
        Refusal(
            service("kind: https, url: https://h, ca: ca.pem"),
            "pgdr.yaml:7:51: expected an absolute path or one that begins with ~/ for \"ca\", found \"ca.pem\""),
        Refusal(
            service("kind: redis, address: h, role: primary"),
            "pgdr.yaml:7:49: expected \"master\" or \"replica\" for \"role\", found \"primary\""),
        Refusal(
            service("kind: nats, address: h, version: latest"),
            "pgdr.yaml:7:51: expected a version such as \"15\", \">= 7\" or \">= 15, < 18\" for \"version\", found \"latest\""
        ),
        Refusal(
            service("kind: redis-sentinel, address: h"), "pgdr.yaml:7:14: service \"s\" has no \"master\"",
            hint: "Add \"master: mymaster\"."),
        Refusal(
            service("kind: redis, address: h, user: u"), "pgdr.yaml:7:49: service \"s\" has a user and no password",
            hint: "Add \"password_file: /path\" or \"password_env: VARIABLE\"."),
        Refusal(
            service("kind: redis, address: h, password: hunter2"), "pgdr.yaml:7:43: unknown key \"password\"",
            detail:
                "Known keys here: \"kind\", \"server\", \"category\", \"deployed\", \"address\", \"role\", \"version\","
                + " \"user\", \"password_file\" and \"password_env\"."),
        Refusal(
            service("kind: redis, address: h, password_env: hunter-2"),
            "pgdr.yaml:7:57: expected the name of a variable for \"password_env\"",
            detail: "It has letters, digits and \"_\"."),
        Refusal(
            service("kind: redis, address: h, password_env: A, password_file: /b"),
            "pgdr.yaml:7:75: \"password_file\" and \"password_env\" exclude each other"),
        Refusal(
            service("kind: nats, address: h, token_file: /t, password_file: /b"),
            "pgdr.yaml:7:73: service \"s\" has both a user or password and a token"),
    ])
    func refusesAService(_ refusal: Refusal) throws { try refusal.check() }

    @Test(arguments: [
        Refusal(
            service("kind: postgres"), "pgdr.yaml:7:14: service \"s\" has neither \"connection\" nor \"node\"",
            hint: "Add \"connection: host=... dbname=... user=...\" as its clients have it, or \"node: NAME\"."),
        Refusal(
            service("kind: postgres, connection: host=h, node: a"),
            "pgdr.yaml:7:60: \"connection\" and \"node\" exclude each other"),
        Refusal(
            service("kind: postgres, node: b"), "pgdr.yaml:7:40: there is no node \"b\"", detail: "Known here: \"a\"."),
        Refusal(
            service("kind: postgres, node: a, cluster: d"), "pgdr.yaml:7:52: there is no cluster \"d\"",
            detail: "Known here: \"c\"."),
        Refusal(
            service("kind: postgres, node: a, role: master"),
            "pgdr.yaml:7:49: expected \"primary\" or \"standby\" for \"role\", found \"master\""),
        Refusal(
            service("kind: postgres, connection: \"host=h password\""),
            "pgdr.yaml:7:46: could not parse the connection string",
            hint: "Write it as \"host=... port=... dbname=... user=...\" or as postgresql://user@host:port/dbname;"
                + " values with spaces need single quotes."),
        Refusal(
            "clusters: {c: {nodes: {a: {connection: host=a, kind: dr}}}, d: {nodes: {b: {connection: host=b, kind: dr}}}}\n"
                + "estate: {services: {s: {kind: postgres, node: a}}}\n",
            "pgdr.yaml:2:47: which cluster's node is meant is not said", detail: "Clusters: \"c\" and \"d\".",
            hint: "Add \"cluster: NAME\"."),
    ])
    func refusesAPostgres(_ refusal: Refusal) throws { try refusal.check() }

    @Test(arguments: [
        Refusal(
            pipeline("from: one"), "pgdr.yaml:8:15: pipeline \"p\" needs both \"from\" and \"to\"",
            hint: "Name the server it runs on, and the service it needs or a list of them."),
        Refusal(
            pipeline("from: two, to: s"), "pgdr.yaml:8:25: server \"two\" has no \"ssh\"",
            detail: "Whether a pipeline reaches a service is looked at from the server it runs on.",
            hint: "Add \"ssh: user@host\" to the server."),
        Refusal(
            pipeline("from: three, to: s"), "pgdr.yaml:8:25: there is no server \"three\"",
            detail: "Known here: \"one\" and \"two\"."),
        Refusal(
            pipeline("from: one, to: [s, x]"), "pgdr.yaml:8:38: there is no service \"x\"",
            detail: "Known here: \"s\", \"t\" and \"u\"."),
        Refusal(pipeline("from: one, to: [s, t, s]"), "pgdr.yaml:8:41: service \"s\" stands twice in \"to\""),
        Refusal(
            pipeline("from: one, to: []"),
            "pgdr.yaml:8:34: expected a service or a list of services for \"to\", found a list"),
        Refusal(
            pipeline("from: one, to: u"), "pgdr.yaml:8:34: where other hosts reach service \"u\" is not known",
            detail: "Its connection leads to a socket directory or a service, which only this machine knows.",
            hint: "Give the service \"address: HOST:PORT\"."),
    ])
    func refusesAPipeline(_ refusal: Refusal) throws { try refusal.check() }
}
