import Essentials
import Glibc
import Testing

@testable import Audit

@Suite(.serialized, .timeLimit(.minutes(5)))
struct ScaleTests {
    /// The bound is for a debug build on a busy machine; Tests/Benchmarks/run holds a million against its limit.
    @Test func manyEventsAreVerifiedInMemoryThatDoesNotGrow() async throws {
        try await withFolder { folder in
            let entries = (0..<1000).map { AuditEntry("step.started", run: "r-\($0)", details: ["step": "promote"]) }
            let few = try AuditLog.open("\(folder)/few", actor: tester)
            try few.append(entries)
            let many = try AuditLog.open("\(folder)/many", actor: tester, rotationSize: 8 << 20)
            for _ in 0..<200 { try many.append(entries) }
            let start = ContinuousClock.now
            let verification = try verify(directory: "\(folder)/many", anchors: [try many.head])
            let elapsed = start.duration(to: .now)
            print("verify: 200,000 events in \(elapsed)")
            #expect(verification.isIntact && verification.count == 200_000 && verification.files > 5)
            #expect(elapsed < .seconds(30))
            // In a process of its own, where nothing else takes memory.
            await #expect(processExitsWith: .success) { [folder = folder as String] in
                func peak() -> Int {
                    var usage = rusage()
                    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
                    return usage.ru_maxrss
                }
                _ = try verify(directory: "\(folder)/few")
                let before = peak()
                _ = try verify(directory: "\(folder)/many")
                var reader = try AuditReader("\(folder)/many")
                while try reader.next() != nil {}
                #expect(peak() - before < 4 << 10, "\(before) kB, then \(peak()) kB")
            }
        }
    }
}
