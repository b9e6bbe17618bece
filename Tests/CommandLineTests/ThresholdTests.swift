import Essentials
import Lab
import Testing

extension RealServers.SharedLab {
    /// What `pgdr check` says of the times that failover is configured with, measured on real servers.
    @Suite struct ThresholdTests {
        /// The same lab under another policy.
        private func with(
            _ lines: [String], _ body: (_ lab: Lab, _ config: String) async throws -> Void
        ) async throws {
            let lab = try await level()
            try await withDirectory { directory in
                let text = try read(lab.configurationFile).replacing(
                    "lab:\n", with: "lab:\n" + lines.map { "    \($0)\n" }.joined())
                try await body(lab, try write(text, to: "\(directory)/pgdr.yaml"))
            }
        }

        private struct Document: Decodable { var failover: Failover }

        private struct Failover: Decodable {
            var severity: String
            @Nullable var thresholds: Thresholds?
        }

        private struct Thresholds: Decodable {
            var seconds: Double
            var looks: Int
            @Nullable var primary: String?
            var bucket_bounds_seconds: [Double]
            var probes: [Probe]
            var findings: [Finding]
            var configured: Times
            var advised: Times
        }

        private struct Probe: Decodable {
            var kind: String
            var place: String
            var count: Int
            var timeouts: Int
            var failures: Int
            @Nullable var reason: String?
            @Nullable var median_seconds: Double?
            @Nullable var p99_seconds: Double?
            @Nullable var max_seconds: Double?
            var bucket_counts: [Int]
        }

        private struct Finding: Decodable {
            var code: String
            var severity: String
            @Nullable var node: String?
            var message: String
            @Nullable var hint: String?
        }

        private struct Times: Decodable {
            var timeout_seconds: Double
            var confirm_for_seconds: Double
            var interval_seconds: Double
            var outage_server_killed_seconds: Double
            @Nullable var outage_host_vanished_seconds: Double?
        }

        private func measured(_ config: String, _ words: String...) async throws -> (Thresholds?, Outcome) {
            let outcome = try await Tool.run(["check", "--format", "json"] + words, config: config)
            return (try decode(Document.self, outcome.output).failover.thresholds, outcome)
        }

        /// A standby that stands still again and again, until the task is cancelled.
        private func pulses(of node: LabNode) async throws {
            while !Task.isCancelled {
                try node.freeze()
                await pause(.milliseconds(900))
                try node.thaw()
                await pause(.milliseconds(600))
            }
        }

        @Test func aSlowStandbyIsNamedWithTheTimeoutThatItNeeds() async throws {
            try await with(["timeout: 4s", "failover: {mode: automatic, confirm_for: 500ms}"]) { lab, config in
                let dr = try lab.node("dr")
                let (found, outcome) = try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await pulses(of: dr) }
                    defer { group.cancelAll() }
                    return try await measured(config, "--sample", "4s", "--sql-only")
                }
                let thresholds = try #require(found)
                #expect(outcome.status == 1, "\(outcome)")
                #expect(outcome.errors.contains("measuring for 4s"), "\(outcome.errors)")
                let ours = thresholds.probes.filter { $0.place == "dr" && ["look", "connection"].contains($0.kind) }
                let slowest = try #require(ours.compactMap(\.max_seconds).max())
                #expect(slowest > 0.7 && ours.allSatisfy { $0.failures == 0 }, "\(ours)")
                let short = try #require(thresholds.findings.first { $0.code == "timeout_short" && $0.node == "dr" })
                let match = try #require(short.hint?.prefixMatch(of: /timeout: ([0-9]+)s/))
                let advised = try #require(Double(match.1))
                // Half of it, which a look leaves the servers, is three times what was seen.
                #expect(advised / 2 >= 3 * slowest && advised <= 15, "\(short)")
                #expect(thresholds.advised.timeout_seconds >= advised)
                #expect(thresholds.findings.contains { $0.code == "confirm_for_short" }, "\(thresholds.findings)")
                #expect(thresholds.advised.confirm_for_seconds >= 1)
            }
        }

        /// Each node is looked at, a new connection made to each, and each host looks at the primary.
        @Test func allIsMeasuredWhereFailoverHappensByItself() async throws {
            try await with(["timeout: 60s", "failover: {mode: automatic, interval: 100ms}"]) { lab, config in
                let (found, outcome) = try await measured(config)
                let thresholds = try #require(found)
                #expect(outcome.status == 0 && !outcome.errors.contains("measuring"), "\(outcome)")
                #expect(thresholds.primary == "primary" && thresholds.looks > 2 && thresholds.seconds < 10)
                let probes = thresholds.probes.map { "\($0.kind) \($0.place)" }
                let nodes = ["primary", "dr", "replica"]
                #expect(
                    probes == nodes.map { "look \($0)" } + nodes.map { "connection \($0)" }
                        + ["view dr", "view replica", "message dr", "message replica"])
                for probe in thresholds.probes {
                    #expect(probe.count > 1 && probe.failures + probe.timeouts == 0, "\(probe)")
                    #expect(probe.bucket_counts.reduce(0, +) == probe.count)
                    #expect(probe.bucket_counts.count == thresholds.bucket_bounds_seconds.count + 1)
                }
                #expect(thresholds.findings.contains { $0.code == "timeout_long" }, "\(thresholds.findings)")
                #expect(thresholds.advised.timeout_seconds < thresholds.configured.timeout_seconds)
                // Nothing could prove that a host which has vanished is off.
                #expect(thresholds.configured.outage_host_vanished_seconds == nil)
            }
        }

        /// Where a person starts a failover, nothing is measured unless it is asked for.
        @Test func inModeManualOnlyOnRequest() async throws {
            try await with([]) { lab, config in
                let (none, _) = try await measured(config, "--sql-only")
                #expect(none == nil)
                let (some, _) = try await measured(config, "--sql-only", "--sample", "300ms")
                #expect(try #require(some).looks > 0)
                #expect(try #require(some).probes.allSatisfy { $0.kind != "view" })
                let wrong = try await Tool.run(["check", "dr", "--sample", "1s"], config: config)
                #expect(wrong.status == 64 && wrong.errors.contains("leave NODE out"), "\(wrong)")
            }
        }
    }
}
