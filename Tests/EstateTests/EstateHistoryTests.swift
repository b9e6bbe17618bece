import Audit
import Configuration
import Essentials
import Estate
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct EstateHistoryTests {
    private static func result(_ name: String, _ finding: EstateFinding) -> EstateResult {
        EstateResult(name: name, subject: .service, kind: "tcp", category: "c", finding: finding)
    }

    private static let results = [
        result("a", .pass("")), result("b", .fail("hunter2")), result("c", .skip("")), result("d", .fail("")),
    ]

    private func withLog(_ body: (String, AuditLog) throws -> Void) throws {
        let directory = "\(FileManager.default.temporaryDirectory.path())/pgdr-estate-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory, AuditLog.open(directory, actor: Actor(user: "ann"), rotationSize: 2000))
    }

    @Test func theNewestRunOfTheSameCategories() throws {
        try withLog { directory, log in
            #expect(try EstateRun.newest(of: [], in: directory) == nil)
            try log.append(EstateRun.entry(Self.results, only: [], took: 1.5))
            try log.append(EstateRun.entry([Self.results[0]], only: ["y", "x"], took: 1))
            let whole = try #require(try EstateRun.newest(of: [], in: directory))
            #expect(whole.failed == ["b", "d"] && whole.tally == EstateTally(passed: 1, failed: 2, skipped: 1))
            #expect(whole.only.isEmpty && whole.at.hasSuffix("Z"))
            let part = try #require(try EstateRun.newest(of: ["x", "y"], in: directory))
            #expect(part.failed.isEmpty && part.only == ["x", "y"])
            #expect(try EstateRun.newest(of: ["x"], in: directory) == nil)
        }
    }

    /// The log grows, and the run may lie in an older file of it.
    @Test func inAnOlderFile() throws {
        try withLog { directory, log in
            try log.append(EstateRun.entry(Self.results, only: [], took: 1))
            let text = String(repeating: "x", count: 300)
            for _ in 0..<30 {
                try log.append(AuditEntry("noise", details: ["text": .text("\(text)\"event\":\"estate.checked\"")]))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count > 3)
            #expect(try EstateRun.newest(of: [], in: directory)?.failed == ["b", "d"])
            try log.append(EstateRun.entry([Self.results[3]], only: [], took: 1))
            #expect(try EstateRun.newest(of: [], in: directory)?.failed == ["d"])
        }
    }

    @Test func noLogNoRun() throws { #expect(try EstateRun.newest(of: [], in: "/nonexistent/audit") == nil) }

    /// What a server said stays out of the log.
    @Test func onlyNamesAndCountsAreKept() {
        let entry = EstateRun.entry(Self.results, only: ["c"], took: 0.0123)
        #expect(
            entry.details == [
                "only": ["c"], "total": 4, "passed": 1, "failed": 2, "skipped": 1, "failures": ["b", "d"],
                "took_ms": 12,
            ])
    }

    @Test func whatChanged() {
        let previous = EstateRun(
            at: "2026-01-01T00:00:00.000000Z", only: [], tally: EstateTally(passed: 1, failed: 4, skipped: 0),
            failed: ["a", "b", "c", "gone"])
        let comparison = EstateComparison(Self.results, with: previous)
        #expect(comparison.newlyFailed == ["d"] && comparison.recovered == ["a"])
        #expect(comparison.stillFailed == ["b"] && comparison.notChecked == ["c", "gone"])
        #expect(
            comparison.lines == [
                "newly failed: d", "recovered: a", "still failing: b", "failed before, not checked now: c, gone",
            ])
        let calm = EstateRun(at: "", only: [], tally: EstateTally(passed: 1, failed: 0, skipped: 0), failed: [])
        #expect(EstateComparison([Self.results[0]], with: calm).lines == ["nothing failed then or now"])
    }
}
