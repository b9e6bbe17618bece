import Configuration
import Testing

@Suite struct SecretTests {
    @Test(arguments: [
        "host=h password=s3cret", "host=h sslpassword=s3cret", "postgres://u:s3cret@h/db",
        "postgresql://h/db?password=s3cret",
    ])
    func warnsOfAPassword(connection: String) throws {
        let file = try parsed(nodes("a: {kind: dr, connection: \"\(connection)\"}"))
        #expect(
            file.warnings == [
                ConfigurationWarning(
                    location: SourceLocation(path: "pgdr.yaml", line: 4, column: 33),
                    text: "a password stands in the connection string",
                    hint: "Put it into a password file (~/.pgpass, or passfile=...) with chmod 600.")
            ])
        #expect(file.warnings.first?.description == "pgdr.yaml:4:33: a password stands in the connection string")
        let admin = try parsed(cluster("admin: user=a password=s3cret"))
        #expect(admin.warnings.map(\.location) == [SourceLocation(path: "pgdr.yaml", line: 3, column: 12)])
        #expect(!"\(admin) \(String(reflecting: admin))".contains("s3cret"))
        var dumped = ""
        dump(file, to: &dumped)
        #expect(!dumped.contains("s3cret"))
        #expect(!"\(file) \(String(reflecting: file))".contains("s3cret"))
    }

    /// Each of these is refused, in a different part of the code.
    @Test(arguments: [
        nodes("a: {kind: dr, connection: \"host=h password=s3cret=x y\"}"),
        nodes("a: {kind: dr, connection: \"password=s3cret\"}"),
        nodes("a: {kind: dr, connection: \"postgres://u:s3cret\"}"),
        nodes("a: {kind: dr, connection: \"postgres://u:p@s3cret@h\"}"),
        nodes("a: {kind: dr, connection: \"postgres://u:p/s3cret@h\"}"),
        nodes("a: {kind: dr, connection: \"postgres://u:1/s3cret@h\"}"),
        nodes("a: {kind: dr, connection: [\"host=h password=s3cret\"]}"),
        nodes("a: {kind: \"host=h password=s3cret\", connection: host=h}"),
        nodes("a: \"host=h password=s3cret\""),
        nodes("a: {kind: dr, connection: host=h, priority: \"postgres://u:s3cret@h\"}"),
        nodes("a: {kind: dr, connection: host=h, ssh: \"u:s3cret@h\"}"),
        nodes("a: {kind: dr, connection: host=h, \"password=s3cret\": x}"),
        nodes("a: {kind: dr, connection: host=h, password: s3cret}"),
        nodes("a: {kind: dr, connection: host=h, \"password=s3cret\": x, \"password=s3cret\": x}"),
        nodes("\"host=h password=s3cret\": {}"),
        nodes("a: {kind: dr, connection: host=h, upstream: \"host=h password=s3cret\"}"),
        cluster("timeout: \"host=h password=s3cret\""),
        cluster("thresholds: {connections: {warning: \"password=s3cret\"}}"),
        nodes("a: {kind: dr, connection: host=h password=s3cret: }"),
        nodes("a: {kind: dr, connection: \"host=h password=s3cret}"),
        nodes("a:\n connection: host=h password=s3cret\n\tkind: dr"),
        nodes(
            "a: {kind: dr, connection: \"host=h password=s3cret\"}",
            "b: {kind: dr, connection: \"postgres://u:s3cret@h\"}"),
        nodes("a: {kind: dr, connection: \"host=h port=x password=s3cret\"}"),
        cluster("admin: \"host=h password=s3cret\""),
        cluster("admin: [\"password=s3cret\"]"),
        cluster("admin: \"postgres://u:s3cret@h/d\""),
        cluster("replication: \"user=r password=s3cret\""),
        cluster("replication: \"user=r password=s3cret=x y\""),
        nodes("a: {kind: dr, connection: host=h, address: \"u:s3cret@h\"}"),
        cluster("failover: \"host=h password=s3cret\""),
        cluster("failover: {mode: \"password=s3cret\"}"),
        cluster("failover: {prefer_sites: [\"password=s3cret\"]}"),
        cluster("failover: {fence_command: /sbin/fence -p s3cret}"),
        cluster("failover: {fence_command: [fence, -p, s3cret]}"),
        cluster("failover: {routes: /bin/route s3cret}"),
        cluster("failover: {routes: [/bin/route s3cret]}"),
        cluster("failover: {notify: [[/bin/tell, s3cret, [x]]]}"),
        cluster("witnesses: {w: {ssh: \"u:s3cret@h\"}}"),
        cluster("witnesses: {w: {ssh: h, decisions: \"password=s3cret\"}}"),
    ])
    func neverRepeatsAPassword(yaml: String) throws {
        let error = try #require(throws: (any Error).self) { try parsed(yaml) }
        #expect(!"\(error) \(String(reflecting: error))".contains("s3cret"))
    }
}
