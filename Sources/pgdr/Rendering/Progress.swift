#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Progress of long work, on standard error: a bar on a terminal, plain lines elsewhere.
enum Progress {
    /// Shows how much of the work is done, from 0 to 1.
    static func show(_ share: Double, _ text: String) {
        guard isatty(STDERR_FILENO) == 1 else { return Terminal.note(line(share, text)) }
        Terminal.rewrite(bar(share, text), isLast: share >= 1)
    }

    /// Progress as a line of a log.
    static func line(_ share: Double, _ text: String) -> String {
        "\(Int((clamped(share) * 100).rounded())) %  \(text)"
    }

    /// Progress as a bar of 30 cells.
    static func bar(_ share: Double, _ text: String) -> String {
        let filled = Int((clamped(share) * 30).rounded())
        return String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled) + " "
            + line(share, text)
    }

    private static func clamped(_ share: Double) -> Double { share.isNaN ? 0 : min(max(share, 0), 1) }
}
