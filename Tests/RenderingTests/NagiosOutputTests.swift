import Essentials
import Replication
import Testing

@testable import pgdr

struct NagiosOutputTests {
    private let output = NagiosOutput(thresholds: [:])

    @Test func ok() {
        expect(
            output.text([Scene.healthy.report()]),
            is: """
                PGDR OK - shop: DR ready: nas-2 is 0 B, 0.0 s behind; losing the primary now would lose 0 B | 'nas-2_replay_bytes'=0B;16777216;268435456;0 'nas-2_replay_seconds'=0.000s;30.000;300.000;0 'nas-3_replay_bytes'=0B;16777216;268435456;0 'nas-3_replay_seconds'=0.000s;30.000;300.000;0 'rpo_bytes'=0B;;;0 'skew'=2.100ms;;;0
                """)
    }

    @Test func warning() {
        expect(
            output.text([Scene.warned.report()]),
            is: """
                PGDR WARNING - shop: DR ready: nas-2 is 0 B, 0.0 s behind; losing the primary now would lose 0 B; 1 warning below | 'nas-2_replay_bytes'=0B;16777216;268435456;0 'nas-2_replay_seconds'=0.000s;30.000;300.000;0 'nas-3_replay_bytes'=0B;16777216;268435456;0 'nas-3_replay_seconds'=0.000s;30.000;300.000;0 'rpo_bytes'=0B;;;0 'skew'=2.100ms;;;0
                [WARNING] shop: nobody uses replication slot "old_standby" on "nas-1" - It keeps 256 MB of WAL. - Bring its standby back, or drop the slot if it is gone for good.
                """)
    }

    @Test func critical() {
        expect(
            output.text([Scene.lagging.report()]),
            is: """
                PGDR CRITICAL - shop: DR NOT READY: standby "nas-2" is 512 MB behind; 1 warning below | 'nas-2_replay_bytes'=536870912B;16777216;268435456;0 'nas-2_replay_seconds'=754.204s;30.000;300.000;0 'nas-3_replay_bytes'=4096B;16777216;268435456;0 'nas-3_replay_seconds'=0.003s;30.000;300.000;0 'rpo_bytes'=0B;;;0 'skew'=2.100ms;;;0
                [CRITICAL] shop: standby "nas-2" is 512 MB behind - The limit is 256 MB. - pgdr status --sample 10s shows whether it catches up.
                [WARNING] shop: standby "nas-2" is at most 12 min 34 s behind - The limit is 5 min 0 s; measured by replay_timestamp. - pgdr status --sample 10s shows whether it catches up.
                """)
    }

    @Test func unknownValuesAreNotZero() {
        expect(
            output.text([Scene.twoPrimaries.report()]),
            is: """
                PGDR CRITICAL - shop: TWO PRIMARIES: nas-1 and nas-2 both take writes; 1 critical, 1 warning below | 'nas-3_replay_bytes'=U;16777216;268435456;0 'nas-3_replay_seconds'=U;30.000;300.000;0 'rpo_bytes'=U;;;0 'skew'=2.100ms;;;0
                [CRITICAL] shop: 2 nodes are primary: nas-1, nas-2 - Each takes writes that the others don't have. - Stop the one that applications must not use, now; later bring it back as a standby (pg_rewind or a new base backup).
                [CRITICAL] shop: standby "nas-3" receives from "nas-1" instead of "nas-2" - Correct primary_conninfo on the standby, or "upstream" in the configuration.
                [WARNING] shop: whether node "nas-3" is behind or has diverged could not be told - The history of timeline 2 could not be read. - Run sql/monitoring_role.sql on the primary, so that pgdr can read the timeline history.
                """)
    }

    @Test func severalClustersShareTheFirstLine() {
        expect(
            output.text([Scene.alone.report(), Scene.warned.report()]),
            is: """
                PGDR WARNING - till: primary "till-1" has no standby / shop: DR ready: nas-2 is 0 B, 0.0 s behind; losing the primary now would lose 0 B; 1 warning below | 'till_rpo_bytes'=U;;;0 'till_skew'=0.000ms;;;0 'shop_nas-2_replay_bytes'=0B;16777216;268435456;0 'shop_nas-2_replay_seconds'=0.000s;30.000;300.000;0 'shop_nas-3_replay_bytes'=0B;16777216;268435456;0 'shop_nas-3_replay_seconds'=0.000s;30.000;300.000;0 'shop_rpo_bytes'=0B;;;0 'shop_skew'=2.100ms;;;0
                [WARNING] shop: nobody uses replication slot "old_standby" on "nas-1" - It keeps 256 MB of WAL. - Bring its standby back, or drop the slot if it is gone for good.
                """)
    }

    @Test(arguments: [(Severity.ok, "OK"), (.unknown, "UNKNOWN"), (.warning, "WARNING"), (.critical, "CRITICAL")])
    func theSeverityComesFirst(severity: Severity, word: String) {
        var report = Scene.alone.report()
        report.verdict.severity = severity
        #expect(output.text([report]).hasPrefix("PGDR \(word) - till: "))
    }

    @Test func theWorstClusterCounts() {
        #expect(output.text([Scene.alone.report(), Scene.lagging.report()]).hasPrefix("PGDR CRITICAL - till: "))
        #expect(output.text([]).hasPrefix("PGDR UNKNOWN - "))
    }

    @Test func aBarOrALineBreakStartsNothingNew() {
        let silence = NodeSilence(reason: "refused", detail: "psql|x\nmore\r\nlines", postmasterAlive: false)
        var scene = Scene.healthy.silencing("nas-3", silence)
        scene.name = "a|b"
        let text = output.text([scene.report()])
        #expect(text.split(separator: "\n").count == 2)
        #expect(text.split(separator: "|").count == 2)
        #expect(text.contains("[CRITICAL] a/b: node \"nas-3\" gives no answer (refused) - psql/x more lines"))
    }

    @Test func limitsAreTheConfigurations() {
        var limits = Thresholds()
        limits.lagBytes = .init(warning: nil, critical: 1_000)
        limits.lagSeconds = .init(warning: 0.5, critical: nil)
        let text = NagiosOutput(thresholds: ["shop": limits]).text([Scene.healthy.report()])
        #expect(text.contains("'nas-2_replay_bytes'=0B;;1000;0 'nas-2_replay_seconds'=0.000s;0.500;;0"))
    }

    @Test func aCheckThatCouldNotBeMadeIsUnknown() {
        let failure = Failure(.configuration, "found no configuration file", detail: "a\nb", hint: "Write|one.")
        #expect(NagiosOutput.text(failure) == "PGDR UNKNOWN - found no configuration file - a b - Write/one.")
    }
}
