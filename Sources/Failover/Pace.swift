internal import Essentials

/// How the looks at a loss that is not confirmed yet follow each other: so that one ends just when it has lasted long
/// enough.
///
/// A look at a primary whose host is gone takes all the time that it is given, since nothing answers. The first of them
/// is given the cluster's `timeout`; those that only see whether it stays so have no more than what is missing, though
/// never less than half of `timeout`. Such a loss is confirmed `timeout` + `confirm_for` after the first look at it began,
/// or `timeout` / 2 later where `confirm_for` is shorter than that.
struct Pace: Sendable {
    private let timeout: Duration
    private var patience: Duration
    private var began = ContinuousClock.now

    /// Of looks that may take so long.
    init(timeout: Duration) {
        self.timeout = timeout
        patience = timeout
    }

    /// Begins a look.
    /// - Returns: until when it may last.
    mutating func begin() -> Deadline {
        defer { patience = timeout }
        began = .now
        return .after(patience)
    }

    /// Ends a look after which a loss still must be seen for so long.
    /// - Returns: when to begin the next one, which will take about as long as this one did.
    mutating func end(missing: Duration) -> Deadline {
        let took = began.duration(to: .now)
        patience = Self.patience(timeout: timeout, missing: missing)
        return .after(missing - min(took, patience))
    }

    /// How long the next look may take.
    static func patience(timeout: Duration, missing: Duration) -> Duration { max(timeout / 2, min(timeout, missing)) }
}
