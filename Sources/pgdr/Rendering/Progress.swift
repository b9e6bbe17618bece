#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Progress of long work, on standard error: a bar on a terminal, plain lines elsewhere.
enum Progress {
    /// Shows how much of the work is done, from 0 to 1.
    static func show(_ share: Double, _ text: String) {
        let share = min(max(share, 0), 1)
        let percent = Int((share * 100).rounded())
        guard isatty(STDERR_FILENO) == 1 else { return Terminal.note("\(percent) %  \(text)") }
        let filled = Int((share * 30).rounded())
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        Terminal.rewrite("\(bar) \(percent) %  \(text)", isLast: share >= 1)
    }
}
