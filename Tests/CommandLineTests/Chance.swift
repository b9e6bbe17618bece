import Glibc
import Synchronization

/// Random numbers that come again with the same seed; what the machine does in between doesn't.
struct Chance: RandomNumberGenerator, Sendable {
    /// What all of a run's chances come from: PGDR_TEST_SEED.
    static let seed = Variables.number("PGDR_TEST_SEED") ?? Int.random(in: 1...999_999)

    private var state: UInt64

    /// One of several chances of a run.
    init(_ number: Int) { state = UInt64(Self.seed) &* 1000 &+ UInt64(number) }

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// How much there is to do in all, for several that do it side by side.
final class Quota: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) { left = Mutex(count) }

    /// Takes one piece of it; false: nothing is left.
    func take() -> Bool {
        left.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }
}

/// The variables of the tests' environment.
enum Variables {
    /// A whole number, 0 or greater; nil: not set.
    static func number(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }.flatMap { $0 < 0 ? nil : $0 }
    }
}
