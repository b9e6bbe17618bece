import Essentials
import Failover
import Observation
import Replication
import RunbookEngine

/// What a monitor says: one JSON line an event, on standard output.
struct MonitorLog: Sendable {
    let cluster: String

    /// Says what the watch noticed or did.
    func tell(_ event: Watch.Event) {
        switch event {
        case .condition(let evidence, let diagnosis):
            let details = [
                "primary": evidence.primary, "condition": diagnosis.condition.rawValue,
                "evidence": diagnosis.evidence.joined(separator: "; "),
            ]
            write("condition", details)
        case .decided(let situation, let verdict, let run):
            let output = DecisionOutput(situation, verdict)
            let refusals = output.refusals.map { "\($0.rule.rawValue): \($0.evidence)" }
            write(
                "decision",
                ["run": run, "verdict": output.word, "reasons": refusals.joined(separator: "; "), "text": output.text])
        case .ended(let run, let outcome): write("run_ended", ["run": run, "outcome": RunEnding.word(outcome)])
        case .unfinished(let decision):
            write(
                "unfinished_failover",
                ["run": decision.run, "primary": decision.nominee, "former": decision.replaces, "by": decision.by])
        case .returned(let returned):
            write(
                "primary_returned",
                [
                    "node": returned.old, "primary": returned.new, "fork": "\(returned.fork)",
                    "lost_bytes": "\(returned.lost)",
                ])
        case .failed(let failure):
            write(
                "failure", ["code": failure.code.rawValue, "message": failure.message, "detail": failure.detail ?? ""])
        }
    }

    /// Says what a run does.
    func tell(_ update: RunUpdate) {
        switch update {
        case .started, .progress, .undoing: return
        case .ended(let step, let state, let took, let note):
            write(
                "step",
                [
                    "step": "\(step + 1)", "state": state.rawValue, "ms": "\(Int((took.seconds * 1000).rounded()))",
                    "note": note ?? "",
                ])
        case .note(_, let text): write("note", ["text": text])
        }
    }

    private func write(_ event: String, _ details: [String: String]) {
        var document = details.filter { !$0.value.isEmpty }
        document["at"] = StatusDocument.timestamp(.wallClock)
        document["cluster"] = cluster
        document["event"] = event
        guard let line = try? JSON.text(document, .oneLine) else { return }
        Terminal.print(line)
    }
}
