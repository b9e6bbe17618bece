/// A fixed moment after which nobody waits any longer.
///
/// Made once for a whole piece of work and handed down, so that waits in series share it rather than add up.
public struct Deadline: Sendable, Comparable {
    /// The moment itself, on the clock that also runs while the machine sleeps.
    public let instant: ContinuousClock.Instant

    /// The deadline that lies `duration` from now; now for a negative one.
    public static func after(_ duration: Duration) -> Deadline {
        Deadline(instant: .now + max(duration, .zero))
    }

    /// The time left; zero once it has passed.
    public var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: instant)) }

    /// Whether it has passed.
    public var hasPassed: Bool { .now >= instant }

    /// The end of this task's fair share of what remains when `count` attempts must fit in one after the other.
    public func share(of count: Int) -> Deadline {
        .after(remaining / max(count, 1))
    }

    /// Earlier deadlines are smaller.
    public static func < (left: Deadline, right: Deadline) -> Bool { left.instant < right.instant }
}

extension Duration {
    /// The duration in seconds, fractions included.
    public var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// The duration in whole milliseconds, rounded up so that a wait never ends early.
    package var millisecondsRoundedUp: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
