import Configuration
import Replication
import Testing

@testable import Failover

/// What the measured times say of the configured ones.
@Suite struct ThresholdAdviceTests {
    private typealias Times = ThresholdAdvice.Times

    /// A look, a new connection and a view, each of them 20 times, of which one took as long as given.
    private func sample(
        look: Double = 0.004, connection: Double = 0.02, view: Double = 0.01, timeouts: Int = 0, limit: Double = 2.5
    ) -> ThresholdSample {
        func times(_ kind: ProbeTimes.Kind, _ place: String, _ usual: Double, _ slowest: Double) -> ProbeTimes {
            ProbeTimes(kind, place, seconds: [Double](repeating: usual, count: 19) + [slowest], limit: limit)
        }
        var slow = times(.look, "dr", 0.002, look)
        slow.timeouts = timeouts
        return ThresholdSample(
            span: 2, primary: "primary",
            probes: [
                times(.look, "primary", 0.002, 0.003), slow, times(.connection, "dr", 0.015, connection),
                times(.view, "replica", 0.005, view),
                // As old as it may be: it has nothing to do with how fast anybody answers.
                times(.message, "dr", 0.1, 29),
            ])
    }

    private func policy(
        _ mode: FailoverPolicy.Mode = .automatic, fencing: FailoverPolicy.Fencing = .required, command: Bool = true
    ) -> FailoverPolicy {
        var policy = FailoverPolicy()
        policy.mode = mode
        policy.fencing = fencing
        policy.fenceCommand = command ? ["/usr/local/sbin/off"] : nil
        return policy
    }

    private func advice(
        _ timeout: Double, _ confirmFor: Double = 1, _ interval: Double = 1, _ sample: ThresholdSample
    ) -> ThresholdAdvice {
        ThresholdAdvice(
            Times(timeout: timeout, confirmFor: confirmFor, interval: interval), policy(), from: sample)
    }

    private func codes(_ advice: ThresholdAdvice) -> [String] {
        advice.findings.map { "\($0.code.rawValue) \($0.node ?? "-")" }
    }

    @Test func timesWithRoom() {
        let advice = advice(1, 1, 1, sample())
        #expect(advice.findings == [] && advice.advised == advice.configured)
        #expect(advice.outage == advice.advisedOutage)
    }

