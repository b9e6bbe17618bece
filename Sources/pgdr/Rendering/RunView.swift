import Essentials
import RunbookEngine
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A run as it goes on, on standard error: a live line for the step under way on a terminal, a line an event elsewhere.
final class RunView: Sendable {
    private let plan: Plan
    private let isLive: Bool
    private let style: Style
    private let hasOpenLine = Mutex(false)
    private let untaken = Mutex<[String]>([])

    init(plan: Plan) {
        self.plan = plan
        isLive = isatty(STDERR_FILENO) == 1
        style = Style(hasColours: isLive && Terminal.hasColours)
    }

    /// The steps that could not be taken back, by their identifiers.
    var leftBehind: [String] { untaken.withLock { $0 } }

    /// Shows one update.
    func tell(_ update: RunUpdate) {
        if case .ended(let step, .undoFailed, _, _) = update { untaken.withLock { $0.append(plan.steps[step].id) } }
        switch update {
        case .started(let step): show("\(label(step))", open: true)
        case .undoing(let step): show("taking back: \(label(step))", open: true)
        case .progress(let step, let share, let text):
            show("\(label(step))  " + (isLive ? Progress.bar(share, text) : Progress.line(share, text)), open: true)
        case .note(_, let text): close(with: "      \(text)")
        case .ended(let step, let state, let took, let note):
            let seconds =
                took < .seconds(1) ? "\(Int((took.seconds * 1000).rounded())) ms" : "\(tenths(took.seconds)) s"
            let extra = note.map { ": \($0)" } ?? ""
            close(with: "\(mark(state)) \(label(step)) " + style.dim("\(word(state))\(seconds)") + extra)
        }
    }

    private func label(_ step: Int) -> String { "\(step + 1)/\(plan.steps.count) \(plan.steps[step].title)" }

    private func tenths(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10)" }

    private func mark(_ state: RunRecord.StepState) -> String {
        switch state {
        case .done, .undone: style.green("✓")
        case .skipped: style.dim("–")
        case .refused, .failed, .undoFailed: style.red("✗")
        default: " "
        }
    }

    private func word(_ state: RunRecord.StepState) -> String {
        switch state {
        case .skipped: "nothing to do, "
        case .refused: "not begun, "
        case .failed: "failed, "
        case .undone: "taken back, "
        case .undoFailed: "could not be taken back, "
        default: ""
        }
    }

    /// Shows what is under way; only a terminal can show it without keeping it.
    private func show(_ text: String, open: Bool) {
        guard isLive else { return }
        hasOpenLine.withLock { $0 = true }
        Terminal.rewrite("… \(text)", isLast: false)
    }

    private func close(with text: String) {
        let wasOpen = hasOpenLine.withLock { open in
            defer { open = false }
            return open
        }
        if wasOpen { Terminal.rewrite(text, isLast: true) } else { Terminal.note(text) }
    }
}
