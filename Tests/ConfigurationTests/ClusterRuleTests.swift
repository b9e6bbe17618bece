import Configuration
import Testing

@Suite struct ClusterRuleTests {
    private static func same(_ first: String, _ second: String, _ server: String) -> Refusal {
        Refusal(
            nodes("a: {connection: \"\(first)\", kind: dr}", "b: {connection: \"\(second)\", kind: dr}"),
            "pgdr.yaml:5:23: node \"b\" is the same server as node \"a\"", detail: "Both connect to \(server).",
            hint: "Give each node a connection string that leads to its own server only.")
    }

    @Test(arguments: [
        same("host=h", "host=h port=5432", "h, port 5432"),
        same("host=H.", "host=h", "h, port 5432"),
        same("host=h user=a", "postgres://b@h:5432/x", "h, port 5432"),
        same("host=x hostaddr=10.0.0.1", "host=10.0.0.1", "10.0.0.1, port 5432"),
        same("host=a,b port=1,2", "host=c,b port=3,2", "b, port 2"),
        same("host=a,b port=7", "host=b port=7", "b, port 7"),
        same("postgres://[::1]:5433/", "host=0:0::1 port=5433", "::1, port 5433"),
        same("host=/run/pg/", "host=/run/pg", "/run/pg, port 5432"),
        same("service=s", "service=s user=u", "service s, port 5432"),
    ])
    func refusesOneServerUnderTwoNames(_ refusal: Refusal) throws { try refusal.check() }

    @Test(arguments: [
        ("host=h", "host=h port=5433"), ("host=a,b", "host=c,d"), ("service=a", "service=b"),
        ("host=h hostaddr=10.0.0.1", "host=h hostaddr=10.0.0.2"), ("host=h,h", "host=i"),
    ])
    func acceptsTwoServers(first: String, second: String) throws {
        let yaml = nodes("a: {connection: \"\(first)\", kind: dr}", "b: {connection: \"\(second)\", kind: dr}")
        #expect(try parsed(yaml).cluster(named: nil).nodes.count == 2)
    }

    private static let addHost = "Add host=NAME, hostaddr=ADDRESS or service=NAME; PGHOST is not used."
    private static let escapes = "In a URI write \"@\" in a password as %40, \"/\" as %2F and \":\" as %3A."

    private static func connection(_ text: String, _ message: String, detail: String? = nil, hint: String? = nil)
        -> Refusal
    {
        Refusal(
            nodes("a: {kind: dr, connection: \"\(text)\"}"), "pgdr.yaml:4:33: \(message)", detail: detail, hint: hint)
    }

    @Test(arguments: [
        connection("user=u", "the connection string names no host", hint: addHost),
        connection("postgres:///db", "the connection string names no host", hint: addHost),
        connection("host=a,,b", "the connection string has an empty host", hint: addHost),
        connection("host=a,b port=1,2,3", "the connection string has 3 ports for 2 hosts"),
        connection("host=a,b hostaddr=10.0.0.1", "the connection string has 1 hostaddr values for 2 hosts"),
        connection(
            "host=h port=http", "the connection string has an invalid port",
            detail: "A port is a number from 1 to 65535.", hint: escapes),
        connection("postgres://u:s3cr@t@h/db", "the connection string has an \"@\" where none can be", hint: escapes),
        connection(
            "postgres://u:12/s3cret@h/db", "the connection string has an \"@\" where none can be", hint: escapes),
        connection(
            "postgres://u:s3/cret@h/db", "the connection string has an \"@\" where none can be", hint: escapes),
        connection(
            "host=h password=s3 cret", "could not parse the connection string",
            hint: "Write it as \"host=... port=... dbname=... user=...\" or as postgresql://user@host:port/dbname;"
                + " values with spaces need single quotes."),
        connection("", "expected a connection string for \"connection\", found \"\""),
        Refusal(
            nodes("a: {kind: dr, connection: [s3cret]}"),
            "pgdr.yaml:4:33: expected a connection string for \"connection\", found a list"),
    ])
    func refusesConnectionStrings(_ refusal: Refusal) throws { try refusal.check() }

    @Test(arguments: [
        Refusal(
            nodes("a: {connection: host=a, kind: primary}", "b: {connection: host=b, kind: primary}"),
            "pgdr.yaml:5:37: a cluster has one node of kind \"primary\"", detail: "Node \"a\" is of that kind already.",
            hint: "The kind says what a node is for, not what it is now: make the others \"dr\" or \"replica\"."),
        Refusal(
            nodes("a: {connection: host=a, kind: dr}", "b: {connection: host=b, kind: dr, application_name: A}"),
            "pgdr.yaml:5:59: nodes \"a\" and \"b\" have the same application name",
            detail: "PostgreSQL takes no notice of case in application names; without \"application_name\""
                + " it is the node's name."),
        Refusal(
            nodes("a: {connection: host=a, kind: dr, upstream: a}"),
            "pgdr.yaml:4:51: node \"a\" cannot be its own upstream"),
        Refusal(
            nodes("standby: {connection: host=a, kind: dr}", "b: {connection: host=b, kind: dr, upstream: standbi}"),
            "pgdr.yaml:5:51: the upstream \"standbi\" is not a node of this cluster", hint: "Did you mean \"standby\"?"),
        Refusal(
            nodes("a: {connection: host=a, kind: dr}", "b: {connection: host=b, kind: dr, upstream: zzz}"),
            "pgdr.yaml:5:51: the upstream \"zzz\" is not a node of this cluster", detail: "Other nodes here: \"a\"."),
        Refusal(
            nodes(
                "a: {connection: host=a, kind: dr, upstream: b}", "b: {connection: host=b, kind: dr, upstream: c}",
                "c: {connection: host=c, kind: dr, upstream: a}"),
            "pgdr.yaml:6:51: the upstreams form a cycle", detail: "\"c\" follows \"a\" follows \"b\" follows \"c\"."),
    ])
    func refusesContradictions(_ refusal: Refusal) throws { try refusal.check() }

    @Test func choosesAClusterByName() throws {
        let two = try parsed("clusters: {lab: &c {nodes: {n: {connection: host=h, kind: dr}}}, prod: *c}")
        #expect(try two.cluster(named: "prod").name == "prod")
        #expect(
            throws: failure("\"pgdr.yaml\" has 2 clusters and none was chosen", hint: "Choose one with --cluster NAME.")
        ) {
            try two.cluster(named: nil)
        }
        #expect(throws: failure("there is no cluster \"prodd\" in \"pgdr.yaml\"", hint: "Did you mean \"prod\"?")) {
            try two.cluster(named: "prodd")
        }
        #expect(throws: failure("there is no cluster \"x\" in \"pgdr.yaml\"", hint: nil)) {
            try two.cluster(named: "x")
        }
    }
}
