package import Postgres
package import Replication
package struct ClusterConfiguration: Sendable { package var name: String; package var nodes: [NodeConfiguration]; package var thresholds = Thresholds(); package var timeout: Duration = .seconds(5) }
package struct NodeConfiguration: Sendable { package var name: String; package var connection: ConnectionString; package var kind: NodeKind; package var priority = 100; package var upstream: String?; package var applicationName: String }
