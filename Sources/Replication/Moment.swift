/// A moment on some clock, in seconds since 1970-01-01 UTC; whose clock it is, the property that holds it says.
public struct Moment: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    /// Seconds since 1970-01-01 UTC, with fractions down to microseconds.
    public let rawValue: Double

    /// That many seconds after 1970-01-01 UTC.
    public init(rawValue: Double) { self.rawValue = rawValue }

    /// The seconds from the right moment to the left one; negative when the left one is earlier.
    public static func - (left: Moment, right: Moment) -> Double { left.rawValue - right.rawValue }

    /// The moment that many seconds later.
    public static func + (left: Moment, seconds: Double) -> Moment { Moment(rawValue: left.rawValue + seconds) }

    /// Earlier moments are smaller.
    public static func < (left: Moment, right: Moment) -> Bool { left.rawValue < right.rawValue }
}
