import Configuration
import Essentials
import Estate
import Postgres
import Replication

/// A small estate of which tests look at one part or another.
enum Estates {
    static let database = PostgresProbe(
        connection: ConnectionString.of("host=db1,db2 user=u"),
        addresses: [ServerAddress(host: "db1"), ServerAddress(host: "db2")], role: .primary)

    static let shop = EstateConfiguration(
        servers: [
            EstateServer(name: "one", title: "Number <one>", ssh: SSHAddress(host: "one")),
            EstateServer(name: "two", ssh: SSHAddress(host: "two"), isDeployed: false),
            EstateServer(name: "three"),
        ],
        services: [
            EstateService(name: "database", kind: .postgres, probe: .postgres(database)),
            EstateService(
                name: "cache", kind: .redis, server: "one",
                probe: .redis(RedisProbe(address: ServerAddress(host: "one", port: 6379), role: .master))),
            EstateService(
                name: "bus", kind: .nats, server: "two",
                probe: .nats(NATSProbe(address: ServerAddress(host: "two", port: 4222)))),
            EstateService(
                name: "port", kind: .tcp, server: "three", category: "telemetry",
                probe: .tcp(ServerAddress(host: "three", port: 1))),
        ],
        pipelines: [
            EstatePipeline(name: "ingest", from: "one", to: ["database", "bus"]),
            EstatePipeline(name: "later", from: "one", to: ["cache"], isDeployed: false),
            EstatePipeline(name: "probe", from: "one", to: ["port"], category: "telemetry"),
        ])

    /// Everything as it should be.
    static var goodSights: EstateSights {
        var sights = EstateSights()
        sights.servers["one"] = Observation(.success(.connected), latency: 0.036)
        sights.services["database"] = Observation(
            .success(
                .postgres(
                    PostgresAnswer(
                        isStandby: false, isReadOnly: false, version: "15.18", arrivedAt: ServerAddress(host: "db2")))),
            latency: 0.004)
        sights.services["cache"] = Observation(
            .success(.redis(RedisAnswer(role: .master, version: "7.0.15"))), latency: 0.001)
        sights.services["port"] = Observation(.success(.connected), latency: 0.0005)
        sights.crossings["one"] = [
            Crossing(ServerAddress(host: "db1"), .postgres): CrossingSight(
                trouble: Failure(.connection, "could not connect"), latency: 0.002),
            Crossing(ServerAddress(host: "db2"), .postgres): CrossingSight(latency: 0.003),
            Crossing(ServerAddress(host: "three", port: 1), .connection): CrossingSight(latency: 0.2),
        ]
        return sights
    }
}

extension ConnectionString {
    /// A connection string that is known to be one.
    static func of(_ text: String) -> ConnectionString {
        do { return try ConnectionString(text) } catch { fatalError("\(error)") }
    }
}
