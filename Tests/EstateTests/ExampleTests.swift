import Configuration
import Estate
import Replication
import Testing

/// The example that is printed is documentation, and must stay a configuration without a flaw.
@Suite struct ExampleTests {
    @Test func isAConfigurationOfTheWholeEstate() throws {
        let file = try ConfigurationFile.parse(yaml: EstateExample.text, path: "estate.yaml")
        #expect(file.warnings.isEmpty)
        #expect(file.clusters.first?.nodes.map(\.kind) == [.primary, .dr, .replica])
        let estate = try #require(file.estate)
        #expect(estate.servers.map(\.name) == ["control", "compute", "nas-1", "nas-2"])
        #expect(Set(estate.services.map(\.kind)) == Set(EstateServiceKind.allCases))
        let targets = Set(estate.pipelines.flatMap(\.to).compactMap { estate.service(named: $0)?.kind })
        #expect(targets.isSuperset(of: [.postgres, .redis, .nats]))
        #expect(estate.services.contains { !$0.isDeployed } && estate.pipelines.contains { !$0.isDeployed })
    }
}
