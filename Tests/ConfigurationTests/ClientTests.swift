import Configuration
import Essentials
import Postgres
import Testing

/// How applications reach the primary.
@Suite struct ClientTests {
    private func paths(_ line: String) throws -> [ClientPath] {
        try parsed(cluster(line)).cluster(named: nil).clients
    }

    private func path(_ name: String, _ connection: String) throws -> ClientPath {
        ClientPath(name: name, routes: [.init(connection: try ConnectionString(connection))])
    }

    @Test func oneOrSeveralByTheirNames() throws {
        #expect(try paths("clients: host=vip port=6432") == [path("clients", "host=vip port=6432")])
        #expect(
            try paths("clients: {app: service=app, direct: \"host=a,b target_session_attrs=read-write\"}")
                == [path("app", "service=app"), path("direct", "host=a,b target_session_attrs=read-write")])
    }

    @Test func withoutThemTheNodesConnectionsAreTheWay() throws {
        let cluster = try parsed(
            nodes("a: {connection: host=a user=u, kind: primary}", "b: {connection: service=b, kind: dr}")
        ).cluster(named: nil)
        #expect(cluster.clients.isEmpty)
        let path = try cluster.clientPath()
        #expect(path.name == "nodes")
        #expect(path.routes.map(\.node) == ["a", "b"])
        #expect(
            path.routes.map(\.connection.description) == [
                "user=u host=a target_session_attrs=read-write", "service=b target_session_attrs=read-write",
            ])
        #expect(try cluster.clientPath(named: "nodes") == path)
    }

    @Test func aPathIsChosenByItsName() throws {
        let cluster = try parsed(cluster("clients: {app: host=vip, direct: host=a}")).cluster(named: nil)
        #expect(try cluster.clientPath().name == "app")
        #expect(try cluster.clientPath(named: "direct").name == "direct")
        #expect(
            throws: Failure(
                .configuration, "cluster \"c\" has no path \"drect\" for clients",
                detail: "Paths: \"app\" and \"direct\".", hint: "Did you mean \"direct\"?")
        ) { try cluster.clientPath(named: "drect") }
    }

    @Test(arguments: [
        Refusal(cluster("clients: [a]"), "pgdr.yaml:3:14: expected a connection string for \"clients\", found a list"),
        Refusal(
            cluster("clients: {}"), "pgdr.yaml:3:14: \"clients\" has no paths",
            hint: "Write it as \"clients: {app: host=... port=6432 dbname=... user=...}\"."),
        Refusal(
            cluster("clients: {a b: host=h}"), "pgdr.yaml:3:15: invalid path name \"a b\"",
            detail: "A name has 1 to 63 letters, digits, \"_\", \".\" and \"-\", the last two not at its start."),
        Refusal(
            cluster("clients: {app: port=6432}"), "pgdr.yaml:3:20: the connection string names no host",
            hint: "Add host=NAME, hostaddr=ADDRESS or service=NAME; PGHOST is not used."),
        Refusal(
            cluster("clients: {app: [h]}"), "pgdr.yaml:3:20: expected a connection string for \"app\", found a list"),
        Refusal(
            cluster("clients: hst=h"), "pgdr.yaml:3:14: could not parse the connection string",
            hint: "Write it as \"host=... port=... dbname=... user=...\" or as postgresql://user@host:port/dbname;"
                + " values with spaces need single quotes."),
    ]) func refusals(refusal: Refusal) throws { try refusal.check() }

    @Test func whatWorksAndShouldBeChanged() throws {
        let file = try parsed(cluster("clients: {app: \"host=a,b password=hunter2\"}"))
        #expect(
            file.warnings.map(\.description) == [
                "pgdr.yaml:3:20: a password stands in the connection string",
                "pgdr.yaml:3:20: clients of path \"app\" take a standby for the primary",
            ])
        let written = ConfigurationWriter.render(file.clusters)
        #expect(!written.contains("hunter2") && written.contains("app: \"host=a,b\""), "\(written)")
    }

    @Test func serversAreToldByTheirAddresses() throws {
        let cluster = try parsed(
            nodes(
                "a: {connection: host=10.0.0.1 port=5433, kind: primary}",
                "b: {connection: \"host=b hostaddr=fd00::1\", kind: dr, address: \"10.0.0.2:6000\"}")
        ).cluster(named: nil)
        #expect(cluster.node(at: "10.0.0.1", port: 5433) == "a")
        #expect(cluster.node(at: "fd00:0::1", port: 5432) == "b")
        #expect(cluster.node(at: "10.0.0.2", port: 6000) == "b")
        #expect(cluster.node(at: "10.0.0.1", port: 5432) == nil)
    }
}
