import Testing

@testable import Audit
@testable import RunbookEngine

struct OpenRunsTests {
    /// Lines of a log, of a run and an event each, as they are written.
    private func open(_ events: [(run: String, event: String)], details: AuditValue = .null) -> [String] {
        var runs = OpenRuns()
        for (run, event) in events {
            var entry = AuditEntry(event, cluster: "shop", run: run)
            entry.details = ["said": details]
            var bytes: [UInt8] = []
            EventLine(actor: "ann \"event\":\"run.done\"", host: "a").append(
                entry, seq: 1, at: "2026-01-01T00:00:00Z", prev: .zero, to: &bytes)
            runs.note(String(decoding: bytes, as: UTF8.self))
        }
        return runs.ids
    }

    @Test(arguments: [
        ([("a", "run.planned"), ("a", "run.done"), ("b", "run.planned")], ["b"]),
        ([("a", "run.planned"), ("b", "run.planned"), ("b", "run.undone")], ["a"]),
        ([("a", "run.planned"), ("a", "run.failed"), ("a", "run.resumed")], ["a"]),
        ([("a", "run.planned"), ("a", "run.stopped"), ("a", "run.left")], []),
        ([("a", "failover.decided"), ("a", "run.refused")], []),
    ])
    func onlyAnEndEndsARun(_ events: [(run: String, event: String)], _ open: [String]) {
        #expect(self.open(events) == open)
    }

    /// What somebody's words look like is no event.
    @Test func textsAreNoEvents() {
        #expect(open([("a", "run.planned"), ("a", "step.done")], details: "\"event\":\"run.done\"") == ["a"])
    }
}
