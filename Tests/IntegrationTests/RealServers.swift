import Configuration
import Essentials
import Glibc
import Lab
import Observation
import Postgres
import Replication
import Testing

/// All tests on real servers; one after the other, since they share the machine's cores.
@Suite(.serialized)
enum RealServers {}

/// The PostgreSQL installations: those whose program directories PGDR_TEST_POSTGRES_BINS lists, parted by colons;
/// otherwise the one a lab finds by itself.
let installations: [String?] = {
    let listed = getenv("PGDR_TEST_POSTGRES_BINS").map { String(cString: $0) } ?? ""
    let directories = listed.split(separator: ":").map(String.init)
    return directories.isEmpty ? [nil] : directories
}()

/// A lab and what pgdr makes of it.
struct Stage: Sendable {
    let lab: Lab
    var cluster: ClusterConfiguration

    init(_ lab: Lab) throws {
        self.lab = lab
        cluster = try ConfigurationFile.load(path: lab.configurationFile).cluster(named: nil)
    }

    /// Makes a lab, runs `body` with it and takes it down.
    static func with(
        standbys: Int = 2, postgresBin: String? = nil, _ body: (Stage) async throws -> Void
    ) async throws {
        let options = LabOptions(
            directory: Lab.temporaryDirectory(), standbys: standbys, postgresBin: postgresBin)
        try await Lab.with(options) { lab in try await body(Stage(lab)) }
    }

    /// One report, with a second look where one leaves something open.
    func look(timeout: Duration? = nil) async throws -> ClusterReport {
        try #require(await Survey([cluster], timeout: timeout).reports(sample: nil).first)
    }

    /// Looks until the report is as wanted; the last one is returned, wanted or not, after 20 seconds.
    func look(until isWanted: (ClusterReport) -> Bool) async throws -> ClusterReport {
        let deadline = Deadline.after(.seconds(20))
        let survey = Survey([cluster])
        while true {
            let report = try #require(await survey.reports(sample: nil).first)
            if isWanted(report) || deadline.hasPassed { return report }
            _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(100)))
        }
    }

    /// The cluster with one node's connection replaced.
    func replacing(_ name: String, connection text: String) throws -> Stage {
        var stage = self
        let index = try #require(cluster.nodes.firstIndex { $0.name == name })
        stage.cluster.nodes[index].connection = try ConnectionString(text)
        return stage
    }

    /// Writes enough for a byte lag that no single record explains.
    func write(rows: Int = 2000, to node: LabNode? = nil) async throws {
        try await (node ?? lab.primary).psql(
            """
            CREATE TABLE IF NOT EXISTS filler (id int, text text);
            INSERT INTO filler SELECT n, repeat('x', 100) FROM generate_series(1, \(rows)) AS n;
            """)
    }
}

extension ClusterReport {
    /// The codes of the findings about a node, or about the cluster as a whole.
    func codes(_ node: String?) -> [String] { findings.filter { $0.node == node }.map(\.code) }
}
