import Failover
import Audit
import Essentials
import RunbookEngine

extension RunReport {
    /// What the log tells that is left to do.
    func remainders(_ record: RunRecord?) -> [Remainder] {
        unfinished(record) + unproven + failedSteps + leftSteps + nodesBehind + leftOut(record) + refusals + keptWAL
            + tampering
    }

    private func unfinished(_ record: RunRecord?) -> [Remainder] {
        guard let record else { return [] }
        if record.phase == .left {
            return timeline.contains { $0.text.hasSuffix("takes its place") }
                ? []
                : [
                    Remainder(
                        text: "What it left half done is nobody's any more: look at the cluster.",
                        command: "pgdr status")
                ]
        }
        guard record.isUnfinished else { return [] }
        let resume = Remainder(text: "The run is unfinished. To go on:", command: "pgdr resume \(id)")
        if record.isBeyondReturn { return [resume] }
        return [resume, Remainder(text: "Or, to take it back:", command: "pgdr abort \(id)")]
    }

    private var unproven: [Remainder] {
        guard let doubt = probe?.doubt, isPromoted else { return [] }
        return [Remainder(text: "\(doubt.message.sentence) \(doubt.hint ?? "")")]
    }

    private var failedSteps: [Remainder] {
        steps.filter { $0.state == .failed && outcome == .done }.map { step in
            let why = timeline.last { $0.step == step.number && $0.isTrouble }?.note
            return Remainder(
                text: "Step \(step.number) failed and was passed over: \(step.title)" + (why.map { " (\($0))" } ?? ""))
        }
    }

    private var leftSteps: [Remainder] {
        steps.filter { $0.state == .undoFailed }.map {
            Remainder(text: "Step \($0.number) could not be taken back: \($0.title)")
        }
    }

    private var nodesBehind: [Remainder] {
        guard isPromoted, outcome == .done else { return [] }
        return behind.filter(isBehind).map {
            Remainder(
                text: "\($0) is not back yet, as far as the log tells. To bring it back:",
                command: "pgdr run rejoin \($0)")
        }
    }

    /// Who gave no answer when it was planned, where that was accepted.
    private func leftOut(_ record: RunRecord?) -> [Remainder] {
        guard isPromoted, outcome == .done, decision == nil, let record,
            record.plan.parameters["accept_silent"] == "true"
        else { return [] }
        return record.plan.requirements.compactMap { requirement in
            switch requirement.probe {
            case .allAnswer where requirement.result.evidence != "all answer",
                .mostAdvanced where requirement.result.evidence.contains("; what "):
                Remainder(
                    text: "Bring back who was left out, unless that is done. When it was planned: "
                        + "\(requirement.result.evidence).", command: "pgdr run rejoin NODE")
            default: nil
            }
        }
    }

    private var refusals: [Remainder] {
        if outcome == .refused { return [Remainder(text: "See which condition does not hold now, with --plan.")] }
        guard outcome == .decided, case .refuse(let refusals)? = decision?.verdict else { return [] }
        return refusals.compactMap { refusal in
            refusal.hint.map { Remainder(text: "\(refusal.evidence.sentence) \($0)") }
        }
    }

    private var keptWAL: [Remainder] {
        returns.compactMap { back in
            guard let kept = back.kept, kept.commits > 0 else { return nil }
            let alone =
                kept.fork == nil
                ? "in \(back.node)'s own WAL nobody else has, and are" : "that \(back.node) alone had are"
            return Remainder(
                text: "See which of the \(kept.commits) commits \(alone) still wanted: \(kept.list) on its host.")
        }
    }

    private var tampering: [Remainder] {
        log.problem == nil
            ? []
            : [Remainder(text: "The audit log is not as pgdr wrote it. To see where:", command: "pgdr audit verify")]
    }
}

extension String {
    /// The text as a sentence.
    fileprivate var sentence: String { prefix(1).uppercased() + dropFirst() + (hasSuffix(".") ? "" : ".") }
}
