import Failover
import Audit
import Essentials
import RunbookEngine

extension RunReport {
    /// What the log tells that is left to do.
    func remainders(_ record: RunRecord?) -> [Remainder] {
        unfinished(record) + unproven + failedSteps + leftSteps + nodesBehind + refusals + keptWAL + tampering
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
            return Remainder(
                text: "See which of the \(kept.commits) commits that \(back.node) alone had are still wanted: "
                    + "\(kept.list) on its host.")
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