    /// A look leaves the servers half of its timeout and the hosts a quarter, and each is to be three times what was seen.
    @Test(
        arguments: [
            (2, 0.34, 0.02, 0.01, "dr", 3), (2, 0.33, 0.02, 0.01, nil, 2), (2, 0.004, 0.4, 0.01, "dr", 3),
            (2, 0.004, 0.02, 0.17, "replica", 3), (2, 0.004, 0.02, 0.16, nil, 2), (1, 0.5, 0.02, 0.01, "dr", 3),
            (1, 0.5, 0.51, 0.01, "dr", 4), (4, 2.2, 0.02, 0.01, "dr", 15),
        ] as [(Double, Double, Double, Double, String?, Double)])
    func timeoutTooShort(
        timeout: Double, look: Double, connection: Double, view: Double, node: String?, advised: Double
    ) {
        let advice = advice(timeout, 5, 1, sample(look: look, connection: connection, view: view))
        let short = advice.findings.filter { $0.code == .timeoutShort }
        #expect(short.map(\.node) == (node.map { [$0] } ?? []))
        #expect(
            short.allSatisfy { $0.severity == .warning && $0.hint?.hasPrefix("timeout: \(Int(advised))s. ") == true })
        #expect(advice.advised.timeout == advised)
    }

    /// One finding for each place, of its tightest probe; the greatest of the numbers is advised.
    @Test func severalPlacesAreSlow() {
        let advice = advice(2, 5, 1, sample(look: 0.4, connection: 0.8, view: 0.5))
        let short = advice.findings.filter { $0.code == .timeoutShort }
        #expect(short.map(\.node) == ["dr", "replica"])
        #expect(
            short.map(\.message) == [
                "timeout 2s leaves a new connection to \"dr\" 1.0 s: the slowest of 20 took 800 ms",
                "timeout 2s leaves the view of the primary from the host of \"replica\" 500 ms: "
                    + "the slowest of 20 took 500 ms",
            ])
        #expect(advice.advised.timeout == 6)
    }

    /// What gave no answer in time took longer than it was waited for.
    @Test func answersThatNeverCame() {
        let advice = advice(5, 5, 1, sample(timeouts: 3))
        let short = advice.findings.first { $0.code == .timeoutShort }
        #expect(short?.message == "timeout 5s leaves a look at \"dr\" 2.5 s: 3 of 23 got no answer in 2.5 s")
        #expect(short?.hint?.hasPrefix("timeout: 15s at least; measure again with --timeout. ") == true)
    }

    /// A node that is down is not slow.
    @Test func noAnswerAtAll() {
        var sample = sample()
        sample.probes[1] = ProbeTimes(
            .look, "dr", timeouts: 4, failures: 16, limit: 2.5, reason: "Connection refused")
        let advice = advice(1, 1, 1, sample)
        #expect(codes(advice) == ["not_measured dr"] && advice.advised == advice.configured)
        #expect(
            advice.findings[0].message
                == "a look at \"dr\" could not be measured, 20 of 20 failed: Connection refused")
    }

    @Test(arguments: [(5, true, 1), (2, false, 2), (2.1, true, 1), (30, true, 1)] as [(Double, Bool, Double)])
    func timeoutLongerThanNeeded(timeout: Double, isLong: Bool, advised: Double) {
        let advice = advice(timeout, 1, 1, sample())
        #expect(codes(advice) == (isLong ? ["timeout_long -"] : []))
        #expect(advice.advised.timeout == advised && advice.findings.allSatisfy { $0.severity == .ok })
    }

    /// Shorter times are not advised by what little was seen, nor while somebody gave no answer.
    @Test func tooLittleToShortenATime() {
        var few = sample()
        for index in few.probes.indices { few.probes[index].seconds = [0.002, 0.003] }
        var silent = sample()
        silent.probes[2] = ProbeTimes(.connection, "dr", failures: 5, limit: 2.5)
        for sample in [few, silent] {
            let advice = advice(30, 5, 1, sample)
            #expect(advice.advised == advice.configured)
            #expect(!codes(advice).contains { $0.hasSuffix("_long -") })
        }
    }

    @Test func whatALongTimeoutCosts() throws {
        let finding = try #require(advice(5, 1, 2, sample()).findings.first)
        #expect(
            finding.message
                == "timeout 5s is more than was needed, the slowest answer took 20 ms: "
                + "that a host has vanished is known after up to 9.5 s")
        #expect(finding.hint == "timeout: 1s would make that 4.0 s.")
    }

    @Test(
        arguments: [
            (0, 0.004, "confirm_for_zero -", 0), (1, 0.9, nil, 1), (1, 1.1, "confirm_for_short dr", 3),
            (0.1, 0.3, "confirm_for_short dr", 1), (2, 0.004, nil, 2), (2.5, 0.004, "confirm_for_long -", 1),
            (5, 0.9, "confirm_for_long -", 2), (5, 0.6, "confirm_for_long -", 1.5),
        ] as [(Double, Double, String?, Double)])
    func confirmFor(configured: Double, look: Double, finding: String?, advised: Double) {
        let advice = advice(10, configured, 1, sample(look: look))
        let ours = codes(advice).filter { $0.hasPrefix("confirm") }
        #expect(ours == [finding].compactMap(\.self))
        #expect(advice.advised.confirmFor == advised)
    }

    @Test(arguments: [(1, false), (1.5, true), (60, true)] as [(Double, Bool)])
    func intervalThatIsLongerThanALook(interval: Double, isLong: Bool) {
        let advice = advice(1, 1, interval, sample())
        #expect(codes(advice) == (isLong ? ["interval_long -"] : []))
        #expect(advice.advised.interval == 1)
    }

    /// Where the answers take longer than the interval, it isn't what is waited for.
    @Test func intervalBesideSlowAnswers() {
        #expect(!codes(advice(10, 5, 2, sample(look: 0.9))).contains("interval_long -"))
    }

    /// Only where nobody is there to see it, it is a warning.
    @Test(arguments: FailoverPolicy.Mode.allCases) func severityFollowsTheMode(mode: FailoverPolicy.Mode) throws {
        let advice = ThresholdAdvice(
            Times(timeout: 2, confirmFor: 0.5, interval: 1), policy(mode), from: sample(look: 0.9))
        #expect(advice.findings.map(\.code) == [.timeoutShort, .confirmForShort])
        #expect(advice.findings.allSatisfy { $0.severity == (mode == .automatic ? .warning : .ok) })
    }

    /// Of a killed server the confirmation and no interval is waited for, of a host that has vanished also a whole
    /// interval and timeout.
    @Test(
        arguments: [(5, 0, 1, 0.185, 6.18), (5, 1, 1, 1.19, 8.68), (1, 5, 60, 5.19, 66.18)]
            as [(Double, Double, Double, Double, Double)])
    func outages(timeout: Double, confirmFor: Double, interval: Double, killed: Double, vanished: Double) throws {
        let outage = advice(timeout, confirmFor, interval, sample()).outage
        #expect(abs(outage.killed - killed) < 1e-6)
        #expect(try abs(#require(outage.vanished) - vanished) < 1e-6)
    }

    /// The advised times are what they are advised for.
    @Test func outagesWithOtherTimes() throws {
        let advice = advice(5, 5, 1, sample())
        #expect(advice.advised == Times(timeout: 1, confirmFor: 1, interval: 1))
        #expect(advice.advisedOutage == self.advice(1, 1, 1, sample()).outage)
        #expect(advice.outage.killed > advice.advisedOutage.killed)
    }

    @Test(
        arguments: [(.required, true, true), (.required, false, false), (.bestEffort, false, true)]
            as [(FailoverPolicy.Fencing, Bool, Bool)])
    func aVanishedHostMustBeFenced(fencing: FailoverPolicy.Fencing, command: Bool, isReplaced: Bool) {
        let advice = ThresholdAdvice(
            Times(timeout: 5, confirmFor: 5, interval: 1), policy(fencing: fencing, command: command), from: sample())
        #expect((advice.outage.vanished != nil) == isReplaced && (advice.advisedOutage.vanished != nil) == isReplaced)
    }

    /// A sample of nothing leads to no advice.
    @Test func nothingWasMeasured() {
        let advice = advice(5, 3, 1, ThresholdSample(span: 0, primary: nil, probes: []))
        #expect(advice.advised == advice.configured && advice.findings == [])
    }

    @Test func quantiles() {
        let times = ProbeTimes(.look, "dr", seconds: (1...200).reversed().map { Double($0) }, limit: 500)
        #expect(times.quantile(0.5) == 100 && times.quantile(0.99) == 198 && times.quantile(1) == 200)
        #expect(ProbeTimes(.look, "dr", seconds: [3, 1, 2], limit: 5).quantile(0.99) == 3)
        #expect(ProbeTimes(.look, "dr", timeouts: 1, limit: 5).quantile(0.5) == nil)
    }

    @Test func buckets() {
        let times = ProbeTimes(.look, "dr", seconds: [0, 0.001, 0.0011, 0.5, 4.9, 5, 5.1, 80], limit: 100)
        #expect(times.bucketCounts == [2, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 2, 2])
    }

    @Test(
        arguments: [
            (0, "0s", "0.0 ms"), (0.0008, "1ms", "0.8 ms"), (0.0124, "12ms", "12 ms"), (0.5, "500ms", "500 ms"),
            (1, "1s", "1.0 s"), (1.5, "1500ms", "1.5 s"), (70, "70s", "1 min 10 s"),
        ] as [(Double, String, String)])
    func spans(seconds: Double, configured: String, measured: String) {
        #expect(SpanText.configured(seconds) == configured && SpanText.measured(seconds) == measured)
    }
}
