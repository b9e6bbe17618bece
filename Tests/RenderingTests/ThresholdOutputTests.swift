import Configuration
import Failover
import Testing

@testable import pgdr

/// How a sample and the advice that rests on it are shown.
struct ThresholdOutputTests {
    private func sample(looks: Int, slowest: Double) -> ThresholdSample {
        let look = ProbeTimes(
            .look, "primary", seconds: [Double](repeating: 0.0015, count: looks - 2) + [0.003, slowest], limit: 1)
        let connection = ProbeTimes(.connection, "dr", seconds: [0.012, 0.03], timeouts: 1, limit: 1, reason: "slow")
        let view = ProbeTimes(.view, "replica", failures: 2, limit: 1, reason: "administratively prohibited")
        return ThresholdSample(span: 2.04, primary: "primary", probes: [look, connection, view])
    }

    private func advice(_ sample: ThresholdSample, fenced: Bool, confirmFor: Double = 1) -> ThresholdAdvice {
        var policy = FailoverPolicy()
        policy.mode = .automatic
        if fenced { policy.fenceCommand = ["/off"] }
        return ThresholdAdvice(.init(timeout: 2, confirmFor: confirmFor, interval: 1), policy, from: sample)
    }

    @Test func forPeople() {
        let advice = advice(sample(looks: 20, slowest: 0.4), fenced: false)
        expect(
            ThresholdText(style: Style(hasColours: false)).text(advice),
            is: """
                Thresholds, measured for 2.0 s: 20 looks at each node
                  PROBE       OF       COUNT  FAILED  MEDIAN     P99     MAX  HISTOGRAM
                  look        primary     20       0  1.5 ms  400 ms  400 ms  ·█▁·····▁····
                  connection  dr           3       1   12 ms   30 ms   30 ms  ····██·······
                  view        replica      2       2       ?       ?       ?  ·············
                  Columns of the histogram: up to 1, 2, 5, 10, 20, 50, 100, 200, 500 ms, 1, 2, 5 s, and longer.
                  look: over a held connection; connection: a new one; view: of the primary, from that host;
                  message: the age of the walreceiver's last one, which proves life only where it came after the primary
                  was last heard. FAILED are those without an answer in time, too.
                  note     the view of the primary from the host of "replica" could not be measured, 2 of 2 failed: administratively prohibited
                  LOOK AT  timeout 2s leaves a look at "primary" 1.0 s: the slowest of 20 took 400 ms
                           → timeout: 3s. Who answers later is taken for silent, and is not promoted.
                  LOOK AT  timeout 2s leaves a new connection to "dr" 1.0 s: 1 of 3 got no answer in 1.0 s
                           → timeout: 6s at least; measure again with --timeout. Who answers later is taken for silent, and is not promoted.
                  CLIENTS CAN WRITE AGAIN AFTER ABOUT                     SERVER KILLED       HOST VANISHED
                  as configured: timeout 2s, confirm_for 1s, interval 1s          1.2 s  nobody is promoted
                  as measured: timeout 6s, confirm_for 1s, interval 1s            1.2 s  nobody is promoted
                  A host that has vanished can't be fenced over SSH: it needs a fence_command, or a person.
                  That rests on few looks: pgdr check --sample 10min, when much is going on, says more.
                """)
    }

    @Test func withRoomAndManyLooks() {
        var sample = sample(looks: 1000, slowest: 0.004)
        sample.probes.removeLast(2)
        let text = ThresholdText(style: Style(hasColours: false)).text(advice(sample, fenced: true))
        #expect(text.contains("\n  ok       the times have room for what was seen\n"), "\(text)")
        #expect(text.contains("1.2 s    up to 4.2 s\n  Of a host that has vanished"), "\(text)")
        #expect(!text.contains("as measured") && !text.contains("few looks"), "\(text)")
    }

    @Test(
        arguments: [
            ([0, 0, 0], "···"), ([1, 0, 8], "▂·█"), ([1, 1000, 500], "▁█▅"),
        ] as [([Int], String)])
    func bars(counts: [Int], text: String) { #expect(ThresholdText.bars(counts) == text) }

    @Test func forScripts() throws {
        expect(
            try JSON.text(ThresholdDocument(advice(sample(looks: 4, slowest: 0.5), fenced: true)), .oneLine),
            is: #"""
                {"advised":{"confirm_for_seconds":1,"interval_seconds":1,"outage_host_vanished_seconds":10.1725,"outage_server_killed_seconds":1.1755,"timeout_seconds":6},"bucket_bounds_seconds":[0.001,0.002,0.005,0.01,0.02,0.05,0.1,0.2,0.5,1,2,5],"configured":{"confirm_for_seconds":1,"interval_seconds":1,"outage_host_vanished_seconds":4.1725,"outage_server_killed_seconds":1.1755,"timeout_seconds":2},"findings":[{"code":"not_measured","hint":null,"message":"the view of the primary from the host of \"replica\" could not be measured, 2 of 2 failed: administratively prohibited","node":"replica","severity":"ok"},{"code":"timeout_short","hint":"timeout: 3s. Who answers later is taken for silent, and is not promoted.","message":"timeout 2s leaves a look at \"primary\" 1.0 s: the slowest of 4 took 500 ms","node":"primary","severity":"warning"},{"code":"timeout_short","hint":"timeout: 6s at least; measure again with --timeout. Who answers later is taken for silent, and is not promoted.","message":"timeout 2s leaves a new connection to \"dr\" 1.0 s: 1 of 3 got no answer in 1.0 s","node":"dr","severity":"warning"}],"looks":4,"primary":"primary","probes":[{"bucket_counts":[0,2,1,0,0,0,0,0,1,0,0,0,0],"count":4,"failures":0,"kind":"look","max_seconds":0.5,"median_seconds":0.0015,"p99_seconds":0.5,"place":"primary","reason":null,"timeouts":0},{"bucket_counts":[0,0,0,0,1,1,0,0,0,0,0,0,0],"count":3,"failures":0,"kind":"connection","max_seconds":0.03,"median_seconds":0.012,"p99_seconds":0.03,"place":"dr","reason":"slow","timeouts":1},{"bucket_counts":[0,0,0,0,0,0,0,0,0,0,0,0,0],"count":2,"failures":2,"kind":"view","max_seconds":null,"median_seconds":null,"p99_seconds":null,"place":"replica","reason":"administratively prohibited","timeouts":0}],"seconds":2.04}
                """#)
    }
}
