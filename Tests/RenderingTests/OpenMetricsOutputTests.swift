import Replication
import Testing

@testable import pgdr

struct OpenMetricsOutputTests {
    @Test func lagging() {
        expect(
            OpenMetricsOutput().text([Scene.lagging.report()]),
            is: """
                # HELP pgdr_cluster_severity Worst finding: 0 ok, 1 warning, 2 critical, 3 unknown.
                # TYPE pgdr_cluster_severity gauge
                pgdr_cluster_severity{cluster="shop"} 2
                # HELP pgdr_cluster_findings Number of findings by severity.
                # TYPE pgdr_cluster_findings gauge
                pgdr_cluster_findings{cluster="shop",severity="ok"} 0
                pgdr_cluster_findings{cluster="shop",severity="unknown"} 0
                pgdr_cluster_findings{cluster="shop",severity="warning"} 1
                pgdr_cluster_findings{cluster="shop",severity="critical"} 1
                # HELP pgdr_rpo_bytes WAL that losing the primary now would lose.
                # TYPE pgdr_rpo_bytes gauge
                pgdr_rpo_bytes{cluster="shop"} 0
                # HELP pgdr_rpo_seconds Age of the oldest WAL that would be lost.
                # TYPE pgdr_rpo_seconds gauge
                pgdr_rpo_seconds{cluster="shop"} 0
                # HELP pgdr_observation_skew_seconds Time between the first and the last answer.
                # TYPE pgdr_observation_skew_seconds gauge
                pgdr_observation_skew_seconds{cluster="shop"} 0.0021
                # HELP pgdr_node_up Whether the node answered.
                # TYPE pgdr_node_up gauge
                pgdr_node_up{cluster="shop",node="nas-1",kind="primary"} 1
                pgdr_node_up{cluster="shop",node="nas-2",kind="dr"} 1
                pgdr_node_up{cluster="shop",node="nas-3",kind="replica"} 1
                # HELP pgdr_node_primary Whether the node is primary.
                # TYPE pgdr_node_primary gauge
                pgdr_node_primary{cluster="shop",node="nas-1",kind="primary"} 1
                pgdr_node_primary{cluster="shop",node="nas-2",kind="dr"} 0
                pgdr_node_primary{cluster="shop",node="nas-3",kind="replica"} 0
                # HELP pgdr_node_timeline Timeline the node is on.
                # TYPE pgdr_node_timeline gauge
                pgdr_node_timeline{cluster="shop",node="nas-1",kind="primary"} 1
                pgdr_node_timeline{cluster="shop",node="nas-2",kind="dr"} 1
                pgdr_node_timeline{cluster="shop",node="nas-3",kind="replica"} 1
                # HELP pgdr_node_wal_position_bytes LSN the node has written or received.
                # TYPE pgdr_node_wal_position_bytes gauge
                pgdr_node_wal_position_bytes{cluster="shop",node="nas-1",kind="primary"} 6174015488
                pgdr_node_wal_position_bytes{cluster="shop",node="nas-2",kind="dr"} 6172966912
                pgdr_node_wal_position_bytes{cluster="shop",node="nas-3",kind="replica"} 6174015488
                # HELP pgdr_replication_lag_bytes WAL the standby lacks at a stage.
                # TYPE pgdr_replication_lag_bytes gauge
                pgdr_replication_lag_bytes{cluster="shop",node="nas-2",stage="sent"} 0
                pgdr_replication_lag_bytes{cluster="shop",node="nas-2",stage="write"} 1048576
                pgdr_replication_lag_bytes{cluster="shop",node="nas-2",stage="flush"} 1048576
                pgdr_replication_lag_bytes{cluster="shop",node="nas-2",stage="receive"} 1048576
                pgdr_replication_lag_bytes{cluster="shop",node="nas-2",stage="replay"} 536870912
                pgdr_replication_lag_bytes{cluster="shop",node="nas-3",stage="sent"} 0
                pgdr_replication_lag_bytes{cluster="shop",node="nas-3",stage="write"} 0
                pgdr_replication_lag_bytes{cluster="shop",node="nas-3",stage="flush"} 0
                pgdr_replication_lag_bytes{cluster="shop",node="nas-3",stage="receive"} 0
                pgdr_replication_lag_bytes{cluster="shop",node="nas-3",stage="replay"} 4096
                # HELP pgdr_replication_lag_seconds Age of the oldest WAL lacking at a stage.
                # TYPE pgdr_replication_lag_seconds gauge
                pgdr_replication_lag_seconds{cluster="shop",node="nas-2",stage="sent"} 0
                pgdr_replication_lag_seconds{cluster="shop",node="nas-2",stage="write"} 0.02
                pgdr_replication_lag_seconds{cluster="shop",node="nas-2",stage="flush"} 0.02
                pgdr_replication_lag_seconds{cluster="shop",node="nas-2",stage="receive"} 0.02
                pgdr_replication_lag_seconds{cluster="shop",node="nas-2",stage="replay"} 754.2041
                pgdr_replication_lag_seconds{cluster="shop",node="nas-3",stage="sent"} 0
                pgdr_replication_lag_seconds{cluster="shop",node="nas-3",stage="write"} 0
                pgdr_replication_lag_seconds{cluster="shop",node="nas-3",stage="flush"} 0
                pgdr_replication_lag_seconds{cluster="shop",node="nas-3",stage="receive"} 0
                pgdr_replication_lag_seconds{cluster="shop",node="nas-3",stage="replay"} 0.0031
                # EOF
                """)
    }

    @Test func whatIsUnknownIsNotANumber() {
        let text = OpenMetricsOutput().text([Scene.twoPrimaries.report()])
        for line in [
            #"pgdr_rpo_bytes{cluster="shop"} NaN"#,
            #"pgdr_replication_lag_bytes{cluster="shop",node="nas-3",stage="replay"} NaN"#,
            #"pgdr_replication_lag_seconds{cluster="shop",node="nas-3",stage="sent"} NaN"#,
        ] { #expect(text.split(separator: "\n").contains { $0 == line }, "\(line)") }
        let silent = OpenMetricsOutput().text([Scene.primaryLost.report()])
        for line in [
            #"pgdr_node_up{cluster="shop",node="nas-1",kind="primary"} 0"#,
            #"pgdr_node_primary{cluster="shop",node="nas-1",kind="primary"} NaN"#,
            #"pgdr_node_timeline{cluster="shop",node="nas-1",kind="primary"} NaN"#,
            #"pgdr_node_wal_position_bytes{cluster="shop",node="nas-1",kind="primary"} NaN"#,
        ] { #expect(silent.split(separator: "\n").contains { $0 == line }, "\(line)") }
    }

    @Test func labelsAreEscaped() {
        var scene = Scene.alone
        scene.name = "a\"b\\c\nd"
        let text = OpenMetricsOutput().text([scene.report()])
        #expect(text.contains(#"pgdr_cluster_severity{cluster="a\"b\\c\nd"} 0"#))
    }

    @Test func aFamilyIsDeclaredOnceForAllClusters() {
        let text = OpenMetricsOutput().text([Scene.healthy.report(), Scene.alone.report()])
        let declared = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
        #expect(declared.count == Set(declared).count)
        #expect(declared.allSatisfy { $0.hasSuffix(" gauge") })
        #expect(text.hasSuffix("\n# EOF"))
        #expect(text.contains(#"pgdr_node_up{cluster="till",node="till-1",kind="primary"} 1"#))
    }

    @Test func withoutClustersNothingIsDeclared() { #expect(OpenMetricsOutput().text([]) == "# EOF") }
}
